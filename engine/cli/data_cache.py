"""`data cache`: how much room decoded images take, and how much they may take."""

import argparse
import json

from engine.cli.say import say
from engine.cli.shared import MEGABYTE, Command, add_json, megabytes_number
from engine.data.image_files.image_cache import ImageCache
from engine.data.known.known_sets import megabytes
from engine.errors import DataError
from engine.text import words


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument("--clear", action="store_true", help="remove all that is kept")
    parser.add_argument(
        "--limit",
        metavar="MB",
        type=megabytes_number,
        help="keep at most so many megabytes from now on; 0: none. What was used least recently "
        "is removed first",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Change what is asked for, then print what is kept."""
    cache = ImageCache()
    try:
        if options.limit is not None:
            cache.set_limit(options.limit * MEGABYTE)
        if options.clear:
            cache.clear()
    except OSError as error:
        raise DataError(
            f"The decoded images in {cache.folder} cannot be changed: {error.strerror}. Check the "
            "rights of the folder."
        ) from error
    sets, size = cache.usage()
    if options.json:
        kept = {"sets": sets, "bytes": size, "limit": cache.limit, "folder": str(cache.folder)}
        print(json.dumps(kept))
    else:
        say(
            f"{words.count(sets, 'set')} of decoded images, {megabytes(size)} of at most "
            f"{megabytes(cache.limit)}, in {cache.folder}."
        )
    return 0


COMMAND = Command(
    "show or limit the room that decoded images take, or clear it", add_arguments, run
)
