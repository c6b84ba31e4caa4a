"""Compiled matrix products of a Dense layer, in parts for several threads.

Each thread computes the outputs of its own rows of the weights (units, inputs). The way back and
the update go by columns: what comes of rows would have to be added up. One sample has loops of its
own, for BLAS is slow there.
"""

from functools import partial
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled
from engine.compute.native.machine_code.transpose import Places, turn
from engine.compute.native.threads.sharing import in_parts
from engine.compute.thread_pool import Pool

FEW_SAMPLES = 64  # up to which OpenBLAS multiplies the weights with them faster than the reverse
SHARED_BYTES = 200_000  # of weights that pay for a handoff even for one sample, when replayed
SHARED_WORK = 300_000  # multiplications that are worth handing a part to another thread
_AS_IS, _TURNED = ord("n"), ord("t")

# C ← f A B + g C in BLAS, which counts by columns, as numba calls it for `np.dot`: the type, what
# is to be transposed (A, B), rows and columns of C, the inner size, then the address of f, address
# and pitch of A and of B, the address of g, address and pitch of C.
_signature: Any = types.intc
_gemm: Any = types.ExternalFunction(
    "numba_xxgemm", _signature(*[types.char] * 3, *[types.intp] * 11)
)


@compiled
def _add_product(
    left: Array, left_as: int, right: Array, right_as: int, out: Array, scales: Array
) -> None:
    """Do out ← f left right + g out; scales (f, g). A factor is taken as it is, or turned (Aᵀ).

    Only the numbers of each row need to lie side by side.
    """
    inner = len(left) if left_as == _TURNED else left.shape[1]
    _gemm(
        ord("s") if out.itemsize == 4 else ord("d"),
        *(right_as, left_as),
        *(out.shape[1], out.shape[0], inner),
        scales.ctypes.data,
        *(right.ctypes.data, _pitch(right)),
        *(left.ctypes.data, _pitch(left)),
        scales.ctypes.data + out.itemsize,
        *(out.ctypes.data, _pitch(out)),
    )


