"""How much more memory the window takes after many runs, each of which is reset."""

from collections.abc import Iterator

from PySide6.QtCore import QEventLoop, QObject, QTimer

from gui.main_window import MainWindow
from tests.gui.watching import heard
from tests.soak.nets import project_of_some_size
from tests.soak.resident import MEGABYTE, resident

BATCHES = 10  # of a run, or a few more
FEW_BATCHES = 3
GLANCE = 10  # ms


def growth_over_runs(window: MainWindow, runs: int, warm_up: int) -> float:
    """Train, stop and reset so many times; return the most that memory has grown by, in MB.

    What the first `warm_up` runs take is not counted, nor is what undo keeps of each run.
    """
    for _ in range(warm_up):
        _run_and_reset(window)
    before = resident()
    most = before
    for _ in range(runs):
        _run_and_reset(window)
        most = max(most, resident())
    return (most - before) / MEGABYTE


def resident_over_nets(window: MainWindow, runs: int) -> Iterator[int]:
    """Open networks of different sizes; train and reset each; give the memory after it in bytes."""
    for number in range(runs):
        window.document.replace_project(project_of_some_size(number), None)
        _run_and_reset(window, FEW_BATCHES)
        yield resident()


def _run_and_reset(window: MainWindow, least: int = BATCHES) -> None:
    session = window.session
    batches: list[int] = []

    def count(positions: list[float], losses: list[float]) -> None:
        batches.append(len(losses))

    session.losses_added.connect(count)
    owner = QObject()
    predictions = heard(session.store, lambda s: s.now.predictions, owner)
    session.train_or_pause()
    while sum(batches) < least:
        _wait()
    session.stop()
    while session.run.active:
        _wait()
    window.edits.forget_learned()
    predictions.clear()
    while session.run.phase != "Ready" or not any(predictions):
        _wait()
    session.losses_added.disconnect(count)
    window.document.undo_stack.clear()


def _wait() -> None:
    loop = QEventLoop()
    QTimer.singleShot(GLANCE, loop.quit)
    loop.exec()
