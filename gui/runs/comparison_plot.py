"""ComparisonPlot: a metric of several runs over each other, with the spread of repeated ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Slot

from gui.widgets.curve import Curve, HeldCurve
from gui.widgets.curve_plot import CurvePlot
from gui.widgets.growing_curve import Floats
from gui.widgets.scales import linear

_BAND = 0.22  # opacity
_LEAST_LOG = 1e-12  # where a band that reaches down to 0 ends on a logarithmic axis
_LEAST_SPAN = 1.0  # % of accuracy that the axis shows at least


@dataclass(frozen=True, eq=False)
class RunLine:
    """The points of a run's curve, or of the mean of several between `low` and `high`.

    Its name is that in readings and menus, which no other line has.
    """

    curve: Curve
    x: Floats
    y: Floats
    low: Floats | None = None
    high: Floats | None = None


class ComparisonPlot(CurvePlot):
    """Curves of runs over the epochs.

    Accuracies are in percent; their axis begins where the lowest does, for good runs differ by
    little.
    """

    def __init__(self, left: str, *, in_percent: bool) -> None:
        self.heading = ""  # above a picture of the plot
        self._bands: list[Any] = []  # of each two edges that are not seen, and what is between
        self._lines: tuple[RunLine, ...] = ()
        super().__init__(left, in_percent=in_percent)

    def set_lines(self, lines: Sequence[RunLine]) -> None:
        """Show other lines; those that were hidden stay so."""
        hidden = {name for name, held in self._held.items() if not held.shown}
        self._lines = tuple(lines)
        curves = [line.curve for line in lines]
        if curves != [held.curve for held in self._held.values()]:
            self.set_curves(curves)
        for line in lines:
            held = self._held[line.curve.name]
            held.series.clear()
            self.extend(line.curve.name, line.x, line.y)
            if line.curve.name in hidden:
                held.item.setVisible(False)
        self._draw_bands()
        if self._in_percent:
            self._scale = self._percents()
        self.draw()

    @Slot(str)
    def toggle(self, name: str) -> None:
        """Hide a curve with its band, or show both again."""
        super().toggle(name)
        self._draw_bands()

    def set_log(self, log: bool) -> None:
        """Make the left axis logarithmic, or linear again."""
        super().set_log(log)
        self._draw_bands()

    def title(self) -> str:
        """What stands above a picture of the plot."""
        return self.heading

    def dress_items(self) -> None:
        """Give the bands the colours of their curves, too."""
        super().dress_items()
        self._draw_bands()

    def _count(self, shown: Sequence[HeldCurve]) -> None:
        """Count no batches: each point is an epoch."""

    def _percents(self) -> tuple[float, float]:
        found = [line.y for line in self._lines] + [
            line.low for line in self._lines if line.low is not None
        ]
        values = np.concatenate(found) if found else np.empty(0)
        values = values[np.isfinite(values)]
        low = float(values.min()) if values.size else 0.0
        return linear(max(0.0, min(low, 100.0 - _LEAST_SPAN)), 100.0)

    # --- bands -------------------------------------------------------------------------------

    def _draw_bands(self) -> None:
        """Draw the bands of what is shown anew: their edges are in the coordinates of the view."""
        for item in reversed(self._bands):
            self.plotItem.removeItem(item)
        self._bands = []
        for line in self._lines:
            has_band = self._held[line.curve.name].shown and len(line.x)
            if has_band and line.low is not None and line.high is not None:
                self._add_band(line.curve, line.x, line.low, line.high)

    def _add_band(self, curve: Curve, x: Floats, low: Floats, high: Floats) -> None:
        if self.log:
            low, high = (np.log10(np.maximum(y, _LEAST_LOG)) for y in (low, high))
        edges = [pg.PlotCurveItem(x, y, pen=None) for y in (low, high)]
        colour = curve.colour(self.colours)
        colour.setAlphaF(_BAND)
        band = pg.FillBetweenItem(*edges, brush=pg.mkBrush(colour))
        band.setZValue(-2)
        self._bands += [*edges, band]
        for item in (*edges, band):
            self.plotItem.addItem(item, ignoreBounds=True)
