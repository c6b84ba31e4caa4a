"""A curve that grows for hours in bounded memory, its smoothed twin, and its numbers for a file."""

import math

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_HELD = 50_000  # points of a curve
_GROWTH = 4.0
_MOST_SPANS = 30.0  # whose values are added at once: e to that power is no large number yet


class GrowingCurve:
    """Holds the points of a growing curve, and thins them so that no more than `limit` are drawn.

    The points fall into groups of equal length; of each the smallest and the largest are drawn, in
    their order, so that the envelope stays true, and the whole curve is thinned alike. A value that
    is not finite makes its group a gap. Of very many points, the means of neighbours are held.
    """

    def __init__(self, limit: int = 480) -> None:
        self._limit = limit
        self.clear()

    def clear(self) -> None:
        """Forget all points."""
        self._record = Record(2, limit=_HELD)

    def extend(self, x: Floats, y: Floats) -> None:
        """Append raw points; x grows, a y that is not finite is a gap."""
        self._record.extend(np.stack([x, np.where(np.isfinite(y), y, np.nan)], axis=1))

    def points(self) -> tuple[Floats, Floats]:
        """Return the points that stand for the curve, x and y."""
        x, y = np.ascontiguousarray(self._record.rows().T)
        group = self._group
        whole = len(x) // group * group
        first, last = _extremes(x[:whole], y[:whole], group), _extremes(x[whole:], y[whole:], group)
        return np.concatenate([first[0], last[0]]), np.concatenate([first[1], last[1]])

    @property
    def thinned(self) -> bool:
        """Whether two neighbours are the smallest and the largest of a group, and not all of it."""
        return self._group > 2

    @property
    def _group(self) -> int:
        """How many points are a group: a power of two, so that groups stay while it grows."""
        count, group = len(self._record.rows()), 2
        while 2 * count // group > self._limit:
            group *= 2
        return group


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
            joined = joined_in_pairs(self.rows())
            self._count = len(joined)
            self._rows[: self._count] = joined

    def rows(self) -> Floats:
        """The rows (n, columns); they must not be written to."""
        return self._rows[: self._count]


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
    group = min(group, len(y))  # an unfinished group
    if group <= 2:
        return x, y
    rows = np.arange(len(y) // group)
    grouped_x, grouped_y = x.reshape(-1, group), y.reshape(-1, group)
    low, high = grouped_y.argmin(axis=1), grouped_y.argmax(axis=1)
    flat = (low == high) & ~np.isnan(grouped_y[rows, low])
    low[flat], high[flat] = 0, group - 1
    picks = np.sort(np.stack([low, high], axis=1), axis=1)
    return grouped_x[rows[:, None], picks].ravel(), grouped_y[rows[:, None], picks].ravel()
