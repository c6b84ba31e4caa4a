"""Transpose blocks of 8×8 numbers with vector instructions; plain loops move one at a time.

LLVM does not find the vector form of a transposition by itself, so its core is written as vector
instructions here: three rounds in which every vector is interleaved with the one four further on
turn 8 vectors of 8. It is three times as fast.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled, generated

Places = NDArray[np.int64]
SIDE = 8


@compiled
def turn(source: Array, start: int, rows: Places, target: Array, to: int, columns: Places) -> None:
    """Write the numbers j of every row i to number i of every column j.

    Row i begins at source[start + rows[i]], column j at target[to + columns[j]].
    """
    height, width = len(rows), len(columns)
    if height < SIDE or width < SIDE:
        for i in range(height):
            row, turned = source[start + rows[i] :], target[to + i :]
            for j in range(width):
                turned[columns[j]] = row[j]
        return
    for first_row in range(0, height, SIDE):
        i = min(first_row, height - SIDE)  # the last block overlaps the one before
        for first_column in range(0, width, SIDE):
            j = min(first_column, width - SIDE)
            turn_block(source, start + j, rows, i, target, to + i, columns, j)


@generated
def turn_block(
    _: Any,
    source: Any,
    start: Any,
    rows: Any,
    first_row: Any,
    target: Any,
    to: Any,
    columns: Any,
    first_column: Any,
) -> Any:
    """Do the same for 8 rows and 8 columns, from the first ones on. Nothing checks the bounds."""
    return (
        types.void(
            source, types.int64, rows, types.int64, target, types.int64, columns, types.int64
        ),
        _write_block,
    )


def _write_block(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    kinds = signature.args
    number = kinds[0].dtype
    vector = ir.VectorType(context.get_data_type(number), SIDE)
    alignment = number.bitwidth // 8

    def vectors_of(memory: int, places: int) -> list[Any]:
        """Point to the vectors that begin at the places of an array."""
        numbers, start = context.make_array(kinds[memory]), arguments[memory + 1]
        begins, first = context.make_array(kinds[places]), arguments[places + 1]
        data = builder.gep(numbers(context, builder, arguments[memory]).data, [start])
        table = builder.gep(begins(context, builder, arguments[places]).data, [first])
        offsets = (
            builder.load(builder.gep(table, [ir.Constant(ir.IntType(64), k)])) for k in range(SIDE)
        )
        return [
            builder.bitcast(builder.gep(data, [offset]), vector.as_pointer()) for offset in offsets
        ]

    vectors = [builder.load(pointer, align=alignment) for pointer in vectors_of(0, 2)]
    for _ in range(3):
        vectors = [
            builder.shuffle_vector(vectors[k], vectors[k + SIDE // 2], _interleaved(first))
            for k in range(SIDE // 2)
            for first in (0, SIDE // 2)
        ]
    for turned, pointer in zip(vectors, vectors_of(4, 6), strict=True):
        builder.store(turned, pointer, align=alignment)
    return context.get_dummy_value()


def _interleaved(first: int) -> Any:
    """Choose half the numbers of two vectors in turns, from the first one on."""
    chosen = [k for each in range(first, first + SIDE // 2) for k in (each, each + SIDE)]
    return ir.Constant(ir.VectorType(ir.IntType(32), SIDE), chosen)
