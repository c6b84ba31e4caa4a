"""The real window, as its user gets it. What a test leaves behind makes it fail."""

import gc
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from weakref import WeakSet

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QThread, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QApplication, QMainWindow, QMenu, QWidget
from pytestqt.qtbot import QtBot
from shiboken6 import delete, isValid

from engine.compute.numerics import is_compiled
from engine.model.templates import notebook
from engine.runs.run_writer import THREAD as RECORDING
from engine.training.preparation import THREAD as PREPARING
from engine.training.warm_up import warm_up
from gui.app import collect_in_this_thread, create_window
from gui.background.jobs import Jobs
from gui.background.latest_task import THREAD as TASK
from gui.background.session import Session
from gui.background.view import View
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.storage.preferences import THREAD as PREFERENCES
from gui.storage.preferences import PreferencesStore
from gui.theme import LIGHT, apply_theme, colours_of
from gui.widgets.messages import MessageBar
from gui.workspace.context import Context
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.made_once import draw_once, read_bundled_once
from tests.gui.recorded_runs import forget_runs
from tests.gui.starting_over import put_away, start_over
from tests.gui.waiting import WatchedInbox, WatchedOutbox

Living = QThread | QTimer
MILLISECONDS = 30_000  # for threads that closing does not wait for, since the machine is slow
A_DAY = 86_400_000  # ms
OpenWindow = Callable[[Path | None], Driver]
HERE, AWAY = QPoint(0, 0), QPoint(5000, 5000)
NOWHERE = QPoint(-1000, -1000)
_OPEN: list[Driver] = []  # the windows that tests have open now, each with one that uses it
_UNSTOPPABLE = PREPARING, "loading", TASK, "look", PREFERENCES  # nothing stops a disk


@pytest.fixture(scope="session", autouse=True)
def compiled_loops() -> None:
    """Have the loops compiled: after an edit of them that takes longer than a test may wait."""
    for dtype in (np.float32, np.float64):  # the latter under glass
        if not is_compiled(np.dtype(dtype).name):
            warm_up(dtype)
    gc.freeze()  # what compiles them stays to the end: looking for garbage passes it over


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    """Return the application in the program's own style and font, as users have it."""
    apply_theme(qapp, "light")
    return qapp


@pytest.fixture(scope="module", autouse=True)
def garbage(qapp: QApplication) -> Iterator[None]:
    """Collect garbage in this thread alone, as the program does; other tests have no events."""
    collect_in_this_thread(qapp)
    yield
    gc.enable()


@pytest.fixture(scope="session", autouse=True)
def patience() -> Iterator[None]:
    """Let `qtbot` wait as long as `wait_until` where a test does not say for how long."""
    with pytest.MonkeyPatch.context() as patch:
        for wait in (QtBot.waitSignal, QtBot.waitSignals, QtBot.waitUntil, QtBot.waitActive):
            patch.setitem(not_none(wait.__kwdefaults__), "timeout", MILLISECONDS)
        patch.setattr("gui.storage.preferences.PATIENCE", MILLISECONDS / 1000)
        patch.setattr("gui.background.waiting.LOOK_SECONDS", MILLISECONDS / 1000)
        yield


@pytest.fixture(autouse=True)
def light_theme(qapp: QApplication) -> None:
    """Let no test find the theme as another one left it."""
    if colours_of(qapp.palette()) is not LIGHT:
        apply_theme(qapp, "light")


