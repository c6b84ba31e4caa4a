"""CurvePlot: curves that grow while a network learns, each with its label at its end."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Slot
from PySide6.QtGui import QColor, QFontMetricsF

from engine.text.words import percent
from gui.theme import PAPER, small_font
from gui.widgets.csv_table import csv_table
from gui.widgets.curve import Curve, HeldCurve, across_of, upwards_of
from gui.widgets.growing_curve import Floats, GrowingCurve
from gui.widgets.number_words import epoch, short
from gui.widgets.plot import Label, Plot
from gui.widgets.plot_reading import Reading
from gui.widgets.scales import Range, linear

PERCENT = linear(0.0, 100.0)
EARLIER = "earlier runs"
BEST = "best epoch"
_NEAR = 12  # px from the pointer to an epoch that is meant
_MANY = 60  # points; of more, only the line is drawn
_FEW = 12  # points that are drawn too where a curve has no marks, so that even one is seen


class CurvePlot(Plot):
    """A plot of growing curves over the time in epochs.

    `draw` shows what was stored. A click on the label of a curve hides it, and shows it again.
    `batches` is how many an epoch has: within the first, they are counted. The time is shown
    from the epoch `begin` on, though no curve begins there, and up to `reach` for earlier runs,
    though the others end before. Around `best` there is a ring.
    """

    def __init__(
        self,
        left: str,
        *,
        scale: Range | None = None,
        in_percent: bool = False,
    ) -> None:
        """Make a plot without curves.

        Without a `scale`, the left axis follows the values. `in_percent` says how they are read.
        """
        self._held: dict[str, HeldCurve] = {}
        self._earlier: list[HeldCurve] = []
        self._scale, self._in_percent = scale, in_percent
        self.log = False
        self.batches: int | None = None
        self.begin, self.reach = math.inf, 0.0
        self.best: tuple[float, float] | None = None
        super().__init__(left, "epoch")
        self._ring = self._new_item(BEST)
        self._ring.setZValue(3)
        self.right.clicked.connect(self.toggle)
        self.dress()

    # --- what is shown -----------------------------------------------------------------------

    def set_curves(
        self, curves: Sequence[Curve], points: Mapping[str, GrowingCurve] | None = None
    ) -> None:
        """Have other curves; the first lies under the others.

        They are empty, or have the points of their names, which grow elsewhere: whoever extends
        these calls `take_new_points`.
        """
        for held in self._held.values():
            self.plotItem.removeItem(held.item)
        self._held = {
            curve.name: HeldCurve(
                curve,
                self._new_item(curve.name),
                curve.no_points() if points is None else points[curve.name],
            )
            for curve in curves
        }
        self.dress_items()

    def take_new_points(self) -> None:
        """Draw all curves anew the next time: their points have grown elsewhere."""
        for held in self._held.values():
            held.fresh = True

    def extend(self, name: str, x: Floats, y: Floats) -> None:
        """Append points to a curve; a value that is not finite is a gap."""
        held = self._held[name]
        held.series.extend(x, y)
        held.fresh = True

    def clear_points(self) -> None:
        """Forget all points but those of earlier runs."""
        for held in self._held.values():
            held.series.clear()
            held.fresh = True
        self.best = None
        self.show_reading(None)

    def set_earlier(self, lines: Sequence[tuple[Curve, Floats, Floats]]) -> None:
        """Show what earlier runs have left behind the curves."""
        for held in self._earlier:
            self.plotItem.removeItem(held.item)
        self._earlier = []
        for curve, x, y in lines:
            held = HeldCurve(curve, self._new_item(curve.name), GrowingCurve())
            held.series.extend(x, y)
            held.item.setZValue(-1)
            self._earlier.append(held)
        self.dress_items()

    def set_log(self, log: bool) -> None:
        """Make the left axis logarithmic, or linear again, and show everything on it."""
        if log == self.log:
            return
        self.log = log
        self.plotItem.setLogMode(y=log)
        for held in self._all():
            held.fresh = True
        self.draw()
        self.fit()

    def show_time(self, shown: bool) -> None:
        """Number the time below, or leave that to a plot that stands below this one."""
        if shown != self.bottom.isVisible():
            self.plotItem.showAxis("bottom", shown)
            self._caption.setVisible(shown)
            if shown:
                self.plotItem.layout.addItem(self._caption, 3, 2)
            else:  # it would keep its room
                self.plotItem.layout.removeItem(self._caption)
            self.dress()

    def draw(self) -> None:
        """Show what was stored, at once."""
        for draw in self.parts():
            draw()

    def parts(self) -> list[Callable[[], object]]:
        """Return what shows it, one part after the other; only the last one is seen."""
        return [self._draw_curves, self._draw_frame, self._paint]

    def _draw_curves(self) -> None:
        # It is painted at last; whoever asks for a picture gets one.
        self.setViewportUpdateMode(pg.GraphicsView.ViewportUpdateMode.NoViewportUpdate)
        for held in self._all():
            if held.fresh:
                self._draw_curve(held)

    def _draw_frame(self) -> None:
        """Fit the axes and write the labels."""
        best = [] if self.best is None or not math.isfinite(self.best[1]) else [self.best]
        self._ring.setData([x for x, _ in best], [y for _, y in best])
        shown = [held for held in self._all() if held.shown and len(held.x)]
        leading = None if self.leader is None else self.leader.home[0]
        self._count(shown)
        low, high = self._scale or upwards_of(shown, self.log)
        own = [held for held in shown if held not in self._earlier]
        earlier = [held for held in shown if held in self._earlier]
        across = leading or across_of(own, earlier, self.begin, self.reach)
        self.set_home(across, (math.log10(low), math.log10(high)) if self.log else (low, high))
        self.set_labels(self._labels())

    def _paint(self) -> None:
        self.setViewportUpdateMode(pg.GraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.viewport().update()

    @Slot(str)
    def toggle(self, name: str) -> None:
        """Hide a curve, or show it again; all of the earlier runs together."""
        held = self._earlier if name == EARLIER else [self._held[name]]
        shown = not held[0].shown
        for each in held:
            each.item.setVisible(shown)
        self.draw()

    def _all(self) -> list[HeldCurve]:
        return [*self._earlier, *self._held.values()]

    def _draw_curve(self, held: HeldCurve) -> None:
        held.fresh = False
        held.x, held.y = held.series.points()
        count = len(held.x)
        points = count <= (_MANY if held.curve.marked else _FEW) or not held.curve.line
        held.item.opts["symbol"] = "o" if points else None
        y = np.where(held.y > 0, held.y, np.nan) if self.log else held.y
        if self.colours is PAPER:  # not every file can cut a line off where the plot ends
            ends = np.array(self.view.viewRange()[1])
            y = np.clip(y, *(10.0**ends if self.log else ends))
        somewhere = bool(np.isfinite(y).any())  # Qt crashes on a curve that is nowhere
        held.item.setData(*((held.x, y) if somewhere else ([], [])))

    def _count(self, shown: Sequence[HeldCurve]) -> None:
        """Count batches on the axis while the first epoch lasts."""
        inside = all(held.x[-1] <= 1 and not held.curve.marked for held in shown)
        count = self.batches if inside and self.batches else 1
        if count != self.bottom.scale:
            self.bottom.setScale(count)
            self._caption.setText("batch" if count > 1 else "epoch")

    def _labels(self) -> list[Label]:
        """Write the name of each curve, and one for all of the earlier runs."""
        found, colours = list[Label](), self.colours
        text = QColor(colours.text)
        for held in (*self._earlier[:1], *self._held.values()):
            key, label = held.curve.name, held.curve.label
            if held in self._earlier:
                key, label = EARLIER, "earlier"
            if not label or not self._is_seen(held):
                continue
            colour = held.curve.colour(colours)
            dotted, faint = not held.curve.line, not held.shown
            found.append(Label(key, label, text, line=colour, dotted=dotted, faint=faint))
        return found

    def _is_seen(self, held: HeldCurve) -> bool:
        seen = np.isfinite(held.y) & ((held.y > 0) | (not self.log))
        return bool((seen & (held.x <= self.home[0][1])).any())

    # --- reading -----------------------------------------------------------------------------

    def read(self, at: float) -> Reading:
        """Read the curves at a time in epochs; those that have nothing there are left out."""
        rows, colours = [], self.colours
        for held in self._all():
            values = held.values_at(at) if held.shown else ()
            if values:
                said = " to ".join(map(self._written, values))
                rows.append((held.curve.colour(colours), held.curve.name, said))
        count = self.bottom.scale
        heading = epoch(at) if count == 1 else f"batch {round(at * count):,}"
        return Reading(at, heading, tuple(rows))

    def places(self) -> Floats:
        """List the epochs at which there are means to be read, or else all points."""
        held = [each for each in self._all() if each.shown and len(each.x)]
        found = [each.x for each in held if each.curve.marked] or [each.x for each in held]
        return np.unique(np.concatenate(found)) if found else np.empty(0)

    def snapped(self, at: float) -> float:
        """Return the nearest epoch with means if it is near, and where there is none any point.

        Between the epochs it is the place itself, where the batches are read.
        """
        places = self.places()
        if not len(places):
            return max(0.0, at)
        nearest = float(places[np.abs(places - at).argmin()])
        away = abs(self.spot(nearest, 0.0).x() - self.spot(at, 0.0).x())
        between = away > _NEAR and any(held.curve.marked and len(held.x) for held in self._all())
        return max(0.0, at) if between else nearest

    def table(self) -> bytes:
        """Write the points of all curves as CSV, a row each; thinned if there are very many."""
        return csv_table(["curve", "epoch", "value"], self.rows())

    def rows(self) -> Iterator[tuple[str, float, float]]:
        """Return the points of all curves: of which one, epoch and value."""
        for held in self._all():
            for x, y in zip(held.x.tolist(), held.y.tolist(), strict=True):
                yield held.curve.name, x, y

    def _written(self, value: float) -> str:
        return percent(value / 100) if self._in_percent else short(value)

    # --- the looks ---------------------------------------------------------------------------

    def dress(self) -> None:
        """Have room for half a number at the ends of the left axis, too."""
        half = round(QFontMetricsF(small_font()).height() / 2)
        below = 0 if self.bottom.isVisible() else half
        self.plotItem.layout.setContentsMargins(0, half // 2, 0, below)
        super().dress()

    def dress_items(self) -> None:
        """Give curves and ring their colours, and lines as wide as the screen needs."""
        for held in self._all():
            curve, colour = held.curve, held.curve.colour(self.colours)
            width = self.ratio if curve.pale else 2 * self.ratio
            held.item.opts.update(
                pen=pg.mkPen(colour, width=width) if curve.line else None,
                antialias=curve.pale or curve.marked or curve.smooth,
                symbolPen=None,
                symbolBrush=pg.mkBrush(colour),
                symbolSize=3 if curve.pale else 5,
            )
            held.fresh = True
        ink = pg.mkPen(self.colours.text, width=1.5 * self.ratio)
        self._ring.opts.update(pen=None, symbol="o", symbolSize=12, symbolBrush=None, symbolPen=ink)
        self.draw()

    def _new_item(self, name: str) -> Any:
        item = pg.PlotDataItem(name=name)
        item.setLogMode(False, self.log)
        self.plotItem.addItem(item)
        return item
