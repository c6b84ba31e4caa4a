"""HistogramView: how often which values occur, as bars over an axis."""

import math

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor

from engine.compute.histogram import Histogram
from gui.theme import GRID, readable
from gui.widgets.csv_table import csv_table
from gui.widgets.growing_curve import Floats
from gui.widgets.number_words import percent, short
from gui.widgets.plot import Plot
from gui.widgets.plot_reading import Reading, speak
from gui.widgets.scales import Range

_TOWERS = 3.0  # times as high as the next: such a bar is cut off and says how high it is
_HEADROOM = 1.25  # times the next highest bar that there is room for then
_ALONE = 0.02  # of the range that the bar of one value takes
_DECADES_ALONE = 0.5  # around one size


class HistogramView(Plot):
    """Bars; the axis on the left is the share of all values, in percent.

    A bar that towers over all others is cut off and has its share beside it. Pointing at a bar
    reads it. The axis of sizes is logarithmic; what has none is told by its share in the sentence.
    """

    def __init__(self, title: str) -> None:
        super().__init__("%", "", widest="0.05")
        self._title, self._colour = title, QColor("grey")
        self.histogram: Histogram | None = None
        self.shares = self._edges = np.empty(0)  # of bars: in percent of all values; in the view
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
        if histogram is not self.histogram or colour != self._colour:
            self.histogram, self._colour = histogram, colour
            self.shares = self._edges = np.empty(0)
            if histogram is not None and histogram.counts.sum():
                self.shares = 100 * histogram.counts / (histogram.counts.sum() + histogram.zeros)
                self._edges = self._drawn_edges(histogram)
            self._draw()

    def edges(self) -> Floats:
        """Where the bars begin, and where the last one ends."""
        return 10.0**self._edges if self._of_sizes else self._edges

    def _drawn_edges(self, held: Histogram) -> Floats:
        """Return where that is in the view."""
        first, last = self._ends(held)
        if last > first:
            return np.linspace(first, last, len(held.counts) + 1)
        low, high = self._across()
        half = _ALONE * (high - low) / 2
        return np.array([first - half, *[first + half] * len(held.counts)])

    @property
    def _of_sizes(self) -> bool:
        """Whether the axis is one of powers of ten."""
        return self.histogram is not None and self.histogram.of_sizes

    def _ends(self, held: Histogram) -> Range:
        """Return where the lowest and the highest value are in the view."""
        if self._of_sizes:
            return math.log10(held.low), math.log10(held.high)
        return held.low, held.high

    def sentence(self) -> str:
        """The title with mean ± deviation, which stands above the bars."""
        held = self.histogram
        if held is None:
            return f"no {self._title}"
        if not held.counts.sum():
            return f"{self._title}: {'not finite' if held.non_finite else 'all 0'}"
        strange = " · some not finite" if held.non_finite else ""
        none = held.zeros / (held.counts.sum() + held.zeros)
        zeros = f" · {percent(none)} are 0" if held.zeros else ""
        mean, deviation = short(held.mean, 2), short(held.deviation, 2)
        return f"{self._title} {mean} ± {deviation}{zeros}{strange}"

    def read(self, at: float) -> Reading | None:
        """Read the bar at a value."""
        place = int(np.searchsorted(self._edges, at, side="right")) - 1
        if not 0 <= place < len(self.shares):
            return None
        heading = " to ".join(short(float(edge), 3) for edge in self.edges()[place : place + 2])
        share = percent(float(self.shares[place]) / 100)
        return Reading(at, heading, ((QColor(self._colour), self._title, share),))

    def places(self) -> Floats:
        """List the middles of the bars."""
        return (self._edges[:-1] + self._edges[1:]) / 2

    def title(self) -> str:
        """What stands above a picture of the plot."""
        return self.sentence()

    def table(self) -> bytes:
        """Write the bars as CSV: where each begins and ends, and how many values it stands for."""
        held, edges = self.histogram, self.edges().tolist()
        counts = held.counts.tolist() if held is not None and edges else []
        rows = zip(edges[:-1], edges[1:], counts, strict=True)
        return csv_table(["from", "to", "count"], rows)

    def dress_items(self) -> None:
        """Give the bars the colours of the theme."""
        self._tower.setColor(self.colours.text)
        self._tower.fill = pg.mkBrush(QColor(self.colours.window))  # it may stand over bars
        self._draw()

    def _draw(self) -> None:
        edges, shares = self._edges, self.shares
        self.plotItem.setLogMode(x=self._of_sizes)
        brush = readable(self._colour, QColor(self.colours.window))
        self._bars.setOpts(x0=edges[:-1], x1=edges[1:], height=shares, brush=brush)
        for axis in (self.left, self.bottom):
            axis.setStyle(showValues=len(shares) > 0)  # of no values there is no scale
        if len(shares):
            high = _highest(shares)
            self.set_home(self._across(), (0.0, high))
            self._show_tower(high)
        self._tower.setVisible(len(shares) > 0 and float(shares.max()) > _highest(shares))
        if self.reading() is None:
            speak(self, self.sentence())

    def _across(self) -> Range:
        """Show all values; around one that is alone, some room."""
        held = self.histogram
        assert held is not None
        low, high = self._ends(held)
        if self._of_sizes:  # whole powers of ten: they have numbers, and are the same for long
            low, high = float(math.floor(low)), float(math.ceil(high))
        if high > low:
            return low, high
        room = _DECADES_ALONE if self._of_sizes else max(abs(low), 1e-6) / 2
        return low - room, low + room

    def _show_tower(self, high: float) -> None:
        """Write its share at the top of a bar that is cut off, as far within as the bar is."""
        place = int(self.shares.argmax())
        self._tower.setText(percent(float(self.shares[place]) / 100))
        low, end = self._across()
        centre = float(self.places()[place])
        self._tower.setAnchor(((centre - low) / (end - low), 0.0))
        self._tower.setPos(centre, high)


def _highest(shares: Floats) -> float:
    """Return the share that is as high as the plot."""
    first, second = (float(share) for share in np.sort(shares)[[-1, -2]])
    return _HEADROOM * second if second and first > _TOWERS * second else max(first, 1e-9)
