"""Sums over rows that lie below each other, for 16 columns at a time.

LLVM makes vectors of a loop only where it is long, and maps are often narrow. So these loops go
down the rows with 16 columns in registers. Nothing checks the bounds.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from engine.compute.native.machine_code.compiled import generated

LANES = 16


@generated
def add_rows(
    _: Any, values: Any, at: Any, pitch: Any, rows: Any, target: Any, to: Any, copies: Any
) -> Any:
    """Write to target[to:], and to rows below it, the sums of so many rows.

    The first is at values[at:], the others a pitch further each, as the copies are.
    """
    whole = types.int64
    return types.void(values, whole, whole, whole, target, whole, whole), _write_sums


def _write_sums(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    kinds, (values, at, pitch, rows, target, to, copies) = signature.args, arguments
    source, result = (
        _Numbers(context, builder, kinds[i], array) for i, array in ((0, values), (4, target))
    )
    total = _variable(builder, ir.Constant(source.vector, None))
    with cgutils.for_range(builder, rows) as row:
        place = builder.add(at, builder.mul(row.index, pitch))
        builder.store(builder.fadd(builder.load(total), source.load(place)), total)
    sums = builder.load(total)
    with cgutils.for_range(builder, copies) as copy:
        result.store(sums, builder.add(to, builder.mul(copy.index, pitch)))
    return context.get_dummy_value()


class _Numbers:
    """An array in the code that is generated, whose numbers are read and written as vectors."""

    def __init__(self, context: Any, builder: Any, kind: Any, array: Any) -> None:
        self._builder, self._alignment = builder, kind.dtype.bitwidth // 8
        self._data = context.make_array(kind)(context, builder, array).data
        self.vector = ir.VectorType(context.get_data_type(kind.dtype), LANES)

    def load(self, place: Any) -> Any:
        return self._builder.load(self._at(place), align=self._alignment)

    def store(self, numbers: Any, place: Any) -> None:
        self._builder.store(numbers, self._at(place), align=self._alignment)

    def _at(self, place: Any) -> Any:
        pointer = self._builder.gep(self._data, [place])
        return self._builder.bitcast(pointer, self.vector.as_pointer())


def _variable(builder: Any, value: Any) -> Any:
    """Return a place for values that change in a loop, with the first one in it."""
    return cgutils.alloca_once_value(builder, value)  # type: ignore[no-untyped-call]
