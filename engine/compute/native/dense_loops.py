"""The compiled matrix product of a Dense layer, in parts for several threads.

Each thread computes with its own columns of the weights (units, inputs), the same forward, backward
and for the update, so that these weights stay in the cache of its core. The arguments are numbers
in an int64 array, addresses of matrices among them: so they can be handed to another thread without
Python.
"""

from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native.compiled import compiled

Arguments = NDArray[np.int64]

ARGUMENTS = 15
(_KIND, _BYTES, _PARTS, _COLUMNS, _ROWS, _OTHERS, _INNER, _TURNED) = range(8)
(_LEFT, _LEFT_PITCH, _RIGHT, _RIGHT_PITCH, _OUT, _OUT_PITCH, _SCALES) = range(8, ARGUMENTS)
_AS_IS, _TRANSPOSED = ord("n"), ord("t")

# C ← f A B + g C in BLAS, which counts by columns, as numba calls it for `np.dot`: the type, what
# is to be transposed (A, B), rows and columns of C, the inner size, then the address of f, address
# and pitch of A and of B, the address of g, address and pitch of C.
_signature: Any = types.intc
_gemm: Any = types.ExternalFunction(
    "numba_xxgemm", _signature(*[types.char] * 3, *[types.intp] * 11)
)


@compiled
def write_product(
    arguments: Arguments,
    parts: int,
    left: Array,
    right: Array,
    out: Array,
    scales: Array,
    inner: bool,
    turned: bool,
) -> None:
    """Write down a product over the columns (of the weights) that the parts share.

    The columns are those of right and out: out ← f left right + g out, or f leftᵀ right + g out if
    turned. Or they are the inner size of left rightᵀ: then each part writes to an array of its own,
    out[part] ← f left rightᵀ + g out[part] over its columns. scales (f, g). All arrays are plain.
    """
    columns = right.shape[1]
    arguments[_KIND] = ord("s") if out.itemsize == 4 else ord("d")
    arguments[_BYTES], arguments[_PARTS], arguments[_COLUMNS] = out.itemsize, parts, columns
    arguments[_ROWS], arguments[_OTHERS] = out.shape[-2], len(right)
    arguments[_INNER], arguments[_TURNED] = inner, turned
    arguments[_LEFT], arguments[_LEFT_PITCH] = left.ctypes.data, left.shape[1]
    arguments[_RIGHT], arguments[_RIGHT_PITCH] = right.ctypes.data, columns
    arguments[_OUT], arguments[_OUT_PITCH] = out.ctypes.data, out.shape[-1]
    arguments[_SCALES] = scales.ctypes.data


@compiled
def multiply_part(at: Arguments, part: int) -> None:
    """Do a part of the product that the arguments name."""
    start = at[_COLUMNS] * part // at[_PARTS]
    width = at[_COLUMNS] * (part + 1) // at[_PARTS] - start
    rows, others, inner = at[_ROWS], at[_OTHERS], at[_INNER] != 0
    ahead = start * at[_BYTES]
    _gemm(
        at[_KIND],
        _TRANSPOSED if inner else _AS_IS,
        _TRANSPOSED if at[_TURNED] else _AS_IS,
        others if inner else width,
        rows,
        width if inner else others,
        at[_SCALES],
        at[_RIGHT] + ahead,
        at[_RIGHT_PITCH],
        at[_LEFT] + (ahead if inner else 0),
        at[_LEFT_PITCH],
        at[_SCALES] + at[_BYTES],
        at[_OUT] + (part * rows * others * at[_BYTES] if inner else ahead),
        at[_OUT_PITCH],
    )


@compiled
def add_parts(parts: Array, turned: bool, bias: Array, out: Array) -> None:
    """Write y = Σ parts + b. parts (parts, n, units), or (parts, units, n) if turned."""
    samples, units = out.shape
    for s in range(samples):
        for u in range(units):
            total = bias[u]
            for p in range(parts.shape[0]):
                total += parts[p, u, s] if turned else parts[p, s, u]
            out[s, u] = total
