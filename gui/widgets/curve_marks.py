"""CurveMarks: lines over the height of a plot at times that mean something, with their texts."""

from collections.abc import Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFontMetricsF, QRegion

from gui.widgets.elision import elide
from gui.widgets.plot import Plot

Mark = tuple[float, str]

_IN_FRONT = 2  # of the curves, which would cross the text
_BESIDE = 8  # px of a text's margins


class CurveMarks:
    """The marks of a plot, each a time in epochs and a text.

    A text stands at the top of its line, on the side where there is more room, and is cut where
    that is not enough. It has a ground of its own: many curves may lie behind it.
    """

    def __init__(self, plot: Plot) -> None:
        self._plot = plot
        self._lines: list[Any] = []
        self._marks: list[Mark] = []  # as drawn
        plot.view.sigRangeChanged.connect(self.fit)
        plot.view.sigResized.connect(self.fit)

    def draw(self, marks: Sequence[Mark]) -> QRegion:
        """Draw these marks, and no others; return where something else is to be seen, in px."""
        if list(marks) == self._marks:
            return QRegion()
        before = self._area()
        same = [text for _, text in marks] == [text for _, text in self._marks]
        self._marks = list(marks)
        if same:  # they only move
            for line, (at, _) in zip(self._lines, marks, strict=True):
                line.setValue(at)
            self.fit()
        else:
            for line in self._lines:
                self._plot.plotItem.removeItem(line)
            self._lines = [_line(at, place) for place, (at, _) in enumerate(marks)]
            for line in self._lines:
                self._plot.plotItem.addItem(line, ignoreBounds=True)
            self.dress()
        return before + self._area()

    def _area(self) -> QRegion:
        """Return where lines and texts are, in px."""
        found = QRegion()
        for line in self._lines:
            for item in (line, line.label):
                around = item.mapRectToScene(item.boundingRect()).adjusted(-2, -2, 2, 2)
                found += around.toAlignedRect()
        return found

    def fit(self, *_: object) -> None:
        """Let each text stand where there is more room, and cut it to that."""
        if not self._lines:
            return
        area, metrics = self._plot.plot_area(), QFontMetricsF(self._plot.font())
        for line, (at, text) in zip(self._lines, self._marks, strict=True):
            x = self._plot.spot(at, 0.0).x()
            before, behind = x - area.left(), area.right() - x
            line.label.anchors = [(0.0 if behind > before else 1.0, 0.0)] * 2
            cut = elide(text, metrics, max(before, behind) - _BESIDE)
            line.label.setFormat(cut.replace("{", "{{").replace("}", "}}"))

    def text_at(self, place: QPointF) -> str:
        """Return all of the text that is written at a place in px; empty if none is."""
        for line, (_, text) in zip(self._lines, self._marks, strict=True):
            label = line.label
            if text and label.mapRectToScene(label.boundingRect()).contains(place):
                return text
        return ""

    def dress(self) -> None:
        """Give lines and texts the plot's colours and font, and texts the room for it."""
        plot = self._plot
        for line in self._lines:
            line.setPen(pg.mkPen(plot.colours.muted, width=plot.ratio))
            line.label.setColor(plot.colours.text)
            line.label.fill = pg.mkBrush(QColor(plot.colours.window))
            line.label.setFont(plot.font())
        self.fit()


def _line(at: float, place: int) -> Any:
    """Make a thin line whose text begins a little lower than that of the mark before."""
    top = 0.97 - 0.1 * (place % 3)
    line = pg.InfiniteLine(at, angle=90, label="", labelOpts={"position": top})
    line.setZValue(_IN_FRONT)
    return line
