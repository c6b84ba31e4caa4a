"""Cells and the gaps between their tiles lie in the room that there is."""

import pytest
from PySide6.QtCore import QPointF

from gui.widgets.cell_layout import CellLayout, gaps_of, largest_scale


@pytest.mark.parametrize("ratio", [1.0, 1.25, 2.0])
def test_the_largest_cells_fit_with_the_gaps_that_they_get(ratio: float) -> None:
    """Cells that only fit with a small gap must not be so large that they get a wide one."""
    rows, columns, tile = 55, 60, 5
    gaps = (gaps_of(columns, tile), gaps_of(rows, tile))
    for height in range(80, 400):
        scale = largest_scale((1000.0, height), (columns, rows), gaps, ratio)
        area = CellLayout(rows, columns, scale, QPointF(), (tile, tile)).area
        assert area.height() <= height, height
