"""`runs room`: how much runs take and may take, and which would go."""

import errno
from pathlib import Path

import pytest

from engine.runs.caps import Caps
from engine.runs.store import RunStore
from tests.engine.cli.console import Console
from tests.engine.cli.kept_runs import keep


def test_it_is_said_what_runs_take(console: Console, home: Path) -> None:
    (keep(home, "one") / "much").write_bytes(bytes(3_000_000))
    out = console.run("runs", "room").out
    assert out.startswith("All runs take 3.0 MB of at most 2,000 MB, and one at most 64.0 MB, in ")
    assert "There is room for another run" in out
    assert "deleted runs" not in out
    console.run("runs", "delete", "one")
    assert "Of that, 3.0 MB are of deleted runs" in console.run("runs", "room").out
    (said,) = console.run("runs", "room", "--empty-deleted", "--json").objects
    assert said == {
        "bytes": 0,
        "deleted_bytes": 0,
        "limit": 2_000_000_000,
        "run_limit": 64_000_000,
        "would_go": [],
        "folder": str(home / "runs"),
    }
    assert RunStore().deleted.runs() == ()


def test_limits_are_chosen_one_without_the_other(console: Console, home: Path) -> None:
    (keep(home, "one") / "much").write_bytes(bytes(3_000_000))
    (said,) = console.run("runs", "room", "--limit", 5, "--json").objects
    assert (said["limit"], said["run_limit"]) == (5_000_000, 64_000_000)
    assert said["would_go"] == ["2026-one"]
    console.run("runs", "room", "--run-limit", 2)
    assert RunStore().caps == Caps(2_000_000, 5_000_000)
    lines = console.run("runs", "room", "--limit", 4).out.splitlines()
    assert "2026-one  one" in lines[-1]
    assert RunStore().find("one").id, "nothing is deleted by asking"


def test_all_runs_that_would_go_are_listed(console: Console, home: Path) -> None:
    for number in range(12):
        folder = keep(
            home, f"{number:02}", name=f"the {number}.", started=f"2026-11-{number + 1:02}"
        )
        (folder / "much").write_bytes(bytes(1_000_000))
    out = console.run("runs", "room", "--limit", 1, "--run-limit", 1).out
    assert "Soon after a training ends 12 runs will be deleted, the oldest first." in out
    listed = [line.split() for line in out.splitlines() if "2026-" in line]
    assert listed == [[f"2026-{number:02}", "the", f"{number}."] for number in range(12)]


def test_no_runs_and_senseless_limits(console: Console, home: Path) -> None:
    assert console.run("runs", "room").code == 0
    for limit in ("--limit", "--run-limit"):
        refused = console.refused("runs", "room", limit, 0)
        assert "must be at least 1 MB, and no more than 1,000,000,000 MB." in refused
        assert "`" not in refused, "no words of a library"
    for limit in ("--limit", "--run-limit"):
        console.run("runs", "room", limit, 1)
    assert RunStore().caps == Caps(1_000_000, 1_000_000)
    RunStore().set_caps(Caps())
    assert console.run("runs", "room", "--limit", "-1").code == 2
    assert RunStore().caps == Caps()


def test_it_is_said_where_deleted_runs_cannot_be_removed(
    console: Console, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(home, "one")
    console.run("runs", "delete", "one")

    def refuse(*_places: object) -> None:
        raise PermissionError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("engine.runs.deleted_runs.os.rename", refuse)
    assert ".deleted was not emptied" in console.refused("runs", "room", "--empty-deleted")
    assert len(RunStore().deleted.runs()) == 1
