"""The axes of a plot: numbers at round places, or labels at places of their own."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QGraphicsItem

from gui.theme import GRID, small_font
from gui.widgets.scales import Ticks, linear_ticks, log_ticks

_DOT = 2.5  # px, half of a point
SAMPLE = 12  # px of a piece of the curve before its label
_BETWEEN = 7 * GRID  # px from tick to tick at the bottom, at least
WIDEST = "5.5e−55"  # the axis has room for it whatever is shown, or the curves would jump
_TRIES = 100  # ticks; a range of no width has never two
_FAINT = 0.45  # how much of its colour the label of a hidden curve keeps


class NumberAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis with round numbers, as this program writes them; linear or logarithmic."""

    def __init__(self, side: Literal["left", "bottom"], widest: str = WIDEST) -> None:
        """Make an axis with room for a number of that width, if it is on the left."""
        super().__init__(side)
        self.enableAutoSIPrefix(False)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self._widest = widest
        self._texts: list[str] = []
        self.take_font()

    def take_font(self) -> None:
        """Write in the small font as it is now, and have room for it."""
        metrics = self._metrics = QFontMetricsF(small_font())
        self._line = metrics.height()
        self.setStyle(tickFont=small_font(), tickLength=-3, tickTextOffset=3)
        if self.orientation == "left":
            self.setWidth(math.ceil(metrics.horizontalAdvance(self._widest) + self._line + 3))
        else:
            self.setHeight(round(self._line + GRID / 2))

    def show_numbers(self, shown: bool) -> None:
        """Write the numbers at the ticks, or leave their places empty."""
        if self.style["showValues"] != shown:
            self.setStyle(showValues=shown)

    def paint(self, painter: QPainter, option: object, widget: object) -> None:
        """Draw the axis; into a file not from a kept picture, which has the size of a screen."""
        if self._exportOpts is False:
            super().paint(painter, option, widget)
        else:
            self.drawPicture(painter, *self.generateDrawSpecs(painter))

    def resizeEvent(self, event: object = None) -> None:
        """Draw all anew: Qt would leave in the kept picture what was drawn in the former size."""
        super().resizeEvent(event)
        self.picture = None
        self.setCacheMode(QGraphicsItem.CacheMode.NoCache)
        self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Choose the values that are marked between two ends on so many px."""
        most = max(2, int(size / (_BETWEEN if self.orientation == "bottom" else 2.5 * self._line)))
        across, low, high = high - low, low * self.scale, high * self.scale
        if self.scale != 1:  # something is counted: only whole numbers
            found = linear_ticks(low, high, max(1, min(most, int(high - low))))
        else:
            found = _two_ticks(low, high, most, self.logMode)
        places = [math.log10(value) if self.logMode else value / self.scale for value, _ in found]
        if self.orientation == "bottom":
            places, found = self._not_touching(places, found, size / across)
        self._texts = [text for _, text in found]
        return [(1.0, places)]

    def _not_touching(
        self, places: list[float], ticks: Ticks, scale: float
    ) -> tuple[list[float], Ticks]:
        """Leave out ticks whose numbers would touch the one before, if two are left.

        `scale` are the px of one of the view.
        """
        kept, end = list[int](), -math.inf
        for place, (at, (_, text)) in enumerate(zip(places, ticks, strict=True)):
            half = self._metrics.horizontalAdvance(text) / 2
            if at * scale - half >= end:
                kept.append(place)
                end = at * scale + half + GRID / 2
        if len(kept) < 2:
            return places, ticks
        return [places[place] for place in kept], [ticks[place] for place in kept]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Write the values that `tickValues` chose."""
        return self._texts


def _two_ticks(low: float, high: float, most: int, log: bool) -> Ticks:
    """Choose about so many ticks, but two at least: one alone says nothing of the scale."""
    found: Ticks = []
    while len(found) < 2 and most < _TRIES:
        found = log_ticks(10**low, 10**high, most) if log else linear_ticks(low, high, most)
        most += 1
    return found


@dataclass(frozen=True)
class Label:
    """A text at a place of an axis; with a `line`, a piece of that curve stands before it.

    `at` is in the view's coordinates. That of a curve of points alone is dotted, that of a hidden
    curve is faint.
    """

    key: str
    at: float
    text: str
    ink: QColor
    line: QColor | None = None
    bold: bool = False
    dotted: bool = False
    faint: bool = False


