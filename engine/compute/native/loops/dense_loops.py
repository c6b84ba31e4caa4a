"""Compiled matrix products of a Dense layer, in parts for several threads.

Each thread computes the outputs of its own rows of the weights (units, inputs), and updates these,
so that they stay in the cache of its core. The way back goes by columns: what comes of rows would
have to be added up, which pays for few samples alone.
"""

from typing import Any

from numba import types

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled
from engine.compute.native.machine_code.transpose import Places, turn

ROWS = 4  # of the weights that are multiplied with one vector at a time
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
def multiply(
    left: Array, right: Array, out: Array, scales: Array, first: int, part: int, parts: int
) -> None:
    """Do out ← f leftᵀ right + g out for a part of the columns of right and out; scales (f, g).

    Of left, the columns from `first` on are taken, as many as out has rows.
    """
    start, end = right.shape[1] * part // parts, right.shape[1] * (part + 1) // parts
    taken = left[:, first : first + len(out)]
    _add_product(taken, _TURNED, right[:, start:end], _AS_IS, out[:, start:end], scales)


@compiled
def multiply_rows(
    left: Array, right: Array, out: Array, scales: Array, first: int, part: int, parts: int
) -> None:
    """Do what `multiply` does, for a part of the rows of out."""
    rows, kept = out.shape[0], scales[1]
    start, end = rows * part // parts, rows * (part + 1) // parts
    if left.shape[0] > 1:
        multiply(left, right, out[start:end], scales, first + start, 0, 1)
        return
    values = right[0]
    for u in range(start, end):
        row, slope = out[u], scales[0] * left[0, first + u]
        if kept == 0:
            for i in range(len(values)):
                row[i] = slope * values[i]
        else:
            for i in range(len(values)):
                row[i] = slope * values[i] + kept * row[i]


@compiled
def multiply_back(
    left: Array, right: Array, out: Array, scales: Array, first: int, part: int, parts: int
) -> None:
    """Do out ← f left right + g out for a part of the columns of right and out; scales (f, g).

    Of left, the columns from `first` on are taken, as many as right has rows.
    """
    start, end = right.shape[1] * part // parts, right.shape[1] * (part + 1) // parts
    taken = left[:, first : first + len(right)]
    _add_product(taken, _AS_IS, right[:, start:end], _AS_IS, out[:, start:end], scales)


@compiled
def multiply_back_rows(
    left: Array, right: Array, out: Array, scales: Array, part: int, parts: int
) -> None:
    """Do out[part] ← f left right + g out[part] over a part of the rows of right."""
    start, end = right.shape[0] * part // parts, right.shape[0] * (part + 1) // parts
    multiply_back(left, right[start:end], out[part], scales, start, 0, 1)


@compiled
def outputs_of_units(
    weights: Array, inputs: Array, bias: Array, out: Array, scales: Array, part: int, parts: int
) -> None:
    """Write y = W x + b for a part of the units; out (n, units)."""
    units = len(weights)
    start, end = units * part // parts, units * (part + 1) // parts
    _add_product(inputs, _AS_IS, weights[start:end], _TURNED, out[:, start:end], scales)
    _add_bias(bias, out, start, end)


@compiled
def turned_outputs_of_units(
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
def outputs_of_one(
    weights: Array, vector: Array, bias: Array, out: Array, part: int, parts: int
) -> None:
    """Write y = W x + b for one vector x (inputs,) and a part of y (units,)."""
    units, zero = len(out), out.dtype.type(0)
    start, end = units * part // parts, units * (part + 1) // parts
    alone = start + (end - start) % ROWS
    for u in range(start, alone):
        row, sum_a = weights[u], zero
        for i in range(len(vector)):
            sum_a += row[i] * vector[i]
        out[u] = sum_a + bias[u]
    for u in range(alone, end, ROWS):  # several rows for each time that x is read
        row_a, row_b, row_c, row_d = weights[u], weights[u + 1], weights[u + 2], weights[u + 3]
        sum_a, sum_b, sum_c, sum_d = zero, zero, zero, zero
        for i in range(len(vector)):
            value = vector[i]
            sum_a += row_a[i] * value
            sum_b += row_b[i] * value
            sum_c += row_c[i] * value
            sum_d += row_d[i] * value
        out[u], out[u + 1] = sum_a + bias[u], sum_b + bias[u + 1]
        out[u + 2], out[u + 3] = sum_c + bias[u + 2], sum_d + bias[u + 3]


@compiled
def input_gradient_of_one(
    weights: Array, gradient: Array, sums: Array, part: int, parts: int
) -> None:
    """Write Wᵀ g over a part of the rows, for one vector g (units,), to sums[part] (inputs,)."""
    units, total = len(gradient), sums[part]
    start, end = units * part // parts, units * (part + 1) // parts
    alone = start + (end - start) % ROWS
    total[:] = 0
    for u in range(start, alone):
        row, slope = weights[u], gradient[u]
        for i in range(len(total)):
            total[i] += row[i] * slope
    for u in range(alone, end, ROWS):  # several rows for each time that the sums are read
        row_a, row_b, row_c, row_d = weights[u], weights[u + 1], weights[u + 2], weights[u + 3]
        a, b, c, d = gradient[u], gradient[u + 1], gradient[u + 2], gradient[u + 3]
        for i in range(len(total)):
            total[i] += (row_a[i] * a + row_b[i] * b) + (row_c[i] * c + row_d[i] * d)
