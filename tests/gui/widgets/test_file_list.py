"""The list of files: what Copy takes, and which folder is shown."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.panels.data_findings import FileList
from tests.gui.showing import on_screen

FILES = ("cat/1.png", "dog/2.png", "dog/3\n.png")
REMARKS = ("It is cut off.", "", "It is empty.")
LINES = ["cat/1.png: It is cut off.", "dog/2.png", "dog/3 .png: It is empty."]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that were opened."""
    folders: list[str] = []

    def open_url(url: QUrl) -> bool:
        folders.append(url.toLocalFile())
        return True

    monkeypatch.setattr(QDesktopServices, "openUrl", open_url)
    return folders


@pytest.fixture
def files(qtbot: QtBot, tmp_path: Path) -> FileList:
    for file in FILES:
        (tmp_path / file).parent.mkdir(exist_ok=True)
    made = FileList()
    made.show_files("3 files", FILES, REMARKS, tmp_path)
    return on_screen(qtbot, made, 300, 200)


def select(files: FileList, *rows: int) -> None:
    for row in rows:
        place = files.view.visualRect(files.view.model().index(row, 0)).center()
        with_ctrl = Qt.KeyboardModifier.ControlModifier
        QTest.mouseClick(files.view.viewport(), Qt.MouseButton.LeftButton, with_ctrl, place)


def test_copy_takes_all_lines_or_the_selected_ones(files: FileList) -> None:
    assert files.lines() == LINES
    QTest.mouseClick(files.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "\n".join(LINES)
    select(files, 2, 0)
    QTest.mouseClick(files.copy_button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "\n".join([LINES[0], LINES[2]])


def test_the_keys_of_copy_do_so_too(qtbot: QtBot, files: FileList) -> None:
    files.activateWindow()
    qtbot.waitUntil(files.isActiveWindow)
    select(files, 1)
    files.view.setFocus()
    QTest.keyClick(files.view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == LINES[1]


def test_the_folder_of_the_current_file_is_shown(
    files: FileList, opened: list[str], tmp_path: Path
) -> None:
    QTest.mouseClick(files.folder_button, Qt.MouseButton.LeftButton)
    select(files, 1)
    QTest.mouseClick(files.folder_button, Qt.MouseButton.LeftButton)
    assert opened == [str(tmp_path / "cat"), str(tmp_path / "dog")]


def test_of_an_archive_its_own_folder_is_shown(
    files: FileList, opened: list[str], tmp_path: Path
) -> None:
    (tmp_path / "all.zip").touch()
    files.show_files("3 files", FILES, REMARKS, tmp_path / "all.zip")
    QTest.mouseClick(files.folder_button, Qt.MouseButton.LeftButton)
    assert opened == [str(tmp_path)]
