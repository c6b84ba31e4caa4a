"""The line that says which kept runs have to go."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from gui.window.room_bar import RoomBar
from tests.gui.finding import named

LONG = "There is little room left for runs: “a” will be deleted. Pin it, or give them more room."


def test_it_is_there_with_its_button_until_it_is_closed(qtbot: QtBot) -> None:
    bar, kept = RoomBar(), list[bool]()
    qtbot.addWidget(bar)
    bar.kept.connect(lambda: kept.append(True))
    assert bar.isHidden()
    bar.offer("Keep it", LONG)
    button = named(bar, QToolButton, "room.keep")
    assert (bar.text.text(), button.text(), bar.isVisible()) == (LONG, "Keep it", True)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert kept == [True]
    QTest.mouseClick(named(bar, QToolButton, "room.close"), Qt.MouseButton.LeftButton)
    assert (bar.isHidden(), bar.text.text()) == (True, "")


def test_what_was_closed_is_not_said_again_until_it_is_new(qtbot: QtBot) -> None:
    bar, seen = RoomBar(), list[bool]()
    qtbot.addWidget(bar)
    close = named(bar, QToolButton, "room.close")

    def say(text: str) -> None:
        bar.offer("Keep it", text)
        seen.append(bar.isVisible())

    say("“a” will be deleted.")
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    say("“a” will be deleted.")
    say("“b” will be deleted.")
    say("“a” will be deleted.")
    QTest.mouseClick(close, Qt.MouseButton.LeftButton)
    bar.clear()  # it stays; then it is to go after all
    say("“a” will be deleted.")
    assert seen == [True, False, True, True, True]


def test_it_is_as_high_as_its_text_needs_in_little_room(qtbot: QtBot) -> None:
    bar = RoomBar()
    qtbot.addWidget(bar)
    bar.offer("Keep it", LONG)
    beside = bar.sizeHint().width() - bar.text.sizeHint().width()
    needed = bar.text.fontMetrics().horizontalAdvance(LONG)
    narrow = bar.heightForWidth(beside + needed // 3)  # where it has three lines or more
    assert narrow >= 3 * bar.text.fontMetrics().lineSpacing()
    assert bar.heightForWidth(beside + 2 * needed) < narrow
