"""Signals: numbers by which compiled loops of several threads tell each other how far they are.

A signal is one number of an int64 array, written by one thread and watched by another: whoever
sees a new number also sees all that was written before it. numba has no such reads and writes, so
they are given to LLVM here.
"""

import platform
from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from engine.compute.native.machine_code.compiled import generated

_HAS_PAUSE = platform.machine().lower() in ("x86_64", "amd64")


@generated
def look(_: Any, array: Any, index: Any) -> Any:
    """Read a signal; tell the processor that this is done until there is a new one."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        if _HAS_PAUSE:
            kind, name = ir.FunctionType(ir.VoidType(), []), "llvm.x86.sse2.pause"
            pause = cgutils.get_or_insert_function(builder.module, kind, name)  # type: ignore[no-untyped-call]
            builder.call(pause, [])
        place = _place(context, builder, signature.args[0], *values)
        return builder.load_atomic(place, "acquire", 8)

    return types.int64(array, types.intp), generate


@generated
def signal(_: Any, array: Any, index: Any, number: Any) -> Any:
    """Write a signal."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        place = _place(context, builder, signature.args[0], *values[:2])
        builder.store_atomic(values[2], place, "release", 8)
        return context.get_dummy_value()

    return types.void(array, types.intp, types.int64), generate


def _place(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])
