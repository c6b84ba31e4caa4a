"""The thread that trains lets the window's go first."""

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path

import pytest

from engine.machine.cores import STEPS_BACK
from tests.gui.driving import Driver


@pytest.mark.skipif(sys.platform != "linux", reason="says how nice a thread is")
def test_what_trains_lets_the_window_go_first(shared_driver: Driver) -> None:
    usual = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    found: set[int] = set()
    for thread in Path("/proc/self/task").iterdir():
        with suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            if (thread / "comm").read_text() == "training\n":  # or one that it has started
                found.add(os.getpriority(os.PRIO_PROCESS, int(thread.name)))
    assert found == {min(usual + STEPS_BACK, 19)}
