"""Products that add up in the registers of the processor: the innermost loops of a convolution.

A tile is a small block of results that stay in vector registers while all their products are
added. Every vector that is loaded serves all rows of the tile, and every single number all its
columns, so that the processor multiplies most of the time. LLVM does not find this form by itself,
so the tiles are written as vector instructions, one loop for each size of a tile. Nothing checks
bounds.
"""

from functools import partial
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import register_jitable

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled, generated
from engine.compute.native.machine_code.tile_code import (
    MOST_COLUMNS,
    Operands,
    add_outer_product,
    choose_tile,
    sum_entries,
    zeros,
)
from engine.compute.native.machine_code.transpose import Places
from engine.compute.native.machine_code.vector_code import (
    NUMBER,
    RESULTS,
    VECTOR_BYTES,
    Values,
    first_of,
    last_lanes,
    load,
    load_lanes,
    place_in,
    repeat,
    spread,
    steps,
    store,
    sum_of_lanes,
    vector_kind,
)

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
def multiply_run(
    _: Any,
    source: Any,
    start: Any,
    offsets: Any,
    first: Any,
    runs: Any,
    step: Any,
    length: Any,
    weights: Any,
    weights_start: Any,
    weights_pitch: Any,
    places: Any,
    target: Any,
    to: Any,
    pitch: Any,
    maps: Any,
    vectors: Any,
    more: Any,
) -> Any:
    """Write so many vectors, side by side, of Y_m = Σ_e w_em X_e of each of `maps` maps.

    Where `more` is not 0, the sum is added to what stands there.

    X_e begins at source[start + offsets[e]], Y_m at target[to + m · pitch], and w_em is
    weights[weights_start + m · weights_pitch + places[e]]. The entries e are those of one block of
    `multiply_tile`.
    """
    number = types.int64
    signature = types.void(
        *(source, number, offsets, number, number, number, number),
        *(weights, number, number, places, target, number, number, number, number, number),
    )

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kinds = signature.args
        kind = vector_kind(context, kinds[0])
        inputs, factors, out = (place_in(context, builder, kinds, values, i) for i in (0, 7, 11))
        table, order = (first_of(context, builder, kinds, values, i) for i in (2, 10))
        first, runs, step, length = values[3:7]
        pitch, maps, vectors, more = values[13:]
        lanes, adds = NUMBER(kind.count), builder.icmp_signed("!=", more, NUMBER(0))

        def write(b: Any, height: int, width: int) -> None:
            rows = steps(b, factors, values[9], height)

            def operands(e: Any) -> Operands:
                x = steps(b, b.gep(inputs, [b.load(b.gep(table, [e]))]), lanes, width)
                place = b.load(b.gep(order, [e]))
                return (
                    [partial(spread, b, b.gep(row, [place]), kind) for row in rows],
                    [partial(load, b, each, kind) for each in x],
                )

            targets = [
                place
                for row in steps(b, out, pitch, height)
                for place in steps(b, row, lanes, width)
            ]
            zero = ir.Constant(kind, [0.0] * kind.count)
            begun = [b.select(adds, load(b, place, kind), zero) for place in targets]
            nest = [(runs, step), (length, NUMBER(1))]
            sums = sum_entries(b, first, nest, begun, operands)
            for place, each in zip(targets, sums, strict=True):
                store(b, each, place, kind)

        choose_tile(builder, maps, vectors, write)
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
    rest: Any,
    total: Any,
    to: Any,
    pitch: Any,
    rows: Any,
    columns: Any,
) -> Any:
    """Add G_m · X_e to total[to + m · pitch + e] for `rows` numbers m and `columns` entries e.

    G_m begins at left[left_start + m · left_pitch], X_e at right[right_start + offsets[first + e]].
    Both are `runs` runs of `vectors` vectors, and each run begins a step after the one before. The
    last has `rest` numbers more, fewer than a vector.
    """
    number = types.int64
    signature = types.void(
        *(left, number, number, number, right, number, offsets, number),
        *(number, number, number, number, total, number, number, number, number),
    )

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        kinds = signature.args
        kind = vector_kind(context, kinds[0])
        slopes = place_in(context, builder, kinds, values, 0)
        inputs = place_in(context, builder, kinds, values, 4)
        table = place_in(context, builder, kinds, values, 6)
        out = place_in(context, builder, kinds, values, 12)
        left_pitch, left_step = values[2:4]
        right_step, runs, vectors, rest = values[8:12]
        pitch, rows, columns = values[14:]
        last_run, end = builder.sub(runs, NUMBER(1)), builder.mul(vectors, NUMBER(kind.count))
        tail = builder.sub(builder.add(end, rest), NUMBER(kind.count))
        tails = builder.zext(builder.icmp_signed(">", rest, NUMBER(0)), NUMBER)
        lanes = last_lanes(builder, kind, rest)

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

            def add_tail(_: Any, sums: Values) -> Values:
                g_at, x_at = (b.add(b.mul(last_run, s), tail) for s in (left_step, right_step))
                left = [partial(load_lanes, b, b.gep(p, [g_at]), kind, lanes) for p in g]
                right = [partial(load_lanes, b, b.gep(p, [x_at]), kind, lanes) for p in x]
                return add_outer_product(b, sums, left, right)

            sums = repeat(b, runs, zeros(kind, height, width), add)
            sums = repeat(b, tails, sums, add_tail)
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
                0,
                total,
                first * entries + at,
                entries,
                rows,
                columns,
            )
            at += columns
        first += rows
