"""How the numbers of an array are written into its cells, by the room that a cell has."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSizeF
from PySide6.QtGui import QFont, QFontMetricsF

from engine.array_types import Array
from gui.widgets.number_words import infinite, short, tight

# "free": each number with its own digits. "aligned": all with two decimals, or with one where the
# largest is more than 1 and has two digits, too; none where a sign has no room. "brief": or one,
# where there is no room.
Writing = Literal["free", "aligned", "brief"]
Way = Callable[[float], str]

_WAYS = tuple(partial(short, digits=digits) for digits in (3, 2))  # from most digits to fewest
_TIGHT = tuple(partial(tight, decimals=decimals) for decimals in (2, 1))
_DECIMALS = 2
_FIGURES = str.maketrans("123456789", "000000000")
_SIZES = (1.4, 1.2, 1.0)  # of the font: larger in large cells
_LARGE_CELL = 3.2  # lines of text of a large font that a cell is high at least


@dataclass(frozen=True)
class CellTexts:
    """The numbers as they are written, a list for each row; none if they do not fit.

    They are to be multiplied with ten to the power of `exponent`. The font is `size` times its
    own.
    """

    texts: list[list[str]]
    exponent: int = 0
    size: float = 1.0


def write_cells(
    values: Array,
    font: QFont,
    room: QSizeF,
    writing: Writing,
    gaps: NDArray[np.bool_] | None = None,
) -> CellTexts:
    """Write all numbers with as many digits as fit into a cell; none if not even the fewest do.

    Where the largest is small or large, its power of ten may be left out of all. Into cells that
    are `gaps` nothing is written.
    """
    lowest = QFontMetricsF(_sized(font, _SIZES[-1]))
    if room.height() < 0.8 * lowest.height() or room.width() < lowest.horizontalAdvance(".0"):
        return CellTexts([])  # as in all large pictures
    if writing == "free":
        return _write_freely(values, QFontMetricsF(font), room, gaps)
    exponent = _factored(values)
    scaled = values / 10.0**exponent
    decimals = next((n for n in range(_DECIMALS) if _exact(scaled, n)), _DECIMALS)
    passes: list[tuple[Way, ...]] = [
        (partial(_full, decimals=decimals), partial(tight, decimals=decimals))
    ]
    if writing == "brief" or _largest(scaled) > 1:
        passes.append((partial(tight, decimals=1),))
    for ways in passes:
        written = [_without(_written(scaled, way), gaps) for way in ways]
        for size in _SIZES:
            metrics = QFontMetricsF(_sized(font, size))
            if metrics.height() * (_LARGE_CELL if size > 1 else 0.8) > room.height():
                continue
            least = metrics.horizontalAdvance("−.00") if writing == "aligned" else 0.0
            for texts in written:
                if max(least, _widest(texts, metrics)) <= room.width():
                    return CellTexts(texts, exponent, size)
    return CellTexts([])


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


def _sized(font: QFont, shrunk: float) -> QFont:
    smaller = QFont(font)
    smaller.setPointSizeF(font.pointSizeF() * shrunk)
    return smaller


def _write_freely(
    values: Array, metrics: QFontMetricsF, room: QSizeF, gaps: NDArray[np.bool_] | None
) -> CellTexts:
    """Write each number with its own digits, as many as fit into a cell."""
    if metrics.height() > room.height():
        return CellTexts([])
    factored = _factored(values)
    ways = [*((write, 0) for write in _WAYS), *((write, factored) for write in _TIGHT)]
    for write, exponent in ways:
        scaled = values / 10.0**exponent
        for rows in (slice(1), slice(None)):  # where the first does not fit, the others need not
            texts = _without(_written(scaled[rows], write), None if gaps is None else gaps[rows])
            if _widest(texts, metrics) > room.width():
                break
        else:
            return CellTexts(texts, exponent)
    return CellTexts([])


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
    if value and float(f"{value:.{decimals}f}") == 0:
        return "≈0"
    return f"{value:.{decimals}f}".replace("-", "−") if value else "0"


def _written(values: Array, write: Callable[[float], str]) -> list[list[str]]:
    return [[infinite(value) or write(value) for value in row] for row in values.tolist()]


def _without(texts: list[list[str]], gaps: NDArray[np.bool_] | None) -> list[list[str]]:
    for row, column in [] if gaps is None else np.argwhere(gaps).tolist():
        texts[row][column] = ""
    return texts


def _widest(texts: list[list[str]], metrics: QFontMetricsF) -> float:
    """Return the px of the longest text; all figures are equally wide."""
    kinds = {text.translate(_FIGURES) for row in texts for text in row}
    return max(map(metrics.horizontalAdvance, kinds), default=0.0)
