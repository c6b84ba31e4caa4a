"""`runs`: the trainings that were kept: list, show, compare, export or delete them."""

import argparse
import os
from pathlib import Path
from textwrap import wrap

from engine.cli import runs_compare, runs_show
from engine.cli.output import (
    PassingLine,
    accuracy,
    fitting_table,
    is_read_by_people,
    print_rows,
    say,
    width,
)
from engine.cli.shared import (
    HOW,
    Command,
    Group,
    add_json,
    add_run,
    exists_already,
    whole_number,
)
from engine.data.known.known_sets import megabytes
from engine.data.names import listed
from engine.errors import ExportError
from engine.files.project_file import PROJECT_ENDING
from engine.files.staging import is_filled
from engine.runs.differences import continues, predecessors, rate_sentence, run_changes
from engine.runs.run_export import RUN_FORMATS, export_run, run_format
from engine.runs.run_folder import Run
from engine.runs.store import RunStore, bytes_of
from engine.text import words

_CHILD = "↳ "
_HEAD = ["run", "name", "state", "epochs", "time", "test", "what differs"]
_MOST_DIFFERENCES = 3  # of a run, to people
_LEAST = 30  # letters of what differs that are worth a place in the same line


def run_list(options: argparse.Namespace) -> int:
    """Print a row per run, the newest first."""
    store = RunStore()
    runs = store.runs()
    for damaged in store.damaged:
        say(damaged, aside=True)
    if not runs:
        store.require_readable()
    rows, cells = [], [_HEAD]
    for run, other in zip(runs, predecessors(runs), strict=True):
        before = [] if other is None else run_changes(other, run)
        differing = [*before, *rate_sentence(run)]
        rows.append(_as_json(run, differing, other))
        cells.append(_cells(run, differing, other))
    if not runs and not options.json:
        if not store.damaged:
            say("There are no runs yet. Every training is kept as one: main.py train PROJECT.")
        return 0
    print_rows(rows, options.json, lambda: fitting_table(cells, "<<<>>><", 6, _LEAST))
    if is_read_by_people() and not options.json:
        if any(each.parent for each in runs):
            say(f"{_CHILD}continues another run: see main.py runs show RUN.")
        say(
            "\n".join(
                wrap(
                    "What differs is told against the run that one continues, or else against the "
                    "last one before of the same series, project file, or data and classes.",
                    width(),
                )
            )
        )
        size = megabytes(bytes_of(store.folder))
        say(f"{words.count(len(runs), 'run')}, {size} in {store.folder}.")
    return 0


def _as_json(run: Run, differing: list[str], other: Run | None) -> dict[str, object]:
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
        "seconds": run.seconds,
        "differs": differing,
        "differs_from": None if other is None else other.id,
    }


def _cells(run: Run, differing: list[str], other: Run | None) -> list[str]:
    most = _MOST_DIFFERENCES if is_read_by_people() else len(differing)
    differences = continues(run, other), listed(differing, most)
    return [
        run.id,
        f"{_CHILD if run.parent else ''}{run.title}",
        run.state or "–",
        f"{run.epochs:,}",
        words.time_taken(run.seconds),
        accuracy(run.test_accuracy),
        " · ".join(part for part in differences if part),
    ]


def _add_deletion(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("run_words", metavar="RUN", nargs="+", help=HOW)
    add_json(parser)


def delete(options: argparse.Namespace) -> int:
    """Put the runs away, and say which they were."""
    store = RunStore()
    # All are found before any is deleted; one that is given by two words is one.
    runs = {run.folder: run for run in map(store.find, options.run_words)}
    for run in runs.values():
        size = bytes_of(run.folder)
        deleted = store.delete(run)
        epochs = words.count(run.epochs, "epoch")
        lines = [
            f"Deleted the run {run.title} ({run.id}) of {epochs}, {megabytes(size)}.",
            f"Until its room is needed its folder is still in {deleted.kept_in}.",
        ]
        place = str(deleted.kept_in)
        row = {"run": deleted.id, "name": run.title, "bytes": size, "kept_in": place}
        print_rows([row], options.json, lines.copy)
    return 0


def _add_export(parser: argparse.ArgumentParser) -> None:
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


def export(options: argparse.Namespace) -> int:
    """Write the run, and say where it is."""
    path: Path = options.path
    kind = run_format(path, options.format)
    if options.epoch is not None and kind != "project":
        options.refuse(f"--epoch is for a project: let PATH end in {PROJECT_ENDING}")
    if not options.overwrite and (os.path.isfile(path) or is_filled(path)):
        raise ExportError(exists_already(path))
    found = RunStore().find(options.run_word)
    epoch = None if options.epoch is None else found.kept_at(options.epoch)
    with PassingLine() as line:
        export_run(
            *(found, path, kind),
            epoch=epoch,
            overwrite=options.overwrite,
            report=lambda fraction: line.show(f"exporting: {fraction:.0%}"),
        )
    row = {"run": found.id, "format": kind, "path": str(path)}
    lines = [f"Wrote the run {found.title} ({found.id}) to {path}."]
    print_rows([row], options.json, lines.copy)
    return 0


COMMAND = Group(
    "list the runs that were kept, show, compare, export or delete them",
    {
        "list": Command("list the runs that were kept, the newest first", add_json, run_list),
        "show": runs_show.COMMAND,
        "compare": runs_compare.COMMAND,
        "export": Command(
            "copy a run into a folder or a .zip, its metrics into a table, or make a project of it",
            _add_export,
            export,
        ),
        "delete": Command("delete runs, without asking", _add_deletion, delete),
    },
)
