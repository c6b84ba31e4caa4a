"""HistogramView: how often which values occur, as bars over an axis."""

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from engine.inspection.unit_health import Histogram
from gui.theme import GRID, readable
from gui.widgets.numbers import percent, short
from gui.widgets.plot import Plot
from gui.widgets.plot_reading import Reading, speak
from gui.widgets.scales import Range
from gui.widgets.series import Floats

_TOWERS = 3.0  # times as high as the next: such a bar is cut off and says how high it is
_HEADROOM = 1.25  # times the next highest bar that there is room for then
_ALONE = 0.02  # of the range that the bar of one value takes


class HistogramView(Plot):
    """Bars; the axis on the left is the share of all values, in percent.

    A bar that towers over all others is cut off and has its share beside it. Pointing at a bar
    reads it.
    """

    def __init__(self, title: str) -> None:
        super().__init__("%", "", widest="0.05")
        self._title, self._colour = title, QColor("grey")
        self._histogram: Histogram | None = None
        self.plotItem.showAxis("bottom")
        self.keep_room(2 * GRID)  # for half of the last number
        self.setMinimumSize(16 * GRID, 9 * GRID)
        self.setAccessibleName(f"Histogram of the {title}; arrows read it")
        self._bars = pg.BarGraphItem(x0=[], x1=[], height=[], pen=None)
        self._tower = pg.TextItem(anchor=(0.0, 0.0))
        self._tower.setFont(self.font())
        for item in (self._bars, self._tower):
            self.plotItem.addItem(item, ignoreBounds=True)
        self.dress()

    def show_histogram(self, histogram: Histogram | None, colour: QColor) -> None:
        """Draw a histogram in a colour; None: there are no such values."""
        if histogram is not self._histogram or colour != self._colour:
            self._histogram, self._colour = histogram, colour
            self._draw()

    def histogram(self) -> Histogram | None:
        """What is drawn."""
        return self._histogram

    def shares(self) -> Floats:
        """How high the bars are, in percent of all values; empty if there is none."""
        held = self._histogram
        if held is None or not held.counts.sum():
            return np.empty(0)
        shares: Floats = 100.0 * held.counts / held.counts.sum()
        return shares

    def edges(self) -> Floats:
        """Where the bars begin, and where the last one ends."""
        held = self._histogram
        if held is None or not held.counts.sum():
            return np.empty(0)
        if held.high > held.low:
            return np.asarray(held.edges, dtype=np.float64)
        low, high = self._across()
        half = _ALONE * (high - low) / 2
        return np.array([held.low - half, *[held.low + half] * len(held.counts)])

    def sentence(self) -> str:
        """The title with mean ± deviation, which stands above the bars."""
        held = self._histogram
        if held is None:
            return f"no {self._title}"
        if not held.counts.sum():
            return f"{self._title}: not finite"
        strange = " · some not finite" if held.non_finite else ""
        return f"{self._title} {short(held.mean, 2)} ± {short(held.deviation, 2)}{strange}"

    def read(self, at: float) -> Reading | None:
        """Read the bar at a value."""
        edges, shares = self.edges(), self.shares()
        place = int(np.searchsorted(edges, at, side="right")) - 1
        if not 0 <= place < len(shares):
            return None
        heading = f"{short(float(edges[place]), 3)} to {short(float(edges[place + 1]), 3)}"
        share = percent(float(shares[place]) / 100)
        return Reading(at, heading, ((QColor(self._colour), self._title, share),))

    def places(self) -> Floats:
        """List the middles of the bars."""
        edges = self.edges()
        return (edges[:-1] + edges[1:]) / 2

    def title(self) -> str:
        """What stands above a picture of the plot."""
        return self.sentence()

    def table(self) -> bytes:
        """Write the bars as CSV: where each begins and ends, and how many values it stands for."""
        held, edges = self._histogram, self.edges().tolist()
        counts = held.counts.tolist() if held is not None and edges else []
        bins = zip(edges[:-1], edges[1:], counts, strict=True)
        rows = [f"{low!r},{high!r},{count}" for low, high, count in bins]
        return ("\n".join(["from,to,count", *rows]) + "\n").encode()

    def dress_items(self) -> None:
        """Give the bars the colours of the theme."""
        self._tower.setColor(self.colours.text)
        self._draw()

    def _draw(self) -> None:
        edges, shares = self.edges(), self.shares()
        brush = readable(self._colour, QColor(self.colours.window))
        self._bars.setOpts(x0=edges[:-1], x1=edges[1:], height=shares, brush=brush)
        if len(shares):
            high = _highest(shares)
            self.set_home(self._across(), (0.0, high))
            self._show_tower(edges, shares, high)
        self._tower.setVisible(len(shares) > 0 and float(shares.max()) > _highest(shares))
        if self.reading() is None:
            speak(self, self.sentence())

    def _across(self) -> Range:
        """Show all values; around one that is alone, some room."""
        held = self._histogram
        assert held is not None
        if held.high > held.low:
            return held.low, held.high
        room = max(abs(held.low), 1e-6) / 2
        return held.low - room, held.low + room

    def _show_tower(self, edges: Floats, shares: Floats, high: float) -> None:
        """Write its share beside a bar that is cut off."""
        place = int(shares.argmax())
        self._tower.setText(percent(float(shares[place]) / 100))
        left = edges[place] < np.mean(self._across())
        self._tower.setAnchor((0.0 if left else 1.0, 0.0))
        self._tower.setPos(float(edges[place + 1] if left else edges[place]), high)


def _highest(shares: Floats) -> float:
    """Return the share that is as high as the plot."""
    first, second = (float(share) for share in np.sort(shares)[[-1, -2]])
    return _HEADROOM * second if second and first > _TOWERS * second else max(first, 1e-9)
