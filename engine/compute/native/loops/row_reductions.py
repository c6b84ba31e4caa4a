"""Sums and largest values over rows that lie below each other, for 16 columns at a time.

LLVM makes vectors of a loop only where it is long, and maps are often narrow. So these loops go
down the rows with 16 columns in registers. Nothing checks the bounds.
"""

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils

from engine.compute.native.machine_code.compiled import generated
from engine.compute.native.machine_code.vector_code import fill

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


@generated
def largest_of_rows(
    _: Any, values: Any, at: Any, pitch: Any, rows: Any, place: Any, best: Any, places: Any, to: Any
) -> Any:
    """Write to best[to:] and places[to:] the first largest values of so many rows, and where.

    The first value has the place given, those beside it the next ones, those below it are a pitch
    further. NaN is the largest.
    """
    whole = types.int64
    return types.void(values, whole, whole, whole, whole, best, places, whole), _write_largest


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


def _write_largest(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    kinds, (values, at, pitch, rows, place, best, places, to) = signature.args, arguments
    source, largest, where = (
        _Numbers(context, builder, kinds[i], array)
        for i, array in ((0, values), (5, best), (6, places))
    )
    whole = where.vector.element
    step = fill(builder, builder.trunc(pitch, whole), where.vector)
    lanes = ir.Constant(where.vector, list(range(LANES)))
    first = builder.add(fill(builder, builder.trunc(place, whole), where.vector), lanes)
    held = _variable(builder, source.load(at))
    here, found = _variable(builder, first), _variable(builder, first)
    with cgutils.for_range(builder, builder.sub(rows, ir.Constant(rows.type, 1))) as row:
        below = builder.add(row.index, ir.Constant(rows.type, 1))
        value = source.load(builder.add(at, builder.mul(below, pitch)))
        before, now = builder.load(held), builder.add(builder.load(here), step)
        takes = builder.and_(
            builder.fcmp_unordered("ugt", value, before),
            builder.fcmp_ordered("ord", before, before),
        )
        builder.store(builder.select(takes, value, before), held)
        builder.store(builder.select(takes, now, builder.load(found)), found)
        builder.store(now, here)
    largest.store(builder.load(held), to)
    where.store(builder.load(found), to)
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
