"""CurvePicture: a function and its derivative, with a point where a value stands."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from engine.explain.explanation import FunctionCurve
from gui.theme import GRID, KIND_COLOURS, colours_of, small_font
from gui.widgets.number_words import short

LEAST_HEIGHT = 12 * GRID  # px high
_STEEPEST = 1.5  # times the largest value of the curve that its slope is drawn to


class CurvePicture(QWidget):
    """A function and its derivative, with a point where the value stands."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.curve: FunctionCurve | None = None
        self._ends = (0.0, 1.0)  # values at the bottom and at the top
        self.setFont(small_font())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumHeight(LEAST_HEIGHT)

    def show_curve(self, curve: FunctionCurve) -> None:
        """Draw another curve."""
        self.curve, self._ends = curve, _ends_of(curve)
        x, y = curve.point
        self.setAccessibleName(
            f"{curve.name} at {short(x)} is {short(y)}, its slope {short(curve.point_slope)}"
        )
        self.update()

    def point_position(self) -> QPointF:
        """Where the point lies in this widget."""
        assert self.curve is not None
        return self._at(*self.curve.point)

    def sizeHint(self) -> QSize:
        return QSize(20 * GRID, LEAST_HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        curve = self.curve
        if curve is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().base())
        painter.setPen(self.palette().mid().color())
        painter.drawLine(self._at(curve.x[0], 0), self._at(curve.x[-1], 0))
        solid, dashed = QColor(KIND_COLOURS["Activation"]), QColor(colours_of(self.palette()).train)
        self._paint_line(painter, curve.y, QPen(solid, 1.5))
        self._paint_line(painter, curve.slope, QPen(dashed, 1.5, Qt.PenStyle.DashLine))
        mark = QColor(KIND_COLOURS["Dense"])
        painter.setBrush(mark)
        painter.setPen(mark)
        painter.drawEllipse(self.point_position(), 4, 4)
        painter.drawEllipse(self._at(curve.point[0], curve.point_slope), 3, 3)
        painter.setPen(self.palette().text().color())
        texts = f"— {curve.name}   - - {curve.slope_name}"
        painter.drawText(self.rect().adjusted(4, 2, -4, -2), Qt.AlignmentFlag.AlignTop, texts)

    def _paint_line(self, painter: QPainter, values: np.ndarray, pen: QPen) -> None:
        assert self.curve is not None
        painter.setPen(pen)
        low, high = self._ends
        seen = (values >= low) & (values <= high)
        points = [self._at(x, y) for x, y in zip(self.curve.x[seen], values[seen], strict=True)]
        painter.drawPolyline(QPolygonF(points))

    def _at(self, x: float, y: float) -> QPointF:
        """Return the px of a point of the diagram, kept inside it."""
        curve = self.curve
        assert curve is not None
        top = self.fontMetrics().height() + 4
        area = QRectF(6, top, self.width() - 12, self.height() - top - 6)
        low, high = self._ends
        across = (x - curve.x[0]) / (curve.x[-1] - curve.x[0])
        up = (y - low) / max(high - low, 1e-12)
        return QPointF(
            area.left() + min(max(float(across), 0.0), 1.0) * area.width(),
            area.bottom() - min(max(float(up), 0.0), 1.0) * area.height(),
        )


def _ends_of(curve: FunctionCurve) -> tuple[float, float]:
    """Return the values at the bottom and at the top of the diagram."""
    y, slope = curve.y, curve.slope
    # A slope may be far steeper than the curve is high: it must not press that flat.
    most = _STEEPEST * float(np.abs(y).max())
    low = float(min(y.min(), max(slope.min(), -most), 0))
    return low, float(max(y.max(), min(slope.max(), most)))
