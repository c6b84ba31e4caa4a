"""SumLine: the products in a line with their sum, and the lines that lead to them and on."""

import math
from collections.abc import Sequence

from PySide6.QtCore import (
    QElapsedTimer,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    QVariantAnimation,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
    QRegion,
)
from PySide6.QtWidgets import QLabel, QWidget

from engine.explain.convolution import Step
from engine.explain.indices import Index
from gui.glass.titled_grid import TitledGrid
from gui.glass.written_sums import CellSum, Summand, all_of, power_of_ten
from gui.theme import GRID, KIND_COLOURS, may_move, readable
from gui.widgets.colour_scale import table_for
from gui.widgets.labels import plain_tooltip
from gui.widgets.number_words import short
from gui.widgets.typesetting import resized

MILLISECONDS = 200  # in which the products fall and the sum goes into its cell
WINDOW = KIND_COLOURS["Dense"]
_FALLING = 0.6  # of that time
_SHARE = 0.4, 0.68  # of the width that the summands take at most, as the sum beside them is long
_MARGIN = 4.0  # px between a line and what it leads to
_HEAD = 5.0  # px that the head of the arrow is long
_SEAM = 0.75  # px, on each side of a line


class FinishedCell(QLabel):
    """The finished cell in large figures, as its summands add up; its text has all the digits."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("glass.sum")
        self.setAccessibleName("The finished cell")
        self._brief = ""

    def show_value(self, found: CellSum, step: Step, times: float) -> None:
        """Show a sum so many times as large as text; where one points, its terms are told."""
        self._brief = found.total + power_of_ten(found.exponent)
        self.setText(short(step.value, 7))
        self.setToolTip(plain_tooltip(all_of(step)))
        font = resized(self, times)
        font.setWeight(QFont.Weight.Bold)
        self.setFont(font)
        self.resize(self.sizeHint())
        self.update()

    def sizeHint(self) -> QSize:
        metrics = QFontMetricsF(self.font())
        across = metrics.horizontalAdvance(self._brief) + 2
        return QSize(math.ceil(across), math.ceil(metrics.height()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(_orange(self.palette()))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._brief)


class SumLine(QWidget):
    """Lies over the maps: from the window to its cells, from the products to the finished cell.

    Each product has its place: while the window slides, only the numbers change. The pointer goes
    to what lies below.
    """

    def __init__(self, parts: Sequence[TitledGrid], parent: QWidget) -> None:
        """Lie over the parent, on its map, the window, the factors and the result."""
        super().__init__(parent)
        self._parent = parent
        self._sheet, self._patch, self._factors, self._result = parts
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.sum = FinishedCell(parent)
        self.found: CellSum | None = None
        self._step: Step | None = None
        self._told: Sequence[Summand] = ()  # of the summands, those that are not zero
        self._places: list[QRectF] = []
        self._equals = QRectF()
        self._marked: Index | None = None
        self._since = QElapsedTimer()
        self._motion = QVariantAnimation(self, duration=MILLISECONDS)
        self._motion.setStartValue(0.0)
        self._motion.setEndValue(1.0)
        self._motion.valueChanged.connect(self.update)
        self._motion.finished.connect(self.update)

    def lines_of(self, found: CellSum) -> int:
        """Return for how many lines of a sum there is room: for what is zero, too."""
        return 1 + round(self._flow(found.summands)[-1].top() / self._line_height())

    def height_for(self, found: CellSum) -> int:
        """Return the px that a sum takes down."""
        high = self.lines_of(found) * self._line_height()
        return math.ceil(max(high, self.sum.sizeHint().height()))

    def show_sum(self, found: CellSum, step: Step, top: int) -> None:
        """Lay a sum out below the parts, which end at `top`."""
        self.found, self._step = found, step
        told = [each for each in found.summands if each.value or each.cell is None]
        self._told = told or found.summands[:1]
        self.setAccessibleDescription(found.words)
        places, high = self._flow(self._told), self.height_for(found)
        across = max(place.right() for place in places)
        ending = QFontMetricsF(self.font()).horizontalAdvance(self._ending())
        below_map = min(self._result.x(), self.width() - self.sum.width())
        most = below_map - across - ending  # so that the sum is there, and whole
        start = max(0.0, min(float(self._patch.x()), most))
        below = top + (high - places[-1].bottom()) / 2
        self._places = [place.translated(start, below) for place in places]
        self._equals = QRectF(start + across, top, ending, high)
        y = top + (high - self.sum.height()) / 2
        self.sum.move(round(self._equals.right()), round(y))
        self.update()

    def _flow(self, summands: Sequence[Summand]) -> list[QRectF]:
        """Return the places of the summands, line by line."""
        metrics, line = QFontMetricsF(self.font()), self._line_height()
        rest = self.width() - metrics.horizontalAdvance(self._ending()) - self.sum.width()
        most = min(max(rest, _SHARE[0] * self.width()), _SHARE[1] * self.width())
        slot = metrics.horizontalAdvance(" − 0.00")
        left, y, places = 0.0, 0.0, list[QRectF]()
        for each in summands:
            width = max(slot if each.cell else 0, metrics.horizontalAdvance(f" − {each.words}"))
            if places and left + width > most:
                left, y = 0.0, y + line
            places.append(QRectF(left, y, width, line))
            left += width
        return places

    def let_fall(self, moves: bool) -> None:
        """Show how the sum comes about, unless steps follow each other too fast for that."""
        self._motion.stop()
        if moves:
            late = not self._since.isValid() or self._since.elapsed() > MILLISECONDS
            self._since.start()
            if late and may_move():
                self._motion.start()

    def mark(self, cell: Index | None) -> None:
        """Frame the product of a cell of the window."""
        if cell != self._marked:
            self._marked = cell
            self.update()

    def cell_at(self, point: QPointF) -> Index | None:
        """Return of which cell of the window the product at a point is."""
        for each, place in zip(self._told, self._places, strict=True):
            if place.contains(point):
                return each.cell
        return None

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.found is None or self._step is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_zoom(painter, self._step)
        running = self._motion.state() == QVariantAnimation.State.Running
        gone = float(self._motion.currentValue()) if running else 1.0
        painter.setFont(self.font())
        for each, place in zip(self._told, self._places, strict=True):
            self._paint_summand(painter, each, place, min(1.0, gone / _FALLING))
        painter.setPen(self.palette().text().color())
        painter.drawText(self._equals, Qt.AlignmentFlag.AlignVCenter, self._ending())
        self._paint_arrow(painter, self._step, (gone - _FALLING) / (1 - _FALLING))

    def _paint_zoom(self, painter: QPainter, step: Step) -> None:
        """Lead from the corners of the window to those of its cells."""
        small = self._seen(self._sheet, self._sheet.grid.cells().cell(*step.window))
        large = self._seen(self._patch, self._patch.grid.cells().area)
        pen = QPen(_orange(self.palette()), 1.5, Qt.PenStyle.DotLine, Qt.PenCapStyle.RoundCap)
        title = self._sheet.title
        name = QRect(title.mapTo(self._parent, QPoint()), title.size())
        painter.save()
        painter.setClipRegion(QRegion(self.rect()) - QRegion(name))
        for begin, end in (
            (small.topRight(), large.topLeft()),
            (small.bottomRight(), large.bottomLeft()),
        ):
            path = QPainterPath(begin)
            path.lineTo(end - QPointF(_MARGIN, 0))
            self._paint_line(painter, path, pen)
        painter.restore()

    def _paint_line(self, painter: QPainter, path: QPainterPath, pen: QPen) -> None:
        """Draw a line in a seam of the ground, so that it is seen on any map."""
        painter.setBrush(Qt.BrushStyle.NoBrush)
        seam = QPen(self.palette().base(), pen.widthF() + 2 * _SEAM)
        for each in (seam, pen):
            painter.setPen(each)
            painter.drawPath(path)

    def _paint_summand(
        self, painter: QPainter, each: Summand, place: QRectF, fallen: float
    ) -> None:
        painter.setPen(self._ink(each))
        words = f"{each.sign} {each.words}"
        if place is self._places[0]:
            words = words.removeprefix("+ ").replace("− ", "−")
            words = f"({words}" if self.found is not None and self.found.exponent else words
        words = words if each.cell else f" {words}"
        if each.cell is not None and fallen < 1:
            from_ = self._seen(self._factors, self._factors.grid.cells().cell(*each.cell)).center()
            place = place.translated((from_ - place.center()) * (1 - fallen * fallen))
        if each.cell is not None and each.cell == self._marked:
            painter.setPen(QPen(_orange(self.palette()), 1.5))
            painter.drawRoundedRect(place.adjusted(2, 2, 2, -2), 3, 3)
            painter.setPen(self._ink(each))
        side = Qt.AlignmentFlag.AlignLeft if each.cell is None else Qt.AlignmentFlag.AlignRight
        painter.drawText(place, side | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_arrow(self, painter: QPainter, step: Step, gone: float) -> None:
        """Lead from the sum to its cell; on the way, it is a dot."""
        grid = self._result.grid
        cell = self._seen(self._result, grid.cells().cell(step.row, step.column))
        sum_ = QRectF(self.sum.geometry())
        tip = QPointF(cell.center().x(), cell.bottom() + 1)
        beside = sum_.right() + 2 * _MARGIN < tip.x()
        begin = (
            QPointF(sum_.right() + _MARGIN, sum_.center().y())
            if beside
            else QPointF(sum_.center().x(), sum_.top())
        )
        path = QPainterPath(begin)
        path.quadTo(QPointF(tip.x(), begin.y()), tip)
        colour = _orange(self.palette())
        self._paint_line(painter, path, QPen(colour, 2.0))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        back = tip + QPointF(0, 1.6 * _HEAD)
        painter.drawPolygon(QPolygonF([tip, back - QPointF(_HEAD, 0), back + QPointF(_HEAD, 0)]))
        if 0 < gone < 1:
            painter.drawEllipse(path.pointAtPercent(gone), _HEAD, _HEAD)

    def _ink(self, each: Summand) -> QColor:
        """Return the colour of a number: what is a product has that of its sign."""
        if each.value == 0 or each.name == "bias":
            return self.palette().placeholderText().color()
        end = table_for("CET-D1", self.palette())[-1 if each.value > 0 else 0]
        ground = self.palette().color(QPalette.ColorRole.Base)
        return readable(QColor(*(int(part) for part in end)), ground)

    def _ending(self) -> str:
        factor = "" if self.found is None else power_of_ten(self.found.exponent)
        return f"){factor} = " if factor else " = "

    def _line_height(self) -> float:
        return QFontMetricsF(self.font()).height() + GRID / 2

    def _seen(self, part: TitledGrid, area: QRectF) -> QRectF:
        """Return where an area of a grid lies here."""
        return area.translated(QPointF(part.grid.mapTo(self._parent, QPointF())))


def _orange(palette: QPalette) -> QColor:
    return readable(QColor(WINDOW), palette.color(QPalette.ColorRole.Base))
