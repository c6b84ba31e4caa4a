"""A curve that grows for hours in bounded memory."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Series:
    """Hold the points of a growing curve, thinned so that it never shows many more than `limit`.

    The raw points fall into groups of equal length; of each the smallest and the largest are
    kept, in their order, so that the envelope stays true. When there are too many pairs, the
    groups become twice as long: the whole curve is thinned alike, its beginning not more than its
    end. A value that is not finite makes its group a gap.
    """

    def __init__(self, limit: int = 10_000) -> None:
        self._limit = limit
        self.clear()

    def clear(self) -> None:
        """Forget all points."""
        self._x = np.empty(1024)
        self._y = np.empty(1024)
        self._pairs = 0  # how many of the points belong to whole groups
        self._count = 0  # all points that are shown, the unfinished last group's included
        self._group = 2

    def extend(self, x: Floats, y: Floats) -> None:
        """Append raw points; x grows, a y that is not finite is a gap."""
        start = self._pairs
        x = np.concatenate([self._x[start : self._count], np.asarray(x, dtype=np.float64)])
        y = np.concatenate([self._y[start : self._count], np.asarray(y, dtype=np.float64)])
        y[~np.isfinite(y)] = np.nan
        whole = len(x) // self._group * self._group
        thin_x, thin_y = _extremes(x[:whole], y[:whole], self._group)
        self._pairs += len(thin_x)
        self._count = self._pairs + len(x) - whole
        self._reserve(self._count)
        for buffer, thin, rest in ((self._x, thin_x, x[whole:]), (self._y, thin_y, y[whole:])):
            buffer[start : self._pairs] = thin
            buffer[self._pairs : self._count] = rest
        while self._pairs > self._limit:
            self._thin()

    def points(self) -> tuple[Floats, Floats]:
        """Give the x and y to draw: views that the next `extend` writes to."""
        return self._x[: self._count], self._y[: self._count]

    def _reserve(self, size: int) -> None:
        if size > len(self._x):
            grown = max(size, 2 * len(self._x))
            self._x = np.resize(self._x, grown)
            self._y = np.resize(self._y, grown)

    def _thin(self) -> None:
        whole = self._pairs // 4 * 4
        for_x, for_y = _extremes(self._x[:whole], self._y[:whole], 4)
        rest = slice(whole, self._count)
        self._pairs = len(for_x)
        self._count = self._pairs + rest.stop - rest.start
        for buffer, thin in ((self._x, for_x), (self._y, for_y)):
            buffer[self._pairs : self._count] = buffer[rest].copy()
            buffer[: self._pairs] = thin
        self._group *= 2


def _extremes(x: Floats, y: Floats, group: int) -> tuple[Floats, Floats]:
    """Keep of each group of points its smallest and its largest, in their order."""
    if group == 2:
        return x, y
    rows = np.arange(len(y) // group)
    grouped_x, grouped_y = x.reshape(-1, group), y.reshape(-1, group)
    low, high = grouped_y.argmin(axis=1), grouped_y.argmax(axis=1)
    flat = (low == high) & ~np.isnan(grouped_y[rows, low])
    low[flat], high[flat] = 0, group - 1
    picks = np.sort(np.stack([low, high], axis=1), axis=1)
    return grouped_x[rows[:, None], picks].ravel(), grouped_y[rows[:, None], picks].ravel()
