"""BlockCurves: curves of the blocks, which grow before there is a plot to see them in."""

import math
from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.widgets.curve import Curve
from gui.widgets.curve_plot import CurvePlot
from gui.widgets.empty_state import EmptyState
from gui.widgets.growing_curve import Floats, GrowingCurve


class BlockCurves(EmptyState):
    """A plot with a curve for each block, or in its place a sentence.

    The plot is made when it is first drawn. The setters only store; `parts` draw. `plot_made`
    carries the plot.
    """

    plot_made = Signal(object)

    def __init__(self, make: Callable[[], CurvePlot], sentence: str) -> None:
        page = QWidget()
        super().__init__(page, sentence)
        self._column = QVBoxLayout(page)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._make = make
        self._plot: CurvePlot | None = None
        self._curves: list[Curve] = []
        self._points: dict[str, GrowingCurve] = {}
        self._batches: int | None = None
        self._begin = math.inf
        self._are_others = self._have_grown = False  # since they were drawn

    def set_curves(self, curves: Sequence[Curve]) -> None:
        """Have other curves, empty ones; the first lies under the others."""
        self._curves = list(curves)
        self._points = {curve.name: curve.no_points() for curve in curves}
        self._are_others = True

    def extend(self, name: str, x: Floats, y: Floats) -> None:
        """Append points to a curve; a value that is not finite is a gap."""
        self._points[name].extend(x, y)
        self._have_grown = True

    def clear_points(self) -> None:
        """Forget all points."""
        for points in self._points.values():
            points.clear()
        self._have_grown = True
        if self._plot is not None:
            self._plot.show_reading(None)

    def set_batches(self, per_epoch: int | None) -> None:
        """Say how many batches an epoch has: within the first, they are counted."""
        self._batches = per_epoch

    def set_begin(self, at: float) -> None:
        """Show the time from an epoch on, though no curve begins there."""
        self._begin = at

    @property
    def plot(self) -> CurvePlot:
        """The plot, which is made now if need be."""
        if self._plot is None:
            self._plot = self._make()
            self._column.addWidget(self._plot)
            self.plot_made.emit(self._plot)
        return self._plot

    def parts(self) -> list[Callable[[], object]]:
        """Return what draws the curves, one part after the other, and first makes the plot."""
        if self._plot is None:  # which takes long enough for a turn of its own
            return [lambda: self.plot, self._draw, self.show_content]
        return [self._tell, *self.plot.parts(), self.show_content]

    def _draw(self) -> None:
        self._tell()
        for draw in self.plot.parts():
            draw()

    def _tell(self) -> None:
        """Tell the plot what is new."""
        plot = self.plot
        plot.set_batches(self._batches)
        plot.set_begin(self._begin)
        if self._are_others:
            plot.set_curves(self._curves, self._points)
        elif self._have_grown:
            plot.take_new_points()
        self._are_others = self._have_grown = False

    def rows(self) -> Iterator[tuple[str, float, float]]:
        """Return the points of all curves: of which one, epoch and value."""
        for name, points in self._points.items():
            for x, y in zip(*points.points(), strict=True):
                yield name, float(x), float(y)