@compiled
def _pitch(matrix: Array) -> int:
    """Return how many numbers further the next row begins; of one row, its length will do."""
    return int(max(matrix.strides[0] // matrix.itemsize, matrix.shape[1]))


@compiled
def _multiply(
    left: Array, right: Array, out: Array, scales: Array, first: int, part: int, parts: int
) -> None:
    """Do out ← f leftᵀ right + g out for a part of the columns of right and out; scales (f, g).

    Of left, the columns from `first` on are taken, as many as out has rows.
    """
    start, end = right.shape[1] * part // parts, right.shape[1] * (part + 1) // parts
    taken = left[:, first : first + len(out)]
    _add_product(taken, _TURNED, right[:, start:end], _AS_IS, out[:, start:end], scales)


@compiled
def _add_outer(
    left: Array, right: Array, out: Array, scales: Array, first: int, part: int, parts: int
) -> None:
    """Do what `_multiply` does for one sample, and a part of the rows of out."""
    rows, values, kept = out.shape[0], right[0], scales[1]
    for u in range(rows * part // parts, rows * (part + 1) // parts):
        row, slope = out[u], scales[0] * left[0, first + u]
        if kept == 0:
            for i in range(len(values)):
                row[i] = slope * values[i]
        else:
            for i in range(len(values)):
                row[i] = slope * values[i] + kept * row[i]


@compiled
def _multiply_back(
    left: Array, right: Array, out: Array, scales: Array, part: int, parts: int
) -> None:
    """Write left right for a part of the columns of right and out; scales (1, 0)."""
    start, end = right.shape[1] * part // parts, right.shape[1] * (part + 1) // parts
    _add_product(left, _AS_IS, right[:, start:end], _AS_IS, out[:, start:end], scales)


@compiled
def _outputs_of_units(
    weights: Array, inputs: Array, bias: Array, out: Array, scales: Array, part: int, parts: int
) -> None:
    """Write y = W x + b for a part of the units; out (n, units)."""
    units = len(weights)
    start, end = units * part // parts, units * (part + 1) // parts
    _add_product(inputs, _AS_IS, weights[start:end], _TURNED, out[:, start:end], scales)
    _add_bias(bias, out, start, end)


@compiled
def _turned_outputs_of_units(
    weights: Array,
    inputs: Array,
    bias: Array,
    out: Array,
    scales: Array,
    sums: Array,
    rows: Places,
    columns: Places,
    part: int,
    parts: int,
) -> None:
    """Do what `outputs_of_units` does by the sums Wx (units, n), which are then turned.

    The rows (units,) and columns (n,) say where those of the sums and of the outputs begin.
    """
    units = len(weights)
    start, end = units * part // parts, units * (part + 1) // parts
    _add_product(weights[start:end], _AS_IS, inputs, _TURNED, sums[start:end], scales)
    turn(sums.reshape(-1), 0, rows[start:end], out.reshape(-1), start, columns)
    _add_bias(bias, out, start, end)


@compiled
def _add_bias(bias: Array, out: Array, start: int, end: int) -> None:
    own = bias[start:end]
    for s in range(len(out)):
        row = out[s, start:end]
        for u in range(len(own)):
            row[u] += own[u]


@compiled
def _outputs_of_one(
    weights: Array, vector: Array, bias: Array, out: Array, part: int, parts: int
) -> None:
    """Write y = W x + b for one vector x (inputs,) and a part of y (units,)."""
    units = len(out)
    for u in range(units * part // parts, units * (part + 1) // parts):
        row, total = weights[u], out.dtype.type(0)
        for i in range(len(vector)):
            total += row[i] * vector[i]
        out[u] = total + bias[u]


@compiled
def _input_gradient_of_one(
    weights: Array, gradient: Array, out: Array, part: int, parts: int
) -> None:
    """Write a part of Wᵀ g (inputs,) for one vector g (units,)."""
    start, end = len(out) * part // parts, len(out) * (part + 1) // parts
    own = out[start:end]
    own[:] = 0
    for u in range(len(gradient)):
        row, slope = weights[u, start:end], gradient[u]
        for i in range(len(own)):
            own[i] += row[i] * slope


def dense_outputs(
    inputs: Array, weights: Array, bias: Array, out: Array, pool: Pool | None
) -> None:
    samples, units = out.shape
    threads = _threads(pool, inputs, weights)
    if samples == 1:
        product = partial(_outputs_of_one, weights, inputs[0], bias, out[0])
        in_parts(product, pool, threads)
        return
    given, scales = (weights, inputs, bias, out), np.array([1.0, 0.0], out.dtype)
    if samples > FEW_SAMPLES:
        product = partial(_outputs_of_units, *given, scales)
    else:
        sums = np.empty((units, samples), out.dtype)
        places = row_places(sums), row_places(out)
        product = partial(_turned_outputs_of_units, *given, scales, sums, *places)
    in_parts(product, pool, threads)


def dense_input_gradient(gradient: Array, weights: Array, out: Array, pool: Pool | None) -> None:
    if len(gradient) == 1:
        product = partial(_input_gradient_of_one, weights, gradient[0], out[0])
    else:
        scales = np.array([1.0, 0.0], out.dtype)
        product = partial(_multiply_back, gradient, weights, out, scales)
    in_parts(product, pool, _threads(pool, gradient, weights))


def add_product(
    weights: Array, left: Array, right: Array, scales: Array, pool: Pool | None, first: int = 0
) -> None:
    multiply = _add_outer if len(left) == 1 else _multiply
    product = partial(multiply, left, right, weights, scales, first)
    in_parts(product, pool, _threads(pool, left, weights))


def write_product(out: Array, left: Array, right: Array, first: int) -> None:
    add_product(out, left, right, np.array([1.0, 0.0], out.dtype), None, first)


def row_places(matrix: Array) -> NDArray[np.int64]:
    """Say where the rows of a matrix begin, counted in numbers."""
    places: NDArray[np.int64] = np.arange(len(matrix)) * matrix.shape[1]
    return places


def _threads(pool: Pool | None, samples: Array, weights: Array) -> int:
    """Return how many threads share a product of weights with so many samples."""
    if len(samples) == 1:
        enough = weights.nbytes >= SHARED_BYTES
    else:
        enough = len(samples) * weights.size >= SHARED_WORK
    return pool.threads if pool is not None and enough else 1
