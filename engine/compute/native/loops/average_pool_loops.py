"""Compiled loops of the means of windows, or of whole maps: see `pool_windows.py`."""

import numpy as np

from engine.array_types import Array
from engine.compute.native.loops.pool_windows import TOGETHER, Sizes, Window, row_by_row
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
    columns, windows = np.empty((2, together * rows * width), inputs.dtype)
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
    starts, lines = np.zeros((2, before + together * rows * width), out.dtype)
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
    """Write the sums of each window's values below each other: H' rows for each plane.

    All columns take two rows at a time, so that the processor's vectors are filled and what was
    added up so far is read half as often.
    """
    height, width = sides
    size, stride, down = window
    for n in range(planes):
        for y in range(down):
            at, to = ((first + n) * height + y * stride) * width, (n * down + y) * width
            own = sums[to : to + width]
            for r in range(0, size, 2):
                row = values[at + r * width :]
                if r + 1 < size:
                    below = row[width:]
                    for x in range(width):
                        two = row[x] + below[x]
                        own[x] = own[x] + two if r > 0 else two
                else:
                    for x in range(width):
                        own[x] = own[x] + row[x] if r > 0 else row[x]


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
            to = ((first + n) * height + y) * width
            own = out[to : to + width]
            if top == end:
                for x in range(width):
                    own[x] = 0
            for line in range(top, end):
                row = lines[(n * down + line) * width :]
                for x in range(width):
                    own[x] = own[x] + row[x] if line > top else row[x]
            for copy in range(1, following - y):
                other = out[to + copy * width :]
                for x in range(width):
                    other[x] = own[x]
            y = following


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
