"""Products that add up in the registers of the processor: the innermost loops of a convolution.

A tile is a small block of results that stay in vector registers while all their products are
added. Every vector that is loaded serves all rows of the tile, and every single number all its
columns, so that the processor multiplies most of the time. LLVM does not find this form by itself,
so the tiles are written as vector instructions, one loop for each size of a tile. Nothing checks
bounds.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from llvmlite import ir
from numba import types
from numba.core.registry import cpu_target
from numba.extending import register_jitable

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled, generated
from engine.compute.native.machine_code.transpose import Places

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


def place_in(context: Any, builder: Any, kinds: Any, values: Any, which: int) -> Any:
    """Point to the number of an array that the argument after it says."""
    data = context.make_array(kinds[which])(context, builder, values[which]).data
    return builder.gep(data, [values[which + 1]])


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
    none, zero = ir.Constant(kind, ir.Undefined), ir.IntType(32)(0)
    first = builder.insert_element(none, builder.load(place), zero)
    lanes = ir.Constant(ir.VectorType(ir.IntType(32), kind.count), [0] * kind.count)
    return builder.shuffle_vector(first, none, lanes)


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


MOST_ROWS = 6 if RESULTS == 24 else 4
MOST_COLUMNS = RESULTS // 3
Loads = Sequence[Callable[[], Any]]
Operands = tuple[Loads, Loads]  # the rows and the columns of a tile


def choose_tile(
    builder: Any,
    rows: Any,
    columns: Any,
    write: Callable[[Any, int, int], None],
) -> None:
    """Write a way for each size of a tile, and the choice between them."""
    function = builder.function
    end = function.append_basic_block("end")
    size = builder.add(builder.mul(rows, NUMBER(MOST_COLUMNS + 1)), columns)
    choice = builder.switch(size, end)
    for height, width in _sizes():
        block = function.append_basic_block(f"tile_{height}_{width}")
        choice.add_case(NUMBER(height * (MOST_COLUMNS + 1) + width), block)
        builder.position_at_end(block)
        write(builder, height, width)
        builder.branch(end)
    builder.position_at_end(end)


def zeros(kind: Any, rows: int, columns: int) -> Values:
    """Return the results of a tile before anything is added."""
    return [ir.Constant(kind, [0.0] * kind.count)] * (rows * columns)


def sum_entries(
    builder: Any,
    first: Any,
    nest: Sequence[tuple[Any, Any]],
    sums: Values,
    operands: Callable[[Any], Operands],
) -> Values:
    """Add the products of the operands over entries in nested runs.

    `nest` has how many runs there are and the step from one to the next, the outermost first.
    """
    if not nest:
        return add_outer_product(builder, sums, *operands(first))
    (count, step), *inner = nest

    def add(run: Any, sums: Values) -> Values:
        begin = builder.add(first, builder.mul(run, step))
        return sum_entries(builder, begin, inner, sums, operands)

    return repeat(builder, count, sums, add)


def add_outer_product(builder: Any, sums: Values, rows: Loads, columns: Loads) -> Values:
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


def _sizes() -> Iterator[tuple[int, int]]:
    """List the sizes of tiles: rows and columns."""
    for rows in range(1, MOST_ROWS + 1):
        for columns in range(1, min(MOST_COLUMNS, RESULTS // rows) + 1):
            yield rows, columns


_GRADIENT_ROWS = 4  # of a tile of the kernel gradient

# The tiles are much code: it is compiled as a part of the one function that they are for.
inlined = register_jitable(inline="always")


@compiled
def ceil_div(whole: int, parts: int) -> int:
    """Return whole / parts, rounded up: what the first of so many nearly equal parts gets."""
    return (whole + parts - 1) // parts


@generated
def multiply_tile(
    _: Any,
    source: Any,
    start: Any,
    spacing: Any,
    offsets: Any,
    first: Any,
    blocks: Any,
    block_step: Any,
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
    The sum goes over blocks of `runs` runs of `length` entries e. The first block and its first run
    begin at entry `first`, each other block and run a step after the one before.
    """
    number = types.int64
    signature = types.void(
        *(source, number, number, offsets, number, number, number, number, number, number),
        *(weights, number, target, number, number, number, number, number),
    )

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kinds = signature.args
        kind = vector_kind(context, kinds[0])
        inputs = place_in(context, builder, kinds, values, 0)
        table = place_in(context, builder, kinds, (*values[:4], NUMBER(0)), 3)
        factors = place_in(context, builder, kinds, values, 10)
        out = place_in(context, builder, kinds, values, 12)
        spacing, (first, blocks, block_step, runs, step, length) = values[2], values[4:10]
        pitch, row_pitch, maps, rows = values[14:]

        def write(b: Any, height: int, width: int) -> None:
            def operands(e: Any) -> Operands:
                x = steps(b, b.gep(inputs, [b.load(b.gep(table, [e]))]), spacing, width)
                w = b.gep(factors, [b.mul(e, NUMBER(height))])
                return (
                    [partial(spread, b, b.gep(w, [NUMBER(r)]), kind) for r in range(height)],
                    [partial(load, b, place, kind) for place in x],
                )

            nest = [(blocks, block_step), (runs, step), (length, NUMBER(1))]
            sums = sum_entries(b, first, nest, zeros(kind, height, width), operands)
            for m, first_row in enumerate(steps(b, out, pitch, height)):
                for r, place in enumerate(steps(b, first_row, row_pitch, width)):
                    store(b, sums[m * width + r], place, kind)

        choose_tile(builder, maps, rows, write)
        return context.get_dummy_value()

    return signature, generate


