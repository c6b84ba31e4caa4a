"""Saving where it cannot be done: it is said plainly, no file is harmed, the work stays."""

import errno
import os
from pathlib import Path

import pytest

from engine.files.project_file import open_project, save_project
from engine.model.templates import digits, notebook
from gui.storage import file_actions
from gui.widgets.messages import Overwriting
from tests.gui.driving import Driver

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


@pytest.mark.parametrize(
    ("call", "number"), [*zip(["open", "fsync", "replace", "open"], SAID, strict=True)]
)
def test_a_disk_that_fails_is_said_and_the_work_stays(
    driver: Driver, path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    before = path.read_bytes()

    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(f"engine.files.atomic.os.{call}", fail)
        driver.choose("save")
    assert_kept(driver, SAID[number])
    assert str(path) in driver.message()
    assert path.read_bytes() == before
    driver.choose("save")
    assert not driver.window.isWindowModified()
    assert len(open_project(path).stack) == 8


def test_a_file_of_another_program_is_not_overwritten_unasked(driver: Driver, path: Path) -> None:
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
    save_project(notebook(), path)
    driver.click("add.tanh")
    driver.choose("save")
    assert_kept(driver, "another program has changed it")


@pytest.mark.parametrize("answer", Overwriting)
def test_who_is_asked_decides(
    driver: Driver, path: Path, monkeypatch: pytest.MonkeyPatch, answer: Overwriting
) -> None:
    save_project(digits(), path)
    asked: list[str] = []

    def ask(_parent: object, name: str) -> Overwriting:
        asked.append(name)
        return answer

    monkeypatch.setattr(file_actions, "ask_to_overwrite", ask)
    other = path.with_name("other.layerscope")
    driver.answer_dialog("getSaveFileName", other)
    driver.choose("save")
    assert asked == ["mine.layerscope"]
    overwritten = answer is Overwriting.OVERWRITE
    assert (open_project(path) == digits()) != overwritten
    assert other.exists() == (answer is Overwriting.SAVE_AS)
    assert driver.window.isWindowModified() == (answer is Overwriting.CANCEL)
    driver.choose("save")
    assert len(asked) == (2 if answer is Overwriting.CANCEL else 1)
