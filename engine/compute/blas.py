"""The one BLAS call that numpy does not offer: a product that is added to a matrix in place."""

import ctypes
from collections.abc import Callable
from functools import cache
from typing import Any

from engine.arrays import Array

_PLAIN, _TURNED = ctypes.c_char(b"N"), ctypes.c_char(b"T")


def add_product(matrix: Array, left: Array, right: Array, factor: float, columns: slice) -> None:
    """Do C ← C + factor · leftᵀ right in place, for some columns of C.

    matrix (rows, columns), left (n, rows), right (n, columns); all plain and of one type.
    """
    start, stop, _ = columns.indices(matrix.shape[1])
    samples, rows = left.shape
    size = matrix.itemsize
    real: Any = ctypes.c_float if size == 4 else ctypes.c_double
    wide, high, inner, row_length = map(
        ctypes.c_int, (stop - start, rows, samples, matrix.shape[1])
    )
    alpha, beta = real(factor), real(1.0)
    at = ctypes.addressof
    # BLAS counts by columns: it sees Cᵀ ← Cᵀ + factor · rightᵀ left.
    _gemm(size)(
        at(_PLAIN),
        at(_TURNED),
        at(wide),
        at(high),
        at(inner),
        at(alpha),
        right.ctypes.data + start * size,
        at(row_length),
        left.ctypes.data,
        at(high),
        at(beta),
        matrix.ctypes.data + start * size,
        at(row_length),
    )


@cache
def _gemm(size: int) -> Callable[..., None]:
    """Find BLAS `gemm` where scipy offers it to compiled code; ctypes lets other threads run."""
    from scipy.linalg import cython_blas

    capsule = cython_blas.__pyx_capi__["sgemm" if size == 4 else "dgemm"]
    name = ctypes.pythonapi.PyCapsule_GetName
    name.restype, name.argtypes = ctypes.c_char_p, [ctypes.py_object]
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    signature = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 13)
    return signature(pointer(capsule, name(capsule)))
