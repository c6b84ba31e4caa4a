"""Products that add up in the registers of the processor: the innermost loops of a convolution.

A tile is a small block of results that stay in vector registers while all their products are
added. Every vector that is loaded serves all rows of the tile, and every single number all its
columns, so that the processor multiplies most of the time. LLVM does not find this form by itself,
so the tiles are written as vector instructions, one loop for each size of a tile. Nothing checks
bounds.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.registry import cpu_target
from numba.extending import intrinsic

_FEATURES: str = cpu_target.target_context.codegen().magic_tuple()[2]
if "+avx512f" in _FEATURES:
    VECTOR_BYTES, RESULTS = 64, 24  # of 32 registers
elif "+avx" in _FEATURES:
    VECTOR_BYTES, RESULTS = 32, 12  # of 16
else:
    VECTOR_BYTES, RESULTS = 16, 24 if "+neon" in _FEATURES else 12
MOST_ROWS = 6 if RESULTS == 24 else 4
MOST_COLUMNS = RESULTS // 3

_NUMBER = ir.IntType(64)
_Values = list[Any]


def _generated(generator: Any) -> Any:
    """Make a function for compiled loops of one that generates its machine code."""
    return intrinsic(generator)


@_generated
def multiply_tile(
    _: Any,
    source: Any,
    start: Any,
    spacing: Any,
    offsets: Any,
    first: Any,
    runs: Any,
    step: Any,
    length: Any,
    weights: Any,
    weights_start: Any,
    target: Any,
    to: Any,
    pitch: Any,
    row_pitch: Any,
    maps: Any,
    rows: Any,
) -> Any:
    """Write a vector of Y_m = Σ_e w_em X_e to each of `rows` rows of `maps` maps.

    Row r of X_e begins at source[start + offsets[e] + r · spacing], row r of Y_m at
    target[to + m · pitch + r · row_pitch], and w_em is weights[weights_start + e · maps + m].
    The sum goes over `runs` runs of `length` entries e; the first begins at entry `first`, each
    other one `step` after the one before.
    """
    number = types.int64
    signature = types.void(
        *(source, number, number, offsets, number, number, number, number),
        *(weights, number, target, number, number, number, number, number),
    )

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kinds = signature.args
        kind = _vector(context, kinds[0])
        inputs = _at(context, builder, kinds, values, 0)
        table = _at(context, builder, kinds, (*values[:4], _NUMBER(0)), 3)
        factors = _at(context, builder, kinds, values, 8)
        out = _at(context, builder, kinds, values, 10)
        spacing, (first, runs, step, length) = values[2], values[4:8]
        pitch, row_pitch, maps, rows = values[12:]

        def write(b: Any, height: int, width: int) -> None:
            def add(run: Any, sums: _Values) -> _Values:
                begin = b.add(first, b.mul(run, step))

                def add_entry(entry: Any, sums: _Values) -> _Values:
                    e = b.add(begin, entry)
                    x = _steps(b, b.gep(inputs, [b.load(b.gep(table, [e]))]), spacing, width)
                    w = b.gep(factors, [b.mul(e, _NUMBER(height))])
                    return _outer(
                        b,
                        sums,
                        [partial(_spread, b, b.gep(w, [_NUMBER(r)]), kind) for r in range(height)],
                        [partial(_load, b, place, kind) for place in x],
                    )

                return _loop(b, length, sums, add_entry)

            zeros = [ir.Constant(kind, [0.0] * kind.count)] * (height * width)
            sums = _loop(b, runs, zeros, add)
            for m, first_row in enumerate(_steps(b, out, pitch, height)):
                for r, place in enumerate(_steps(b, first_row, row_pitch, width)):
                    _store(b, sums[m * width + r], place, kind)

        _choose(builder, maps, rows, write)
        return context.get_dummy_value()

    return signature, generate


@_generated
def dot_tile(
    _: Any,
    left: Any,
    left_start: Any,
    left_pitch: Any,
    left_step: Any,
    right: Any,
    right_start: Any,
    offsets: Any,
    first: Any,
    right_step: Any,
    runs: Any,
    vectors: Any,
    total: Any,
    to: Any,
    pitch: Any,
    rows: Any,
    columns: Any,
) -> Any:
    """Add G_m · X_e to total[to + m · pitch + e] for `rows` numbers m and `columns` entries e.

    G_m begins at left[left_start + m · left_pitch], X_e at right[right_start + offsets[first + e]].
    Both are `runs` runs of `vectors` vectors, and each run begins a step after the one before.
    """
    number = types.int64
    signature = types.void(
        *(left, number, number, number, right, number, offsets, number),
        *(number, number, number, total, number, number, number, number),
    )

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kinds = signature.args
        kind = _vector(context, kinds[0])
        slopes = _at(context, builder, kinds, values, 0)
        inputs = _at(context, builder, kinds, values, 4)
        table = _at(context, builder, kinds, values, 6)
        out = _at(context, builder, kinds, values, 11)
        left_pitch, left_step, right_step, runs, vectors = (values[i] for i in (2, 3, 8, 9, 10))
        pitch, rows, columns = values[13:]

        def write(b: Any, height: int, width: int) -> None:
            g = _steps(b, slopes, left_pitch, height)
            x = [b.gep(inputs, [b.load(b.gep(table, [_NUMBER(e)]))]) for e in range(width)]

            def add(run: Any, sums: _Values) -> _Values:
                g_run, x_run = b.mul(run, left_step), b.mul(run, right_step)

                def add_vector(vector: Any, sums: _Values) -> _Values:
                    lane = b.mul(vector, _NUMBER(kind.count))
                    g_at, x_at = b.add(g_run, lane), b.add(x_run, lane)
                    return _outer(
                        b,
                        sums,
                        [partial(_load, b, b.gep(p, [g_at]), kind) for p in g],
                        [partial(_load, b, b.gep(p, [x_at]), kind) for p in x],
                    )

                return _loop(b, vectors, sums, add_vector)

            zeros = [ir.Constant(kind, [0.0] * kind.count)] * (height * width)
            sums = _loop(b, runs, zeros, add)
            for m, row in enumerate(_steps(b, out, pitch, height)):
                for e in range(width):
                    place = b.gep(row, [_NUMBER(e)])
                    found = _sum(b, sums[m * width + e], kind.count)
                    b.store(b.fadd(b.load(place), found), place)

        _choose(builder, rows, columns, write)
        return context.get_dummy_value()

    return signature, generate


def _sizes() -> Iterator[tuple[int, int]]:
    """List the sizes of tiles: rows and columns."""
    for rows in range(1, MOST_ROWS + 1):
        for columns in range(1, min(MOST_COLUMNS, RESULTS // rows) + 1):
            yield rows, columns


def _choose(
    builder: Any,
    rows: Any,
    columns: Any,
    write: Callable[[Any, int, int], None],
) -> None:
    """Write a way for each size of a tile, and the choice between them."""
    function = builder.function
    end = function.append_basic_block("end")
    size = builder.add(builder.mul(rows, _NUMBER(MOST_COLUMNS + 1)), columns)
    choice = builder.switch(size, end)
    for height, width in _sizes():
        block = function.append_basic_block(f"tile_{height}_{width}")
        choice.add_case(_NUMBER(height * (MOST_COLUMNS + 1) + width), block)
        builder.position_at_end(block)
        write(builder, height, width)
        builder.branch(end)
    builder.position_at_end(end)


def _loop(
    builder: Any, count: Any, sums: _Values, body: Callable[[Any, _Values], _Values]
) -> _Values:
    """Write a loop from 0 to count that passes sums from one turn to the next."""
    before = builder.block
    head, inside, after = (builder.function.append_basic_block(n) for n in ("head", "in", "after"))
    builder.branch(head)
    builder.position_at_end(head)
    turn = builder.phi(_NUMBER)
    turn.add_incoming(_NUMBER(0), before)
    held = [builder.phi(each.type) for each in sums]
    builder.cbranch(builder.icmp_signed("<", turn, count), inside, after)
    builder.position_at_end(inside)
    added = body(turn, held)
    following = builder.add(turn, _NUMBER(1))
    turn.add_incoming(following, builder.block)
    for phi, start, new in zip(held, sums, added, strict=True):
        phi.add_incoming(start, before)
        phi.add_incoming(new, builder.block)
    builder.branch(head)
    builder.position_at_end(after)
    return held


def _outer(
    builder: Any,
    sums: _Values,
    rows: list[Callable[[], Any]],
    columns: list[Callable[[], Any]],
) -> _Values:
    """Add the product of every row with every column; the fewer ones are loaded first, to stay."""
    found = list(sums)
    width = len(columns)
    if len(rows) < width:
        left = [load() for load in rows]
        for v, load in enumerate(columns):
            right = load()
            for r, each in enumerate(left):
                found[r * width + v] = _add_product(builder, sums[r * width + v], each, right)
    else:
        held = [load() for load in columns]
        for r, load in enumerate(rows):
            each = load()
            for v, right in enumerate(held):
                found[r * width + v] = _add_product(builder, sums[r * width + v], each, right)
    return found


def _add_product(builder: Any, held: Any, left: Any, right: Any) -> Any:
    """Multiply and add, in one instruction where the processor has it."""
    product = builder.fmul(left, right, flags=("contract",))
    return builder.fadd(held, product, flags=("contract",))


def _vector(context: Any, kind: Any) -> Any:
    """Return the type of a vector of the numbers of an array."""
    number = kind.dtype
    return ir.VectorType(context.get_data_type(number), VECTOR_BYTES * 8 // number.bitwidth)


def _at(context: Any, builder: Any, kinds: Any, values: Any, which: int) -> Any:
    """Point to the number of an array that the argument after it says."""
    held = context.make_array(kinds[which])(context, builder, values[which])
    return builder.gep(held.data, [values[which + 1]])


def _steps(builder: Any, start: Any, step: Any, count: int) -> _Values:
    """Point to so many places, each a step after the one before."""
    return [builder.gep(start, [builder.mul(step, _NUMBER(k))]) for k in range(count)]


def _load(builder: Any, place: Any, kind: Any) -> Any:
    return builder.load(builder.bitcast(place, kind.as_pointer()), align=_alignment(kind))


def _store(builder: Any, value: Any, place: Any, kind: Any) -> None:
    builder.store(value, builder.bitcast(place, kind.as_pointer()), align=_alignment(kind))


def _alignment(kind: Any) -> int:
    return VECTOR_BYTES // int(kind.count)


def _spread(builder: Any, place: Any, kind: Any) -> Any:
    """Load one number into all lanes of a vector."""
    none = ir.Constant(kind, ir.Undefined)
    first = builder.insert_element(none, builder.load(place), ir.IntType(32)(0))
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), kind.count), [0] * kind.count)
    return builder.shuffle_vector(first, none, lanes)


def _sum(builder: Any, vector: Any, lanes: int) -> Any:
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
