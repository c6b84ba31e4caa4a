"""Compiled loops of pooling, over planes: the maps of all samples, one after the other.

A window of any size is put together from smaller ones beside each other: of 5 values from two of 4,
these from two of 2. This is done for every place of some planes as one long row, also where no
window begins: long rows fill the processor's vectors, and what is of no use is left.
"""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native.compiled import compiled

TOGETHER = 4096  # values of the planes that are done together: they stay in the cache
SUMMED = 512  # values at most that are added up in their own type
_ORDER, _LAST = np.int64(1) << np.int64(32), np.int64(2**31 - 1)
Places = NDArray[np.int32]
Keys = NDArray[np.int64]


@compiled
def max_pool_of_pairs(inputs: Array, outputs: Array, places: Places) -> None:
    """Do what `max_pool` does for windows of 2×2 side by side, without branches: with vectors."""
    planes, down, across = outputs.shape
    below = np.int32(inputs.shape[2])
    zero, one = np.int32(0), np.int32(1)
    for n in range(planes):
        for y in range(down):
            upper, lower = inputs[n, 2 * y], inputs[n, 2 * y + 1]
            row, row_places = outputs[n, y], places[n, y]
            first = np.int32(2 * y) * below
            for x in range(across):
                best, offset = upper[2 * x], zero
                value = upper[2 * x + 1]
                takes = _exceeds(value, best)
                best, offset = value if takes else best, one if takes else offset
                value = lower[2 * x]
                takes = _exceeds(value, best)
                best, offset = value if takes else best, below if takes else offset
                value = lower[2 * x + 1]
                takes = _exceeds(value, best)
                row[x] = value if takes else best
                row_places[x] = first + np.int32(2 * x) + (below + one if takes else offset)


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
    area = height * width
    together = max(1, TOGETHER // area)
    table = np.empty((2, together * area), np.int64)
    for first in range(0, planes, together):
        count = min(together, planes - first)
        values = inputs[first : first + count].reshape(-1)
        keys, others, length = table[0], table[1], values.size
        _write_keys(values.view(np.int32), keys)
        for unit in (1, width):
            done = 1
            while done < size:
                more = min(done, size - done)
                length -= more * unit
                _larger(keys, more * unit, length, others)
                keys, others = others, keys
                done += more
        for n in range(count):
            for y in range(down):
                begin = n * area + y * stride * width
                for x in range(across):
                    place = _LAST - (keys[begin + x * stride] & np.int64(_ORDER - 1))
                    outputs[first + n, y, x] = values[place]
                    places[first + n, y, x] = place - n * area


@compiled
def _write_keys(bits: Places, keys: Keys) -> None:
    """Write numbers of which the larger has the larger value, or of equal values the first place.

    The bits of a float32 as a whole number have its order, but those of negative ones are turned.
    """
    for p in range(bits.size):
        b = bits[p]
        order = b if b >= 0 else b ^ np.int32(0x7FFFFFFF)
        order = np.int32(0) if b == np.int32(-0x80000000) else order  # -0 is 0
        nan = (b & np.int32(0x7FFFFFFF)) > np.int32(0x7F800000)
        order = np.int32(0x7FFFFFFF) if nan else order
        keys[p] = np.int64(order) * _ORDER + (_LAST - p)


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


@compiled
def average_pool(inputs: Array, size: int, stride: int, outputs: Array) -> None:
    """Write the mean of every window. inputs (planes, H, W); outputs (planes, H', W')."""
    planes, down, across = outputs.shape
    height, width = inputs.shape[1:]
    area = height * width
    together = max(1, TOGETHER // area)
    rows, windows = np.empty((2, together * area), inputs.dtype)
    spare = np.empty((2, together * area), inputs.dtype)
    share = inputs.dtype.type(1.0 / size**2)
    for first in range(0, planes, together):
        count = min(together, planes - first)
        values = inputs[first : first + count].reshape(-1)
        length = values.size - (size - 1)
        _add_up(values, size, 1, rows[:length], spare)
        _add_up(rows[:length], size, width, windows[: length - (size - 1) * width], spare)
        for n in range(count):
            for y in range(down):
                begin = n * area + y * stride * width
                for x in range(across):
                    outputs[first + n, y, x] = windows[begin + x * stride] * share


@compiled
def average_pool_gradient(gradient: Array, size: int, stride: int, out: Array) -> None:
    """Write ∂E/∂x: what all windows that a value is in send back to it."""
    planes, down, across = gradient.shape
    height, width = out.shape[1:]
    area, before = height * width, (size - 1) * (width + 1)
    together = max(1, TOGETHER // area)
    starts, rows = np.zeros((2, before + together * area), out.dtype)
    spare = np.empty((2, before + together * area), out.dtype)
    share = out.dtype.type(1.0 / size**2)
    for first in range(0, planes, together):
        count = min(together, planes - first)
        for n in range(count):
            for y in range(down):
                begin = before + n * area + y * stride * width
                for x in range(across):
                    starts[begin + x * stride] = gradient[first + n, y, x] * share
        length = before + count * area
        _add_up(starts[:length], size, 1, rows[: length - (size - 1)], spare)
        own = out[first : first + count].reshape(-1)
        _add_up(rows[: length - (size - 1)], size, width, own, spare)


@compiled
def _add_up(values: Array, size: int, unit: int, sums: Array, spare: Array) -> None:
    """Write the sum of so many values, a unit away from each other, from each place on.

    The sums of 2n values, or of 2n + 1, come from those of n: so size is written bit by bit.
    """
    bits = 0
    while size >> (bits + 1):
        bits += 1
    if bits == 0:
        sums[:] = values
    source, done = values, 1
    for bit in range(bits - 1, -1, -1):
        target = spare[bit % 2] if bit else sums
        second, odd = source[done * unit :], size >> bit & 1
        length = values.size - (2 * done + odd - 1) * unit
        if odd:
            last = values[2 * done * unit :]
            for p in range(length):
                target[p] = source[p] + second[p] + last[p]
        else:
            for p in range(length):
                target[p] = source[p] + second[p]
        source, done = target, size >> bit


@compiled
def global_average_pool(inputs: Array, outputs: Array) -> None:
    """Write the mean of every plane (planes, H · W), of sums that are short enough for float32."""
    planes, area = inputs.shape
    for n in range(planes):
        total = np.float64(0)
        for start in range(0, area, SUMMED):
            values, part = inputs[n, start : start + SUMMED], inputs.dtype.type(0)
            for i in range(values.size):
                part += values[i]
            total += part
        outputs[n] = total / area


@compiled
def global_average_pool_gradient(gradient: Array, out: Array) -> None:
    """Write ∂E/∂x of every plane (planes, H · W)."""
    planes, area = out.shape
    for n in range(planes):
        out[n] = gradient[n] / area
