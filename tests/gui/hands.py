"""What a hand does with a part of a window."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QComboBox, QLineEdit, QWidget

from gui.widgets.drawing_canvas import DrawingCanvas


def click(widget: QWidget) -> None:
    """Click the middle of a widget."""
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton)


def stroke(canvas: DrawingCanvas, *shares: tuple[float, float]) -> None:
    """Draw from point to point, given as shares of the canvas."""
    left, side = Qt.MouseButton.LeftButton, canvas.square().width()
    points = [QPoint(int(x * side), int(y * side)) for x, y in shares]
    QTest.mousePress(canvas, left, pos=points[0])
    for point in points[1:]:
        QTest.mouseMove(canvas, point)
    QTest.mouseRelease(canvas, left, pos=points[-1])


def type_into(field: QWidget, text: str, *, enter: bool = True) -> None:
    """Replace what a field says, and press Enter, or leave it as it is being typed."""
    field.setFocus()
    edit = field.lineEdit() if isinstance(field, QComboBox) else field
    assert isinstance(edit, QAbstractSpinBox | QLineEdit)
    edit.selectAll()
    QTest.keyClicks(edit, text)
    if enter:
        QTest.keyClick(edit, Qt.Key.Key_Return)
