"""`runs list`: a line for each run, that people and programs can read."""

import json
from pathlib import Path

import pytest

from engine.runs.store import change_description
from tests.engine.cli.console import Console
from tests.engine.cli.kept_runs import keep, read_by_people

LONG = "a name of very many words, " * 10


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


def test_edited_weights_are_told_against_the_parent(console: Console, home: Path) -> None:
    keep(home, "one", started="2026-11-01T10:00:00Z")
    parent = {"run": "2026-one", "epoch": 2, "edited": True}
    keep(home, "two", started="2026-11-02T10:00:00Z", parent=parent)
    keep(home, "three", started="2026-11-03T10:00:00Z", parent={**parent, "edited": False})
    keep(home, "four", started="2026-11-04T10:00:00Z", parent={**parent, "run": "gone"})
    rows = console.run("runs", "list", "--json").objects
    told = {row["name"]: row["differs"] for row in rows}
    assert told == {"one": [], "two": ["weights edited"], "three": [], "four": []}
    assert (
        console.run("runs", "list")
        .out.splitlines()[3]
        .endswith("50.00 %  continues one from epoch 4 · weights edited")
    )


def test_a_run_of_another_project_that_came_between_is_not_compared(
    console: Console, home: Path
) -> None:
    names = ("cats", "stars") * 2
    for day, project in enumerate(names, 1):
        data = {"name": project, "classes": [f"a {project}", "none"]}
        folder = keep(home, str(day), day / 10, started=f"2026-11-0{day}T10:00:00Z", data=data)
        settings = json.loads((folder / "run.json").read_text())["settings"]
        change_description(folder, settings={**settings, "dataset": project}, project=project)
    rows = console.run("runs", "list", "--json").objects
    before = [(row["run"], row["differs_from"]) for row in rows]
    assert before == [
        ("2026-4", "2026-2"),
        ("2026-3", "2026-1"),
        ("2026-2", None),
        ("2026-1", None),
    ]
    assert [row["differs"] for row in rows[:2]] == [
        ["learning rate 0.2 → 0.4"],
        ["learning rate 0.1 → 0.3"],
    ]


