"""`runs restore`: what was deleted comes back, the last first, as long as it is there."""

from pathlib import Path

from engine.runs.store import RunStore
from tests.engine.cli.console import Console
from tests.engine.cli.kept_runs import keep


def test_what_is_deleted_comes_back(console: Console, home: Path) -> None:
    folder = keep(home, "one")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    again = console.run("runs", "delete", "one").out.splitlines()[-1]
    assert again.endswith("main.py runs restore 2026-one")
    assert "one (2026-one) of 2 epochs" in console.run("runs", "restore", "2026-one").out
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before
    assert "no deleted run '2026-one'" in console.refused("runs", "restore", "2026-one")


def test_without_a_word_the_last_comes_back(console: Console, home: Path) -> None:
    for word in ("one", "two"):
        keep(home, word)
        console.run("runs", "delete", word)
    for word in ("two", "one"):
        (said,) = console.run("runs", "restore", "--json").objects
        assert said == {
            "run": f"2026-{word}",
            "name": word,
            "folder": str(home / "runs" / f"2026-{word}"),
        }
    assert len(RunStore().runs()) == 2
    assert "no deleted run that could be restored" in console.refused("runs", "restore")


def test_another_run_of_that_id_stays(console: Console, home: Path) -> None:
    keep(home, "one")
    console.run("runs", "delete", "one")
    keep(home, "one", epochs=3)
    assert "another of that id" in console.refused("runs", "restore", "one")
    assert RunStore().find("one").epochs == 3
    again = console.run("runs", "delete", "one").out.splitlines()[-1].split()[-1]
    console.run("runs", "restore", "2026-one")
    console.run("runs", "restore", again)
    assert {run.id: run.epochs for run in RunStore().runs()} == {"2026-one": 2, again: 3}
