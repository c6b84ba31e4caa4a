"""Rows and columns of widgets, made at once."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLayout, QVBoxLayout, QWidget

from gui.theme import GRID

Placed = tuple[QWidget | QLayout, int] | tuple[QWidget | QLayout, int, Qt.AlignmentFlag]
Part = QWidget | QLayout | Placed | int
Margins = tuple[int, int, int, int]  # px: left, top, right, bottom


def in_row(
    *parts: Part, of: QWidget | None = None, gap: int = GRID // 2, margins: Margins | int = 0
) -> QHBoxLayout:
    """Lay parts out side by side, as those `of` a widget.

    A part may come with its share of the room that is left, and a widget with its alignment too; a
    number is a share that stays empty.
    """
    row = QHBoxLayout() if of is None else QHBoxLayout(of)
    _add(row, parts, gap, margins)
    return row


def in_column(
    *parts: Part, of: QWidget | None = None, gap: int = GRID // 2, margins: Margins | int = 0
) -> QVBoxLayout:
    """Lay parts out one below the other, as `in_row` does side by side."""
    column = QVBoxLayout() if of is None else QVBoxLayout(of)
    _add(column, parts, gap, margins)
    return column


def _add(layout: QBoxLayout, parts: tuple[Part, ...], gap: int, margins: Margins | int) -> None:
    layout.setContentsMargins(*((margins,) * 4 if isinstance(margins, int) else margins))
    layout.setSpacing(gap)
    for each in parts:
        if isinstance(each, int):
            layout.addStretch(each)
            continue
        part, share, *alignment = each if isinstance(each, tuple) else (each, 0)
        if isinstance(part, QLayout):
            layout.addLayout(part, share)
        else:
            layout.addWidget(part, share, *alignment)
