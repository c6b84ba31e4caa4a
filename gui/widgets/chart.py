"""Chart: curves over two axes with their legend, painted on the screen and into files.

Painted here and not by pyqtgraph, because a redraw of its axes and views takes ten times as long
in the interpreter, which is then missing where the network trains.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from gui.theme import GRID, Colours, mixed
from gui.widgets.labels import label_room, paint_labels
from gui.widgets.scales import Scale
from gui.widgets.series import Floats

Data = Literal["train", "test"]
AxisSide = Literal["left", "right"]
MARKED = 60  # a curve of so few points shows each of them
_SAMPLE = 3 * GRID  # px of line in the legend
# Beside the curves there is as much room whatever the numbers are, or they jump when one needs a
# figure more: on the left for the widest text of a tick, on the right so many px.
_WIDEST, _RIGHT_SIDE = "5.5e−55", 6 * GRID
_BETWEEN = 7 * GRID  # px from tick to tick at the bottom, at least
_THICK = 2  # px
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_CENTRED = Qt.AlignmentFlag.AlignCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True)
class Curve:
    """How one curve looks: its colour says which data, its line which quantity.

    A pale curve stands behind the others. A marked one shows its points while they are few. The
    word is its entry in the legend, under a heading; empty, it has none. A curve with a label has
    none either: the label stands beside its end. `ink` is a colour in place of that of the data.
    """

    name: str
    data: Data
    line: Qt.PenStyle = Qt.PenStyle.SolidLine
    axis: AxisSide = "left"
    pale: bool = False
    marked: bool = False
    word: str = ""
    label: str = ""
    ink: str = ""

    def colour(self, colours: Colours) -> QColor:
        """The curve's colour in a theme."""
        colour = QColor(self.ink or (colours.train if self.data == "train" else colours.test))
        return mixed(colour, QColor(colours.window), 0.45) if self.pale else colour


@dataclass(frozen=True)
class Line:
    """The points of a curve, x and y; NaN is a gap.

    With `spread`, two neighbours are the smallest and the largest of many points.
    """

    curve: Curve
    x: Floats
    y: Floats
    spread: bool = False


@dataclass(frozen=True)
class Chart:
    """All that is to be painted. The first line lies under the others; `best` is marked.

    Where there is no right axis, labels have its place.
    """

    lines: tuple[Line, ...]
    legend: dict[str, tuple[Curve, ...]]
    bottom: Scale
    left: Scale
    right: Scale | None
    captions: tuple[str, str, str]  # of the left, bottom and right axis
    best: tuple[float, float] | None = None


@dataclass(frozen=True)
class ChartLayout:
    """Where the parts of a chart lie, in px: the curves, and the words of the legend."""

    plot: QRectF
    entries: tuple[tuple[QRectF, str, Curve | None], ...]

    def x(self, chart: Chart, value: float) -> float:
        """Return where a value of the bottom axis lies."""
        return self.plot.left() + chart.bottom.share(value) * self.plot.width()

    def value(self, chart: Chart, x: float) -> float:
        """Return which value of the bottom axis lies at x."""
        return chart.bottom.value((x - self.plot.left()) / max(1.0, self.plot.width()))

    def y(self, scale: Scale, value: float) -> float:
        """Return where a value of the left or right axis lies."""
        return self.plot.bottom() - scale.share(value) * self.plot.height()


def lay_out(chart: Chart, size: QSizeF, metrics: QFontMetricsF) -> ChartLayout:
    """Place the legend in rows as wide as there is room, and the curves below it."""
    line = metrics.height() + 1
    entries: list[tuple[QRectF, str, Curve | None]] = []
    x, y = 0.0, 0.0
    for heading, curves in chart.legend.items():
        words: list[tuple[str, Curve | None]] = [(heading, None)]
        words += [(curve.word, curve) for curve in curves]
        widths = [
            metrics.horizontalAdvance(word) + (GRID if curve is None else _SAMPLE + GRID * 3 / 2)
            for word, curve in words
        ]
        if x and x + sum(widths) > size.width():
            x, y = 0.0, y + line
        for (word, curve), width in zip(words, widths, strict=True):
            if x and x + width > size.width() + GRID:
                x, y = 0.0, y + line
            entries.append((QRectF(x, y, width, line), word, curve))
            x += width
    top, bottom = (y + line if entries else 0) + GRID, size.height() - line - GRID / 2
    labels = [line.curve.label for line in chart.lines]
    left = math.ceil(metrics.height() + metrics.horizontalAdvance(_WIDEST) + GRID / 2)
    width = size.width() - left - max(_RIGHT_SIDE, label_room(labels, metrics))
    plot = QRectF(left, top, max(1.0, width), max(1.0, bottom - top))
    return ChartLayout(plot, tuple(entries))


