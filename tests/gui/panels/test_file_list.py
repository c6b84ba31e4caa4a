"""The list of files: what it says of each, in a line."""

from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from gui.panels.data import FileList

FILES = ("cat/1.png", "dog/2.png", "dog/3\n.png")
REFUSED = {"cat/1.png": "It is cut off.", "dog/3\n.png": "It is empty."}


def test_each_file_has_a_line_with_why_it_was_refused(qtbot: QtBot) -> None:
    files = FileList()
    qtbot.addWidget(files)
    assert files.isHidden()
    files.show_files("3 files", FILES, REFUSED)
    lines = files.view.toPlainText().splitlines()
    assert lines == ["cat/1.png: It is cut off.", "dog/2.png", "dog/3 .png: It is empty."]
    for close in files.findChildren(QToolButton, "files.close"):
        close.click()
    assert files.isHidden()
