"""`runs edit`: what a user says of a run: its name, a note, its colour, whether it stays."""

import argparse
import json
from typing import TYPE_CHECKING

from engine.cli.runs_words import add_run
from engine.cli.say import say
from engine.cli.shared import Command, add_json, whole_number
from engine.runs.run_colours import RUN_COLOURS

if TYPE_CHECKING:  # the window begins with this module
    from engine.runs.run_folder import Run

_COLOURS = {
    "automatic": "",
    **{key.lower().replace(" ", "-"): RUN_COLOURS[key] for key in RUN_COLOURS},
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    add_run(parser)
    parser.add_argument(
        "--name", metavar="NAME", help='give it another name; "" takes the name away'
    )
    parser.add_argument(
        "--note", metavar="TEXT", help='write down what is to be remembered of it; "": nothing'
    )
    parser.add_argument("--colour", choices=_COLOURS, help="the colour of its curves in the window")
    parser.add_argument(
        "--pin",
        action=argparse.BooleanOptionalAction,
        help="keep it when room is made for other runs",
    )
    for option, what in (
        ("--bookmark", "mark an epoch of which weights are kept, so that they stay"),
        ("--no-bookmark", "take a mark away"),
    ):
        parser.add_argument(
            option,
            metavar="EPOCH",
            type=whole_number,
            action="append",
            default=[],
            help=f"{what}; may be given several times",
        )
    add_json(parser)
    parser.set_defaults(refuse=parser.error)


def run(options: argparse.Namespace) -> int:
    """Change the run, and say how it is now."""
    changes = _changes(options)
    marks = [(age, True) for age in options.bookmark]
    marks += [(age, False) for age in options.no_bookmark]
    if not changes and not marks:
        options.refuse("say what to change: its name, note, colour, pin or bookmarks")
    from engine.runs.store import RunStore

    store = RunStore()
    found = store.find(options.run_word)
    epochs = [(found.kept_at(age) if on else age - found.age(0), on) for age, on in marks]
    if changes:
        found = store.edit(found, **changes)
    for epoch, on in epochs:
        found = store.mark(found, epoch, on)
    if options.json:
        print(json.dumps(_as_json(found)))
    else:
        what = [
            *("pin" if key == "pinned" else key for key in changes),
            *(["bookmarks"] if marks else []),
        ]
        say(f"Changed the run {found.title} ({found.id}): {', '.join(what)}.")
    return 0


def _changes(options: argparse.Namespace) -> dict[str, object]:
    """Return the fields of a run that are to be others."""
    changes: dict[str, object] = {}
    if options.name is not None:
        changes["name"] = " ".join(options.name.split())
    if options.note is not None:
        changes["note"] = options.note.strip()
    if options.colour is not None:
        changes["colour"] = _COLOURS[options.colour]
    if options.pin is not None:
        changes["pinned"] = options.pin
    return changes


def _as_json(run: "Run") -> dict[str, object]:
    return {
        "run": run.id,
        "name": run.title,
        "note": run.note,
        "colour": run.colour,
        "pinned": run.pinned,
        "bookmarks": run.bookmarks,
    }


COMMAND = Command("change the name, note, colour, pin or bookmarks of a run", add_arguments, run)
