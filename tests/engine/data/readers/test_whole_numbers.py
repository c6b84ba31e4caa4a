"""Whole numbers are read from text as int() reads them, and all else is left to others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data.readers.whole_numbers import read_whole_numbers

CELLS = st.one_of(
    st.integers(0, 255).map(str),
    st.integers(0, 9).map("0{}".format),
    st.sampled_from(["", "256", "-1", "1.5", "1e2", " 7", "x", "٣", "é", "0000", "1;2", "999"]),
)


def in_python(rows: list[str], separator: str) -> list[list[int]] | None:
    cells = [row.split(separator) for row in rows]
    fits = all(
        cell.isascii() and cell.isdecimal() and len(cell) <= 3 and int(cell) <= 255
        for row in cells
        for cell in row
    )
    if not fits or len({len(row) for row in cells}) > 1:
        return None
    return [[int(cell) for cell in row] for row in cells]


@given(
    st.lists(st.lists(st.integers(0, 255), min_size=3, max_size=3), min_size=1, max_size=4),
    st.sampled_from(",;\t"),
)
def test_whole_numbers_are_read(rows: list[list[int]], separator: str) -> None:
    found = read_whole_numbers([separator.join(map(str, row)) for row in rows], separator)
    assert found is not None
    assert found.dtype == np.uint8
    assert found.tolist() == rows


@given(st.lists(st.lists(CELLS, min_size=1, max_size=3), min_size=1, max_size=3))
def test_all_else_is_left(rows: list[list[str]]) -> None:
    texts = [",".join(row) for row in rows]
    found, expected = read_whole_numbers(texts, ","), in_python(texts, ",")
    assert (None if found is None else found.tolist()) == expected


@pytest.mark.parametrize("rows", [["1,2", "3,4,5"], ["1,2,3", "4"], ["1,,2"], [",1"], ["1,"], [""]])
def test_rows_of_different_length_and_empty_cells_are_left(rows: list[str]) -> None:
    assert read_whole_numbers(rows, ",") is None
