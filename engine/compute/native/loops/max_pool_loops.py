"""Compiled loops of the largest values of windows: see `pool_windows.py`."""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native.loops.pool_windows import TOGETHER, Sizes, Window, row_by_row
from engine.compute.native.machine_code.compiled import compiled

_ORDER, _LAST = np.int64(1) << np.int64(32), np.int64(2**31 - 1)
Places = NDArray[np.int32]
Keys = NDArray[np.int64]


@compiled
def max_pool_one_by_one(
    inputs: Array, size: int, stride: int, outputs: Array, places: Places
) -> None:
    """Do what `max_pool` does, window by window, for values of any type."""
    planes, down, across = outputs.shape
    width = inputs.shape[2]
    for n in range(planes):
        for y in range(down):
            for x in range(across):
                place = y * stride * width + x * stride
                best = inputs[n, y * stride, x * stride]
                for i in range(size):
                    for j in range(size):
                        value = inputs[n, y * stride + i, x * stride + j]
                        if _exceeds(value, best):
                            best = value
                            place = (y * stride + i) * width + x * stride + j
                outputs[n, y, x] = best
                places[n, y, x] = place


@compiled
def _exceeds(value: float, best: float) -> bool:
    """Return whether a value is larger, or NaN and the best is not."""
    return (not value <= best) & (best == best)


@compiled
def max_pool(inputs: Array, size: int, stride: int, outputs: Array, places: Places) -> None:
    """Write the largest value of every window, the first of several, and its place in the map.

    inputs (planes, H, W) of float32; outputs and places (planes, H', W'). NaN counts as largest.
    """
    planes, down, across = outputs.shape
    height, width = inputs.shape[1:]
    area, apart = height * width, row_by_row(size, stride, height, down)
    rows, step = (down, 1) if apart else (height, stride)
    together = max(1, min(planes, TOGETHER // (rows * width)))
    table = np.empty((2, together * rows * width), np.int64)
    best = np.empty(table.shape[1], inputs.dtype)
    where = np.arange(table.shape[1]).astype(np.int32)
    maps = inputs.reshape(-1)
    for first in range(0, planes, together):
        count = min(together, planes - first)
        values = maps[first * area : (first + count) * area]
        keys, others, length = table[0], table[1], count * rows * width
        if apart:
            window = size, stride, down
            reached = (across - 1) * stride + size  # columns; of the others no window has any
            _largest_of_columns(maps, first, count, (height, width), reached, window, best, where)
            _write_keys(best[:length].view(np.int32), where, keys)
        else:
            _write_keys(values.view(np.int32), where, keys)
        for direction in range(1 if apart else 2):
            unit, done = (width if direction else 1), 1
            while done < size:
                more = min(done, size - done)
                length -= more * unit
                _larger(keys, more * unit, length, others)
                keys, others = others, keys
                done += more
        for n in range(count):
            for y in range(down):
                begin = (n * rows + y * step) * width
                chosen = keys[begin:][::stride]
                largest, own = outputs[first + n, y], places[first + n, y]
                for x in range(across):
                    place = _LAST - (chosen[x] & np.int64(_ORDER - 1))
                    largest[x] = values[np.uint64(place)]
                    own[x] = place - n * area


@compiled
def _largest_of_columns(
    values: Array,
    first: int,
    planes: int,
    sides: Sizes,
    reached: int,
    window: Window,
    best: Array,
    where: Places,
) -> None:
    """Write the first largest of each window's values below each other: H' rows for each plane.

    Places count from the first plane on. Of each row, so many columns are written as are reached.
    All columns take two rows at a time, so that the processor's vectors are filled and what was
    found so far is read half as often. window: size, stride and H'.
    """
    height, width = sides
    size, stride, down = window
    base = first * height * width
    for n in range(planes):
        for y in range(down):
            at, to = base + (n * height + y * stride) * width, (n * down + y) * width
            own, spots = best[to : to + reached], where[to : to + reached]
            for r in range(0, size, 2):
                one, two = at + r * width, at + min(r + 1, size - 1) * width  # a last one twice
                row, below = values[one : one + reached], values[two : two + reached]
                for x in range(reached):
                    takes = _exceeds(below[x], row[x])
                    value = below[x] if takes else row[x]
                    place = (two if takes else one) + x - base
                    if r > 0:
                        takes = _exceeds(value, own[x])
                        value = value if takes else own[x]
                        place = place if takes else spots[x]
                    own[x], spots[x] = value, place


@compiled
def _write_keys(bits: Places, places: Places, keys: Keys) -> None:
    """Write numbers of which the larger has the larger value, or of equal values the first place.

    The bits of a float32 as a whole number have its order, but those of negative ones are turned.
    """
    for p in range(bits.size):
        b = bits[p]
        order = b if b >= 0 else b ^ np.int32(0x7FFFFFFF)
        order = np.int32(0) if b == np.int32(-0x80000000) else order  # -0 is 0
        nan = (b & np.int32(0x7FFFFFFF)) > np.int32(0x7F800000)
        order = np.int32(0x7FFFFFFF) if nan else order
        keys[p] = np.int64(order) * _ORDER + (_LAST - places[p])


@compiled
def _larger(keys: Keys, away: int, length: int, larger: Keys) -> None:
    """Write the larger of each two keys so far away from each other."""
    others = keys[away:]
    for p in range(length):
        larger[p] = max(keys[p], others[p])


@compiled
def max_pool_gradient(gradient: Array, places: Places, out: Array) -> None:
    """Write every gradient, added up, to the place where its window's largest value stood.

    gradient and places (planes, H' · W'); out (planes, H · W).
    """
    planes, windows = gradient.shape
    for n in range(planes):
        own, slopes, own_places = out[n], gradient[n], places[n]
        own[:] = 0
        for i in range(windows):
            own[own_places[i]] += slopes[i]
