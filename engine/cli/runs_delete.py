"""`runs delete`: delete a run, without asking; until its room is needed it can be restored."""

import argparse
import json
from typing import TYPE_CHECKING

from engine.cli.runs_words import add_run
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
    add_run(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Put the run away, and say which it was."""
    from engine.runs.run_folder import Run
    from engine.runs.store import RunStore, bytes_of

    store = RunStore()
    found = _find(store, options.run_word)
    size = bytes_of(found.folder)
    deleted = store.delete(found)
    kept_in = deleted.kept_in
    if options.json:
        told = {"run": deleted.id, "name": found.title, "bytes": size, "kept_in": str(kept_in)}
        print(json.dumps(told))
    elif isinstance(found, Run):
        epochs = words.count(found.epochs, "epoch")
        say(f"Deleted the run {found.title} ({found.id}) of {epochs}, {megabytes(size)}.")
        say(f"Until its room is needed it can be restored: main.py runs restore {kept_in.name}")
    else:
        say(f"Deleted the damaged run {deleted.id}, {megabytes(size)}.")
        say(f"Until its room is needed its folder is still in {kept_in}.")
    return 0


def _find(store: "RunStore", word: str) -> "Run | DamagedRun":
    """Find a run, or one that cannot be read; raise RunError if there is none."""
    try:
        return store.find(word)
    except RunError:
        damaged = store.find_damaged(word)
        if damaged is None:
            raise
        return damaged


COMMAND = Command("delete a run, without asking; `runs restore` brings it back", add_arguments, run)
