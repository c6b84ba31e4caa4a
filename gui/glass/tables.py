"""The tables of the views under glass."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget

from gui.theme import small_font


def small_table(name: str, spoken: str) -> QTreeWidget:
    """Make a table in small letters whose columns are as wide as what they hold."""
    table = QTreeWidget()
    table.setObjectName(name)
    table.setAccessibleName(spoken)
    table.setRootIsDecorated(False)
    table.setUniformRowHeights(True)
    table.setFont(small_font())
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.header().setStretchLastSection(False)
    return table
