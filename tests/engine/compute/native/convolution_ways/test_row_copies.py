"""Rows of every length, moved in whole vectors: nothing beside them changes."""

from typing import Any

import numpy as np
import pytest

from engine.array_types import Array
from engine.compute.native.convolution_ways.row_copies import add_row, copy_row
from engine.compute.native.machine_code.compiled import compiled


@compiled
def copied(source: Array, start: int, target: Array, to: int, count: int) -> None:
    """Copy a row."""
    copy_row(source, start, target, to, count)


@compiled
def added(source: Array, start: int, target: Array, to: int, count: int) -> None:
    """Add the numbers of a row to those after them."""
    add_row(source, start, source, start + 1, target, to, count)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_rows_of_every_length(dtype: Any) -> None:
    source = np.arange(100, dtype=dtype)
    for count in range(70):
        target = np.full(80, -1, dtype)
        copied(source, 5, target, 3, count)
        expected = [-1] * 3 + [*range(5, 5 + count)] + [-1] * (77 - count)
        assert target.tolist() == expected
        added(source, 5, target, 3, count)
        assert target[3 : 3 + count].tolist() == [*range(11, 11 + 2 * count, 2)]
        assert target[3 + count :].tolist() == expected[3 + count :]
