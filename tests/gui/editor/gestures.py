"""Mouse gestures on the editor, step by step, as a hand makes them."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from gui.editor.block_list import BlockList
from tests.gui.finding import not_none

LEFT = Qt.MouseButton.LeftButton


def row_point(blocks: BlockList, row: int, share: float = 0.5) -> QPoint:
    """Find the point in the middle of a row, or at another share of its height."""
    rect = blocks.visualRect(blocks.model().index(row, 0))
    return QPoint(rect.center().x(), rect.y() + round(rect.height() * share))


def click_row(
    blocks: BlockList, row: int, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier
) -> None:
    QTest.mouseClick(blocks.viewport(), LEFT, modifier, row_point(blocks, row))


def pull(widget: QWidget, *way: QPoint) -> None:
    """Press at the first point and move to the others, without a release."""
    QTest.mousePress(widget, LEFT, pos=way[0])
    for point in way[1:]:
        QTest.mouseMove(widget, point)


def drag(widget: QWidget, *way: QPoint) -> None:
    """Press at the first point, move to the others, and let go at the last."""
    pull(widget, *way)
    QTest.mouseRelease(widget, LEFT, pos=way[-1])


def press(*keys: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press keys where the focus is."""
    for key in keys:
        QTest.keyClick(not_none(QApplication.focusWidget()), key, modifier)
        QApplication.processEvents()


def write(text: str) -> None:
    """Type letters where the focus is."""
    for letter in text:
        QTest.keyClicks(not_none(QApplication.focusWidget()), letter)
