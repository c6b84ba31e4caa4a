"""`runs restore`: bring back a run that was deleted."""

import argparse
import json

from engine.cli.say import say
from engine.cli.shared import Command, add_json
from engine.text import words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "run_word",
        metavar="RUN",
        nargs="?",
        help="its id or the beginning of it, or its name (default: the one that was deleted last)",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Bring the run back, and say which it is."""
    from engine.runs.store import RunStore

    deleted = RunStore().deleted
    found = deleted.restore(deleted.find(options.run_word))
    if options.json:
        print(json.dumps({"run": found.id, "name": found.title, "folder": str(found.folder)}))
    else:
        epochs = words.count(found.epochs, "epoch")
        say(f"Restored the run {found.title} ({found.id}) of {epochs}.")
    return 0


COMMAND = Command("bring back a run that was deleted", add_arguments, run)
