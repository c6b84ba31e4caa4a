"""Curves that grow while a network learns: losses on the left axis, accuracy on the right."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from gui.theme import GRID, colours_of, set_muted, small_font
from gui.widgets.series import Floats, Series

Data = Literal["train", "test"]
Axis = Literal["left", "right"]
_MARKED = 60  # a curve of so few points shows each of them


@dataclass(frozen=True)
class Curve:
    """How one curve looks: its colour says which data, its line which quantity.

    A pale curve stands behind the others. A marked one shows its points while they are few.
    """

    name: str
    data: Data
    line: Qt.PenStyle = Qt.PenStyle.SolidLine
    axis: Axis = "left"
    pale: bool = False
    marked: bool = False

    def colour(self, palette: QPalette) -> QColor:
        """The curve's colour on the background of a palette."""
        theme = colours_of(palette)
        colour = QColor(theme.train if self.data == "train" else theme.test)
        return _mixed(colour, QColor(theme.window), 0.45) if self.pale else colour

    def pen(self, palette: QPalette, ratio: float) -> QPen:
        """The curve's pen, `ratio` device px per logical px.

        A pale curve may have very many points and is one device px wide: wider ones cost ten times
        as much to draw.
        """
        pen = QPen(self.colour(palette), 1 if self.pale else 2 * ratio, self.line)
        pen.setCosmetic(True)
        return pen


def _mixed(colour: QColor, ground: QColor, share: float) -> QColor:
    """Mix an opaque colour with so much of it: a transparent pen would draw much more slowly."""
    pairs = (
        (colour.red(), ground.red()),
        (colour.green(), ground.green()),
        (colour.blue(), ground.blue()),
    )
    return QColor(*(round(share * over + (1 - share) * under) for over, under in pairs))


class CurvePlot(QWidget):
    """A plot of growing curves with its legend above; it cannot be moved or zoomed by accident.

    `extend` only stores points; `draw` shows them.
    """

    def __init__(
        self,
        groups: dict[str, tuple[Curve, ...]],
        left: str,
        bottom: str,
        parent: QWidget | None = None,
    ) -> None:
        """Make a plot of curves, grouped in the legend under a heading."""
        super().__init__(parent)
        self._curves = [curve for group in groups.values() for curve in group]
        self._series = {curve.name: Series() for curve in self._curves}
        self._bottom = 1.0

        self._plot = pg.PlotWidget()
        self._plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._item = self._plot.getPlotItem()
        self._item.setMenuEnabled(False)
        self._item.hideButtons()
        self._item.setMouseEnabled(x=False, y=False)
        self._item.showGrid(x=True, y=True, alpha=0.15)
        self._item.showAxis("right")
        self._item.layout.setContentsMargins(0, GRID, 0, 0)
        self._item.disableAutoRange()
        self._axes = self._make_axes(left, bottom)
        self._second = pg.ViewBox(enableMouse=False, enableMenu=False)
        self._item.scene().addItem(self._second)
        self._item.getAxis("right").linkToView(self._second)
        self._second.setXLink(self._item.getViewBox())
        self._second.setYRange(0, 100, padding=0.04)
        self._item.getViewBox().sigResized.connect(self._align)

        self._items = {curve.name: pg.PlotDataItem() for curve in self._curves}
        for curve in self._curves:
            box = self._second if curve.axis == "right" else self._item
            box.addItem(self._items[curve.name])
        self._legend = [_Swatch(curve) for curve in self._curves]
        swatches = iter(self._legend)

        legend = QHBoxLayout()
        legend.setSpacing(GRID)
        for heading, group in groups.items():
            label = QLabel(heading)
            set_muted(label)
            legend.addWidget(label)
            for _ in group:
                legend.addWidget(next(swatches))
            legend.addSpacing(GRID)
        legend.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(legend)
        column.addWidget(self._plot, 1)
        self._recolour()
        self.draw()

    def extend(self, name: str, x: Floats, y: Floats) -> None:
        """Append points to a curve; a value that is not finite is a gap."""
        self._series[name].extend(x, y)

    def clear(self) -> None:
        """Forget all points."""
        for series in self._series.values():
            series.clear()

    def points(self, name: str) -> tuple[Floats, Floats]:
        """The points of a curve as last drawn, thinned if there were very many."""
        x, y = self._items[name].getData()
        return (np.empty(0), np.empty(0)) if x is None else (x, y)

    def draw(self) -> None:
        """Show what was stored, both axes from zero.

        The left one leaves out the largest 1 % of a pale curve, so that a few outliers among the
        batches do not flatten everything else.
        """
        right, top = 0.0, 0.0
        for curve in self._curves:
            x, y = self._series[curve.name].points()
            few = curve.marked and len(x) <= _MARKED
            self._items[curve.name].setData(x, y, symbol="o" if few else None)
            if len(x):
                right = max(right, float(x[-1]))
            if curve.axis == "left" and np.isfinite(y).any():
                top = max(top, float(np.nanpercentile(y, 99 if curve.pale else 100)))
        self._item.setXRange(0, right or 1.0, padding=0.02)
        self._item.setYRange(0, 1.05 * top or 1.0, padding=0.04)

    def event(self, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.DevicePixelRatioChange):
            self._recolour()
        return super().event(event)

    def _make_axes(self, left: str, bottom: str) -> list[pg.AxisItem]:
        texts = {"left": left, "bottom": bottom, "right": "accuracy, %"}
        axes = []
        for side, text in texts.items():
            axis = self._item.getAxis(side)
            axis.setLabel(text)
            axis.enableAutoSIPrefix(False)
            axis.setStyle(maxTickLevel=0)
            axis.setTickFont(small_font())
            axis.label.setFont(small_font())
            if side != "bottom":  # or the picture jumps when a number needs one figure more
                axis.setWidth(6 * GRID)
            axes.append(axis)
        return axes

    def _align(self) -> None:
        self._second.setGeometry(self._item.getViewBox().sceneBoundingRect())

    def _recolour(self) -> None:
        palette = self.palette()
        muted = palette.color(QPalette.ColorRole.PlaceholderText)
        self._plot.setBackground(palette.color(QPalette.ColorRole.Window))
        for axis in self._axes:
            axis.setPen(palette.color(QPalette.ColorRole.Mid))
            axis.setTextPen(muted)
        for curve in self._curves:
            item, colour = self._items[curve.name], curve.colour(palette)
            item.setPen(curve.pen(palette, self.devicePixelRatioF()))
            item.setSymbolPen(None)
            item.setSymbolBrush(colour)
            item.setSymbolSize(5)


class _Swatch(QWidget):
    """One entry of the legend: a piece of the line and the curve's name."""

    def __init__(self, curve: Curve) -> None:
        super().__init__()
        self._curve = curve
        self.setFont(small_font())
        self.setAccessibleName(curve.name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        words = metrics.horizontalAdvance(self._word())
        return QSize(3 * GRID + GRID // 2 + words, metrics.height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        middle = self.height() // 2
        pen = self._curve.pen(self.palette(), self.devicePixelRatioF())
        painter.setPen(pen)
        painter.drawLine(0, middle, 3 * GRID, middle)
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        left = 3 * GRID + GRID // 2
        flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        painter.drawText(left, 0, self.width(), self.height(), flags, self._word())

    def _word(self) -> str:
        """The last word of the name: its heading says the rest."""
        return self._curve.name.rsplit(" ", 1)[-1]
