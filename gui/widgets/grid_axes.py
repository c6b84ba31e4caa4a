"""The numbers of rows and columns along the edges of a grid of cells, from 1."""

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPalette

from gui.widgets.cell_layout import CellLayout

_STEPS = (1, 2, 5, 10, 20, 50, 100)  # cells from one number to the next


def paint_axes(painter: QPainter, cells: CellLayout, palette: QPalette) -> None:
    """Number rows and columns, as many of them as there is room for."""
    painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
    metrics = QFontMetricsF(painter.font())
    room, line = metrics.horizontalAdvance("00") + 2, metrics.height()
    apart = metrics.horizontalAdvance("000")
    step = next((step for step in _STEPS if step * cells.scale >= apart), _STEPS[-1])
    most = max(cells.rows, cells.columns)
    for number in range(1, most + 1, step) if step < 5 else (1, *range(step, most + 1, step)):
        if number <= cells.columns:
            cell = cells.cell(0, number - 1)
            above = QRectF(cell.center().x() - room, cell.top() - line, 2 * room, line)
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, str(number))
        if number <= cells.rows:
            cell = cells.cell(number - 1, 0)
            beside = QRectF(0, cell.center().y() - line / 2, cell.left() - 2, line)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            painter.drawText(beside, right, str(number))
