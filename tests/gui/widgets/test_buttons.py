"""Buttons as they look, sound and take the focus."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QSpinBox, QWidget

from gui.widgets.buttons import action_button, text_button


def test_a_button_has_a_name_and_takes_the_focus_where_it_is_wanted(window: QWidget) -> None:
    kept = text_button("a", "✕", spoken="Close message")
    taken = text_button("b", "Load…", takes_focus=True)
    row = QHBoxLayout(window)
    for button, heard in ((taken, "Load"), (kept, "Close message")):
        assert button.accessibleName() == heard
        row.addWidget(button)
    window.show()
    window.activateWindow()
    for button in (taken, kept):
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert window.focusWidget() is taken


def test_an_action_disabled_for_a_moment_keeps_the_focus(window: QWidget) -> None:
    action = QAction("&Batch")
    button, field, last = action_button(action), QSpinBox(), QSpinBox()
    assert button.accessibleName() == "Batch"
    row = QHBoxLayout(window)
    for widget in (button, field, last):
        row.addWidget(widget)
    window.show()
    window.activateWindow()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    assert window.focusWidget() is button
    action.setEnabled(False)
    assert not button.isEnabled()
    QTest.keyClicks(window.focusWidget(), "5")
    assert field.value() == 0
    QTest.keyClick(button, Qt.Key.Key_Tab)  # to go on is possible
    action.setEnabled(True)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Tab)
    assert window.focusWidget() is field
