"""Rows that are turned into columns, against numpy's own transposition."""

import numpy as np
import pytest
from numpy.typing import DTypeLike

from engine.compute.native.machine_code.transpose import turn


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("height", "width"), [(1, 1), (3, 20), (20, 3), (7, 8), (8, 8), (8, 9), (13, 8), (24, 31)]
)
def test_rows_become_columns_wherever_they_begin(height: int, width: int, dtype: DTypeLike) -> None:
    rng = np.random.default_rng(0)
    rows = rng.permutation(height) * (width + 2)
    columns = rng.permutation(width) * (height + 3)
    source = rng.standard_normal(5 + height * (width + 2)).astype(dtype)
    target = np.full(7 + width * (height + 3), np.nan, dtype)
    right = target.copy()
    for i in range(height):
        for j in range(width):
            right[7 + columns[j] + i] = source[5 + rows[i] + j]
    turn(source, 5, rows, target, 7, columns)
    np.testing.assert_array_equal(target, right)  # and nothing else was written
