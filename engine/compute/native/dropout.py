"""Compiled loops over random numbers, which are those of `random_streams.py`."""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, plain
from engine.compute.native.machine_code.compiled import compiled
from engine.compute.native.threads.sharing import by_parts, parts_of
from engine.compute.thread_pool import Pool

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_BLOCK = 1024  # values whose random numbers are drawn at a time


@compiled
def draw(key: np.uint64, number: int) -> np.uint64:
    """Return a random number of 64 bits, of a key the one with this number, from 1 on."""
    state = key + np.uint64(number) * _STEP
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))


@compiled
def _dropout(
    inputs: Array,
    key: np.uint64,
    counters: NDArray[np.int64],
    first: int,
    least: int,
    scale: Array,
    mask: Array,
    out: Array,
) -> None:
    """Write the mask, scale where a value's 16 bits come to the least or more, and x · mask.

    counters are epoch and step (2,); scale (1,); inputs, mask and out (samples, values).
    """
    samples, values = inputs.shape
    zero, one = inputs.dtype.type(0), scale[0]
    step = draw(draw(key, counters[0]), counters[1])
    numbers = np.empty(_BLOCK // 4, np.uint64)
    draws = numbers.view(np.uint16)
    for s in range(samples):
        own = draw(step, first + s + 1)
        for start in range(0, values, _BLOCK):
            count = min(_BLOCK, values - start)
            for i in range((count + 3) // 4):
                numbers[i] = draw(own, start // 4 + i + 1)
            row, kept = inputs[s, start:], mask[s, start:]
            result = out[s, start:]
            for v in range(count):
                kept[v] = one if np.int64(draws[v]) >= least else zero
                result[v] = row[v] * kept[v]


@compiled
def _dropout_derivative(gradient: Array, mask: Array, out: Array) -> None:
    """Write ∂E/∂x = ∂E/∂y · mask for vectors."""
    for i in range(gradient.size):
        out[i] = gradient[i] * mask[i]


def dropout(
    inputs: Array,
    key: np.uint64,
    counters: NDArray[np.int64],
    first: int,
    rate: float,
    mask: Array,
    out: Array,
    pool: Pool | None = None,
) -> None:
    shape = len(inputs), -1
    rows, masks, results = plain(inputs).reshape(shape), mask.reshape(shape), out.reshape(shape)
    least, scale = round(rate * 65536), np.array([1.0 / (1.0 - rate)], inputs.dtype)

    def leave_out(_: int, part: slice) -> None:
        _dropout(
            *(rows[part], key, counters, first + part.start, least, scale),
            *(masks[part], results[part]),
        )

    by_parts(leave_out, parts_of(inputs, pool), pool)


def dropout_derivative(gradient: Array, mask: Array, out: Array) -> None:
    _dropout_derivative(plain(gradient).reshape(-1), mask.reshape(-1), out.reshape(-1))
