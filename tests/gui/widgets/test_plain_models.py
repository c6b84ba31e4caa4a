"""Item models: none can give a view a tooltip that Qt would take for rich text."""

import importlib
import pkgutil
from typing import Any

import pytest
from PySide6.QtCore import QAbstractItemModel, QAbstractProxyModel, QModelIndex
from PySide6.QtGui import Qt

import gui
from gui.widgets.plain_models import Index, PlainListModel, PlainTableModel, PlainTooltips

EVIL = '<img src="file:///x.png">'
TIP, SHOWN = Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.DisplayRole


def models() -> list[type[QAbstractItemModel]]:
    """Return the item models of all modules of the window, also of those that it loads late."""
    for module in pkgutil.walk_packages(gui.__path__, "gui."):
        importlib.import_module(module.name)
    found, left = [], [QAbstractItemModel]
    while left:
        left += (kind := left.pop()).__subclasses__()
        if kind.__module__.startswith("gui."):
            found.append(kind)
    return sorted(found, key=lambda kind: kind.__qualname__)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_every_item_model_leaves_tooltips_to_the_base(model: type[QAbstractItemModel]) -> None:
    if issubclass(model, QAbstractProxyModel):  # it passes on what another model says
        assert "headerData" not in vars(model)
        return
    assert issubclass(model, PlainTooltips)
    assert model.data is PlainTooltips.data
    assert model.headerData is PlainTooltips.headerData


NO_PARENT = QModelIndex()


class Evil:
    def rowCount(self, _parent: Index = NO_PARENT) -> int:
        return 1

    def columnCount(self, _parent: Index = NO_PARENT) -> int:
        return 1

    def cell(self, _index: Index, role: int) -> Any:
        return EVIL if role in (TIP, SHOWN) else None

    def header(self, _section: int, _orientation: Qt.Orientation, role: int) -> Any:
        return EVIL if role in (TIP, SHOWN) else None


class EvilList(Evil, PlainListModel):
    pass


class EvilTable(Evil, PlainTableModel):
    pass


@pytest.mark.parametrize("kind", [EvilList, EvilTable])
def test_tooltips_are_plain_and_what_is_painted_stays(kind: type[EvilList | EvilTable]) -> None:
    model = kind()
    assert len(models()) >= 8, "there are others to look at"
    item = model.index(0, 0)
    assert (item.data(SHOWN), item.data(Qt.ItemDataRole.AccessibleTextRole)) == (EVIL, None)
    heads = [model.headerData(0, each, TIP) for each in Qt.Orientation]
    for tip in (item.data(TIP), *heads):
        assert "<img" not in tip
        assert "&lt;img" in tip
    assert [model.headerData(0, each, SHOWN) for each in Qt.Orientation] == [EVIL, EVIL]
    assert model.data(QModelIndex(), SHOWN) is None
