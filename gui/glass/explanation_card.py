"""ExplanationCard: why one value is what it is: equation, numbers, table, curve, words."""

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import (
    QFrame,
    QHeaderView,
    QScrollArea,
    QSizePolicy,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from engine.explain.explanation import Explanation, FunctionCurve, Table
from engine.explain.indices import index_words
from gui.glass.notation import pretty
from gui.theme import GRID, KIND_COLOURS, small_font
from gui.widgets.labelled import plain_label
from gui.widgets.numbers import short

MOST_ROWS = 60  # of a table: those with the largest numbers in the last column


class ExplanationCard(QScrollArea):
    """Shows an explanation, and scrolls where it is longer than there is room."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("glass.explanation")
        self.setAccessibleName("Why the chosen value is what it is")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.words = plain_label()
        self.words.setObjectName("glass.words")
        self.words.setWordWrap(True)
        self.words.setFont(small_font())
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.result = plain_label()
        self.result.setObjectName("glass.value")
        bold = small_font()
        bold.setBold(True)
        self.result.setFont(bold)
        self.result.setWordWrap(True)
        self.curve = CurvePicture()
        self.table = QTreeWidget()
        self.table.setObjectName("glass.table")
        self.table.setAccessibleName("Numbers that make the value")
        self.table.setRootIsDecorated(False)
        self.table.setUniformRowHeights(True)
        self.table.setFont(small_font())
        self.table.setMinimumHeight(12 * GRID)
        self.table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GRID // 2)
        for widget in (self.words, self.result, self.curve):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        column.addStretch()
        self.setWidget(inside)
        self.setMinimumWidth(16 * GRID)

    def show_explanation(self, explanation: Explanation) -> None:
        """Show why a value is what it is."""
        lines = [pretty(explanation.title), pretty(explanation.equation)]
        lines += [f"{pretty(n.label)} = {short(n.value, 6)}" for n in explanation.numbers]
        if explanation.note:
            lines.append(pretty(explanation.note))
        self.words.setText("\n".join(lines))
        result = explanation.result
        self.result.setText(f"{pretty(result.label)} = {short(result.value, 7)}")
        self.result.show()
        self.curve.setVisible(explanation.curve is not None)
        if explanation.curve is not None:
            self.curve.show_curve(explanation.curve)
        self.table.setVisible(explanation.table is not None)
        if explanation.table is not None:
            self._fill(explanation.table)

    def show_words(self, words: str) -> None:
        """Say something that needs no numbers."""
        self.words.setText(words)
        for widget in (self.result, self.curve, self.table):
            widget.hide()

    def _fill(self, table: Table) -> None:
        """List the rows that matter most, largest first, and the one that alone decides on top."""
        weights = np.abs(table.values[:, -1])
        order = np.argsort(-weights, kind="stable")[:MOST_ROWS]
        if table.chosen is not None:
            order = np.concatenate([[table.chosen], order[order != table.chosen]])
        self.table.clear()
        self.table.setColumnCount(len(table.columns) + 1)
        self.table.setHeaderLabels(["place", *(pretty(name) for name in table.columns)])
        for row in order:
            place = index_words(tuple(int(axis) for axis in table.indices[row]))
            numbers = [short(float(value), 4) for value in table.values[row]]
            mark = "▸ " if row == table.chosen else ""
            self.table.addTopLevelItem(QTreeWidgetItem([mark + place, *numbers]))


class CurvePicture(QWidget):
    """A function and its derivative, with a point where the value stands."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._curve: FunctionCurve | None = None
        self.setFont(small_font())
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_curve(self, curve: FunctionCurve) -> None:
        """Draw another curve."""
        self._curve = curve
        x, y = curve.point
        self.setAccessibleName(
            f"{curve.name} at {short(x)} is {short(y)}, its slope {short(curve.point_slope)}"
        )
        self.update()

    def curve(self) -> FunctionCurve | None:
        """The curve that is drawn."""
        return self._curve

    def point_position(self) -> QPointF:
        """Where the point lies in this widget."""
        assert self._curve is not None
        return self._at(*self._curve.point)

    def sizeHint(self) -> QSize:
        return QSize(20 * GRID, 14 * GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        curve = self._curve
        if curve is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().base())
        painter.setPen(self.palette().mid().color())
        painter.drawLine(self._at(curve.x[0], 0), self._at(curve.x[-1], 0))
        solid, dashed = QColor(KIND_COLOURS["Activation"]), QColor(KIND_COLOURS["Convolution"])
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
        assert self._curve is not None
        painter.setPen(pen)
        points = [self._at(x, y) for x, y in zip(self._curve.x, values, strict=True)]
        painter.drawPolyline(QPolygonF(points))

    def _at(self, x: float, y: float) -> QPointF:
        """Return the px of a point of the diagram, kept inside it."""
        curve = self._curve
        assert curve is not None
        top = self.fontMetrics().height() + 4
        area = QRectF(6, top, self.width() - 12, self.height() - top - 6)
        low = float(min(curve.y.min(), curve.slope.min(), 0))
        high = float(max(curve.y.max(), curve.slope.max()))
        across = (x - curve.x[0]) / (curve.x[-1] - curve.x[0])
        up = (y - low) / max(high - low, 1e-12)
        return QPointF(
            area.left() + min(max(float(across), 0.0), 1.0) * area.width(),
            area.bottom() - min(max(float(up), 0.0), 1.0) * area.height(),
        )
