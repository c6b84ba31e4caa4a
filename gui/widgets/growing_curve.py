"""A curve that grows for hours in bounded memory, its smoothed twin, and its numbers for a file."""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_GROWTH = 4.0
_MOST_SPANS = 30.0  # whose values are added at once: e to that power is no large number yet


class GrowingCurve:
    """Hold the points of a growing curve, thinned so that it never shows more than `limit`.

    The raw points fall into groups of equal length; of each the smallest and the largest are
    kept, in their order, so that the envelope stays true. When there are too many pairs, the
    groups become twice as long: the whole curve is thinned alike, its beginning not more than its
    end. A value that is not finite makes its group a gap.
    """

    def __init__(self, limit: int = 480) -> None:
        self._limit = limit
        self.clear()

    def clear(self) -> None:
        """Forget all points."""
        self._x = np.empty(1024)
        self._y = np.empty(1024)
        self._pairs = 0  # how many of the points belong to whole groups
        self._count = 0  # all points that are held, the unfinished last group's included
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
        """Copy the points that stand for the curve, x and y."""
        whole, end = self._pairs, self._count
        if end - whole <= 2:
            return self._x[:end].copy(), self._y[:end].copy()
        last_x, last_y = _extremes(self._x[whole:end], self._y[whole:end], end - whole)
        return (
            np.concatenate([self._x[:whole], last_x]),
            np.concatenate([self._y[:whole], last_y]),
        )

    @property
    def thinned(self) -> bool:
        """Whether two neighbours are the smallest and the largest of a group, and not all of it."""
        return self._group > 2

    def _reserve(self, count: int) -> None:
        if count > len(self._x):
            grown = max(count, 2 * len(self._x))
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


class Smoother:
    """Smooths values that come at uneven times: an exponential mean over the time `span` before.

    s(t) = sum y_i e^((t_i - t) / span) / sum e^((t_i - t) / span), over all t_i up to t. While less
    than 4 times the span has passed, a quarter of that takes its place: the first values fall fast,
    and the mean would stay far above them. Values that are not finite are left out.
    """

    def __init__(self, span: float) -> None:
        self._span = span
        self.clear()

    def clear(self) -> None:
        """Begin anew."""
        self._sum = self._weight = 0.0
        self._first: float | None = None
        self._last = 0.0

    def smooth(self, x: Floats, y: Floats) -> Floats:
        """Return a smoothed value for each that is new; x grows."""
        smoothed, known = np.full(len(y), math.nan), np.isfinite(y)
        begin = 0
        if self._first is None:
            if not known.any():
                return smoothed
            begin = int(known.argmax())
            self._first = self._last = float(x[begin])
        times, weights = x[begin:], known[begin:].astype(np.float64)
        values = np.where(known, y, 0.0)[begin:]
        spans = np.minimum(self._span, (times - self._first) / _GROWTH)
        steps = np.diff(times, prepend=self._last)
        ages = np.cumsum(np.divide(steps, spans, out=np.zeros_like(steps), where=spans > 0))
        start, before = 0, 0.0
        while start < len(ages):
            end = int(np.searchsorted(ages, ages[start] + _MOST_SPANS, "right"))
            part = slice(start, end)
            growth, fade = np.exp(ages[part] - ages[start]), math.exp(before - ages[start])
            total = (self._sum * fade + np.cumsum(values[part] * growth)) / growth
            weight = (self._weight * fade + np.cumsum(weights[part] * growth)) / growth
            np.divide(total, weight, out=smoothed[begin:][part], where=weight > 0)
            self._sum, self._weight = float(total[-1]), float(weight[-1])
            start, before = end, float(ages[end - 1])
        self._last = float(x[-1]) if len(x) else self._last
        return smoothed


class Record:
    """Keeps rows of numbers for a file, the first of each being the time: all while they are few.

    Of more than `limit` rows, the means of two neighbours stay, again and again.
    """

    def __init__(self, columns: int, limit: int = 400_000) -> None:
        self._limit = limit
        self._rows = np.empty((1024, columns))
        self._count = 0

    def extend(self, rows: Floats) -> None:
        """Append rows (n, columns)."""
        end = self._count + len(rows)
        if end > len(self._rows):
            grown = np.empty((max(end, 2 * len(self._rows)), self._rows.shape[1]))
            grown[: self._count] = self.rows()
            self._rows = grown
        self._rows[self._count : end] = rows
        self._count = end
        while self._count > self._limit:
            self._join()

    def rows(self) -> Floats:
        """The rows (n, columns); they must not be written to."""
        return self._rows[: self._count]

    def _join(self) -> None:
        joined = joined_in_pairs(self.rows())
        self._count = len(joined)
        self._rows[: self._count] = joined


def joined_in_pairs(rows: Floats) -> Floats:
    """Return the means of each two neighbours of rows (n, columns), at the time of the second.

    The first column holds the times. Of an odd number of rows the last stays as it is.
    """
    whole = len(rows) // 2 * 2
    joined = (rows[0:whole:2] + rows[1:whole:2]) / 2
    joined[:, 0] = rows[1:whole:2, 0]
    return np.concatenate([joined, rows[whole:]])


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
