"""A growing curve: how it looks, what it holds, and the range that shows several of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PySide6.QtGui import QColor

from gui.theme import Colours, mixed, pale, readable
from gui.widgets.growing_curve import Floats, GrowingCurve
from gui.widgets.scales import Range, growing, linear, logarithmic

_DECADES = 1e12  # that a logarithmic axis shows at most
_SHADE = 0.6  # how much of its colour the next shade keeps
_AFTER = 0.5  # epochs after its last point that a curve is still read
_SMOOTH = 240  # points; the edges of a longer thick line would take long to smooth


@dataclass(frozen=True)
class Curve:
    """How one curve looks.

    `ink` is a colour, or the word of the theme for it. A pale curve is thin and stands behind the
    others. A marked one has a point for each mean of an epoch; without a line it has only these.
    The label stands beside its end. The edges of a smooth one are smoothed, which is why it has
    fewer points. Curves of one colour have different shades.
    """

    name: str
    ink: str
    label: str
    pale: bool = False
    marked: bool = False
    line: bool = True
    smooth: bool = False
    shade: float = 0

    def colour(self, colours: Colours) -> QColor:
        """The curve's colour in a theme."""
        ink = self.ink if self.ink.startswith("#") else str(getattr(colours, self.ink))
        ground = QColor(colours.window)
        colour = shaded(readable(QColor(ink), ground), colours, self.shade)
        return pale(colour, ground) if self.pale else colour

    def no_points(self) -> GrowingCurve:
        """Return what holds its points, which has none yet."""
        return GrowingCurve(_SMOOTH) if self.smooth else GrowingCurve()


def shaded(colour: QColor, colours: Colours, shade: float) -> QColor:
    """Return a shade of a colour, nearer to that of the text from shade to shade; 0: the colour."""
    return mixed(colour, QColor(colours.text), _SHADE**shade)


@dataclass
class HeldCurve:
    """A curve with its points, and what draws it."""

    curve: Curve
    item: Any
    series: GrowingCurve
    fresh: bool = True  # it has points that are not drawn yet
    x: Floats = field(default_factory=lambda: np.empty(0))  # as drawn
    y: Floats = field(default_factory=lambda: np.empty(0))

    @property
    def shown(self) -> bool:
        return bool(self.item.isVisible())

    def values_at(self, at: float) -> tuple[float, ...]:
        """Return what the curve says at a time: a mean at its epoch, else the newest point so far.

        Where it was thinned it is the lowest and the highest of the points there; none where it
        says nothing.
        """
        index = int(np.searchsorted(self.x, at, side="right")) - 1
        if index < 0:
            return ()
        if self.curve.marked:
            return (float(self.y[index]),) if self.x[index] == at else ()
        if at - float(self.x[-1]) > _AFTER:
            return ()
        if index and self.x[index - 1] == self.x[index] and math.isnan(self.y[index]):
            index -= 1  # the gap that begins after this point
        if self.series.thinned and self.curve.pale:
            low, high = (float(value) for value in np.sort(self.y[index // 2 * 2 :][:2])[[0, -1]])
            if low != high:
                return low, high
        return (float(self.y[index]),)


def across_of(
    held: Sequence[HeldCurve],
    earlier: Sequence[HeldCurve] = (),
    begin: float = math.inf,
    reach: float = 0.0,
) -> Range:
    """Show all curves, from the beginning of the first epoch that one has a point in.

    `begin` is a time that is shown too. Curves of `earlier` runs may stretch the axis up to
    `reach`, or to twice what the others need.
    """
    if not held and not earlier:
        return linear(0.0, 1.0)
    # The mean of an epoch stands at its end.
    first = min(
        float(each.x[0]) - (1.0 if each.curve.marked else 0.0) for each in (*held, *earlier)
    )
    first = min(begin, first)
    last = max((float(each.x[-1]) for each in held), default=0.0)
    most = max(2 * last, reach) if held else math.inf
    last = max([last, *(min(most, float(each.x[-1])) for each in earlier)])
    return growing(max(0.0, math.floor(first)), round(last, 3))


def upwards_of(held: Sequence[HeldCurve], log: bool) -> Range:
    """Show all means, and of other curves 99 %: the spike of a first step flattens nothing.

    A linear axis begins at zero. Pale curves may stretch the axis to twice what the others need.
    """
    means, dense, pale = (
        _positive([each.y for each in held if _sort(each.curve) == sort])
        for sort in ("means", "dense", "pale")
    )
    low, high = _most(dense)
    if means.size:
        low, high = np.fmin(low, means.min()), np.fmax(high, means.max())
    least, most = _most(pale)
    if math.isfinite(high) and pale.size:
        most, least = min(most, 2 * high), max(least, low / 10)
    low, high = float(np.fmin(low, least)), float(np.fmax(high, most))
    if log:
        return logarithmic(max(low, high / _DECADES), high) if low > 0 else logarithmic(0.1, 1.0)
    return growing(0.0, high if high > 0 else 1.0)


def _sort(curve: Curve) -> str:
    return "pale" if curve.pale else "means" if curve.marked else "dense"


def _positive(values: Sequence[Floats]) -> Floats:
    found = np.concatenate(values) if values else np.empty(0)
    return found[found > 0]


def _most(values: Floats) -> tuple[float, float]:
    """Return the ends of 98 % of the values; NaN where there is none."""
    if not values.size:
        return math.nan, math.nan
    low, high = np.percentile(values, [1, 99])
    return float(low), float(high)
