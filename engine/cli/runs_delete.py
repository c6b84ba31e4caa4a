"""`runs delete`: delete a run, without asking; until its room is needed it can be restored."""

import argparse
import json

from engine.cli.runs_words import add_run
from engine.cli.say import say
from engine.cli.shared import Command, add_json
from engine.data.known.known_sets import megabytes
from engine.text import words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_run(parser)
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Put the run away, and say which it was."""
    from engine.runs.store import RunStore, bytes_of

    store = RunStore()
    found = store.find(options.run_word)
    size = bytes_of(found.folder)
    deleted = store.delete(found)
    if options.json:
        kept_in = str(deleted.kept_in)
        print(json.dumps({"run": found.id, "name": found.title, "bytes": size, "kept_in": kept_in}))
    else:
        epochs = words.count(found.epochs, "epoch")
        say(f"Deleted the run {found.title} ({found.id}) of {epochs}, {megabytes(size)}.")
        again = f"main.py runs restore {deleted.kept_in.name}"
        say(f"Until its room is needed it can be restored: {again}")
    return 0


COMMAND = Command("delete a run, without asking; `runs restore` brings it back", add_arguments, run)
