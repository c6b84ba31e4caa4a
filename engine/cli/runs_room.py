"""`runs room`: how much room kept runs take, and how much they may take."""

import argparse
import json
from textwrap import wrap
from typing import TYPE_CHECKING

import msgspec

from engine.cli.output import fitting_table, say, width
from engine.cli.shared import MEGABYTE, Command, add_json, megabytes_number
from engine.data.known.known_sets import megabytes
from engine.errors import RunError

if TYPE_CHECKING:  # the window begins with this module
    from engine.runs.room_use import RoomUse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--limit",
        metavar="MB",
        type=megabytes_number,
        help="how many megabytes all runs may take; when a training ends, the oldest that are not "
        "pinned make room for it",
    )
    parser.add_argument(
        "--run-limit",
        metavar="MB",
        type=megabytes_number,
        help="how many megabytes one run may take: the more, the more epochs have their weights",
    )
    parser.add_argument(
        "--empty-deleted",
        action="store_true",
        help="remove for good what was deleted and could still be restored",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Change what is asked for, then print what the runs take."""
    from engine.runs.room_use import RoomUse
    from engine.runs.store import RunStore, bytes_of

    store = RunStore()
    limits = {"all_bytes": options.limit, "run_bytes": options.run_limit}
    chosen = {name: count * MEGABYTE for name, count in limits.items() if count is not None}
    if chosen:
        store.set_caps(msgspec.structs.replace(store.caps, **chosen))
    if options.empty_deleted:
        store.deleted.empty()
        if bytes_of(store.deleted.folder):
            raise RunError(
                f"{store.deleted.folder} was not emptied. See whether it may be written."
            )
    use, deleted = RoomUse.of(store), bytes_of(store.deleted.folder)
    if options.json:
        print(json.dumps(_as_json(use, deleted, str(store.folder))))
        return 0
    caps = use.caps
    say(
        f"All runs take {megabytes(use.taken)} of at most {megabytes(caps.all_bytes)}, and one at "
        f"most {megabytes(caps.run_bytes)}, in {store.folder}."
    )
    if deleted:
        say(f"Of that, {megabytes(deleted)} are of deleted runs that can be restored.")
    lines = wrap(use.sentence, width())
    if use.first:
        lines += fitting_table([["", run.id, run.title] for run in use.first], "<<<", 2)
    say("\n".join(lines))
    return 0


def _as_json(use: "RoomUse", deleted: int, folder: str) -> dict[str, object]:
    return {
        "bytes": use.taken,
        "deleted_bytes": deleted,
        "limit": use.caps.all_bytes,
        "run_limit": use.caps.run_bytes,
        "would_go": [run.id for run in use.first],
        "folder": folder,
    }


COMMAND = Command("show or limit the room that runs take", add_arguments, run)
