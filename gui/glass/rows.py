"""Rows of grids and signs, each as large as its cells, in the middle of their room."""

import math
from bisect import bisect_left
from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QLabel, QWidget

from gui.glass.titled_grid import TitledGrid
from gui.theme import GRID
from gui.widgets.colour_scale import ScaleSide
from gui.widgets.labels import plain_label

Part = TitledGrid | QLabel
_LEAST = 24  # px that a row of grids is high at least
_LEAST_LINES = 4.4  # of text, that a scale below takes across
_LEAST_GAP, _MOST_GAP = 3, 4 * GRID


def make_sign(text: str, parent: QWidget) -> QLabel:
    """Make a sign that stands between two grids."""
    label = plain_label(text)
    label.setParent(parent)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    return label


def row_of(
    parts: Sequence[Part], room: QRect, *, centred: bool = False, gap: int = _LEAST_GAP
) -> int:
    """Place parts beside each other, as high as they can be; return the px down that they end at.

    Grids of different shapes get the same height, so far as whole cells allow it. They stand at the
    top of their room, or `centred` in it, each with its middle; between them is at least a `gap`.
    """
    sizes = _largest_sizes(parts, room.size(), gap)
    gap = min(
        max(gap, _MOST_GAP), max(0, (room.width() - _across(sizes)) // max(1, len(parts) - 1))
    )
    left = room.left() + max(0, (room.width() - _across(sizes) - gap * (len(parts) - 1)) // 2)
    grids = [
        size.height()
        for part, size in zip(parts, sizes, strict=True)
        if isinstance(part, TitledGrid)
    ]
    used = min(max(grids, default=room.height()), room.height())
    top = room.top() + ((room.height() - used) // 2 if centred else 0)
    for part, size in zip(parts, sizes, strict=True):
        own = used if isinstance(part, QLabel) else min(size.height(), room.height())
        part.setGeometry(left, top + (used - own) // 2 * centred, size.width(), own)
        left += size.width() + gap
    return top + used


def scale_side(grids: Sequence[TitledGrid], room: QSize) -> ScaleSide:
    """Return where scales stand: below the cells, or where it is too narrow, nowhere."""
    line = grids[0].fontMetrics().height()
    return "below" if room.width() >= len(grids) * _LEAST_LINES * line + 5 * GRID else "none"


def _largest_sizes(parts: Sequence[Part], room: QSize, gap: int) -> list[QSize]:
    """Return the sizes of the highest parts that fit beside each other, each 2 px tried."""

    def sizes(lowered: int) -> list[QSize]:
        most = QSize(room.width(), room.height() - 2 * lowered)
        return [_size(part, most) for part in parts]

    def fits(lowered: int) -> bool:
        return _across(sizes(lowered)) + gap * (len(parts) - 1) <= room.width()

    steps = range(max(0, math.ceil((room.height() - _LEAST) / 2)))
    return sizes(bisect_left(steps, True, key=fits))  # the lower, the less they take across


def _size(part: Part, most: QSize) -> QSize:
    if isinstance(part, TitledGrid):
        return part.wanted_size(most)
    return QSize(part.sizeHint().width(), most.height())


def _across(sizes: Sequence[QSize]) -> int:
    return sum(size.width() for size in sizes)
