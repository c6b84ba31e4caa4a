import sys

import numpy as np
import pytest

from engine.cli.train import Progress
from engine.training.evaluation import Confusion, Evaluation
from engine.training.events import BatchDone, EpochDone

TEST = Evaluation(2, 1.0, 0.25, Confusion(np.eye(2, dtype=np.int64)), np.eye(2))


def epoch_done(epoch: int) -> EpochDone:
    return EpochDone(epoch, 12, 0.5, 0.75, 0.25, 1.0, 5580.4, 2.0, TEST, 0.1, 0.1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The time in seconds, to be set by the test."""
    now = [100.0]
    monkeypatch.setattr("engine.cli.train.time.monotonic", lambda: now[0])
    return now


def test_an_epochs_line_says_how_long_the_rest_takes(
    capsys: pytest.CaptureFixture[str], clock: list[float]
) -> None:
    progress = Progress(first_epoch=2, epochs=10)
    clock[0] += 30
    progress.show(BatchDone(4, 1, 4, 3.25, 0.5, 1))
    progress.show(epoch_done(4))  # two of ten epochs took 30 s, so eight take 120 s
    assert capsys.readouterr().out == (
        "epoch  4 of 12   loss 0.5000  accuracy 75.00 %   test: loss 0.2500  accuracy 100 %   "
        "5,580 samples/s   0:30, about 2:00 left\n"
    )


def test_a_terminal_also_shows_how_far_the_epoch_is(
    capsys: pytest.CaptureFixture[str], clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    progress = Progress(first_epoch=0, epochs=12)
    for step in (1, 2, 3):
        clock[0] += 0.06  # so the second is due, and the third too soon after it
        progress.show(BatchDone(1, step, 4, step / 4, 0.125, 1))
    progress.end()
    assert capsys.readouterr().out == "\r\x1b[Kepoch 1 of 12: 50%, loss 0.1250\r\x1b[K"
