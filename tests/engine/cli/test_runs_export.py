"""`runs export`: a run is written into folders and files."""

import json
import os
from pathlib import Path

import pytest

from engine.runs.run_folder import read_run
from tests.engine.cli.console import Console
from tests.engine.cli.kept_runs import keep
from tests.engine.runs.folders import LINE


def test_a_run_is_exported(console: Console, home: Path, tmp_path: Path) -> None:
    keep(home, "one")
    assert "Wrote the run one" in console.run("runs", "export", "one", tmp_path / "out").out
    assert read_run(tmp_path / "out").epochs == 2
    answer = console.run("runs", "export", "2026-o", tmp_path / "log", "--format", "tensorboard")
    assert f"tensorboard --logdir {tmp_path / 'log'}" in answer.out
    answer = console.run("runs", "export", tmp_path / "out", tmp_path / "a.csv", "--json")
    assert answer.objects == [{"run": "out", "format": "csv", "path": str(tmp_path / "a.csv")}]


@pytest.mark.parametrize("name", ["a.csv", "a.zip", "folder"])
def test_what_is_there_is_replaced_only_if_that_is_asked_for(
    console: Console, home: Path, tmp_path: Path, name: str
) -> None:
    folder, path = keep(home, "one"), tmp_path / name
    console.run("runs", "export", "one", path)
    before = content(path)
    metrics = (folder / "metrics.jsonl").read_text().splitlines()
    (folder / "metrics.jsonl").write_text(
        "\n".join([*metrics, json.dumps(LINE | {"epoch": 3}), ""])
    )
    refused = console.refused("runs", "export", "one", path)
    assert f"{path} exists already. Choose another name, or give --overwrite." in refused
    assert content(path) == before
    assert console.run("runs", "export", "one", path, "--overwrite").code == 0
    assert content(path) != before
    assert os.listdir(tmp_path) == [name]


def test_two_runs_are_not_mixed(console: Console, home: Path, tmp_path: Path) -> None:
    """Of the longer one, weights would be left that the other seems to have learned."""
    keep(home, "short")
    keep(home, "long", 0.3, epochs=3)
    console.run("runs", "export", "long", tmp_path / "out")
    before = content(tmp_path / "out")
    refused = console.refused("runs", "export", "short", tmp_path / "out", "--overwrite")
    assert "holds another run" in refused
    assert content(tmp_path / "out") == before
    (tmp_path / "out" / "run.json").write_text("{")
    assert "holds another run" in console.refused(
        "runs", "export", "short", tmp_path / "out", "--overwrite"
    )


def test_an_empty_folder_is_written_into(console: Console, home: Path, tmp_path: Path) -> None:
    keep(home, "one")
    (tmp_path / "out").mkdir()
    assert console.run("runs", "export", "one", tmp_path / "out").code == 0
    assert read_run(tmp_path / "out").epochs == 2


def content(path: Path) -> dict[Path, bytes]:
    """Return what is in a file, or in the files of a folder."""
    files = [path] if path.is_file() else filter(Path.is_file, path.rglob("*"))
    return {file: file.read_bytes() for file in files}
