"""`runs compare`: what differs, and how two runs do on the same images."""

import json
from pathlib import Path

import pytest

from engine.data import load
from engine.runs.store import change_description
from tests.engine.cli.console import Console
from tests.engine.cli.kept_runs import LABELS, keep, say


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
    assert said["why_not"].startswith("They were tested on other images")
    out = console.run("runs", "compare", "one", "two").out
    assert "settings and blocks are the same" in out
    assert "cannot be compared image by image" in " ".join(out.split())


def test_a_run_without_predictions_and_weights_says_whether_they_may_come(
    console: Console, home: Path
) -> None:
    say(keep(home, "one"), {0})
    folder = keep(home, "two")
    for path in (folder / "weights").iterdir():
        path.unlink()
    (said,) = console.run("runs", "compare", "one", "two", "--json").objects
    assert said["why_not"].startswith("The run 2026-two has no predictions. It has no weights: ")
    assert str(folder / "weights") in said["why_not"]
    change_description(folder, state="training")
    (said,) = console.run("runs", "compare", "one", "two", "--json").objects
    assert "It has no weights yet. Wait for its first epoch" in said["why_not"]


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
    assert "mean 75.00 %, standard deviation 25 %, from 50.00 % to 100 %." in out


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


def test_a_run_is_the_same_as_itself(console: Console, home: Path) -> None:
    folder = keep(home, "one")
    say(folder, {0})
    out = console.run("runs", "compare", "one", folder).out
    assert "They are the same run. Give another, to compare it with.\n" in out
