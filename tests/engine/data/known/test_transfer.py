"""A transfer that is given up ends in its own time, and leaves nothing behind."""

import time
from pathlib import Path

import pytest

from engine.data.known.known_sets import SetFile
from engine.data.known.transfer import Patience, Transfer


class GivenUpError(Exception):
    """The one who waits does so no longer."""


@pytest.mark.parametrize("seconds", [0.0, 0.15])
def test_what_the_thread_writes_until_it_notices_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    folder = tmp_path / "aside" / "try-1"

    def write_until_stopped(transfer: Transfer) -> None:
        transfer._stop.wait(10)
        time.sleep(seconds)  # in which the one who waited could already have ended the program
        folder.mkdir(parents=True)
        (folder / "late").write_bytes(b"x")

    def give_up(_received: int) -> None:
        raise GivenUpError

    monkeypatch.setattr(Transfer, "_fetch", write_until_stopped)
    transfer = Transfer("http://nowhere/", SetFile("late", 1, ""), folder, Patience())
    with pytest.raises(GivenUpError):
        transfer.wait(give_up)
    assert transfer._done.is_set()
    assert list(tmp_path.iterdir()) == []
