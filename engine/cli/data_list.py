"""`data list`: the data sets that have a name."""

import argparse
import json

from engine.cli.output import say
from engine.cli.shared import Command, add_json
from engine.data.known.known_sets import KNOWN_SETS, KnownSet, megabytes
from engine.text import words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print a row per data set."""
    if options.json:
        for known in KNOWN_SETS.values():
            print(json.dumps(_as_json(known)))
        return 0
    cells = [["name", "data set", "training", "test", "images", "download", "here", "licence"]]
    cells += [_row(known) for known in KNOWN_SETS.values()]
    say("\n".join(words.table(cells, "<<>><><<")))
    say("The sample of MNIST (mnist) needs no download.")
    return 0


def _as_json(known: KnownSet) -> dict[str, object]:
    return {
        "name": known.name,
        "title": known.title,
        "training_samples": known.training,
        "test_samples": known.test,
        "images": known.images,
        "bytes": known.size,
        "licence": known.licence,
        "addresses": known.mirrors,
        "here": known.is_here,
    }


def _row(known: KnownSet) -> list[str]:
    return [
        known.name,
        known.title,
        f"{known.training:,}",
        f"{known.test:,}",
        known.images,
        megabytes(known.size),
        "yes" if known.is_here else "no",
        known.licence,
    ]


COMMAND = Command("list the data sets that have a name", add_arguments, run)
