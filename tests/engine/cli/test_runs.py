"""`runs`: what was kept is listed, shown, compared, exported and deleted."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data import load
from engine.machine.file_lock import FileLock
from engine.runs.prediction_files import PredictionsWriter
from engine.runs.run_folder import RECORDING, read_run
from engine.runs.store import RunStore, change_description
from tests.engine.cli.console import Console
from tests.engine.runs.folders import description, write_run
from tests.engine.runs.test_predictions import part

LABELS = [0, 1, 0, 1, 0, 1, 0, 1]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for the runs of a test."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def keep(home: Path, word: str, learning_rate: float = 0.1, epochs: int = 2, **about: Any) -> Path:
    """Write a run into the store, whose id ends in a word, and whose name it is."""
    folder = home / "runs" / f"2026-{word}"
    write_run(folder, epochs=epochs)
    said = description()
    said["settings"]["learning_rate"] = learning_rate
    said |= {"name": word, "note": "", "state": "finished", "parent": None, **about}
    (folder / "run.json").write_text(json.dumps(said))
    return folder


def say(folder: Path, wrong: set[int], labels: list[int] = LABELS) -> None:
    """Keep predictions of two epochs, in the last of which some samples are wrong."""
    writer = PredictionsWriter(folder, part(labels, 2))
    for epoch, missed in ((1, set(range(len(labels)))), (2, wrong)):
        said = [1 - label if i in missed else label for i, label in enumerate(labels)]
        writer.append([(epoch, np.eye(2)[said])])


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
    assert lines[1].split() == ["2026-two", "↳", "two", "stopped", "2", "0.5", "s", "50.00", "%"]
    assert lines[2].split() == ["2026-one", "one", "finished", "2", "0.5", "s", "50.00", "%"]


def test_what_differs_is_told_against_the_parent_or_the_run_before(
    console: Console, home: Path
) -> None:
    keep(home, "one", started="2026-11-01T10:00:00Z")
    keep(home, "two", 0.3, started="2026-11-02T10:00:00Z")
    parent = {"run": "2026-one", "epoch": 2}
    keep(home, "three", 0.03, started="2026-11-03T10:00:00Z", parent=parent)
    keep(home, "four", 0.03, started="2026-11-04T10:00:00Z", parent={"run": "gone", "epoch": 2})
    rows = console.run("runs", "list", "--json").objects
    assert [(row["name"], row["differs"], row["differs_from"]) for row in rows] == [
        ("four", [], "2026-three"),
        ("three", ["learning rate 0.1 → 0.03"], "2026-one"),
        ("two", ["learning rate 0.1 → 0.3"], "2026-one"),
        ("one", [], None),
    ]
    assert {row["seconds"] for row in rows} == {0.5}
    lines = console.run("runs", "list").out.splitlines()
    assert lines[2].endswith("50.00 %  learning rate 0.1 → 0.03")


LONG = "a name of very many words, " * 10


def read_by_people(monkeypatch: pytest.MonkeyPatch, columns: int = 80) -> None:
    """Have what is printed go to a terminal."""
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", str(columns))


def test_long_names_leave_the_lines_readable(
    console: Console, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_by_people(monkeypatch)
    keep(home, "a", name=LONG)
    keep(home, "b", name="two\nlines")
    for rows, *command in ((6, "list"), (3, "compare", "2026-a", "2026-b")):
        lines = console.run("runs", *command).out.splitlines()[:rows]  # behind them is a path
        assert max(map(len, lines)) == 80
    assert "two lines" in console.run("runs", "list").out


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


def test_notes_below_the_list_are_for_people(
    console: Console, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(home, "a", parent={"run": "gone", "epoch": 2})
    keep(home, "b")
    assert len(console.run("runs", "list").out.splitlines()) == 3
    read_by_people(monkeypatch)
    notes = console.run("runs", "list").out.splitlines()[3:]
    assert notes[0].startswith("↳ goes on from another run")
    assert notes[-1].startswith("2 runs, ")


@pytest.mark.parametrize(
    "command",
    [("list",), ("show", "2026-a"), ("compare", "2026-a", "2026-b"), ("show", "x\x1b[2J")],
)
def test_a_run_of_a_stranger_does_not_steer_the_terminal(
    console: Console, home: Path, command: tuple[str, ...]
) -> None:
    evil = "\x1b]0;mine\x07\x9b2Jname"
    classes = {"name": evil, "classes": [f"{evil}1", f"{evil}2"]}
    about: dict[str, Any] = {"name": evil, "note": f"a\n{evil}", "state": evil, "reason": evil}
    folder = keep(home, "a", **about, versions={evil: evil}, data=classes)
    say(folder, {1})
    say(keep(home, "b", 0.3, **about, data=classes), {2})
    change_description(folder, settings={"dataset": evil, "classes": [0, 1]})
    (keep(home, "c") / "run.json").write_text(json.dumps({"settings": evil}))
    answer = console.run("runs", *command)
    shown = answer.out + answer.err
    assert "name" in shown
    assert [letter for letter in shown if not letter.isprintable() and letter != "\n"] == []


def test_a_damaged_run_is_told_and_the_others_are_listed(console: Console, home: Path) -> None:
    keep(home, "one")
    (keep(home, "two") / "run.json").write_text("{")
    answer = console.run("runs", "list")
    assert answer.code == 0
    assert "2026-one" in answer.out
    assert answer.err.count("\n") == 1
    assert "damaged" in answer.err


def test_a_run_is_shown(console: Console, home: Path) -> None:
    keep(home, "one")
    parent = {"run": "2026-one", "epoch": 2}
    folder = keep(home, "two", 0.3, epochs=30, parent=parent, note="the better one")
    say(folder, {1, 2})
    answer = console.run("runs", "show", "two")
    assert answer.code == 0
    assert max(map(len, answer.out.splitlines())) <= max(80, len(str(folder)) + 20)
    for expected in (
        "two (2026-two)",
        "Finished, 30 epochs",
        "Goes on from 2026-one after epoch 4: learning rate 0.1 → 0.3.",
        "Note: the better one",
        "Test accuracy 50.00 %; lowest test loss after epoch 5.",
        "1. Conv 2, 3×3",
        "Of 8 test images, 6 are right at the end, 2 never were, and 0 were forgotten",
        "Weights are kept after the epochs 4, 5, 6,",
    ):
        assert expected in answer.out
    rows = [line.split() for line in answer.out.splitlines() if line.endswith("%")]
    epochs = [row[0] for row in rows if row[0].isdigit()]
    assert (epochs[0], epochs[-1], len(epochs)) == ("5", "34", 12)  # it goes on from epoch 4
    (said,) = console.run("runs", "show", "two", "--json").objects
    assert said["changes"] == ["learning rate 0.1 → 0.3"]
    assert said["settings"]["learning_rate"] == 0.3
    assert said["kept_epochs"] == list(range(31))
    assert [row["epoch"] for row in said["metrics"]] == list(range(1, 31))


@pytest.mark.parametrize(
    ("versions", "sentence"),
    [
        ({"torch": "2.15"}, "Trained with torch 2.15."),
        (
            {"layerscope": "0.9", "numpy": "2.3", "numerics": "plain numpy"},
            "Trained with layerscope 0.9, numpy 2.3, computed in plain numpy.",
        ),
        ({"numerics": "plain numpy"}, "Computed in plain numpy."),
    ],
    ids=["foreign", "own", "twin"],
)
def test_it_is_shown_what_trained_a_run(
    console: Console, home: Path, versions: dict[str, str], sentence: str
) -> None:
    keep(home, "one", versions=versions)
    assert sentence in console.run("runs", "show", "one").out.splitlines()
    (said,) = console.run("runs", "show", "one", "--json").objects
    assert said["versions"] == versions


def test_of_a_run_without_versions_none_are_shown(console: Console, home: Path) -> None:
    keep(home, "one", versions={})
    out = console.run("runs", "show", "one").out
    assert "Trained with" not in out
    assert "omputed in" not in out


def test_a_run_whose_parent_is_gone_is_shown(console: Console, home: Path) -> None:
    keep(home, "one", parent={"run": "gone", "epoch": 3}, state="")
    out = console.run("runs", "show", "one").out
    assert "Goes on from gone after epoch 4." in out
    assert "State not known, 2 epochs" in out


def test_two_runs_are_compared_on_the_same_images(console: Console, home: Path) -> None:
    say(keep(home, "one"), {0, 1})
    say(keep(home, "two", 0.3), {1, 2, 3, 4, 5, 6, 7})
    (said,) = console.run("runs", "compare", "one", "two", "--json").objects
    assert list(said)[:7] == [
        *("runs", "differing", "both_right", "only_first", "only_second", "both_wrong", "p_value"),
    ]
    assert said["runs"] == ["2026-one", "2026-two"]
    assert said["differing"] == {"learning_rate": [0.1, 0.3]}
    counts = [said[name] for name in list(said)[2:6]]
    assert counts == [0, 6, 1, 1]
    assert said["p_value"] == pytest.approx(2 * (1 + 7) / 2**7)
    out = " ".join(console.run("runs", "compare", "one", "two").out.split())
    assert "Learning rate 0.1 0.3" in out
    assert "both are right on 0, only A on 6, only B on 1, and neither on 1" in out
    assert "A is right on 6: chance alone would make such a difference in 12 % of cases" in out


def test_runs_on_other_images_say_why_not(console: Console, home: Path) -> None:
    say(keep(home, "one"), {0})
    say(keep(home, "two"), {0}, LABELS[:5])
    (said,) = console.run("runs", "compare", "one", "two", "--json").objects
    assert said["p_value"] is said["both_right"] is None
    assert "on 8 and on 5 images" in said["why_not"]
    out = console.run("runs", "compare", "one", "two").out
    assert "settings and blocks are the same" in out
    assert "cannot be compared image by image" in " ".join(out.split())


def test_several_runs_that_differ_in_the_seed_have_a_spread(console: Console, home: Path) -> None:
    for number, right in enumerate((0.5, 0.75, 1.0)):
        folder = keep(home, f"run{number}", seed=number, epochs_before=0)
        about = json.loads((folder / "run.json").read_text())
        about["settings"]["seed"] = number
        (folder / "run.json").write_text(json.dumps(about))
        lines = (
            (folder / "metrics.jsonl").read_text().replace('accuracy": 0.5', f'accuracy": {right}')
        )
        (folder / "metrics.jsonl").write_text(lines)
    (said,) = console.run("runs", "compare", "run0", "run1", "run2", "--json").objects
    assert (said["mean"], said["deviation"]) == (0.75, 0.25)
    assert said["differing"] == {"seed": [0, 1, 2]}
    assert said["p_value"] is None
    out = " ".join(console.run("runs", "compare", "run0", "run1", "run2").out.split())
    assert "mean 75.00 %, standard deviation 25 %, from 50.00 % to 100.00 %" in out


def test_seeds_that_divide_the_data_have_a_spread_too(console: Console, home: Path) -> None:
    for number in range(3):
        settings = {"dataset": "apples", "classes": [0, 1], "seed": number}
        data = {"name": "apples", "digest": f"ab{number}"}
        folder = keep(home, f"run{number}", epochs_before=0)
        change_description(folder, settings=settings, data=data)
        metrics = folder / "metrics.jsonl"
        right = f'accuracy": {0.25 + number / 4}'
        metrics.write_text(metrics.read_text().replace('accuracy": 0.5', right))
    (said,) = console.run("runs", "compare", "run0", "run1", "run2", "--json").objects
    assert (said["mean"], said["deviation"], said["own_test_images"]) == (0.5, 0.25, True)
    assert said["differing"] == {"seed": [0, 1, 2]}
    out = " ".join(console.run("runs", "compare", "run0", "run1", "run2").out.split())
    assert "seed alone, each tested on images of its own. Test accuracy: mean 50.00 %" in out


def test_what_is_too_wide_for_a_table_is_told_in_lines(console: Console, home: Path) -> None:
    names = [f"run{number}" for number in range(9)]
    for number, name in enumerate(names):
        keep(home, name, 0.1 if number % 2 else 0.123456)
    out = console.run("runs", "compare", *names).out
    assert max(map(len, out.splitlines())) <= 80
    assert "Learning rate" in out
    for number, name in enumerate(names):  # now they differ in words that are longer
        change_description(home / "runs" / f"2026-{name}", data={"name": "apples"})
        about = json.loads((home / "runs" / f"2026-{name}" / "run.json").read_text())
        about["settings"]["dataset"] = "apples-from-the-garden" if number else "pears"
        (home / "runs" / f"2026-{name}" / "run.json").write_text(json.dumps(about))
    out = console.run("runs", "compare", *names).out
    assert max(map(len, out.splitlines())) <= 80
    assert "Data: pears (A); apples-from-the-garden (B, C, D, E, F, G, H, I)" in " ".join(
        out.split()
    )


def test_runs_of_another_program_are_predicted_from_their_weights(
    console: Console, home: Path, data: Path
) -> None:
    for name in ("one", "two"):
        folder = keep(home, name, epochs=1 if name == "one" else 2)
        about = json.loads((folder / "run.json").read_text())
        about["settings"]["classes"] = [3, 8]
        about["data"] = {"name": "data"}
        about["settings"]["image_size"] = 5
        (folder / "run.json").write_text(json.dumps(about))
    (said,) = console.run("runs", "compare", "one", "two", "--data", data, "--json").objects
    test = load(str(data), classes=(3, 8))[1]
    assert sum(said[name] for name in list(said)[2:6]) == len(test)
    (said,) = console.run("runs", "compare", "one", "two", "--json").objects
    assert said["p_value"] is None
    assert "no data set, folder or file" in said["why_not"]


def test_other_data_than_that_of_the_run_is_refused(
    console: Console, home: Path, data: Path
) -> None:
    for name in ("one", "two"):
        keep(home, name, data={"name": "data", "digest": "ab12"}, settings={"classes": [3, 8]})
    (said,) = console.run("runs", "compare", "one", "two", "--data", data, "--json").objects
    assert "is not what the run 2026-one was trained on" in said["why_not"]


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


def test_of_several_runs_of_one_name_none_is_deleted(console: Console, home: Path) -> None:
    folders = [keep(home, word, name="net, seed 1") for word in "ab"]
    refused = console.refused("runs", "delete", "net, seed 1")
    assert all(folder.name in refused for folder in folders)
    assert all(folder.exists() for folder in folders)
    ids = [f"2026-{number:02}" for number in range(12)]
    for number in range(12):
        keep(home, f"{number:02}", name="often")
    told = console.refused("runs", "show", "often")
    assert sum(each in told for each in ids) == 10
    assert "and 2 more" in told


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


@pytest.mark.parametrize("command", ["show", "delete"])
def test_a_run_that_there_is_not_is_refused(console: Console, home: Path, command: str) -> None:
    keep(home, "one")
    keep(home, "other")
    assert "There is no run 'five'" in console.refused("runs", command, "five")
    assert "2 runs begin with 2026-o" in console.refused("runs", command, "2026-o")


def test_a_run_is_the_same_as_itself(console: Console, home: Path) -> None:
    folder = keep(home, "one")
    say(folder, {0})
    keep(home, "two", 0.3)
    out = console.run("runs", "compare", "one", folder).out
    assert out.endswith("A and B are the same run. Give another, to compare it with.\n")
    out = console.run("runs", "compare", "one", "two", "2026-one").out
    assert "A and C are the same run." in out
    assert "Learning rate" in out


def test_one_run_is_not_compared(console: Console) -> None:
    assert console.run("runs", "compare", "one").code == 2
    assert console.run("runs").code == 2
