"""What loops that are written as vector instructions have in common; nothing checks bounds."""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core.registry import cpu_target

_FEATURES: str = cpu_target.target_context.codegen().magic_tuple()[2]
if "+avx512f" in _FEATURES:
    VECTOR_BYTES, RESULTS = 64, 24  # of 32 registers
elif "+avx" in _FEATURES:
    VECTOR_BYTES, RESULTS = 32, 12  # of 16
else:
    VECTOR_BYTES, RESULTS = 16, 24 if "+neon" in _FEATURES else 12
NUMBER = ir.IntType(64)
Values = list[Any]


def repeat(builder: Any, count: Any, sums: Values, body: Callable[[Any, Values], Values]) -> Values:
    """Write a loop from 0 to count that passes sums from one turn to the next."""
    before = builder.block
    head, inside, after = (builder.function.append_basic_block(n) for n in ("head", "in", "after"))
    builder.branch(head)
    builder.position_at_end(head)
    turn = builder.phi(NUMBER)
    turn.add_incoming(NUMBER(0), before)
    held = [builder.phi(each.type) for each in sums]
    builder.cbranch(builder.icmp_signed("<", turn, count), inside, after)
    builder.position_at_end(inside)
    added = body(turn, held)
    following = builder.add(turn, NUMBER(1))
    turn.add_incoming(following, builder.block)
    for phi, start, new in zip(held, sums, added, strict=True):
        phi.add_incoming(start, before)
        phi.add_incoming(new, builder.block)
    builder.branch(head)
    builder.position_at_end(after)
    return held


def vector_kind(context: Any, kind: Any) -> Any:
    """Return the type of a vector of the numbers of an array."""
    number = kind.dtype
    return ir.VectorType(context.get_data_type(number), VECTOR_BYTES * 8 // number.bitwidth)


def first_of(context: Any, builder: Any, kinds: Any, values: Any, which: int) -> Any:
    """Point to the first number of an array."""
    return context.make_array(kinds[which])(context, builder, values[which]).data


def place_in(context: Any, builder: Any, kinds: Any, values: Any, which: int) -> Any:
    """Point to the number of an array that the argument after it says."""
    return builder.gep(first_of(context, builder, kinds, values, which), [values[which + 1]])


def steps(builder: Any, start: Any, step: Any, count: int) -> Values:
    """Point to so many places, each a step after the one before."""
    return [builder.gep(start, [builder.mul(step, NUMBER(k))]) for k in range(count)]


def load(builder: Any, place: Any, kind: Any) -> Any:
    return builder.load(builder.bitcast(place, kind.as_pointer()), align=_alignment(kind))


def store(builder: Any, value: Any, place: Any, kind: Any) -> None:
    builder.store(value, builder.bitcast(place, kind.as_pointer()), align=_alignment(kind))


def _alignment(kind: Any) -> int:
    return 4 if isinstance(kind.element, ir.FloatType) else 8  # of a number alone


def spread(builder: Any, place: Any, kind: Any) -> Any:
    """Load one number into all lanes of a vector."""
    return fill(builder, builder.load(place), kind)


def fill(builder: Any, number: Any, kind: Any) -> Any:
    """Return a vector whose lanes are all the same number."""
    none = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(none, number, ir.IntType(32)(0))
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), kind.count), [0] * kind.count)
    return builder.shuffle_vector(first, none, lanes)


def last_lanes(builder: Any, kind: Any, count: Any) -> Any:
    """Tell the last so many lanes of a vector from the others."""
    number = ir.IntType(32)
    places = ir.VectorType(number, kind.count)
    first = builder.trunc(builder.sub(NUMBER(kind.count), count), number)
    order = ir.Constant(places, list(range(kind.count)))
    return builder.icmp_signed(">=", order, fill(builder, first, places))


def load_lanes(builder: Any, place: Any, kind: Any, lanes: Any) -> Any:
    """Load a vector, with 0 in all but some lanes."""
    zeros = ir.Constant(kind, [0.0] * kind.count)
    return builder.select(lanes, load(builder, place, kind), zeros)


def sum_of_lanes(builder: Any, vector: Any, lanes: int) -> Any:
    """Add the lanes of a vector up: one half to the other, until one is left."""
    while lanes > 1:
        lanes //= 2
        kind = ir.VectorType(ir.IntType(32), lanes)
        halves = (
            builder.shuffle_vector(
                vector, vector, ir.Constant(kind, list(range(first, first + lanes)))
            )
            for first in (0, lanes)
        )
        vector = builder.fadd(*halves)
    return builder.extract_element(vector, ir.IntType(32)(0))
