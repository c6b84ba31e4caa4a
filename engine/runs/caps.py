"""Caps: how much room one run may take, and all runs together."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from engine.errors import RunError
from engine.files.atomic import write_file
from engine.files.untrusted_read import read_file

_FILE = "caps.json"
_FILE_BYTES = 10_000
_Bytes = Annotated[int, Meta(ge=1_000_000, le=10**15)]


class Caps(msgspec.Struct, frozen=True):
    """The most bytes of one run and of all runs, each at least 1 MB.

    A moment of the notebook's network takes 1.4 MB, of the template LeNet 1 MB.
    """

    run_bytes: _Bytes = 64_000_000
    all_bytes: _Bytes = 2_000_000_000


def read_caps(runs: Path) -> Caps:
    """Return the caps that were chosen for a folder of runs; else, or if damaged, the usual."""
    try:
        return msgspec.json.decode(read_file(runs / _FILE, _FILE_BYTES, RunError), type=Caps)
    except (RunError, msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Caps()


def write_caps(runs: Path, caps: Caps) -> None:
    """Choose the caps of a folder of runs.

    Raises RunError if they are outside their limits or cannot be written.
    """
    try:
        content = msgspec.json.encode(msgspec.convert(msgspec.to_builtins(caps), Caps))
        runs.mkdir(parents=True, exist_ok=True)
    except msgspec.ValidationError:
        raise RunError(
            "The room for one run, and for all, must be at least 1 MB, and no more than "
            "1,000,000,000 MB. Choose such a limit."
        ) from None
    except OSError as error:
        raise RunError(f"{runs} cannot be made: {error.strerror}. Choose another place.") from error
    write_file(runs / _FILE, content, RunError)
