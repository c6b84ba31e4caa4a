"""`runs delete`: delete a run, without asking."""

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
        say(f"Until room is needed its folder is still in {deleted.kept_in}.")
    return 0


COMMAND = Command("delete a run, without asking", add_arguments, run)
