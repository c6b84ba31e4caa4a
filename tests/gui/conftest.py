"""The real window, as its user gets it. What a test leaves behind makes it fail."""

import gc
import threading
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QThread, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu

from engine.data.idx import read_images_and_labels
from engine.leaving import COMPILING
from engine.warm_up import warm_up
from gui.app import create_window
from tests.gui.driving import Driver
from tests.gui.waiting import WatchedInbox, WatchedOutbox, wait_until

T = TypeVar("T", QThread, QTimer)
Pair = tuple[NDArray[np.uint8], NDArray[np.uint8]]
MILLISECONDS = 30_000  # for threads that closing does not wait for, since the machine is slow
BUNDLED = Path(__file__).parents[2] / "resources"
OpenWindow = Callable[[Path | None], Driver]


@pytest.fixture(scope="session", autouse=True)
def compiled_loops() -> None:
    """Have the loops compiled: after an edit of them that takes longer than a test may wait."""
    warm_up()


@pytest.fixture(autouse=True)
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let no test see how another one left the window."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))


@pytest.fixture
def open_window(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenWindow]:
    """Open the window, with or without a project, and wait until its panels show something.

    After the test the windows are closed; no thread, timer or window may be left then.
    """
    monkeypatch.setattr("gui.session.Inbox", WatchedInbox)
    monkeypatch.setattr("gui.session.Outbox", WatchedOutbox)
    monkeypatch.setattr("engine.data.sources.read_images_and_labels", _read_bundled_once)
    gc.collect()
    gc.freeze()  # what is there before is none of what the test leaves
    widgets, threads = set(QApplication.topLevelWidgets()), set(threading.enumerate())
    windows: list[QMainWindow] = []

    def open_one(project: Path | None) -> Driver:
        window = create_window(project)
        windows.append(window)
        driver = Driver(window, monkeypatch)
        window.show()
        window.activateWindow()
        wait_until(lambda: window.isActiveWindow() and driver.window.opening.ended)
        return driver

    yield open_one
    for window in windows:
        assert window.close()
    threads_of_qt = [thread for thread in _living(QThread) if thread.isRunning()]
    running = [thread for thread in threads_of_qt if not thread.wait(MILLISECONDS)]
    assert not running, f"left running: {[thread.objectName() for thread in running]}"
    for window in windows:
        shiboken6.delete(window)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for widget in set(QApplication.topLevelWidgets()) - widgets:
        assert isinstance(widget, QMenu), widget  # pyqtgraph keeps one that nobody sees
        assert not widget.isVisible()
    for thread in threading.enumerate():
        if thread.name == COMPILING:  # nothing can stop a compiler
            thread.join()
    left = {thread for thread in set(threading.enumerate()) - threads if thread.is_alive()}
    assert not {thread for thread in left if not isinstance(thread, threading._DummyThread)}
    assert not [timer for timer in _living(QTimer) if timer.isActive() and timer.parent() is None]


@pytest.fixture
def driver(open_window: OpenWindow) -> Driver:
    """Give the window as it opens: the notebook's network, with its first looks drawn."""
    driver = open_window(None)
    driver.wait_for_first_looks()
    return driver


def _living(kind: type[T]) -> list[T]:
    things = [thing for thing in gc.get_objects() if issubclass(type(thing), kind)]
    return [thing for thing in things if shiboken6.isValid(thing)]


def _read_bundled_once(images: Path, labels: Path) -> Pair:
    """Unpack the digits of Layerscope's own once for all windows; they are never written to."""
    if images.is_relative_to(BUNDLED):
        return _keep(images, labels)
    return read_images_and_labels(images, labels)


@cache
def _keep(images: Path, labels: Path) -> Pair:
    pair = read_images_and_labels(images, labels)
    for array in pair:
        array.setflags(write=False)
    return pair
