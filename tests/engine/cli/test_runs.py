"""`runs`: what all its commands do with the word for a run, and with runs of strangers."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.runs.store import change_description
from tests.engine.cli.console import Console
from tests.engine.cli.kept_runs import keep, say


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
