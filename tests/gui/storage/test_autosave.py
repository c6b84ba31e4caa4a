"""Autosave on a disk that does not answer: the window goes on, and the program ends."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.files.atomic import write_file
from engine.files.project_file import save_project
from engine.model.templates import notebook
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.storage.leaving import kept
from tests.programs import Programs

MOST = 5.0  # s, on a busy machine; the disk answers after a minute at the earliest


class DeadDisk:
    """A disk that answers no recovery file until it is mended."""

    def __init__(self) -> None:
        self.asked, self.mended = threading.Event(), threading.Event()

    def write(self, path: Path, *rest: object) -> None:
        self.asked.set()
        assert self.mended.wait(60)
        write_file(path, *rest)  # type: ignore[arg-type]


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[DeadDisk]:
    disk = DeadDisk()
    monkeypatch.setattr("gui.storage.autosave.EDIT_SECONDS", 0.05)
    monkeypatch.setattr("gui.storage.autosave.write_file", disk.write)
    yield disk
    disk.mended.set()


def edit(driver: Driver, disk: DeadDisk) -> None:
    """Make an edit, and wait until its recovery file is being written."""
    disk.asked.clear()
    disk.mended.clear()
    driver.type_into("setting.seed", "8")
    driver.wait(disk.asked.is_set)


def seconds_of(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def test_nothing_waits_for_it_and_no_recovery_file_is_left_when_it_answers(
    open_window: OpenWindow, disk: DeadDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.storage.autosave.LAST_SECONDS", 0.2)
    path = tmp_path / "mine.layerscope"
    save_project(notebook(), path)
    driver = open_window(path)
    for action in ("undo", "save", "new"):
        edit(driver, disk)
        assert seconds_of(lambda: driver.choose(action)) < MOST  # noqa: B023
        assert not driver.window.isWindowModified()
        assert not disk.mended.is_set()
        disk.mended.set()
        driver.wait(lambda: kept(tmp_path) == [])
        driver.open(path)
        driver.type_into("setting.seed", "7")
        driver.choose("save")
    edit(driver, disk)
    assert seconds_of(driver.window.files.autosave.write_now) < MOST, "ended without closing"
    assert seconds_of(driver.window.close) < MOST
    assert not driver.window.isVisible()
    assert not disk.mended.is_set()
    disk.mended.set()
    driver.wait(lambda: kept(tmp_path) == [])


def test_the_next_project_is_kept_meanwhile(
    driver: Driver, disk: DeadDisk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))
    driver.project(tmp_path / "mine.layerscope")
    edit(driver, disk)
    driver.choose("new")
    monkeypatch.setattr("gui.storage.autosave.write_file", write_file)
    driver.type_into("setting.seed", "9")
    own = tmp_path / "home" / "recovery" / "untitled.layerscope-recovery"
    driver.wait(own.exists)
    disk.mended.set()
    driver.wait(lambda: kept(tmp_path) == [])
    assert own.exists()
    driver.choose("new")


PROGRAM = """
import sys, time
import gui.app, main
from PySide6.QtCore import QTimer
from gui.storage import autosave
make = gui.app.create_window
autosave.EDIT_SECONDS = 0.05
def create(project=None):
    window = make(project)
    def hang(*_):
        QTimer.singleShot(0, window, close)  # in the window's thread
        time.sleep(60)
    def close():
        began = time.perf_counter()
        window.close()
        print(window.isVisible(), time.perf_counter() - began < 2.5, time.time(), flush=True)
    autosave.write_file = hang
    window.startup.done.connect(lambda: window.document.set_live_setting("epochs", 3))
    return window
gui.app.create_window = create
sys.exit(main.main([]))
"""


@pytest.mark.timing
def test_the_program_ends_without_its_recovery_file(programs: Programs, tmp_path: Path) -> None:
    places = {"LAYERSCOPE_HOME": str(tmp_path / "home"), "LAYERSCOPE_UNATTENDED": "1"}
    said = programs.start("-c", PROGRAM, environment=os.environ | places).ended()
    ended = time.time()
    errors = [line for line in said.err.splitlines() if "This plugin does not" not in line]
    assert (said.code, errors) == (0, [])
    visible, soon, closed = said.out.split()
    assert (visible, soon) == ("False", "True")
    assert ended - float(closed) < 2
