import multiprocessing
import os
import signal
from multiprocessing.connection import Connection

import pytest

from engine.errors import TrainingError
from engine.measuring import process_scaling
from engine.measuring.process_scaling import BATCH, over_processes


def end_at_once(
    share: int, number: int, seconds: float, barrier: object, answer: Connection
) -> None:
    """Be a process of which the last ends by itself, and the others wait for it."""
    if number == 1:
        os._exit(1)
    signal.pause()


@pytest.mark.skipif(os.name != "posix", reason="waits for a signal")
def test_a_process_that_fails_is_told_and_leaves_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_scaling, "_train", end_at_once)
    heard = signal.getsignal(signal.SIGINT)
    with pytest.raises(TrainingError, match="One of 2 processes ended"):
        over_processes(2, 0.1)
    assert multiprocessing.active_children() == []
    assert signal.getsignal(signal.SIGINT) is heard


def test_processes_train_on_their_shares_at_the_same_time() -> None:
    point = over_processes(3, 0.1)
    assert (point.processes, point.share) == (3, BATCH // 3)
    assert point.samples_per_second > 0
    # No more than a processor can do in the time, which each core has once.
    assert 0 < point.processor_seconds < 1
