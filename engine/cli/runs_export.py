"""`runs export`: write a run into a folder or a file."""

import argparse
import json
import os
from pathlib import Path

from engine.cli.progress_line import PassingLine
from engine.cli.runs_words import add_run
from engine.cli.say import say
from engine.cli.shared import Command, add_json, exists_already, whole_number
from engine.errors import ExportError
from engine.files.project_file import PROJECT_ENDING
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
        f"row of numbers for each epoch; a {PROJECT_ENDING} file for a project with its network, "
        "settings and weights, with which `train --resume` goes on",
    )
    parser.add_argument(
        "--format",
        choices=RUN_FORMATS,
        help="what to write, where the ending does not say it",
    )
    parser.add_argument(
        "--epoch",
        metavar="N",
        type=whole_number,
        help="for a project: take it as it was after this epoch, of which weights must be kept "
        "(default: the last)",
    )
    parser.add_argument(
        "--overwrite",
        action="store_true",
        help="replace a file of that name, or write into a folder that is not empty",
    )
    add_json(parser)
    parser.set_defaults(refuse=parser.error)


def run(options: argparse.Namespace) -> int:
    """Write the run, and say where it is."""
    from engine.runs.run_export import export_run, run_format
    from engine.runs.store import RunStore

    path: Path = options.path
    kind = run_format(path, options.format)
    if options.epoch is not None and kind != "project":
        options.refuse(f"--epoch is for a project: let PATH end in {PROJECT_ENDING}")
    if not options.overwrite and (os.path.isfile(path) or is_filled(path)):
        raise ExportError(exists_already(path))
    found = RunStore().find(options.run_word)
    epoch = None if options.epoch is None else found.kept_at(options.epoch)
    line = PassingLine()
    try:
        export_run(
            *(found, path, kind),
            epoch=epoch,
            overwrite=options.overwrite,
            report=lambda fraction: line.show(f"exporting: {fraction:.0%}"),
        )
    finally:
        line.clear()
    if options.json:
        print(json.dumps({"run": found.id, "format": kind, "path": str(path)}))
    else:
        say(f"Wrote the run {found.title} ({found.id}) to {path}.")
    return 0


COMMAND = Command(
    "copy a run into a folder or a .zip, its metrics into a table, or make a project of it",
    add_arguments,
    run,
)