def paint_ground(
    painter: QPainter, chart: Chart, layout: ChartLayout, colours: Colours, ratio: float = 0.0
) -> None:
    """Paint what lies behind the curves, in the painter's font: legend, grid, ticks.

    It depends on the legend and the scales of the chart alone. `ratio` as in `paint_curves`.
    """
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    _paint_legend(painter, layout, colours, ratio)
    _paint_axes(painter, chart, layout, colours)


def paint_curves(
    painter: QPainter, chart: Chart, layout: ChartLayout, colours: Colours, ratio: float = 0.0
) -> None:
    """Paint the curves and the mark of the best point.

    With a `ratio` of device px per logical px, thick lines are made of thin ones side by side:
    Qt paints those a hundred times as fast. Without it the lines are true, which files want.
    """
    painter.save()
    painter.setClipRect(layout.plot)
    for line in chart.lines:
        if len(line.x):
            _paint_line(painter, chart, layout, line, colours, ratio)
    painter.restore()
    paint_labels(painter, layout.plot, _ends(chart, layout, colours), colours)
    if chart.best is not None:
        _paint_best(painter, chart, layout, colours)


def _ends(chart: Chart, layout: ChartLayout, colours: Colours) -> list[tuple[float, QColor, str]]:
    """List where lines with a label end, in px from the top, with their colours and labels."""
    found = []
    for line in chart.lines:
        known = np.flatnonzero(np.isfinite(line.y)) if line.curve.label else np.empty(0, int)
        if known.size:
            share = np.nan_to_num(np.clip(chart.left.shares(line.y[known[-1:]]), 0.0, 1.0))[0]
            y = layout.plot.bottom() - float(share) * layout.plot.height()
            found.append((y, line.curve.colour(colours), line.curve.label))
    return found


def _paint_legend(painter: QPainter, layout: ChartLayout, colours: Colours, ratio: float) -> None:
    for box, word, curve in layout.entries:
        painter.setPen(QColor(colours.text if curve else colours.muted))
        if curve is None:
            painter.drawText(box, _LEFT, word)
            continue
        text = box.adjusted(_SAMPLE + GRID / 2, 0, GRID, 0)
        painter.drawText(text, _LEFT, word)
        middle = box.center().y()
        sample = [QPointF(box.left(), middle), QPointF(box.left() + _SAMPLE, middle)]
        _stroke(painter, QPolygonF(sample), curve, colours, ratio)
        if curve.marked:
            _dots(painter, QPolygonF([QPointF(box.left() + _SAMPLE / 2, middle)]), curve, colours)


