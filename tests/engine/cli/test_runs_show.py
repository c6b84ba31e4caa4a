"""`runs show`: all that is known of a run."""

import json
from pathlib import Path

import pytest

from tests.engine.cli.console import Console
from tests.engine.cli.kept_runs import keep


def test_a_run_is_shown(console: Console, home: Path) -> None:
    keep(home, "one", epochs_before=2)
    parent = {"run": "2026-one", "epoch": 2}
    keep(home, "two", 0.3, epochs=30, parent=parent, note="the better one")
    answer = console.run("runs", "show", "two")
    assert answer.code == 0
    for expected in (
        "two (2026-two)",
        "Finished, 30 epochs with 7.5 s of steps",
        "It continues one from epoch 4 (2026-one): learning rate 0.1 → 0.3.",
        "Note: the better one",
        "Test accuracy 50.00 %; 50.00 % after epoch 5, the best by test accuracy.",
        "1. Conv 2, 3×3",
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


def test_what_others_wrote_on_several_lines_is_shown_on_one(console: Console, home: Path) -> None:
    strange = "broken\nby\x1b[31m\r\nothers"
    keep(home, "one", state=strange, name=strange)
    path = home / "runs" / "2026-one" / "run.json"
    said = json.loads(path.read_text())
    said["stack"]["slots"][0]["title"] = strange
    said["settings"]["dataset"] = strange
    path.write_text(json.dumps(said))
    shown, lines = (
        "broken by\ufffd[31m others",
        console.run("runs", "show", "2026-one").out.splitlines(),
    )
    assert lines[0] == f"{shown} (2026-one)"
    assert lines[1].startswith(f"{shown.capitalize()}, 2 epochs with ")
    assert f"1. {shown}" in lines
    assert [line.split(maxsplit=1)[1] for line in lines if line.startswith("Data ")] == [shown]


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


def test_a_run_whose_parent_is_gone_is_shown(console: Console, home: Path) -> None:
    keep(home, "one", parent={"run": "gone", "epoch": 3}, state="")
    out = console.run("runs", "show", "one").out
    assert "It continues a run that is not here from epoch 4 (gone).\n" in out
    assert "State not known, 2 epochs" in out
    (said,) = console.run("runs", "show", "one", "--json").objects
    assert (said["parent"], said["changes"]) == ("gone", None)
