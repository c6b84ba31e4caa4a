"""What a hand does with a part of a window."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QWidget


def click(widget: QWidget) -> None:
    """Click the middle of a widget."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def type_into(field: QWidget, text: str, *, enter: bool = True) -> None:
    """Replace what a field says, and press Enter, or leave it as it is being typed."""
    field.setFocus()
    edit = field.lineEdit() if isinstance(field, QComboBox) else field
    assert isinstance(edit, QAbstractSpinBox | QLineEdit)
    edit.selectAll()
    QTest.keyClicks(edit, text)
    if enter:
        QTest.keyClick(edit, Qt.Key.Key_Return)