def _paint_axes(painter: QPainter, chart: Chart, layout: ChartLayout, colours: Colours) -> None:
    """Paint the grid, the ticks and what each axis is."""
    plot, line = layout.plot, QFontMetricsF(painter.font()).height()
    grid, ink = mixed(QColor(colours.border), QColor(colours.window), 0.5), QColor(colours.muted)
    rows = max(2, int(plot.height() / (2.5 * line)))
    room = plot.left() - GRID / 2
    for value, text in chart.left.ticks(rows):
        y = layout.y(chart.left, value)
        painter.setPen(grid)
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        painter.setPen(ink)
        painter.drawText(QRectF(0, y - line / 2, room, line), _RIGHT, text)
    room = plot.right() + GRID / 2
    if chart.right is not None:
        for value, text in chart.right.ticks(rows):
            y = layout.y(chart.right, value)
            painter.drawText(QRectF(room, y - line / 2, _RIGHT_SIDE, line), _LEFT, text)
    below = plot.bottom() + GRID / 4
    for value, text in chart.bottom.ticks(max(2, int(plot.width() / _BETWEEN))):
        x = layout.x(chart, value)
        painter.setPen(grid)
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        painter.setPen(ink)
        painter.drawText(QRectF(x - _BETWEEN, below, 2 * _BETWEEN, line), _CENTRED, text)
    painter.setPen(QColor(colours.border))
    painter.drawRect(plot)
    painter.setPen(ink)
    left, bottom, right = chart.captions
    painter.drawText(QRectF(plot.right(), below, _RIGHT_SIDE, line), _RIGHT, bottom)
    _write_upwards(painter, QRectF(0, plot.top(), line, plot.height()), left)
    edge = plot.right() + _RIGHT_SIDE - line
    _write_upwards(painter, QRectF(edge, plot.top(), line, plot.height()), right)


def _write_upwards(painter: QPainter, box: QRectF, text: str) -> None:
    painter.save()
    painter.translate(box.left(), box.bottom())
    painter.rotate(-90)
    painter.drawText(QRectF(0, 0, box.height(), box.width()), _CENTRED, text)
    painter.restore()


def _paint_line(
    painter: QPainter, chart: Chart, layout: ChartLayout, line: Line, colours: Colours, ratio: float
) -> None:
    plot, scale = layout.plot, chart.left
    if line.curve.axis == "right" and chart.right is not None:
        scale = chart.right
    x = plot.left() + chart.bottom.shares(line.x) * plot.width()
    # What lies far outside would cost Qt much to clip, and not every reader of files clips.
    beyond = 1.0 if ratio else 0.0
    shares = np.clip(scale.shares(line.y), -beyond, 1.0 + beyond)
    y = plot.bottom() - shares * plot.height()
    dots = line.curve.marked and len(x) <= MARKED
    dense = line.curve.pale and line.spread and ratio > 0  # smooth edges would not be seen
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not dense)
    from pyqtgraph.functions import arrayToQPolygonF  # see lookup_table

    for start, end in _unbroken(y):
        points = arrayToQPolygonF(x[start:end], y[start:end])
        if end - start > 1:
            _stroke(painter, points, line.curve, colours, ratio)
        if dots or end - start == 1:
            _dots(painter, points, line.curve, colours)


def _unbroken(y: Floats) -> Iterator[tuple[int, int]]:
    """List the stretches between gaps."""
    there = np.isfinite(y)
    if there.all():
        if len(y):
            yield 0, len(y)
        return
    edges = np.flatnonzero(np.diff(np.concatenate([[False], there, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _stroke(
    painter: QPainter, points: QPolygonF, curve: Curve, colours: Colours, ratio: float
) -> None:
    width = 1 if curve.pale else _THICK
    pen = QPen(curve.colour(colours), 1 if ratio else width, curve.line)
    pen.setCosmetic(bool(ratio))
    painter.setPen(pen)
    strokes = round(width * ratio) if ratio and width > 1 else 1
    for number in range(strokes):
        offset = 0.7 * (number - (strokes - 1) / 2) / (ratio or 1.0)
        painter.translate(offset, offset)
        painter.drawPolyline(points)
        painter.translate(-offset, -offset)


def _dots(painter: QPainter, points: QPolygonF, curve: Curve, colours: Colours) -> None:
    width = 3 if curve.pale else 5
    cap = Qt.PenCapStyle.RoundCap
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(curve.colour(colours), width, Qt.PenStyle.SolidLine, cap))
    painter.drawPoints(points)
    painter.restore()


def _paint_best(painter: QPainter, chart: Chart, layout: ChartLayout, colours: Colours) -> None:
    """Draw a ring around the best point of the left axis."""
    assert chart.best is not None
    x, y = layout.x(chart, chart.best[0]), layout.y(chart.left, chart.best[1])
    if not np.isfinite(y):
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colours.text), 1.5))
    painter.drawEllipse(QPointF(x, y), 6, 6)
    painter.restore()
