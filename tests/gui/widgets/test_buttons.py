"""Buttons as they look, sound and take the focus."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.widgets.buttons import action_button, text_button


def test_a_button_is_read_aloud_as_its_text_or_as_it_is_told(qtbot: QtBot) -> None:
    for text, spoken, heard in (("Load…", "", "Load"), ("✕", "Close message", "Close message")):
        button = text_button("some.name", text, spoken=spoken)
        qtbot.addWidget(button)
        assert (button.text(), button.accessibleName()) == (text, heard)


def test_a_click_moves_the_focus_only_where_it_is_wanted(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    kept, taken = text_button("a", "a"), text_button("b", "b", takes_focus=True)
    kept.setParent(window)
    taken.setParent(window)
    window.show()
    window.activateWindow()
    for button in (taken, kept):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert window.focusWidget() is taken


def test_a_button_of_an_action_follows_it(qtbot: QtBot) -> None:
    action = QAction("&Undo")
    button = action_button(action)
    qtbot.addWidget(button)
    action.setEnabled(False)
    assert button.accessibleName() == "Undo"
    assert not button.isEnabled()
