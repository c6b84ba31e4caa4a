"""VectorBars: the values of a vector as bars about a line at zero, under a title."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

from engine.array_types import Array
from gui.theme import GRID, kind_colour, small_font
from gui.widgets.colour_scale import Levels, range_of
from gui.widgets.mosaic import TitledPicture
from gui.widgets.number_words import short

_LOWEST, _HEIGHT, _HIGHEST = 18, 5 * GRID, 8 * GRID  # px, with the names
_BELOW = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom
_WIDEST = 8 * GRID  # px a value


class VectorBars(TitledPicture):
    """A title with the scale beside it, and a bar for every value; point at one to read it.

    Where there is room, each has its name below it. Where there are more values than px, one line
    stands for several: from their least to their largest.
    """

    def __init__(self) -> None:
        bars = _Bars()
        super().__init__(bars)
        self._bars = bars
        self.setMaximumHeight(self._title.sizeHint().height() + _HIGHEST)
        self._bars.pointed.connect(self._read)
        self._pointed = -1
        self._noun = "value"

    def set_values(
        self,
        values: Array,
        levels: Levels | None = None,
        *,
        classes: Sequence[str] | None = None,
        group: str = "Activation",
    ) -> None:
        """Show a vector (n,) that is not written to, on a scale that follows it or is given.

        Zero is always on the scale. `classes` are what outputs stand for; other values are counted
        from 1. The bars have the colour of a group of blocks.
        """
        self._noun = "value" if classes is None else "class"
        names = range(1, len(values) + 1) if classes is None else classes
        self._bars.show_names([str(name) for name in names])
        self._bars.ink = kind_colour(group)
        self._bars.show_values(values, levels or range_with_zero(values))
        low, high = self._bars.levels
        self._bars.setAccessibleDescription(
            f"{len(values)} values, scale from {short(low, 3)} to {short(high, 3)}"
        )
        self._read(self._pointed)

    def values(self) -> Array:
        """The values that are drawn."""
        return self._bars.values

    def _read(self, number: int) -> None:
        self._pointed = number
        values = self._bars.values
        if 0 <= number < len(values):
            name = f"{self._noun} {self._bars.names[number]}"
            self.readout.setText(f"{name}: {short(float(values[number]))}")
        else:
            low, high = self._bars.levels
            self.readout.setText(f"{short(low, 3)} to {short(high, 3)}")


class _Bars(QWidget):
    pointed = Signal(int)  # a value, or -1

    def __init__(self) -> None:
        super().__init__()
        self.values: Array = np.zeros(0)
        self.levels: Levels = (0.0, 1.0)
        self.names: list[str] = []
        self._widest = 0.0  # px, of the names
        self.ink = kind_colour("Activation")
        self.setFont(small_font())
        self.setMouseTracking(True)
        self.setMinimumHeight(_LOWEST)
        self.setMaximumHeight(_HIGHEST)

    def show_names(self, names: list[str]) -> None:
        """Write these below the bars; measured now, and not with every bar that is painted."""
        if names != self.names:
            metrics = QFontMetricsF(self.font())
            self.names = names
            self._widest = max((metrics.horizontalAdvance(name) for name in names), default=0.0)

    def show_values(self, values: Array, levels: Levels) -> None:
        self.values, self.levels = values, levels
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(40 * GRID, _HEIGHT)

    def name_room(self) -> float:
        """Return the px below the bars that names take; 0 if these do not fit."""
        line = QFontMetricsF(self.font()).height()
        high = self.height() >= _LOWEST + line
        return line if high and self._widest + GRID <= self._width() else 0.0

    def bar_rect(self, number: int) -> QRectF:
        value = float(self.values[number])
        wide, top, zero = self._width(), self._y(max(value, 0.0)), self._y(min(value, 0.0))
        gap = GRID / 2 if self.name_room() else 0.5 if wide >= 3 else 0
        return QRectF(number * wide + gap, top, wide - 2 * gap, max(zero - top, 1))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        palette = self.palette()
        painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
        if not len(self.values):
            return
        if self._width() < 1:
            self._paint_spans(painter)
        else:
            for number in np.flatnonzero(np.isfinite(self.values)):
                painter.fillRect(self.bar_rect(int(number)), self.ink)
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        zero = int(self._y(0.0))
        painter.drawLine(0, zero, self.width(), zero)
        self._paint_names(painter)

    def _paint_names(self, painter: QPainter) -> None:
        room, wide = self.name_room(), self._width()
        if not room:
            return
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        for number, name in enumerate(self.names):
            painter.drawText(QRectF(number * wide, 0, wide, self.height()), _BELOW, name)

    def _paint_spans(self, painter: QPainter) -> None:
        painter.setPen(self.ink)
        edges = np.linspace(0, len(self.values), self.width() + 1).astype(int)
        for x in range(self.width()):
            part: NDArray[np.floating] = self.values[edges[x] : max(edges[x] + 1, edges[x + 1])]
            part = part[np.isfinite(part)]
            if part.size:
                top, bottom = max(0.0, float(part.max())), min(0.0, float(part.min()))
                painter.drawLine(x, int(self._y(top)), x, int(self._y(bottom)))

    def _width(self) -> float:
        return min(_WIDEST, self.width() / max(1, len(self.values)))

    def _y(self, value: float) -> float:
        low, high = self.levels
        share = (min(max(value, low), high) - low) / (high - low)
        return 1 + (1 - share) * (self.height() - self.name_room() - 3)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        number = int(event.position().x() // self._width()) if len(self.values) else -1
        self.pointed.emit(number if number < len(self.values) else -1)

    def leaveEvent(self, event: QEvent) -> None:
        self.pointed.emit(-1)


def range_with_zero(values: Array) -> Levels:
    """Smallest and largest finite value, zero included; 0 to 1 if there is no other."""
    low, high = range_of(np.append(values, 0.0))
    return (low, high) if high > low else (0.0, 1.0)
