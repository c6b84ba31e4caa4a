"""What compiled loops need to work together without Python: signals, calls by address, BLAS.

A signal is one number of an int64 array, written by one thread and watched by another: whoever
sees a new number also sees all that was written before it.
"""

import ctypes
import sys
from functools import cache
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import get_cython_function_address, intrinsic

_BYTES = ir.IntType(8).as_pointer()


def _generated(generator: Any) -> Any:
    """Make a function for compiled loops of one that generates its machine code."""
    return intrinsic(generator)


@_generated
def look(_: Any, array: Any, index: Any) -> Any:
    """Read a signal."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = _place(context, builder, signature.args[0], *values)
        return builder.load_atomic(place, "acquire", 8)

    return types.int64(array, types.intp), generate


@_generated
def signal(_: Any, array: Any, index: Any, number: Any) -> Any:
    """Write a signal."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = _place(context, builder, signature.args[0], *values[:2])
        builder.store_atomic(values[2], place, "release", 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64), generate


@_generated
def call(_: Any, function: Any, arguments: Any, part: Any) -> Any:
    """Call the function (arguments, part) at an address."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        number = ir.IntType(64)
        kind = ir.FunctionType(ir.VoidType(), [number, number])
        builder.call(builder.inttoptr(values[0], kind.as_pointer()), values[1:])
        return context.get_dummy_value()

    return types.void(types.int64, types.int64, types.int64), generate


@_generated
def give_way(_: Any, function: Any) -> Any:
    """Let another thread that waits for this core have it, by the system's function for that."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kind = ir.FunctionType(ir.IntType(32), [])
        builder.call(builder.inttoptr(values[0], kind.as_pointer()), [])
        return context.get_dummy_value()

    return types.void(types.int64), generate


@_generated
def pointer(_: Any, address: Any) -> Any:
    """Return an address the form that `numba.carray` takes."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        return builder.inttoptr(values[0], _BYTES)

    return types.voidptr(types.int64), generate


@_generated
def gemm(
    _: Any,
    function: Any,
    turns: Any,
    sizes: Any,
    alpha: Any,
    a: Any,
    b: Any,
    beta: Any,
    c: Any,
) -> Any:
    """Call BLAS: C ← alpha · A B + beta · C, all by columns.

    function is the address of `sgemm` or `dgemm`; turns (of A, of B) say by the letters N and T,
    as numbers, which is to be turned first; sizes (rows of C, columns of C, inner); a, b and c
    (address, pitch).
    """
    numbers = types.UniTuple(types.int64, 2)  # type: ignore[no-untyped-call]
    signature = types.void(
        *(types.int64, numbers, types.UniTuple(types.int64, 3)),  # type: ignore[no-untyped-call]
        *(alpha, numbers, numbers, alpha, numbers),
    )

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        def held(value: Any, bits: int = 0) -> Any:
            if bits:
                value = builder.trunc(value, ir.IntType(bits))
            return builder.bitcast(cgutils.alloca_once_value(builder, value), _BYTES)  # type: ignore[no-untyped-call]

        def items(value: Any) -> Any:
            return cgutils.unpack_tuple(builder, value)  # type: ignore[no-untyped-call]

        function, turns, sizes, alpha, *matrices = values
        a, b, beta, c = matrices
        (a, a_pitch), (b, b_pitch), (c, c_pitch) = map(items, (a, b, c))
        kind = ir.FunctionType(ir.VoidType(), [_BYTES] * 13)
        builder.call(
            builder.inttoptr(function, kind.as_pointer()),
            [
                *(held(letter, 8) for letter in items(turns)),
                *(held(size, 32) for size in items(sizes)),
                *(held(alpha), builder.inttoptr(a, _BYTES), held(a_pitch, 32)),
                *(builder.inttoptr(b, _BYTES), held(b_pitch, 32)),
                *(held(beta), builder.inttoptr(c, _BYTES), held(c_pitch, 32)),
            ],
        )
        return context.get_dummy_value()

    return signature, generate


@cache
def give_way_address() -> int:
    """Return the address of the system's function that lets other threads have the core."""
    system: Any = ctypes
    if sys.platform == "win32":
        function = system.windll.kernel32.SwitchToThread
    else:
        function = system.CDLL(None).sched_yield
    return ctypes.cast(function, ctypes.c_void_p).value or 0


@cache
def gemm_address(size: int) -> int:
    """Return the address of BLAS `sgemm` or `dgemm`, for values of 4 or 8 bytes, from scipy."""
    name = "sgemm" if size == 4 else "dgemm"
    address: int = get_cython_function_address("scipy.linalg.cython_blas", name)
    return address


def _place(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])