def test_long_names_leave_the_lines_readable(
    console: Console, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_by_people(monkeypatch)
    keep(home, "a", name=LONG)
    keep(home, "b", name="two\nlines")
    for rows, *command in ((6, "list"), (3, "compare", "2026-a", "2026-b")):
        lines = console.run("runs", *command).out.splitlines()[:rows]  # behind them is a path
        assert max(map(len, lines)) == 80
    listed = console.run("runs", "list").out
    assert "two lines" in listed
    assert "The time is that of the training's steps, without tests and pauses." in listed


def test_for_other_programs_nothing_is_cut_and_a_run_is_a_line(
    console: Console, home: Path
) -> None:
    keep(home, "a", name=LONG, started="2026-11-02T10:00:00Z")
    keep(home, "b", 0.3, name="two\nlines", started="2026-11-01T10:00:00Z")
    name = " ".join(LONG.split())
    head, first, second = console.run("runs", "list").out.splitlines()
    assert head.split() == ["run", "name", "state", "epochs", "time", "test", "what", "differs"]
    assert first.startswith(f"2026-a  {name}  finished ")
    assert first.endswith("%  learning rate 0.3 → 0.1")
    assert second.startswith("2026-b  two lines  ")
    assert name in console.run("runs", "compare", "2026-a", "2026-b").out


@pytest.mark.parametrize(("columns", "lines_each"), [(80, 2), (125, 1), (200, 1)])
def test_in_a_terminal_the_name_has_its_room_first(
    console: Console,
    home: Path,
    monkeypatch: pytest.MonkeyPatch,
    columns: int,
    lines_each: int,
) -> None:
    read_by_people(monkeypatch, columns)
    changes = {"learning_rate": 0.123, "epochs": 2_000, "optimizer": "adam", "batch_size": 32}
    name = "Run 20 · Conv 5, Dense 100 · lr 0.1"
    folder = keep(home, "1124-111524-b", name=name, started="2026-11-02T10:00:00Z")
    settings = json.loads((folder / "run.json").read_text())["settings"]
    change_description(folder, settings={**settings, **changes})
    keep(home, "1124-101524-a", name="the first", started="2026-11-01T10:00:00Z")
    lines = console.run("runs", "list").out.splitlines()[: 3 * lines_each]
    assert max(map(len, lines)) <= columns
    told = "".join(lines[lines_each : 2 * lines_each])
    whole = "optimizer SGD → Adam, learning rate 0.1 → 0.123, batch size 1 → 32, epochs 3 → 2,000"
    for expected in ("2026-1124-111524-b", name, "finished", "0.5 s", "50.00 %", whole[:29]):
        assert expected in told
    assert (whole in told) == (columns == 200)


def test_of_much_that_differs_people_are_told_the_first_and_programs_all(
    console: Console, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes = {"learning_rate": 0.3, "epochs": 9, "optimizer": "adam", "batch_size": 32}
    folder = keep(home, "b", name="b", started="2026-11-02T10:00:00Z")
    settings = json.loads((folder / "run.json").read_text())["settings"]
    keep(home, "a", name="a", started="2026-11-01T10:00:00Z")
    for more, shortened in (({}, False), ({"momentum": 0.9, "weight_decay": 0.1}, True)):
        change_description(folder, settings={**settings, **changes, **more})
        (said, _) = console.run("runs", "list", "--json").objects
        assert len(said["differs"]) == 4 + len(more)
        assert ", ".join(said["differs"]) in console.run("runs", "list").out
        with monkeypatch.context() as patch:
            read_by_people(patch, 300)
            told = console.run("runs", "list").out
        assert (", ".join(said["differs"]) in told) != shortened
        assert (f"{', '.join(said['differs'][:3])} and {1 + len(more)} more" in told) == shortened
        assert ("runs compare RUN RUN tells all" in told) == shortened


@pytest.mark.parametrize("columns", [64, 70])
def test_in_a_narrow_terminal_lines_fit_as_well(
    console: Console, home: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    keep(home, "1124-111524-b", name=LONG, started="2026-11-02T10:00:00Z")
    keep(home, "1124-101524-a", 0.3, name="the first", started="2026-11-01T10:00:00Z")
    runs = "2026-1124-111524-b", "2026-1124-101524-a"
    commands = {"list": ("list",), "show": ("show", runs[0]), "compare": ("compare", *runs)}
    for command in commands.values():
        assert max(map(len, console.run("runs", *command).out.splitlines())) > columns
    read_by_people(monkeypatch, columns)
    for name, command in commands.items():
        lines = console.run("runs", *command).out.splitlines()
        fitting = [line for line in lines if str(home) not in line and LONG.strip() not in line]
        assert max(map(len, fitting)) <= columns, name
        assert "finished" in "".join(fitting).lower()


def test_notes_below_the_list_are_for_people(
    console: Console, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(home, "a", parent={"run": "gone", "epoch": 2})
    keep(home, "b")
    assert len(console.run("runs", "list").out.splitlines()) == 3
    read_by_people(monkeypatch)
    notes = console.run("runs", "list").out.splitlines()[3:]
    assert notes[0].startswith("↳ continues another run")
    rule = "same series, or else of the same project file, or else with the same data and classes."
    assert rule in " ".join(notes)
    assert notes[-1].startswith("2 runs, ")


def test_a_damaged_run_is_told_and_the_others_are_listed(console: Console, home: Path) -> None:
    keep(home, "one")
    (keep(home, "two") / "run.json").write_text("{")
    answer = console.run("runs", "list")
    assert answer.code == 0
    assert "2026-one" in answer.out
    assert answer.err.count("\n") == 1
    assert "damaged" in answer.err


def test_where_all_runs_are_damaged_it_is_not_said_that_there_are_none(
    console: Console, home: Path
) -> None:
    (keep(home, "one") / "run.json").write_text("{")
    answer = console.run("runs", "list")
    assert answer.out == ""
    assert "damaged" in answer.err


def test_runs_that_cannot_be_listed_are_not_called_missing(console: Console, home: Path) -> None:
    home.mkdir()
    (home / "runs").write_text("a file is in the way")
    for options in ([], ["--json"]):
        assert "cannot be read" in console.refused("runs", "list", *options)


def test_deleted_runs_are_listed_by_themselves(
    console: Console, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "no deleted runs" in console.run("runs", "list", "--deleted").out
    for word in ("one", "two", "three"):
        keep(home, word)
    for word in ("two", "one"):
        console.run("runs", "delete", word)
    rows = console.run("runs", "list", "--deleted", "--json").objects
    assert [row["run"] for row in rows] == ["2026-one", "2026-two"]
    assert [row["run"] for row in console.run("runs", "list", "--json").objects] == ["2026-three"]
    read_by_people(monkeypatch)
    lines = console.run("runs", "list", "--deleted").out.splitlines()
    assert [line.split()[0] for line in lines[1:3]] == ["2026-one", "2026-two"]
    assert lines[-1].endswith(f"in {home / 'runs' / '.deleted'}.")


def test_a_deleted_run_is_told_against_what_is_still_there(console: Console, home: Path) -> None:
    keep(home, "one", started="2026-11-01T10:00:00Z")
    parent = {"run": "2026-one", "epoch": 2}
    keep(home, "two", started="2026-11-02T10:00:00Z", parent=parent)
    keep(home, "three", 0.3, started="2026-11-03T10:00:00Z")
    for word in ("two", "three"):
        console.run("runs", "delete", word)
    rows = console.run("runs", "list", "--deleted", "--json").objects
    assert [(row["run"], row["differs_from"]) for row in rows] == [
        ("2026-three", "2026-two"),
        ("2026-two", "2026-one"),
    ]
