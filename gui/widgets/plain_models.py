"""Item models whose tooltips Qt never takes for rich text, and whose names can be edited."""

from typing import Any, final

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtWidgets import QLineEdit, QStyledItemDelegate, QWidget

from gui.widgets.labels import plain_tooltip
from gui.widgets.layouts import named

Index = QModelIndex | QPersistentModelIndex
LONGEST_NAME = 200  # letters


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


class NameDelegate(QStyledItemDelegate):
    """Edits the names of items in their rows."""

    def name_field(self, parent: QWidget, name: str, spoken: str) -> QLineEdit:
        """Make the field in which a name is edited."""
        field = named(QLineEdit(parent), name, spoken)
        field.setMaxLength(LONGEST_NAME)
        field.setTextMargins(0, 0, 0, 0)
        return field

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Take a name that was typed; what the field made of an odd one is no wish of the user."""
        if not isinstance(editor, QLineEdit) or editor.isModified():
            super().setModelData(editor, model, index)

    def destroyEditor(self, editor: QWidget, index: Index) -> None:
        """Take the field away; until it is gone it cannot be found by its name."""
        editor.setObjectName("")
        super().destroyEditor(editor, index)
