"""Small tables, as they stand beside pictures."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget

from gui.widgets.layouts import named


def small_table(name: str, spoken: str) -> QTreeWidget:
    """Make a table in small letters whose columns are as wide as what they hold."""
    table = named(QTreeWidget(), name, spoken, small=True)
    table.setRootIsDecorated(False)
    table.setUniformRowHeights(True)
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    table.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
    table.header().setStretchLastSection(False)
    return table
