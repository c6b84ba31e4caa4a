"""`runs list`, `show` and `compare`: all that they say, in one approved file."""

import json
from pathlib import Path
from typing import Any

from engine.data import load
from engine.runs.store import change_description
from tests.approved import assert_approved
from tests.engine.cli.console import Console
from tests.engine.cli.kept_runs import LABELS, keep, say
from tests.engine.cli.said import Transcript


def edit(folder: Path, **settings: Any) -> None:
    """Change settings of a run, and the rest of its description."""
    about = json.loads((folder / "run.json").read_text())
    change_description(folder, settings=about["settings"] | settings)


def test_what_is_said_of_runs(console: Console, home: Path) -> None:
    said = Transcript(console, home)
    said.run("runs list", "runs list --json")
    first = {"run": "2026-one", "epoch": 2}
    keep(home, "one", started="2026-11-01T10:00:00Z", epochs_before=2)
    keep(home, "two", 0.3, started="2026-11-02T10:00:00Z", versions={})
    more: dict[str, Any] = {"parent": first, "state": "stopped", "note": "the better one"}
    keep(home, "three", 0.03, 30, started="2026-11-03T10:00:00Z", **more)
    gone = {"run": "gone", "epoch": 2}
    keep(home, "four", 0.03, started="2026-11-04T10:00:00Z", parent=gone, state="")
    versions = {"layerscope": "0.9", "numpy": "2.3", "numerics": "plain numpy"}
    strange: dict[str, Any] = {"name": "on two\nlines", "versions": versions}
    five = keep(home, "five", started="2026-11-05T10:00:00Z", **strange)
    edit(five, optimizer="adam", epochs=9, batch_size=32, momentum=0.9, learning_rate=0.3)
    six = keep(home, "six", started="2026-11-06T10:00:00Z", versions={"numerics": "plain numpy"})
    about = json.loads((six / "run.json").read_text())
    about["stack"]["slots"][0]["title"] = about["state"] = "broken\nby\x1b[31m\r\nothers"
    (six / "run.json").write_text(json.dumps(about))
    (keep(home, "seven") / "run.json").write_text("{")
    said.run("runs list", "runs list --json")
    said.run("runs show three", "runs show four", "runs show four --json", "runs show six")
    said.run("runs show 2026-five", "runs show 2026-t", "runs delete nothing")
    assert_approved("runs.txt", said.text)


def test_what_is_said_of_runs_beside_each_other(console: Console, home: Path) -> None:
    said = Transcript(console, home)
    for word, rate, wrong in (("one", 0.1, {0, 1}), ("two", 0.3, {1, 2, 3, 4, 5, 6, 7})):
        say(keep(home, word, rate), wrong)
    say(keep(home, "few"), {0}, LABELS[:5])
    bare = keep(home, "bare")
    for path in (bare / "weights").iterdir():
        path.unlink()
    for number, right in enumerate((0.5, 0.75, 1.0)):
        folder = keep(home, f"seed{number}", seed=number, epochs_before=0)
        edit(folder, seed=number)
        lines = (folder / "metrics.jsonl").read_text()
        lines = lines.replace('accuracy": 0.5', f'accuracy": {right}')
        (folder / "metrics.jsonl").write_text(lines)
    for words in ("one two", "one few", "one bare", "seed0 seed1 seed2", "one 2026-one"):
        said.run(f"runs compare {words}", f"runs compare {words} --json")
    change_description(bare, state="training")
    said.run("runs compare one bare")
    assert_approved("compared_runs.txt", said.text)


def test_runs_of_another_program_are_predicted_from_their_weights(
    console: Console, home: Path, data: Path
) -> None:
    for name, epochs in (("one", 1), ("two", 2)):
        folder = keep(home, name, epochs=epochs, data={"name": "data"})
        edit(folder, classes=[3, 8], image_size=5)
    (said,) = console.run("runs", "compare", "one", "two", "--data", data, "--json").objects
    test = load(str(data), classes=(3, 8))[1]
    assert sum(said[name] for name in list(said)[2:6]) == len(test)
    (said,) = console.run("runs", "compare", "one", "two", "--json").objects
    assert said["p_value"] is None
    assert "no data set, folder or file" in said["why_not"]
