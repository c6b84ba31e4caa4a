"""How the numbers of an array are written into its cells, by the room that a cell has."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QFont, QFontMetricsF

from engine.array_types import Array
from gui.widgets.number_words import infinite, short, tight

# "free": each number with its own digits. "aligned": all with two decimals, or with one where the
# largest is more than 1 and has two digits, too; none where a sign has no room. "brief": or one,
# where there is no room.
Writing = Literal["free", "aligned", "brief"]
Way = Callable[[float], str]

_DECIMALS = 2
_SIGNED = "−.00"  # has room, if numbers are aligned
BESIDE = 2  # px of a cell beside its number
_FIGURES = str.maketrans("123456789", "000000000")
_SIZES = (1.4, 1.2, 1.0)  # of the font: larger in large cells
_LARGE_CELL = 3.2  # lines of text of a large font that a cell is high at least


@dataclass(frozen=True)
class CellWriting:
    """How numbers are written into cells; there is no way if they do not fit.

    They are to be multiplied with ten to the power of `exponent`. The font is `size` times its
    own.
    """

    way: Way | None = None
    exponent: int = 0
    size: float = 1.0

    def text(self, value: float) -> str:
        """Write one number."""
        if self.way is None:
            return ""
        return infinite(value) or self.way(value / 10.0**self.exponent)

    def widest(self, values: Array, metrics: QFontMetricsF) -> float:
        """Return the px of the longest text; all figures are equally wide."""
        kinds = {self.text(value).translate(_FIGURES) for value in values.ravel().tolist()}
        return max(map(metrics.horizontalAdvance, kinds), default=0.0)


def write_cells(values: Array, font: QFont, room: QSizeF, writing: Writing) -> CellWriting:
    """Find the way with as many digits as fit into a cell of this room.

    Where the largest number is small or large, its power of ten may be left out of all.
    """
    lowest = QFontMetricsF(sized(font, _SIZES[-1]))
    if room.height() < 0.8 * lowest.height() or room.width() < lowest.horizontalAdvance(".0"):
        return CellWriting()  # as in all large pictures
    if writing == "free":
        return _write_freely(values, QFontMetricsF(font), room)
    exponent, telling = _factored(values), _telling(values)
    for ways in _aligned_ways(values / 10.0**exponent, writing):
        for size in _SIZES:
            metrics = QFontMetricsF(sized(font, size))
            if metrics.height() * (_LARGE_CELL if size > 1 else 0.8) > room.height():
                continue
            least = metrics.horizontalAdvance(_SIGNED) if writing == "aligned" else 0.0
            for way in ways:
                found = CellWriting(way, exponent, size)
                if max(least, found.widest(telling, metrics)) <= room.width():
                    return found
    return CellWriting()


def least_cell(values: Array, font: QFont) -> float:
    """Return the px of the smallest cells in which all numbers can be written aligned."""
    exponent, metrics = _factored(values), QFontMetricsF(font)
    way = _aligned_ways(values / 10.0**exponent, "aligned")[-1][-1]
    widest = CellWriting(way, exponent).widest(_telling(values), metrics)
    return max(metrics.height(), metrics.horizontalAdvance(_SIGNED), widest) + BESIDE


def _aligned_ways(scaled: Array, writing: Writing) -> list[tuple[Way, ...]]:
    decimals = next((n for n in range(_DECIMALS) if _exact(scaled, n)), _DECIMALS)
    ways: list[tuple[Way, ...]] = [
        (partial(_full, decimals=decimals), partial(tight, decimals=decimals))
    ]
    if writing == "brief" or _largest(scaled) > 1:
        ways.append((partial(tight, decimals=min(decimals, 1)),))
    return ways


def _telling(values: Array) -> Array:
    """Return those of some values that take the most room with any number of decimals."""
    finite = values[np.isfinite(values)]
    small = np.abs(finite[finite != 0])
    ends = [end(each) for each in (finite, small) if each.size for end in (np.min, np.max)]
    return np.array([*ends, *np.unique(values[~np.isfinite(values)])])


def rounded_summands(values: Array, decimals: int) -> Array:
    """Round numbers so that they add up to their sum, which is rounded as they are.

    Where rounding each to the nearest does not, those that lie nearest to the middle are rounded
    the other way, as few of them as it takes.
    """
    unit = 10.0**-decimals
    rounded = np.round(values, decimals)
    missing = round((round(float(values.sum()), decimals) - float(rounded.sum())) / unit)
    rest = (values - rounded) * np.sign(missing)
    flat = rounded.ravel()
    for place in np.argsort(-rest, axis=None, kind="stable")[: abs(missing)]:
        if rest.flat[place] > 0:
            flat[place] += np.sign(missing) * unit
    return np.asarray(np.round(flat, decimals).reshape(values.shape))


def sized(font: QFont, times: float) -> QFont:
    """Return a font so many times as large."""
    found = QFont(font)
    found.setPointSizeF(font.pointSizeF() * times)
    return found


def _write_freely(values: Array, metrics: QFontMetricsF, room: QSizeF) -> CellWriting:
    """Write each number with its own digits, as many as fit into a cell."""
    if metrics.height() > room.height():
        return CellWriting()
    factored, telling = _factored(values), _telling(values)
    found = [CellWriting(partial(short, digits=digits)) for digits in (3, 2)]
    found += [CellWriting(partial(tight, decimals=places), factored) for places in (2, 1)]
    fitting = (
        each
        for each in found  # where those that tell do not fit, the others need not
        if all(each.widest(some, metrics) <= room.width() for some in (telling, values))
    )
    return next(fitting, CellWriting())


def _exact(values: Array, decimals: int) -> bool:
    finite = values[np.isfinite(values)]
    return bool((np.abs(finite - np.round(finite, decimals)) <= 1e-12).all())


def _factored(values: Array) -> int:
    """Return the power of ten that is left out of all numbers; 0 if they are of a usual size."""
    largest = _largest(values)
    power = math.floor(math.log10(largest)) if largest else 0
    return 0 if -1 <= power <= 2 else power


def _largest(values: Array) -> float:
    return float(np.max(np.abs(values), initial=0.0, where=np.isfinite(values)))


def _full(value: float, decimals: int) -> str:
    return f"{value:z.{decimals}f}".replace("-", "−") if value else "0"
