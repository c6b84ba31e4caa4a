"""`runs export`: a run is written into folders and files."""

from pathlib import Path

from engine.runs.run_folder import read_run
from tests.engine.cli.console import Console
from tests.engine.cli.kept_runs import keep


def test_a_run_is_exported(console: Console, home: Path, tmp_path: Path) -> None:
    keep(home, "one")
    assert "Wrote the run one" in console.run("runs", "export", "one", tmp_path / "out").out
    assert read_run(tmp_path / "out").epochs == 2
    answer = console.run("runs", "export", "2026-o", tmp_path / "log", "--format", "tensorboard")
    assert f"tensorboard --logdir {tmp_path / 'log'}" in answer.out
    answer = console.run("runs", "export", tmp_path / "out", tmp_path / "a.csv", "--json")
    assert answer.objects == [{"run": "out", "format": "csv", "path": str(tmp_path / "a.csv")}]
    assert "a folder of that name" in console.refused("runs", "export", "one", tmp_path / "out")
    assert console.run("runs", "export", "one", tmp_path / "out", "--overwrite").code == 0