class LabelAxis(pg.AxisItem):  # type: ignore[misc]
    """An axis whose labels stand where they are wanted, and move apart where they would meet.

    Where there is no room for all of them, the last line says how many more there are.
    """

    clicked = Signal(str)

    def __init__(self, side: Literal["left", "right"], *, moves: bool = True) -> None:
        """Make an axis without labels, whose labels may move or not."""
        super().__init__(side)
        self.enableAutoSIPrefix(False)  # else it writes an empty title anew with every range
        self._moves = moves
        self._labels: tuple[Label, ...] = ()
        self.take_font()

    def take_font(self) -> None:
        """Write in the small font as it is now; give up the room that another one needed."""
        # Kept, for the labels are written anew with every drawing.
        self._fonts = {bold: small_font(bold=bold) for bold in (False, True)}
        self._metrics = {each: QFontMetricsF(font) for each, font in self._fonts.items()}
        self.setWidth(0)

    def labels(self) -> tuple[Label, ...]:
        """The labels that are shown."""
        return self._labels

    def set_labels(self, labels: Sequence[Label]) -> None:
        """Show other labels."""
        if tuple(labels) != self._labels:
            self._labels = tuple(labels)
            self.update()

    def room(self) -> int:
        """Return the px that the longest label needs."""
        return math.ceil(max((self._width(label) for label in self._labels), default=0.0))

    def boxes(self) -> list[tuple[Label, QRectF]]:
        """Where each text stands, in px of this axis, but those that are left out."""
        height = self._metrics[False].height()
        area = self._area()
        shown = self._labels[: self._most()]
        if self.left_out():
            area.setBottom(self._last_line().top())
        found = sorted((self._y(label.at, area), place) for place, label in enumerate(shown))
        ends = [end for end, _ in found]
        ordered = [shown[place] for _, place in found]
        places = moved_apart(ends, height, area.top(), area.bottom()) if self._moves else ends
        return [
            (label, QRectF(area.left(), place - height / 2, area.width(), height))
            for label, place in zip(ordered, places, strict=True)
        ]

    def left_out(self) -> tuple[Label, ...]:
        """Return the labels that there is no room for: the last ones."""
        return self._labels[self._most() :]

    def left_out_at(self, place: QPointF) -> tuple[Label, ...]:
        """Return the labels that are left out, where a place is that of the line that says so."""
        return self.left_out() if self._last_line().contains(place) else ()

    def _most(self) -> int:
        """Return how many labels have a line; if not all have, one is for how many there are."""
        lines = max(1, int(self._area().height() / self._metrics[False].height()))
        count = len(self._labels)
        return lines - 1 if self._moves and count > lines else count

    def _last_line(self) -> QRectF:
        area, height = self._area(), self._metrics[False].height()
        return QRectF(area.left(), area.bottom() - height, area.width(), height)

    def paint(self, painter: QPainter, option: object, widget: object) -> None:
        """Write the labels."""
        area = self._area()
        left = self.orientation == "left"
        side = Qt.AlignmentFlag.AlignRight if left else Qt.AlignmentFlag.AlignLeft
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for label, box in self.boxes():
            painter.setOpacity(_FAINT if label.faint else 1.0)
            if label.line is not None:
                _paint_sample(painter, label, QPointF(area.left() + 1, box.center().y()))
                box = box.adjusted(SAMPLE + GRID / 4, 0, 0, 0)
            painter.setFont(self._fonts[label.bold])
            painter.setPen(label.ink)
            inside = box.adjusted(0, 0, -GRID / 2, 0) if left else box.adjusted(GRID / 4, 0, 0, 0)
            painter.drawText(inside, side | Qt.AlignmentFlag.AlignVCenter, label.text)
        painter.setOpacity(1.0)
        if more := len(self.left_out()):
            painter.setFont(self._fonts[False])
            painter.setPen(self._labels[0].ink)
            inside = self._last_line().adjusted(GRID / 4, 0, -GRID / 4, 0)
            painter.drawText(inside, side | Qt.AlignmentFlag.AlignVCenter, f"+{more:,}")

    def mouseClickEvent(self, event: Any) -> None:
        """Say which label was clicked."""
        if event.button() == Qt.MouseButton.LeftButton:
            for label, box in self.boxes():
                if box.contains(event.pos()):
                    event.accept()
                    self.clicked.emit(label.key)
                    return

    def _width(self, label: Label) -> float:
        text = self._metrics[label.bold].horizontalAdvance(label.text) + GRID
        return text + SAMPLE if label.line is not None else text

    def _area(self) -> QRectF:
        return QRectF(self.mapRectFromParent(self.geometry()))

    def _y(self, at: float, area: QRectF) -> float:
        """Say how far below the top a place of the view lies; what is outside lies at its end."""
        bottom, top = self.range
        share = (at - bottom) / (top - bottom) if top != bottom else 0.0
        return area.bottom() - min(1.0, max(0.0, share)) * area.height()


def _paint_sample(painter: QPainter, label: Label, start: QPointF) -> None:
    """Draw a piece of the curve before its label, as the curve looks."""
    assert label.line is not None
    end = start + QPointF(SAMPLE - 2, 0)
    painter.setPen(QPen(label.line, 1 if label.dotted else 2))
    painter.drawLine(start, end)
    if label.dotted:
        painter.setBrush(label.line)
        painter.drawEllipse((start + end) / 2, _DOT, _DOT)
        painter.setBrush(Qt.BrushStyle.NoBrush)


def moved_apart(places: Sequence[float], gap: float, first: float, last: float) -> list[float]:
    """Move ascending places until they lie `gap` apart, between two ends if there is room."""
    moved: list[float] = []
    for place in places:
        least = moved[-1] + gap if moved else first + gap / 2
        moved.append(max(place, least))
    limit = last - gap / 2
    for i in reversed(range(len(moved))):
        moved[i] = min(moved[i], max(limit, first + gap / 2 + i * gap))
        limit = moved[i] - gap
    return moved
