"""Rows of any length are copied in whole vectors, the last of which overlaps the one before.

LLVM copies what is left at the end of a row number by number: with the rows of small maps, that is
most of them.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types

from engine.compute.native.machine_code.compiled import generated
from engine.compute.native.machine_code.vector_code import (
    NUMBER,
    Values,
    load,
    place_in,
    repeat,
    store,
    vector_kind,
)


@generated
def copy_row(_: Any, source: Any, start: Any, target: Any, to: Any, count: Any) -> Any:
    """Write `count` numbers from source[start] on to target[to] and the next ones."""
    number = types.int64

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kinds = signature.args
        row, out = (place_in(context, builder, kinds, values, i) for i in (0, 2))

        def move(at: Any, kind: Any) -> None:
            store(
                builder, load(builder, builder.gep(row, [at]), kind), builder.gep(out, [at]), kind
            )

        _in_vectors(builder, values[4], vector_kind(context, kinds[0]), move)
        return context.get_dummy_value()

    return types.void(source, number, target, number, number), generate


@generated
def add_row(
    _: Any, source: Any, start: Any, addend: Any, first: Any, target: Any, to: Any, count: Any
) -> Any:
    """Write `count` sums of the numbers from source[start] and addend[first] on to target[to]."""
    number = types.int64

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kinds = signature.args
        row, more, out = (place_in(context, builder, kinds, values, i) for i in (0, 2, 4))

        def move(at: Any, kind: Any) -> None:
            left, right = (load(builder, builder.gep(each, [at]), kind) for each in (row, more))
            store(builder, builder.fadd(left, right), builder.gep(out, [at]), kind)

        _in_vectors(builder, values[6], vector_kind(context, kinds[0]), move)
        return context.get_dummy_value()

    return types.void(source, number, addend, number, target, number, number), generate


def _in_vectors(builder: Any, count: Any, kind: Any, move: Callable[[Any, Any], None]) -> None:
    """Write how `count` numbers are moved: by the largest vectors of which one is full."""
    size, end = int(kind.count), builder.function.append_basic_block("moved")
    while size:
        part = ir.VectorType(kind.element, size)
        blocks = [builder.function.append_basic_block(name) for name in ("wide", "narrower")]
        builder.cbranch(builder.icmp_signed(">=", count, NUMBER(size)), *blocks)
        builder.position_at_end(blocks[0])
        whole = builder.sdiv(builder.sub(count, NUMBER(1)), NUMBER(size))

        def move_vector(turn: Any, _: Values, part: Any = part) -> Values:
            move(builder.mul(turn, NUMBER(part.count)), part)
            return []

        repeat(builder, whole, [], move_vector)
        move(builder.sub(count, NUMBER(size)), part)
        builder.branch(end)
        builder.position_at_end(blocks[1])
        size //= 2
    builder.branch(end)
    builder.position_at_end(end)
