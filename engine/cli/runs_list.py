"""`runs list`: the runs that were kept on this machine."""

import argparse
import json
from typing import TYPE_CHECKING

from engine.cli.runs_words import accuracy, fitting_table
from engine.cli.say import say
from engine.cli.shared import Command, add_json
from engine.data.known.known_sets import megabytes
from engine.text import words

if TYPE_CHECKING:  # the window begins with this module
    from engine.runs.run_folder import Run

_CHILD = "↳ "


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print a row per run, the newest first."""
    from engine.runs.store import RunStore

    store = RunStore()
    runs = store.runs()
    for damaged in store.damaged:
        say(damaged.reason, aside=True)
    if options.json:
        for each in runs:
            print(json.dumps(_as_json(each)))
        return 0
    if not runs:
        say("There are no runs yet. Every training is kept as one: main.py train PROJECT.")
        return 0
    rows = [["run", "name", "state", "epochs", "test"], *map(_row, runs)]
    say("\n".join(fitting_table(rows, "<<<>>", column=1)))
    if any(each.parent for each in runs):
        say(f"{_CHILD}goes on from another run: see main.py runs show RUN.")
    size = megabytes(store.total_bytes())
    say(f"{words.count(len(runs), 'run')}, {size} in {store.folder}.")
    return 0


def _as_json(run: "Run") -> dict[str, object]:
    return {
        "run": run.id,
        "name": run.title,
        "state": run.state,
        "epochs": run.epochs,
        "test_accuracy": run.test_accuracy,
        "parent": None if run.parent is None else run.parent.run,
        "parent_epoch": None if run.parent is None else run.parent.epoch,
        "started": None if run.started is None else run.started.isoformat(),
        "pinned": run.pinned,
    }


def _row(run: "Run") -> list[str]:
    return [
        run.id,
        f"{_CHILD if run.parent else ''}{run.title}",
        run.state or "–",
        f"{run.epochs:,}",
        accuracy(run.test_accuracy),
    ]


COMMAND = Command("list the runs that were kept, the newest first", add_arguments, run)
