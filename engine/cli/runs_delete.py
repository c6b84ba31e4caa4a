"""`runs delete`: delete runs, without asking; until their room is needed they can be restored."""

import argparse
import json
from typing import TYPE_CHECKING

from engine.cli.runs_words import HOW
from engine.cli.say import say
from engine.cli.shared import Command, add_json
from engine.data.known.known_sets import megabytes
from engine.errors import RunError
from engine.text import words

if TYPE_CHECKING:  # the window begins with this module
    from engine.runs.run_folder import Run
    from engine.runs.store import DamagedRun, RunStore


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("run_words", metavar="RUN", nargs="+", help=HOW)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Put the runs away, and say which they were."""
    from engine.runs.store import RunStore

    store = RunStore()
    # All are found before any is deleted; one that is given by two words is one.
    runs = {run.folder: run for run in (_find(store, word) for word in options.run_words)}
    for each in runs.values():
        _delete(store, each, as_json=options.json)
    return 0


def _delete(store: "RunStore", run: "Run | DamagedRun", *, as_json: bool) -> None:
    from engine.runs.run_folder import Run
    from engine.runs.store import bytes_of

    size = bytes_of(run.folder)
    deleted = store.delete(run)
    kept_in = deleted.kept_in
    if as_json:
        told = {"run": deleted.id, "name": run.title, "bytes": size, "kept_in": str(kept_in)}
        print(json.dumps(told))
    elif isinstance(run, Run):
        epochs = words.count(run.epochs, "epoch")
        say(f"Deleted the run {run.title} ({run.id}) of {epochs}, {megabytes(size)}.")
        say(f"Until its room is needed it can be restored: main.py runs restore {kept_in.name}")
    else:
        say(f"Deleted the damaged run {deleted.id}, {megabytes(size)}.")
        say(f"Until its room is needed its folder is still in {kept_in}.")


def _find(store: "RunStore", word: str) -> "Run | DamagedRun":
    """Find a run, or one that cannot be read; raise RunError if there is none."""
    try:
        return store.find(word)
    except RunError:
        damaged = store.find_damaged(word)
        if damaged is None:
            raise
        return damaged


COMMAND = Command(
    "delete runs, without asking; `runs restore` brings them back", add_arguments, run
)
