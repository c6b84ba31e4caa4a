"""Help > Show log, with a log and where there is none yet."""

import logging
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QFontInfo
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QPushButton

from engine.log import log_path, start_log, stop_log
from gui.help.about import NONE_YET, LogWindow
from tests.gui.driving import Driver

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture(autouse=True)
def no_log(driver: Driver, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Let there be no log yet."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))


def shown(driver: Driver) -> LogWindow:
    driver.choose("show_log")
    (found,) = driver.window.findChildren(LogWindow)
    driver.wait(found.isActiveWindow)
    return found


def write_log(lines: int) -> None:
    start_log()
    for number in range(lines):
        logging.getLogger("gui").info("line %d", number)
    stop_log()


def test_where_there_is_no_log_it_says_so_and_later_shows_its_end(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    window, text = shown(driver), driver.find(QPlainTextEdit, "log.text")
    assert text.placeholderText() == NONE_YET
    assert not driver.find(QPushButton, "log.copy").isEnabled()
    driver.press(Qt.Key.Key_Escape)
    assert not window.isVisible()
    write_log(300)
    assert shown(driver) is window
    assert text.toPlainText() == log_path().read_text("utf-8").rstrip()
    assert text.isReadOnly()
    assert QFontInfo(text.font()).fixedPitch()
    bar = text.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    assert window.where.text() == str(log_path())
    assert window.windowTitle() == "Log", "Qt adds the name of the program, as to all dialogs"
    driver.click("log.copy")
    assert QApplication.clipboard().text() == text.toPlainText()
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    driver.click("log.folder")
    assert [Path(url.toLocalFile()) for url in opened] == [log_path().parent]
    driver.click("log_window.close")
    assert not window.isVisible()
