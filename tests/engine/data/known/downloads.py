"""What tests of downloads check and pack."""

import time
from pathlib import Path

from tests.engine.data.mirror import (
    small_files,
)

FILES = small_files()


class GivenUpError(Exception):
    """The one who waits does so no longer."""


def ignore(_done: int, _total: int) -> None:
    pass


def assert_whole(folder: Path) -> None:
    """Assert that a folder holds the small set and nothing more, and nothing is beside it."""
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def assert_nothing(data: Path) -> None:
    """Assert that a failed download has left nothing; its thread may need a moment for that."""
    deadline = time.monotonic() + 10
    while data.exists() and list(data.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not data.exists() or list(data.iterdir()) == []