@pytest.fixture(autouse=True)
def own_home(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Let no test see how another one left the window; a shared window keeps its own home."""
    if "shared_driver" not in request.fixturenames:
        monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))


@pytest.fixture(autouse=True)
def pointer_elsewhere(qapp: QApplication) -> None:
    """Let no test find the pointer where another one left it: what lies under it is marked."""
    QCursor.setPos(NOWHERE)


@pytest.fixture
def document(qapp: QApplication) -> Document:
    """Return the notebook's network, opened and unmodified."""
    return Document(notebook())


@pytest.fixture
def edits(document: Document) -> Edits:
    """Return what edits the document."""
    return Edits(document)


@pytest.fixture
def kernel_edits(document: Document) -> KernelEdits:
    """Return what edits the document's kernels and locks."""
    return KernelEdits(document)


@pytest.fixture
def messages(qtbot: QtBot) -> MessageBar:
    """Return where what is tested alone says what went wrong and what was done."""
    bar = MessageBar()
    qtbot.addWidget(bar)
    return bar


@pytest.fixture
def context(
    qtbot: QtBot,
    document: Document,
    edits: Edits,
    kernel_edits: KernelEdits,
    messages: MessageBar,
    tmp_path: Path,
) -> Iterator[Context]:
    """Return what a panel that is tested alone works with: nothing trains, and no data is read."""
    window = QMainWindow()
    qtbot.addWidget(window)
    session = Session(document, window)
    view, jobs = View(document, session, window), Jobs(window)
    preferences = PreferencesStore(tmp_path / "preferences.json")
    parts = document, edits, kernel_edits, session, view, jobs, preferences, messages
    yield Context(window, *parts, show_view=print, enlarge_view=print)
    session.close()


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    """Return an empty window, for the widget that a test puts into it."""
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def open_window(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenWindow]:
    """Open the window, with or without a project, and wait until its panels show something.

    After the test the windows are closed; no thread, timer or window may be left then.
    """
    with _windows(monkeypatch) as open_one:
        yield open_one


@pytest.fixture
def own_driver(open_window: OpenWindow) -> Driver:
    """Return a window of the test's own, as it opens, with its first looks drawn."""
    return _opened(open_window)


@pytest.fixture(scope="package")
def common_window(qapp: QApplication, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driver]:
    """Open the window that one module after the other has; it is out of the way of all others."""
    gc.collect()
    gc.freeze()  # later looks for garbage pass over what there is
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERSCOPE_HOME", str(tmp_path_factory.mktemp("shared-home")))
        _adapt(patch)
        driver = _shown(None, patch)
        driver.window.move(AWAY)
        yield driver
        _close(driver)
        _wait_for_the_unstoppable()
        delete(driver.window)


@pytest.fixture(scope="module")
def shared_driver(common_window: Driver) -> Iterator[Driver]:
    """Return one window, as `driver` has it, to all tests of a module that only look.

    A test that changes what another could see opens its own.
    """
    driver = common_window
    driver.window.move(HERE)
    driver.come_to_front()
    driver.opened_for = os.environ["PYTEST_CURRENT_TEST"]
    yield driver
    put_away(driver)
    driver.window.move(AWAY)


@pytest.fixture
def new_project(shared_driver: Driver) -> Driver:
    """Return the module's window with the notebook's network opened anew, untrained.

    It is for tests that leave edits, a trained network, a pinned digit or another layout behind.
    What else a test changes, it puts back.
    """
    if shared_driver.opened_for == os.environ["PYTEST_CURRENT_TEST"]:
        shared_driver.settle()
    else:
        start_over(shared_driver)
    return shared_driver


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it, as most tests use it."""
    return new_project


@pytest.fixture
def no_runs(new_project: Driver) -> Driver:
    """Return the module's window with a new project, and no run kept, shown or followed in it."""
    forget_runs(new_project)
    return new_project


@contextmanager
def window_of(home: Path) -> Iterator[Driver]:
    """Open a window that has a home of its own, and close it."""
    gc.collect()
    gc.freeze()  # later looks for garbage pass over what there is
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAYERSCOPE_HOME", str(home))
        with _windows(patch) as open_one:
            yield _opened(open_one)


def _opened(open_window: OpenWindow) -> Driver:
    driver = open_window(None)
    driver.wait_for_first_looks()
    return driver


@contextmanager
def _windows(patch: pytest.MonkeyPatch) -> Iterator[OpenWindow]:
    """Open windows and close them; only what was there before may be left then."""
    _adapt(patch)
    for shared in _OPEN:  # which else might make threads meanwhile
        shared.settle()
    gc.collect()  # what tests before it have left is no more there
    before = WeakSet[Living](_living())
    widgets, threads = set(QApplication.topLevelWidgets()), set(threading.enumerate())
    drivers: list[Driver] = []

    def open_one(project: Path | None) -> Driver:
        drivers.append(_shown(project, patch))
        return drivers[-1]

    yield open_one
    for driver in drivers:
        _close(driver)
    added = [thread for thread in _living() if isinstance(thread, QThread)]
    running = [thread for thread in added if thread not in before and thread.isRunning()]
    running = [thread for thread in running if not thread.wait(MILLISECONDS)]
    assert not running, f"left running: {[thread.objectName() for thread in running]}"
    # Before the windows are deleted: what runs beside one tells it, at its end, what it has found.
    _wait_for_the_unstoppable()
    for each in set(threading.enumerate()) - threads:
        if each.name == RECORDING:  # closing waits for what it writes, but not for ever
            each.join(MILLISECONDS / 1000)
    for driver in drivers:
        delete(driver.window)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    for widget in set(QApplication.topLevelWidgets()) - widgets:
        if not any(_is_of(widget, shared.window) for shared in _OPEN):
            assert isinstance(widget, QMenu), widget  # pyqtgraph keeps one that is never seen
            assert not widget.isVisible()
    left = {thread for thread in set(threading.enumerate()) - threads if thread.is_alive()}
    assert not {thread for thread in left if not isinstance(thread, threading._DummyThread)}
    timers = [timer for timer in _living() if isinstance(timer, QTimer) and timer not in before]
    assert not [timer for timer in timers if timer.isActive() and timer.parent() is None]


def _adapt(patch: pytest.MonkeyPatch) -> None:
    """Let a test see whether a window rests, and not wait as a person does."""
    patch.setattr("gui.background.session.Inbox", WatchedInbox)
    patch.setattr("gui.background.session.Outbox", WatchedOutbox)
    patch.setattr("engine.data.sources.read_images_and_labels", read_bundled_once)
    patch.setattr("engine.model.weights._draw", draw_once)
    # The tests need not wait as long as people for what comes now and then.
    patch.setattr("gui.background.worker.WEIGHTS_SECONDS", 0.1)
    patch.setattr("gui.runs.presenter.LOOK_EVERY", 100)
    patch.setattr("gui.runs.following.LOOK_EVERY", 30)
    # On a busy machine a look comes late, and what is waited for takes longer than a person waits.
    patch.setattr("gui.widgets.messages._LEAST_TIME", A_DAY)
    patch.setattr("gui.window.coach._LATE", 60.0)
    patch.setattr("engine.runs.recorder.DISK_SECONDS", MILLISECONDS / 1000)
    patch.setattr("engine.runs.recorder.COPY_SHARE", 1e9)


def _shown(project: Path | None, patch: pytest.MonkeyPatch) -> Driver:
    driver = Driver(create_window(project), patch)
    _OPEN.append(driver)
    driver.window.show()
    driver.come_to_front()
    driver.wait(lambda: driver.window.startup.ended)
    driver.note_layout()
    return driver


def _close(driver: Driver) -> None:
    _OPEN.remove(driver)
    assert driver.window.close()


def _wait_for_the_unstoppable() -> None:
    while ending := [each for each in threading.enumerate() if each.name in _UNSTOPPABLE]:
        for each in ending:  # short work may have data loaded
            each.join()


def _is_of(widget: QWidget | None, window: QWidget) -> bool:
    """Return whether a widget is below a window, such as the list that a box of it opens."""
    while widget is not None and widget is not window:
        widget = widget.parentWidget()
    return widget is window


def _living() -> list[Living]:
    # Shiboken's own list of its wrappers can have some in it that are freed: to touch one is fatal.
    objects = gc.get_objects()
    # The kinds are few: to ask each object for its own takes longer.
    kinds = {kind for kind in set(map(type, objects)) if issubclass(kind, QThread | QTimer)}
    found = (each for each in objects if type(each) in kinds)
    return [each for each in found if isinstance(each, QThread | QTimer) and isValid(each)]
