"""Small tables, as they stand beside pictures."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem

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


def add_row(table: QTreeWidget, texts: list[str], tip: str = "") -> None:
    """Add a row at the end: a name, and numbers that stand at the right of their columns."""
    item = QTreeWidgetItem(texts)
    item.setToolTip(0, tip)
    for column in range(1, len(texts)):
        item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
    table.addTopLevelItem(item)


def whole_height(table: QTreeWidget) -> int:
    """Return the px that a table takes down with all its rows."""
    rows = table.topLevelItemCount() * max(1, table.sizeHintForRow(0))
    return table.header().sizeHint().height() + rows + 4
