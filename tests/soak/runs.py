"""How much memory the window takes after each of many runs, each of which is reset."""

from collections.abc import Iterator

from PySide6.QtCore import QEventLoop, QObject, QTimer

from gui.main_window import MainWindow
from tests.gui.watching import heard
from tests.soak.nets import project_of_some_size
from tests.soak.resident import resident

BATCHES = 10  # of a run, or a few more
FEW_BATCHES = 3
GLANCE = 10  # ms


def resident_over_runs(window: MainWindow, runs: int) -> Iterator[int]:
    """Train, stop and reset so many times; give the memory after each in bytes.

    What undo keeps of each run is not counted.
    """
    for _ in range(runs):
        _run_and_reset(window)
        yield resident()


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
