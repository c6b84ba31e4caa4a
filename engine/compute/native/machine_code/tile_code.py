"""How the code of a tile is written: see `register_tiles.py`.

A function of many sizes of tiles has a way for each, since the results of a tile are so many
registers, which cannot be counted while the program runs.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from llvmlite import ir

from engine.compute.native.machine_code.vector_code import NUMBER, RESULTS, Values, repeat

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
