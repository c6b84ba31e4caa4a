"""Buttons as they look, sound and take the focus."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from gui.widgets.buttons import OfferButton, action_button, text_button


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


def test_an_action_that_is_disabled_for_a_moment_keeps_the_focus_at_its_button(
    qtbot: QtBot, window: QWidget
) -> None:
    action = QAction("&Batch")
    button, field, last = action_button(action), QSpinBox(), QSpinBox()
    row = QHBoxLayout(window)
    for widget in (button, field, last):
        row.addWidget(widget)
    window.show()
    window.activateWindow()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.focusWidget() is button
    action.setEnabled(False)
    QTest.keyClicks(window.focusWidget(), "5")
    assert field.value() == 0
    QTest.keyClick(button, Qt.Key.Key_Tab)  # to go on is possible
    action.setEnabled(True)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Tab)
    assert window.focusWidget() is field


def test_an_offer_asks_for_its_whole_text_and_can_be_narrower(qtbot: QtBot) -> None:
    button = OfferButton(2, "repair")
    qtbot.addWidget(button)
    button.setText("Put Flatten && Dense before it")
    text = button.fontMetrics().horizontalAdvance("Put Flatten & Dense before it")
    assert button.objectName() == "repair.2"
    assert text < button.sizeHint().width() < text + 40
    assert button.minimumSizeHint().width() < text / 2
    assert button.minimumSizeHint().height() == button.sizeHint().height()
