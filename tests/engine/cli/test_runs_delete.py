"""`runs delete`: a run is put away, and no other by mistake."""

from pathlib import Path

from engine.runs.store import RunStore
from tests.engine.cli.console import Console
from tests.engine.cli.kept_runs import keep


def test_a_run_is_deleted(console: Console, home: Path) -> None:
    folder = keep(home, "one")
    answer = console.run("runs", "delete", "one")
    assert answer.code == 0
    assert answer.out.startswith("Deleted the run one (2026-one) of 2 epochs")
    assert not folder.exists()
    assert RunStore().runs() == ()
    keep(home, "two")
    (said,) = console.run("runs", "delete", "two", "--json").objects
    assert (said["run"], Path(said["kept_in"]).is_dir()) == ("2026-two", True)


def test_several_are_deleted_if_all_are_found(console: Console, home: Path) -> None:
    for word in ("one", "two", "three"):
        keep(home, word)
    assert "no run 'four'" in console.refused("runs", "delete", "one", "four")
    assert len(RunStore().runs()) == 3
    rows = console.run("runs", "delete", "one", "two", "2026-one", "--json").objects
    assert [row["run"] for row in rows] == ["2026-one", "2026-two"]
    assert [run.id for run in RunStore().runs()] == ["2026-three"]
