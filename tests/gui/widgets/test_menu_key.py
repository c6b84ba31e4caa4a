"""The second key for menus."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.main_window import ask_for_menu
from tests.gui.waiting import wait_until


class Asked(QWidget):
    """Notes where its menu was asked for."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.asked: list[QPoint] = []

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        assert event.reason() == QContextMenuEvent.Reason.Keyboard
        self.asked.append(event.globalPos())


def test_it_asks_what_has_the_focus_or_what_that_is_in(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    QShortcut(QKeySequence("Shift+F10"), window, ask_for_menu)
    part, other = Asked(window), QLabel(window)
    button = QPushButton(part)
    column = QVBoxLayout(window)
    column.addWidget(part)
    column.addWidget(other)
    window.show()
    window.activateWindow()
    wait_until(window.isActiveWindow)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert part.asked == [button.mapToGlobal(button.rect().center())]
