"""Compiled loops of the means of windows, or of whole maps: see `pool_windows.py`."""

import numpy as np

from engine.array_types import Array
from engine.compute.native.loops.pool_windows import TOGETHER, Sizes, Window, row_by_row
from engine.compute.native.loops.row_reductions import LANES, add_rows
from engine.compute.native.machine_code.compiled import compiled

SUMMED = 512  # values at most that are added up in their own type


@compiled
def average_pool(inputs: Array, size: int, stride: int, outputs: Array) -> None:
    """Write the mean of every window. inputs (planes, H, W); outputs (planes, H', W')."""
    planes, down, across = outputs.shape
    height, width = inputs.shape[1:]
    apart = row_by_row(size, stride, height, down)
    rows, step = (down, 1) if apart else (height, stride)
    together = max(1, min(planes, TOGETHER // (rows * width)))
    columns, windows = np.empty((2, together * rows * width + LANES), inputs.dtype)
    spare = np.empty((2, together * rows * width), inputs.dtype)
    share = inputs.dtype.type(1.0 / size**2)
    for first in range(0, planes, together):
        count = min(together, planes - first)
        length = count * rows * width
        if apart:
            window = size, stride, down
            _add_columns(inputs.reshape(-1), first, count, (height, width), window, columns)
        else:
            values = inputs[first : first + count].reshape(-1)
            length -= (size - 1) * width
            _add_up(values, size, width, columns[:length], spare)
        _add_up(columns[:length], size, 1, windows[: length - (size - 1)], spare)
        for n in range(count):
            for y in range(down):
                begin = (n * rows + y * step) * width
                if stride == 1:  # a loop that fills vectors
                    row, means = windows[begin:], outputs[first + n, y]
                    for x in range(across):
                        means[x] = row[x] * share
                else:
                    for x in range(across):
                        outputs[first + n, y, x] = windows[np.uint64(begin + x * stride)] * share


@compiled
def average_pool_gradient(gradient: Array, size: int, stride: int, out: Array) -> None:
    """Write ∂E/∂x: what all windows that a value is in send back to it."""
    planes, down, across = gradient.shape
    height, width = out.shape[1:]
    apart = row_by_row(size, stride, height, down)
    rows, step = (down, 1) if apart else (height, stride)
    before = (size - 1) * (1 if apart else width + 1)
    together = max(1, min(planes, TOGETHER // (rows * width)))
    starts, lines = np.zeros((2, before + together * rows * width + LANES), out.dtype)
    spare = np.empty((2, before + together * rows * width), out.dtype)
    share = out.dtype.type(1.0 / size**2)
    for first in range(0, planes, together):
        count = min(together, planes - first)
        for n in range(count):
            for y in range(down):
                begin = before + (n * rows + y * step) * width
                if stride == 1:
                    row, slopes = starts[begin:], gradient[first + n, y]
                    for x in range(across):
                        row[x] = slopes[x] * share
                else:
                    for x in range(across):
                        starts[np.uint64(begin + x * stride)] = gradient[first + n, y, x] * share
        length = before + count * rows * width
        _add_up(starts[:length], size, 1, lines[: length - (size - 1)], spare)
        if apart:
            window = size, stride, down
            _spread_columns(lines, first, count, (height, width), window, out.reshape(-1))
        else:
            own = out[first : first + count].reshape(-1)
            _add_up(lines[: length - (size - 1)], size, width, own, spare)


@compiled
def _add_columns(
    values: Array,
    first: int,
    planes: int,
    sides: Sizes,
    window: Window,
    sums: Array,
) -> None:
    """Write the sums of each window's values below each other: H' rows for each plane."""
    height, width = sides
    size, stride, down = window
    for n in range(planes):
        for y in range(down):
            at, to = ((first + n) * height + y * stride) * width, (n * down + y) * width
            for start in range(0, width, LANES):
                c = min(start, max(0, width - LANES))  # the last ones overlap those before
                if at + c + (size - 1) * width + LANES <= values.size:
                    add_rows(values, at + c, width, size, sums, to + c, 1)
                else:
                    _add_one_by_one(values[at:], width, size, sums[to:], 1)


@compiled
def _spread_columns(
    lines: Array,
    first: int,
    planes: int,
    sides: Sizes,
    window: Window,
    out: Array,
) -> None:
    """Write to each of the H rows of a plane the sum of those of its H' lines that reach it."""
    height, width = sides
    size, stride, down = window
    for n in range(planes):
        y = top = end = 0  # the row, and which lines reach it
        while y < height:
            if end < down and y == end * stride:
                end += 1
            if top < end and y == top * stride + size:
                top += 1
            following = height if end == down else end * stride  # where others do
            if top < end:
                following = min(following, top * stride + size)
            at, to = (n * down + top) * width, ((first + n) * height + y) * width
            copies = following - y
            for start in range(0, width, LANES):
                c = min(start, max(0, width - LANES))  # the last ones overlap those before
                if to + c + (copies - 1) * width + LANES <= out.size:
                    add_rows(lines, at + c, width, end - top, out, to + c, copies)
                else:
                    _add_one_by_one(lines[at:], width, end - top, out[to:], copies)
            y = following


@compiled
def _add_one_by_one(values: Array, width: int, rows: int, sums: Array, copies: int) -> None:
    """Do what `add_rows` does for all columns, where 16 are too many."""
    for i in range(width):
        total = values.dtype.type(0)
        for r in range(rows):
            total += values[i + r * width]
        for r in range(copies):
            sums[i + r * width] = total


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
