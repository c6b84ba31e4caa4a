"""The application around the window: how it starts, ends, and meets defects."""

import configparser
import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, Qt, QThread, Slot
from PySide6.QtGui import QGuiApplication

from engine.log import start_log
from engine.paths import home
from gui.app import ICON, _install_exception_hooks
from gui.main_window import MainWindow
from tests.gui.driving import Driver
from tests.paths import ROOT
from tests.programs import Program, Programs

PROGRAM = """
import gc, sys, threading
import shiboken6
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from gui.app import create_window
app = QApplication([])
window = create_window()
window.show()
loop = QEventLoop()
window.session.store.watch(lambda s: s.run.phase == "Training", loop.quit)
window.menus.train.trigger()
loop.exec()
end = sys.argv[1]
if end == "forget":
    del window
    gc.collect()
elif end == "delete":
    shiboken6.delete(window)
elif end == "exit":
    sys.exit(3)
print("alive")
"""


ENDS = {"forget": 0, "delete": 0, "exit": 3, "fall": 0}  # the exit codes


DEAD_LOG = """
import atexit, logging, sys, threading
import gui.app, main
from engine import log
make = gui.app.create_window
def create(project=None):
    window = make(project)
    atexit.register(print, "Python takes the windows apart, which may crash", flush=True)
    log._LogFile.emit = lambda *_: threading.Event().wait()
    def go_on():
        logging.getLogger("gui").warning("to a disk that does not answer")
        print("goes on", flush=True)
        window.close()
    window.startup.done.connect(go_on)
    return window
gui.app.create_window = create
sys.exit(main.main([]))
"""


@pytest.fixture(scope="module")
def started(programs: Programs) -> Iterator[dict[str, Program]]:
    """Start a program for each end at the same time, for each waits a part of its time."""
    numpy = os.environ | {"LAYERSCOPE_COMPUTE": "numpy"}  # starts sooner
    begun = {end: programs.start("-c", PROGRAM, end, environment=numpy) for end in ENDS}
    yield begun
    for program in begun.values():  # those of tests that another process of the run took over
        program.ended()


@pytest.mark.parametrize("end", ENDS)
def test_a_window_that_nobody_closed_aborts_nothing(started: dict[str, Program], end: str) -> None:
    ended = started[end].ended()
    assert ended.code == ENDS[end], ended.err
    assert "Traceback" not in ended.err
    assert "destroyed" not in ended.err
    assert ended.out == ("" if end == "exit" else "alive\n")


def test_a_log_on_a_dead_disk_holds_up_neither_the_window_nor_its_end(programs: Programs) -> None:
    ended = programs.start("-c", DEAD_LOG).ended()
    assert (ended.code, ended.out) == (0, "goes on\n"), ended.err


@pytest.fixture
def hooked(driver: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Driver:
    """Return a window with the program's exception hooks, which a test's own must not replace."""
    for place, name in ((sys, "excepthook"), (sys, "unraisablehook"), (threading, "excepthook")):
        monkeypatch.setattr(place, name, getattr(place, name))
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))
    assert isinstance(driver.window, MainWindow)
    _install_exception_hooks(driver.window)
    start_log()
    return driver


def fail(kind: type[BaseException], text: str) -> None:
    try:
        raise kind(text)
    except kind:
        sys.excepthook(*sys.exc_info())


def test_a_defect_is_one_sentence_and_its_traceback_is_in_the_log(hooked: Driver) -> None:
    fail(ValueError, "seven is odd")
    assert "Something went wrong inside Layerscope (ValueError: seven is odd)" in hooked.message()
    assert "Your network is still here: save it under another name." in hooked.message()
    assert "Traceback" not in hooked.message()
    path = home() / "layerscope.log"
    assert f"{path} says more." in hooked.message()
    log = path.read_text(encoding="utf-8")
    assert "seven is odd" in log
    assert "Traceback" in log


def test_a_log_that_cannot_be_written_is_not_named(hooked: Driver) -> None:
    log = home() / "layerscope.log"
    log.unlink(missing_ok=True)
    log.mkdir(parents=True)
    fail(ValueError, "seven is odd")
    assert "(ValueError: seven is odd). Your network is still here" in hooked.message()


def raise_far_away(*_: object) -> None:
    raise ValueError("far away")


class FailingThread(QThread):
    def run(self) -> None:
        raise_far_away()


class FailingObject(QObject):
    @Slot()
    def fail(self) -> None:
        raise_far_away()


def in_a_thread_of_python() -> None:
    thread = threading.Thread(target=raise_far_away)
    thread.start()
    thread.join()


def in_a_thread_of_qt() -> None:
    thread = FailingThread()
    thread.start()
    thread.wait()


def in_a_slot_of_another_thread() -> None:
    thread, failing = QThread(), FailingObject()
    failing.moveToThread(thread)
    thread.started.connect(failing.fail)
    thread.started.connect(thread.quit, Qt.ConnectionType.DirectConnection)
    thread.start()
    thread.wait()


def where_nobody_can_catch_it() -> None:
    class Failing:
        def __del__(self) -> None:
            raise_far_away()

    Failing()
    gc.collect()


@pytest.mark.parametrize(
    "fail",
    [
        in_a_thread_of_python,
        in_a_thread_of_qt,
        in_a_slot_of_another_thread,
        where_nobody_can_catch_it,
    ],
)
def test_a_defect_elsewhere_is_said_in_the_window(hooked: Driver, fail: Callable[[], None]) -> None:
    fail()
    hooked.wait(lambda: "(ValueError: far away)" in hooked.message())
    assert "raise_far_away" in (home() / "layerscope.log").read_text(encoding="utf-8")


def test_a_defect_while_it_trains_ends_the_run_and_not_the_window(
    hooked: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ValueError("no such thing")

    with monkeypatch.context() as patch:
        patch.setattr("gui.background.worker.Training", broken)
        hooked.click("train", until="Error")
        hooked.wait(lambda: "no such thing" in hooked.message())
    assert hooked.action("train").isEnabled()
    hooked.run("step_batch", "Paused")
    assert hooked.message() == ""


def test_the_desktop_finds_the_program_by_its_entry(shared_driver: Driver) -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(ROOT / "resources/share/applications/layerscope.desktop", "utf-8")
    said = entry["Desktop Entry"]
    assert QGuiApplication.desktopFileName() == "layerscope"
    assert QGuiApplication.applicationName() == said["StartupWMClass"] == "layerscope"
    assert said["Icon"] == ICON.stem
    assert QGuiApplication.applicationDisplayName() == said["Name"] == "Layerscope"
