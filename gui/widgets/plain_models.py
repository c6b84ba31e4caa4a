"""PlainListModel and PlainTableModel: item models whose tooltips Qt never takes for rich text."""

from typing import Any, final

from PySide6.QtCore import (
    QAbstractListModel,
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)

from gui.widgets.tooltips import plain_tooltip

Index = QModelIndex | QPersistentModelIndex


class PlainTooltips:
    """Answers Qt by `cell` and `header`, which a model has in the place of `data`, `headerData`.

    Items are called by names of classes, runs and blocks, which come from files. Since no model
    answers Qt itself, none can forget that.
    """

    @final
    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return what an item has for a role."""
        return _plain(self.cell(index, role), role) if index.isValid() else None

    @final
    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        """Return what the head of a row or a column has for a role."""
        return _plain(self.header(section, orientation, role), role)

    def cell(self, index: Index, role: int) -> Any:
        """Return what an item that is there has for a role; its tooltip as it is to be read."""
        raise NotImplementedError

    def header(self, _section: int, _orientation: Qt.Orientation, _role: int) -> Any:
        """Return what a head has for a role; its tooltip as it is to be read."""
        return None


class PlainListModel(PlainTooltips, QAbstractListModel):
    """A list whose items have plain tooltips."""


class PlainTableModel(PlainTooltips, QAbstractTableModel):
    """A table whose cells and heads have plain tooltips."""


def _plain(value: Any, role: int) -> Any:
    return plain_tooltip(value) if role == Qt.ItemDataRole.ToolTipRole and value else value
