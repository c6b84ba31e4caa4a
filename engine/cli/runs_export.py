"""`runs export`: write a run into a folder or a file."""

import argparse
import json
import os
from pathlib import Path

from engine.cli.passing_line import PassingLine
from engine.cli.runs_words import add_run
from engine.cli.say import say
from engine.cli.shared import Command, add_json, exists_already
from engine.errors import ExportError
from engine.files.staging import is_filled


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    from engine.runs.run_export import RUN_FORMATS

    add_run(parser)
    parser.add_argument(
        "path",
        metavar="PATH",
        type=Path,
        help="a new folder for a copy of the run; a .zip for the same in one file; a .csv for a "
        "row of numbers for each epoch",
    )
    parser.add_argument(
        "--format",
        choices=RUN_FORMATS,
        help="what to write, where the ending does not say it: tensorboard, say, for a folder with "
        "a log of events",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace a file of that name, or write into a folder that is not empty",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Write the run, and say where it is."""
    from engine.runs.run_export import export_run, run_format
    from engine.runs.store import RunStore

    path: Path = options.path
    kind = run_format(path, options.format)
    if not options.overwrite and (os.path.isfile(path) or is_filled(path)):
        raise ExportError(exists_already(path))
    found = RunStore().find(options.run_word)
    line = PassingLine()
    try:
        export_run(
            *(found, path, kind),
            overwrite=options.overwrite,
            report=lambda fraction: line.show(f"exporting: {fraction:.0%}"),
        )
    finally:
        line.clear()
    if options.json:
        print(json.dumps({"run": found.id, "format": kind, "path": str(path)}))
    else:
        say(f"Wrote the run {found.title} ({found.id}) to {path}.")
        if kind == "tensorboard":
            say(f"To look at it: tensorboard --logdir {path}")
    return 0


COMMAND = Command(
    "copy a run into a folder or a .zip, or its metrics into a table or log", add_arguments, run
)
