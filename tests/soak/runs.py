"""How much more memory the window takes after many runs, each of which is reset."""

import gc

import psutil
from PySide6.QtCore import QEventLoop, QTimer

from gui.background.mailbox import Predictions
from gui.main_window import MainWindow

MEGABYTE = 1_000_000
BATCHES = 30  # of a run, or a few more
GLANCE = 10  # ms


def growth_over_runs(window: MainWindow, runs: int, warm_up: int) -> float:
    """Train, stop and reset so many times; return the most that memory has grown by, in MB.

    What the first `warm_up` runs take is not counted, nor is what undo keeps of each run.
    """
    for _ in range(warm_up):
        _run_and_reset(window)
    before = _resident()
    most = before
    for _ in range(runs):
        _run_and_reset(window)
        most = max(most, _resident())
    return (most - before) / MEGABYTE


def _run_and_reset(window: MainWindow) -> None:
    session = window.session
    batches: list[int] = []
    predictions: list[Predictions] = []

    def count(positions: list[float], losses: list[float]) -> None:
        batches.append(len(losses))

    session.losses_added.connect(count)
    session.predictions_made.connect(predictions.append)
    session.train_or_pause()
    while sum(batches) < BATCHES:
        _wait()
    session.stop()
    while session.state != "Stopped":
        _wait()
    window.edits.forget_learned()
    predictions.clear()
    while session.state != "Ready" or not predictions:
        _wait()
    session.losses_added.disconnect(count)
    session.predictions_made.disconnect(predictions.append)
    window.document.undo_stack.clear()


def _wait() -> None:
    loop = QEventLoop()
    QTimer.singleShot(GLANCE, loop.quit)
    loop.exec()


def _resident() -> int:
    gc.collect()
    resident: int = psutil.Process().memory_info().rss
    return resident
