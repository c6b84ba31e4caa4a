"""Saving and opening that take long or cannot be done: it is said, and no file is harmed."""

import builtins
import errno
import io
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLabel

from engine.errors import ProjectError
from engine.files.atomic import write_file
from engine.files.project_file import open_project, save_project
from engine.model.templates import digits, notebook
from engine.paths import home
from gui.forms.inputs import SuggestionsBox
from gui.storage import file_actions
from gui.widgets.messages import Overwriting
from tests.engine.cli.console import write_data, write_project
from tests.engine.data.pictures import shades, write_files
from tests.gui.background.gate import Gate
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.finding import named
from tests.run_folders import metrics, small_notebook, write_run

Report = Callable[[float], None]
CTRL = Qt.KeyboardModifier.ControlModifier


def held(driver: Driver, patch: pytest.MonkeyPatch, act: Callable[[Gate], object]) -> Gate:
    """Let all work on files wait for the gate."""
    gate = Gate(driver.window, act)
    for name in ("encode_project", "open_with_digest"):
        patch.setattr(file_actions, name, gate.hold(getattr(file_actions, name)))
    return gate


def test_saving_takes_its_time_can_be_cancelled_and_nothing_comes_between(
    open_window: OpenWindow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver, path = open_window(None), tmp_path / "mine.layerscope"
    driver.project(path)
    driver.click("add.tanh")
    rows, before = driver.rows(), path.read_bytes()
    monkeypatch.setattr(file_actions, "ask_about_unsaved", lambda *_: "save")
    with monkeypatch.context() as patch:
        held(driver, patch, lambda gate: gate.dialog.reject())
        driver.choose("save")
        assert driver.message() == "Cancelled. Nothing was changed."
        held(driver, patch, lambda gate: gate.dialog.reject())
        assert not driver.window.close()
    with monkeypatch.context() as patch:
        gate = Gate(driver.window, lambda gate: gate.dialog.reject())

        def write(path: Path, data: bytes, fault: type[ProjectError], report: Report) -> None:
            """Let the file beside it be begun, whose name must not stay behind."""
            write_file(path, data, fault, lambda done: gate.hold(lambda r: r(done))(report))

        patch.setattr(file_actions, "write_file", write)
        driver.choose("save")
    assert gate.seen == 1
    assert path.read_bytes() == before
    # An edit that is kept for recovery meanwhile is written beside its place, too.
    driver.wait(lambda: not list(path.parent.glob(".layerscope-*")))
    assert driver.window.isVisible()
    assert driver.window.isWindowModified()

    def act(gate: Gate) -> None:
        assert named(gate.dialog, QLabel, "waiting.title").text() == "Saving mine.layerscope"
        assert not driver.window.close()
        assert not driver.window.files.save()
        driver.window.files.open_dropped([path])
        driver.window.files.new("digits")
        QTest.keyClick(gate.dialog, Qt.Key.Key_S, CTRL)
        assert driver.window.isVisible()

    with monkeypatch.context() as patch:
        patch.setattr(file_actions, "ask_about_unsaved", lambda *_: "discard")
        gate = held(driver, patch, act)
        driver.choose("save")
    assert gate.seen == 1
    assert driver.message() == f"Saved to {path}."
    assert not driver.window.isWindowModified()
    assert driver.rows() == rows
    assert len(open_project(path).stack) == 8
    driver.click("add.tanh")
    gate = held(driver, monkeypatch, lambda _gate: None)
    assert driver.window.close(), "it waits for the saving that was asked for"
    assert gate.seen == 1
    assert len(open_project(path).stack) == 9


def test_opening_is_waited_for_can_be_cancelled_and_want_of_memory_is_said(
    driver: Driver, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Any:
        raise MemoryError

    for name in ("_encode", "_decode"):
        with monkeypatch.context() as patch:
            patch.setattr(f"engine.files.project_file.{name}", fail)
            driver.choose("save")
        assert f"{path} was not written: there is not enough memory" in driver.message()
        assert driver.window.isWindowModified()
    with monkeypatch.context() as patch:
        patch.setattr(file_actions, "open_with_digest", fail)
        assert not driver.window.files.open_path(path)
    assert "There is not enough memory" in driver.message()
    other, rows = path.with_name("other.layerscope"), driver.rows()
    save_project(digits(), other)
    with monkeypatch.context() as patch:
        held(driver, patch, lambda gate: gate.dialog.reject())
        driver.open(other)
    assert driver.rows() == rows
    assert driver.message() == "Cancelled. Nothing was changed."
    gate = held(driver, monkeypatch, lambda _gate: None)
    driver.open(other)
    assert gate.seen == 1
    assert driver.rows()[0] == "Conv 8, 5×5"
    assert not driver.window.isWindowModified()


def test_what_is_no_file_is_refused_in_a_sentence(driver: Driver, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.layerscope")
    (tmp_path / "device.layerscope").symlink_to("/dev/zero")
    (tmp_path / "folder.layerscope").mkdir()
    rows, files, messages = driver.rows(), driver.window.files, driver.window.messages
    for kind in ("pipe", "device", "folder"):
        path = tmp_path / f"{kind}.layerscope"
        words = "is a folder" if kind == "folder" else "is not a regular file"
        driver.open(path)
        assert words in driver.message()
        messages.clear()
        files.open_dropped([path])
        assert words in driver.message()
        messages.clear()
        files.recent.add(path)
        files.open_recent(path)
        assert "is no longer there" in driver.message()
        assert driver.rows() == rows


_CALLS = ("stat", "lstat", "listdir", "scandir", "open", "mkdir", "replace", "rename", "readlink")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, driver: Driver, tmp_path: Path) -> list[str]:
    """Return which calls the window's thread makes of the test's disk, where its home lies too."""
    found, places = list[str](), (str(tmp_path), str(home()))
    assert str(home()).startswith(os.environ["LAYERSCOPE_HOME"])

    def watch(module: object, name: str) -> None:
        real = getattr(module, name)

        def call(*args: object, **named: object) -> object:
            here = threading.current_thread() is threading.main_thread()
            if here and args and str(args[0]).startswith(places):
                found.append(f"{name} {args[0]}")
            return real(*args, **named)

        monkeypatch.setattr(module, name, call)

    for name in _CALLS:
        watch(os, name)
    for module in (io, builtins):
        watch(module, "open")
    return found


def test_what_is_opened_and_what_was_dropped_is_looked_at_beside_the_window(
    driver: Driver, asked: list[str], tmp_path: Path
) -> None:
    for action in ("known_sets", "images_cap", "report", "about"):
        driver.choose(action)
        driver.settle()
        assert asked == []
        for dialog in driver.window.findChildren(QDialog):
            dialog.close()
    driver.find(SuggestionsBox, "setting.dataset").list_wanted.emit()
    assert asked == []
    files = [tmp_path / f"a.{ending}" for ending in ("txt", "npz", "onnx", "layerscope")]
    for path in files[:3]:
        path.write_bytes(b"")
    write_project(files[3], tmp_path)
    data, run = write_data(tmp_path / "folder"), tmp_path / "run"
    write_run(run, small_notebook(), metrics(1, 0.1, 1))
    pair = [data / f"t10k-{kind}-ubyte" for kind in ("images-idx3", "labels-idx1")]
    for dropped in (*([path] for path in files), [data], pair, [run]):
        asked.clear()
        driver.drop(*dropped)
        driver.settle()
        assert asked == []
    driver.answer_dialog("getOpenFileName", pair[0])
    driver.choose("load_test_samples")
    driver.settle()
    assert asked == []


def test_what_is_written_is_so_beside_the_window_and_editing_with_pictures_asks_no_disk(
    driver: Driver, asked: list[str], tmp_path: Path
) -> None:
    for action, ending in (
        ("export_predictions_png", ".png"),
        ("export_predictions_csv", ".csv"),
        ("save_as", ".layerscope"),
    ):
        path = tmp_path / f"mine{ending}"
        driver.answer_dialog("getSaveFileName", path.with_suffix(""))
        driver.choose(action)
        driver.settle()
        assert asked == []
        assert path.exists()
        asked.clear()
    driver.run("step_batch", "Paused")
    driver.settle()
    asked.clear()
    driver.export(tmp_path / "w.npz")
    driver.settle()
    assert asked == []
    driver.find(QDialog, "export_dialog").close()
    names = [f"{'ab'[place % 2]}/{place}.png" for place in range(24)]
    own = str(write_files(tmp_path / "own", shades(names)))
    window, edits = driver.window, driver.window.edits
    driver.type_into("setting.dataset", own)
    driver.wait(lambda: window.session.data is not None and window.session.data.key.data == own)
    driver.settle()
    asked.clear()
    edits.change_option(window.document.stack.slots[0].id, "depth", 3)
    for field, value in (
        ("learning_rate", 0.02),
        ("epochs", 3),
        ("seed", 7),
        ("test_split", 30.0),
        ("limit", 9),
        ("classes", (1, 0)),
    ):
        edits.change_setting(field, value)
    edits.undo()
    edits.redo()
    driver.settle()  # the samples are chosen anew, a recovery file is written
    assert asked == []


SAID = {
    errno.ENOSPC: "the disk is full",
    errno.EACCES: "is read-only",
    errno.EROFS: "is read-only",
    errno.EIO: "Choose another name or folder",
}


def assert_kept(driver: Driver, words: str) -> None:
    assert words in driver.message()
    assert driver.rows()[-1] == "Tanh"
    assert driver.window.isWindowModified()


def test_a_disk_that_fails_is_said_and_the_work_stays(
    driver: Driver, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for call, number in zip(["open", "fsync", "replace", "open"], SAID, strict=True):
        before = path.read_bytes()
        driver.click("add.tanh")

        def fail(*_: object, number: int = number) -> int:
            raise OSError(number, os.strerror(number))

        with monkeypatch.context() as patch:
            patch.setattr(f"engine.files.atomic.os.{call}", fail)
            driver.choose("save")
        assert_kept(driver, SAID[number])
        assert str(path) in driver.message()
        assert path.read_bytes() == before
        driver.choose("save")
        assert not driver.window.isWindowModified()
        assert len(open_project(path).stack) == len(driver.rows())


def test_a_file_of_another_program_is_not_overwritten_unasked(
    driver: Driver, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = path.stat()
    save_project(digits(), path)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    driver.choose("save")  # no one is there to be asked
    assert_kept(driver, "another program has changed it since it was opened or saved here")
    assert open_project(path) == digits()
    path.unlink()
    driver.choose("save")
    assert len(open_project(path).stack) == 8, "one that was deleted is written again"
    driver.choose("new")
    driver.open(path)
    asked, answers = list[str](), list[Overwriting]()

    def ask(_parent: object, name: str) -> Overwriting:
        asked.append(name)
        return answers[-1]

    monkeypatch.setattr(file_actions, "ask_to_overwrite", ask)
    other = path.with_name("other.layerscope")
    driver.answer_dialog("getSaveFileName", other)
    for answer in "cancel", "overwrite", "save as":
        answers.append(answer)
        save_project(notebook(), path)
        driver.click("add.tanh")
        driver.choose("save")
        assert asked.pop() == "mine.layerscope"
        assert (open_project(path) == notebook()) == (answer != "overwrite")
        assert other.exists() == (answer == "save as")
        assert driver.window.isWindowModified() == (answer == "cancel")
    driver.click("add.tanh")
    driver.choose("save")
    assert asked == [], "it is the other file by now"