@generated
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
        kind = vector_kind(context, kinds[0])
        slopes = place_in(context, builder, kinds, values, 0)
        inputs = place_in(context, builder, kinds, values, 4)
        table = place_in(context, builder, kinds, values, 6)
        out = place_in(context, builder, kinds, values, 11)
        left_pitch, left_step = values[2:4]
        right_step, runs, vectors = values[8:11]
        pitch, rows, columns = values[13:]

        def write(b: Any, height: int, width: int) -> None:
            g = steps(b, slopes, left_pitch, height)
            x = [b.gep(inputs, [b.load(b.gep(table, [NUMBER(e)]))]) for e in range(width)]

            def add(run: Any, sums: Values) -> Values:
                g_run, x_run = b.mul(run, left_step), b.mul(run, right_step)

                def add_vector(vector: Any, sums: Values) -> Values:
                    lane = b.mul(vector, NUMBER(kind.count))
                    g_at, x_at = b.add(g_run, lane), b.add(x_run, lane)
                    left = [partial(load, b, b.gep(p, [g_at]), kind) for p in g]
                    right = [partial(load, b, b.gep(p, [x_at]), kind) for p in x]
                    return add_outer_product(b, sums, left, right)

                return repeat(b, vectors, sums, add_vector)

            sums = repeat(b, runs, zeros(kind, height, width), add)
            for m, row in enumerate(steps(b, out, pitch, height)):
                for e in range(width):
                    place = b.gep(row, [NUMBER(e)])
                    found = sum_of_lanes(b, sums[m * width + e], kind.count)
                    b.store(b.fadd(b.load(place), found), place)

        choose_tile(builder, rows, columns, write)
        return context.get_dummy_value()

    return signature, generate


@inlined
def add_dot_products(
    left: Array,
    start: int,
    pitch: int,
    left_step: int,
    right: Array,
    offsets: Places,
    right_step: int,
    runs: int,
    length: int,
    total: Array,
    first: int,
    end: int,
) -> None:
    """Add G_m · X_e to total[m · entries + e] for the numbers m from first to end, and all entries.

    As in `dot_tile`, with G_m from left[start + m · pitch] and X_e from right[offsets[e]] on; a run
    has so many numbers, and what fills its last vector is 0 in G_m.
    """
    vectors, entries = ceil_div(length, VECTOR_BYTES // left.itemsize), len(offsets)
    blocks = ceil_div(end - first, _GRADIENT_ROWS)
    for block in range(blocks):
        rows, at = ceil_div(end - first, blocks - block), 0
        tiles = ceil_div(entries, min(MOST_COLUMNS, RESULTS // rows))
        for tile in range(tiles):
            columns = ceil_div(entries - at, tiles - tile)
            dot_tile(
                left,
                start + first * pitch,
                pitch,
                left_step,
                right,
                0,
                offsets,
                at,
                right_step,
                runs,
                vectors,
                total,
                first * entries + at,
                entries,
                rows,
                columns,
            )
            at += columns
        first += rows
