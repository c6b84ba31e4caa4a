"""Rows of grids, tables and signs, each as large as its cells, in the middle of their room."""

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtWidgets import QLabel

from gui.glass.term_table import TermTable
from gui.glass.titled_grid import TitledGrid
from gui.theme import GRID
from gui.widgets.grid_scale import ScaleSide

Part = TitledGrid | TermTable | QLabel
_LEAST = 24  # px that a row of grids is high at least
_LEAST_LINES = 4.4  # of text, that a scale below takes across
_LEAST_GAP, _MOST_GAP = 3, 4 * GRID


def row_of(parts: Sequence[Part], room: QRect, *, centred: bool = False) -> int:
    """Place parts beside each other, as high as they can be; return the px from the top they use.

    Grids of different shapes get the same height, so far as whole cells allow it. They stand at the
    top of their room, or `centred` in it.
    """
    height = room.height()
    sizes = _sizes(parts, QSize(room.width(), height))
    while _across(sizes) + _LEAST_GAP * (len(parts) - 1) > room.width() and height > _LEAST:
        height -= 2
        sizes = _sizes(parts, QSize(room.width(), height))
    gap = min(_MOST_GAP, max(0, (room.width() - _across(sizes)) // max(1, len(parts) - 1)))
    left = room.left() + max(0, (room.width() - _across(sizes) - gap * (len(parts) - 1)) // 2)
    grids = [size.height() for part, size in zip(parts, sizes, strict=True) if _is_grid(part)]
    used = min(max(grids, default=height), room.height())
    top = room.top() + ((room.height() - used) // 2 if centred else 0)
    for part, size in zip(parts, sizes, strict=True):
        own = used if isinstance(part, QLabel) else min(size.height(), room.height())
        part.setGeometry(left, top, size.width(), own)
        left += size.width() + gap
    return used


def scale_side(grids: Sequence[TitledGrid], room: QSize, *, tall: bool) -> ScaleSide:
    """Return where scales stand: beside the cells, below, or where it is too narrow, nowhere."""
    if tall:
        return "right"
    line = grids[0].fontMetrics().height()
    return "below" if room.width() >= len(grids) * _LEAST_LINES * line + 5 * GRID else "none"


def _sizes(parts: Sequence[Part], most: QSize) -> list[QSize]:
    return [_size(part, most) for part in parts]


def _size(part: Part, most: QSize) -> QSize:
    if isinstance(part, TitledGrid):
        return part.wanted_size(most)
    if isinstance(part, TermTable):
        width, height = part.whole_size()
        return QSize(width, min(height, most.height()))
    return QSize(part.sizeHint().width(), most.height())


def _across(sizes: Sequence[QSize]) -> int:
    return sum(size.width() for size in sizes)


def _is_grid(part: Part) -> bool:
    return isinstance(part, TitledGrid)
