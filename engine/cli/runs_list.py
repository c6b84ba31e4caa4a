"""`runs list`: the runs that were kept on this machine."""

import argparse
import json
from textwrap import wrap
from typing import TYPE_CHECKING

from engine.cli.runs_words import accuracy, fitting_table, is_read_by_people, width
from engine.cli.say import say
from engine.cli.shared import Command, add_json
from engine.data.known.known_sets import megabytes
from engine.data.names import listed
from engine.text import words

if TYPE_CHECKING:  # the window begins with this module
    from collections.abc import Sequence

    from engine.runs.run_folder import Run

_CHILD = "↳ "
_HEAD = ["run", "name", "state", "epochs", "time", "test", "what differs"]
_ALIGNMENT = "<<<>>><"
_ABOVE = 2  # columns that stand over the others where a line has no room for all
_MOST_TOLD = 3  # differences of a run, to people
_LEAST = 30  # letters of what differs that are worth a place in the same line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--deleted",
        action="store_true",
        help="list those that were deleted and can be restored, the last deleted first",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print a row per run, the newest first."""
    from engine.runs.predecessors import predecessors
    from engine.runs.store import RunStore, bytes_of

    store = RunStore()
    runs = store.deleted.runs() if options.deleted else store.runs()
    for damaged in store.damaged:
        say(damaged.reason, aside=True)
    if not runs:
        store.require_readable()
    before = predecessors(runs, store.runs() if options.deleted else ())
    told = [
        (each, _differences(each, other), other) for each, other in zip(runs, before, strict=True)
    ]
    if options.json:
        for each, differing, other in told:
            print(json.dumps(_as_json(each, differing, other)))
        return 0
    if runs:
        say("\n".join(_lines([_HEAD, *(_row(*each) for each in told)])))
    elif options.deleted:
        say("There are no deleted runs that could be restored.")
    elif not store.damaged:
        say("There are no runs yet. Every training is kept as one: main.py train PROJECT.")
    if runs and is_read_by_people():
        _say_notes(runs, any(len(differing) > _MOST_TOLD + 1 for _, differing, _ in told))
        folder = store.deleted.folder if options.deleted else store.folder
        say(f"{words.count(len(runs), 'run')}, {megabytes(bytes_of(folder))} in {folder}.")
    return 0


def _say_notes(runs: "Sequence[Run]", shortened: bool) -> None:
    """Explain the table; `shortened` is whether more differs than it says."""
    notes = []
    if any(each.parent for each in runs):
        notes.append(f"{_CHILD}continues another run: see main.py runs show RUN.")
    notes.append("The time is that of the training's steps, without tests and pauses.")
    if len(runs) > 1:
        notes.append(
            "What differs is told against the run that one continues, or else against the last one "
            "before of the same series, or else of the same project file, or else with the same "
            "data and classes."
        )
    if shortened:
        notes.append(
            "Not all that differs is told here: main.py runs compare RUN RUN tells all of it."
        )
    for note in notes:
        say("\n".join(wrap(note, width())))


def _lines(rows: list[list[str]]) -> list[str]:
    """Write a line for each run, or two where a terminal has no room for the name and all else."""
    lines = fitting_table(rows, _ALIGNMENT, len(_HEAD) - 1, _LEAST)
    if not is_read_by_people() or max(map(len, lines)) <= width():
        return lines
    above = fitting_table([row[:_ABOVE] for row in rows], _ALIGNMENT[:_ABOVE], 1)
    rest = [["", *row[_ABOVE:]] for row in rows]  # set in by an empty column
    below = fitting_table(rest, f"<{_ALIGNMENT[_ABOVE:]}", len(rest[0]) - 1)
    return [line for pair in zip(above, below, strict=True) for line in pair]


def _differences(run: "Run", other: "Run | None") -> list[str]:
    """Say what differs from another run, if there is one, and what was changed within this one."""
    from engine.runs.differences import rate_sentence, run_changes

    before = [] if other is None else run_changes(other, run)
    return [*before, *rate_sentence(run)]


def _as_json(run: "Run", differing: list[str], other: "Run | None") -> dict[str, object]:
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


def _row(run: "Run", differing: list[str], other: "Run | None") -> list[str]:
    from engine.runs.predecessors import continues

    most = _MOST_TOLD if is_read_by_people() else len(differing)
    told = continues(run, other), listed(differing, most)
    return [
        run.id,
        f"{_CHILD if run.parent else ''}{run.title}",
        run.state or "–",
        f"{run.epochs:,}",
        words.time_taken(run.seconds),
        accuracy(run.test_accuracy),
        " · ".join(part for part in told if part),
    ]


COMMAND = Command("list the runs that were kept, the newest first", add_arguments, run)
