"""`runs list`: a line for each run, that people and programs can read."""

import json
from pathlib import Path

from engine.runs.store import change_description
from tests.engine.cli.console import Console
from tests.engine.cli.kept_runs import keep


def test_without_runs_it_is_said_how_to_come_by_one(console: Console) -> None:
    assert "no runs yet" in console.run("runs", "list").out
    assert console.run("runs", "list", "--json").objects == []


def test_runs_are_listed(console: Console, home: Path) -> None:
    keep(home, "one", started="2026-11-01T10:00:00Z")
    parent = {"run": "2026-one", "epoch": 2}
    keep(home, "two", started="2026-11-02T10:00:00Z", parent=parent, state="stopped")
    rows = console.run("runs", "list", "--json").objects
    assert [{name: row[name] for name in list(row)[:6]} for row in rows] == [
        {
            "run": "2026-two",
            "name": "two",
            "state": "stopped",
            "epochs": 2,
            "test_accuracy": 0.5,
            "parent": "2026-one",
        },
        {
            "run": "2026-one",
            "name": "one",
            "state": "finished",
            "epochs": 2,
            "test_accuracy": 0.5,
            "parent": None,
        },
    ]
    lines = console.run("runs", "list").out.splitlines()
    first = ["2026-two", "↳", "two", "stopped", "2", "0.5", "s", "50.00", "%"]
    assert lines[1].split() == [*first, "continues", "one", "from", "epoch", "4"]
    assert lines[2].split() == ["2026-one", "one", "finished", "2", "0.5", "s", "50.00", "%"]


def test_what_differs_is_told_against_the_parent_or_the_last_run_like_it(
    console: Console, home: Path
) -> None:
    keep(home, "one", started="2026-11-01T10:00:00Z")
    keep(home, "two", 0.3, started="2026-11-02T10:00:00Z")
    parent = {"run": "2026-one", "epoch": 2}
    keep(home, "three", 0.03, started="2026-11-03T10:00:00Z", parent=parent)
    keep(home, "four", 0.03, started="2026-11-04T10:00:00Z", parent={"run": "gone", "epoch": 2})
    rows = console.run("runs", "list", "--json").objects
    assert [(row["name"], row["differs"], row["differs_from"]) for row in rows] == [
        ("four", [], None),
        ("three", ["learning rate 0.1 → 0.03"], "2026-one"),
        ("two", ["learning rate 0.1 → 0.3"], "2026-one"),
        ("one", [], None),
    ]
    assert {row["seconds"] for row in rows} == {0.5}
    lines = console.run("runs", "list").out.splitlines()
    assert lines[1].endswith("50.00 %  continues a run that is not here from epoch 4")
    assert lines[2].endswith("50.00 %  continues one from epoch 4 · learning rate 0.1 → 0.03")
    assert lines[3].endswith("50.00 %  learning rate 0.1 → 0.3")


def test_a_damaged_run_is_told_and_the_others_are_listed(console: Console, home: Path) -> None:
    keep(home, "one")
    (keep(home, "two") / "run.json").write_text("{")
    answer = console.run("runs", "list")
    assert answer.code == 0
    assert "2026-one" in answer.out
    assert answer.err.count("\n") == 1
    assert "damaged" in answer.err


def test_runs_that_cannot_be_listed_are_not_called_missing(console: Console, home: Path) -> None:
    home.mkdir()
    (home / "runs").write_text("a file is in the way")
    for options in ([], ["--json"]):
        assert "cannot be read" in console.refused("runs", "list", *options)


def test_a_run_is_one_line(console: Console, home: Path) -> None:
    changes = {"learning_rate": 0.3, "epochs": 9, "optimizer": "adam", "batch_size": 32}
    parent = {"run": "gone", "epoch": 2}
    folder = keep(home, "b", name="two\nlines", started="2026-11-02T10:00:00Z")
    settings = json.loads((folder / "run.json").read_text())["settings"]
    change_description(folder, settings={**settings, **changes, "momentum": 0.9})
    keep(home, "a", name="a", started="2026-11-01T10:00:00Z")
    keep(home, "c", name="c", started="2026-10-01T10:00:00Z", parent=parent)
    row = console.run("runs", "list", "--json").objects[0]
    assert len(row["differs"]) == 5
    lines = console.run("runs", "list").out.splitlines()
    assert len(lines) == 4
    assert lines[1].startswith("2026-b  two lines")
    assert lines[1].endswith(", ".join(row["differs"]))
