"""`runs delete`: a run is put away, and no other by mistake."""

from pathlib import Path

from engine.machine.file_lock import FileLock
from engine.runs.run_folder import RECORDING
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


def test_a_run_that_is_being_recorded_is_not_deleted(console: Console, home: Path) -> None:
    lock = FileLock(keep(home, "one") / RECORDING)
    assert lock.take()
    assert "is being recorded" in console.refused("runs", "delete", "one")
    lock.give_back()
    assert (home / "runs" / "2026-one").exists()


def test_a_damaged_run_is_deleted_by_its_id_or_path(console: Console, home: Path) -> None:
    keep(home, "good")
    for name in ("2026-bad", str(home / "runs" / "2026-bad")):
        (keep(home, "bad") / "run.json").write_text("{")
        out = console.run("runs", "delete", name).out
        assert out.startswith("Deleted the damaged run 2026-bad, 0.0 MB.")
        kept_in = Path(out.split()[-1][:-1])
        assert (kept_in / "metrics.jsonl").exists()
        assert console.run("runs", "list").err == ""
    assert [run.id for run in RunStore().runs()] == ["2026-good"]
    folder = keep(home, "bad")
    (folder / "run.json").write_text("{")
    lock = FileLock(folder / RECORDING)
    assert lock.take()
    assert "is being recorded" in console.refused("runs", "delete", "2026-bad")
    lock.give_back()
    for word in ("2026-ba", "bad", "."):
        console.refused("runs", "delete", word)
    assert folder.exists()


def test_several_are_deleted_if_all_are_found(console: Console, home: Path) -> None:
    for word in ("one", "two", "three"):
        keep(home, word)
    assert "no run 'four'" in console.refused("runs", "delete", "one", "four")
    assert len(RunStore().runs()) == 3
    rows = console.run("runs", "delete", "one", "two", "2026-one", "--json").objects
    assert [row["run"] for row in rows] == ["2026-one", "2026-two"]
    assert [run.id for run in RunStore().runs()] == ["2026-three"]
