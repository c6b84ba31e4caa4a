"""Tables for spreadsheets: no name is a formula in them, and a number stays one."""

import csv
import io

import numpy as np
import pytest

from gui.widgets.csv_table import csv_table, numbered

FORMULAS = ['=HYPERLINK("http://x")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-inf"]


def read(table: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table.decode(), newline="")))


@pytest.mark.parametrize("name", FORMULAS)
def test_a_name_that_a_spreadsheet_would_compute_is_a_text(name: str) -> None:
    found = read(csv_table(["class", name], [[name, 1]]))
    assert found == [["class", f"'{name}"], [f"'{name}", "1"]]


@pytest.mark.parametrize("name", ["a", "a=b", "'=1", "7 - 8", "", "–", "−0.5"])
def test_any_other_name_is_written_as_it_is(name: str) -> None:
    assert read(csv_table([name], [[name, 2]])) == [[name], [name, "2"]]


def test_numbers_stay_numbers() -> None:
    values = np.array([[-0.5, 1e-9], [-3.0, np.inf]])
    rows = read(csv_table(["block", "row", "column", "value"], numbered(values, "Conv")))[1:]
    assert [float(row[3]) for row in rows] == values.ravel().tolist()
    found = read(csv_table(["-1"], [["-0.5", "+2", "-1e-3", -7]]))
    assert found == [["-1"], ["-0.5", "+2", "-1e-3", "-7"]]
