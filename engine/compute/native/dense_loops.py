"""Compiled matrix products of a Dense layer, in parts for several threads.

Each thread computes with its own columns of the weights (units, inputs), the same in all three
products, so that these weights stay in the cache of its core. The arguments of a job lie in an
int64 array: sizes, the addresses of three matrices, and of one number.
"""

import numpy as np
from numba import carray  # type: ignore[attr-defined]
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native.compiled import compiled, compiled_job
from engine.compute.native.llvm import gemm, pointer

ARGUMENTS = 10
(_GEMM, _BYTES, _PARTS, _SAMPLES, _UNITS, _INPUTS, _LEFT, _RIGHT, _OUT, _FACTOR) = range(ARGUMENTS)
_AS_IS, _TURNED = ord("N"), ord("T")


@compiled
def write_arguments(
    arguments: NDArray[np.int64],
    function: int,
    parts: int,
    sizes: tuple[int, int, int],
    matrices: tuple[Array, Array, Array],
    factor: Array,
) -> int:
    """Write down a job; return the address of its arguments.

    sizes (samples, units, inputs); factor holds one number.
    """
    left, right, out = matrices
    arguments[_GEMM], arguments[_PARTS] = function, parts
    arguments[_BYTES] = left.itemsize
    arguments[_SAMPLES], arguments[_UNITS], arguments[_INPUTS] = sizes
    arguments[_LEFT], arguments[_RIGHT] = left.ctypes.data, right.ctypes.data
    arguments[_OUT], arguments[_FACTOR] = out.ctypes.data, factor.ctypes.data
    return arguments.ctypes.data


@compiled
def _columns(inputs: int, part: int, parts: int) -> tuple[int, int]:
    """Return where a part's columns start, and how many they are."""
    start = inputs * part // parts
    return start, inputs * (part + 1) // parts - start


@compiled
def _product(
    at: NDArray[np.int64],
    turns: tuple[int, int],
    sizes: tuple[int, int, int],
    a: tuple[int, int],
    b: tuple[int, int],
    beta: float,
    c: tuple[int, int],
) -> None:
    """Call BLAS for the type that the arguments name; BLAS counts by columns."""
    if at[_BYTES] == 4:
        single = carray(pointer(at[_FACTOR]), (1,), np.float32)[0]
        gemm(at[_GEMM], turns, sizes, single, a, b, np.float32(beta), c)
    else:
        double = carray(pointer(at[_FACTOR]), (1,), np.float64)[0]
        gemm(at[_GEMM], turns, sizes, double, a, b, beta, c)


@compiled_job
def outputs(arguments: int, part: int) -> None:
    """Write X Wᵀ over the part's columns only; each part has a matrix (samples, units) for it."""
    at = carray(pointer(arguments), (ARGUMENTS,), np.int64)
    samples, units, inputs = at[_SAMPLES], at[_UNITS], at[_INPUTS]
    start, width = _columns(inputs, part, at[_PARTS])
    _product(
        at,
        (_TURNED, _AS_IS),
        (units, samples, width),
        (at[_RIGHT] + start * at[_BYTES], inputs),
        (at[_LEFT] + start * at[_BYTES], inputs),
        0.0,
        (at[_OUT] + part * samples * units * at[_BYTES], units),
    )


@compiled_job
def turned_outputs(arguments: int, part: int) -> None:
    """Write W Xᵀ over the part's columns only: faster for a few samples."""
    at = carray(pointer(arguments), (ARGUMENTS,), np.int64)
    samples, units, inputs = at[_SAMPLES], at[_UNITS], at[_INPUTS]
    start, width = _columns(inputs, part, at[_PARTS])
    _product(
        at,
        (_TURNED, _AS_IS),
        (samples, units, width),
        (at[_LEFT] + start * at[_BYTES], inputs),
        (at[_RIGHT] + start * at[_BYTES], inputs),
        0.0,
        (at[_OUT] + part * samples * units * at[_BYTES], samples),
    )


@compiled_job
def input_gradient(arguments: int, part: int) -> None:
    """Write the part's columns of ∂E/∂x = ∂E/∂y W."""
    at = carray(pointer(arguments), (ARGUMENTS,), np.int64)
    samples, units, inputs = at[_SAMPLES], at[_UNITS], at[_INPUTS]
    start, width = _columns(inputs, part, at[_PARTS])
    _product(
        at,
        (_AS_IS, _AS_IS),
        (width, samples, units),
        (at[_RIGHT] + start * at[_BYTES], inputs),
        (at[_LEFT], units),
        0.0,
        (at[_OUT] + start * at[_BYTES], inputs),
    )


@compiled_job
def add_product(arguments: int, part: int) -> None:
    """Add to the part's columns of W: W ← W + factor · leftᵀ right."""
    at = carray(pointer(arguments), (ARGUMENTS,), np.int64)
    samples, units, inputs = at[_SAMPLES], at[_UNITS], at[_INPUTS]
    start, width = _columns(inputs, part, at[_PARTS])
    _product(
        at,
        (_AS_IS, _TURNED),
        (width, units, samples),
        (at[_RIGHT] + start * at[_BYTES], inputs),
        (at[_LEFT], units),
        1.0,
        (at[_OUT] + start * at[_BYTES], inputs),
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
