"""No text in the window has the name of a class, as a careless renaming would leave it there."""

import re
from collections.abc import Iterator
from functools import cache

from PySide6.QtCore import (
    QAbstractItemModel,
    QAbstractListModel,
    QMetaObject,
    QMetaProperty,
    QMetaType,
    QModelIndex,
    QObject,
    Qt,
)
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QAbstractItemView, QComboBox, QWidget

from engine.blocks import KINDS
from gui.kernel_editor.dialog import KernelEditor
from tests.gui.driving import Driver
from tests.gui.finding import child
from tests.paths import ROOT

ROLES = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.AccessibleTextRole,
)


def class_names() -> set[str]:
    """Find the names of classes that are no words; blocks are called what their classes are."""
    found = set[str]()
    for package in ("engine", "gui"):
        for path in (ROOT / package).rglob("*.py"):
            found |= set(re.findall(r"^ *class (\w+)", path.read_text("utf-8"), re.MULTILINE))
    return {name for name in found if re.search("[a-z][A-Z]", name)} - {
        block.name for block in KINDS.values()
    }


def texts_of(thing: QObject) -> Iterator[str]:
    """Return all that a widget or action says: its properties, and the items that it lists."""
    for text in texts_among(qt_class_of(thing)):
        yield str(text.read(thing))
    if isinstance(thing, QAbstractItemView | QComboBox) and (model := thing.model()) is not None:
        yield from items_of(model)


def qt_class_of(thing: QObject) -> type:
    """Return the class of Qt's that something is of.

    What describes a class of Python's is made anew now and then: a wrapper of it that is kept would
    come to stand for whatever gets the same address, and the process ends when that is deleted.
    """
    return next(kind for kind in type(thing).__mro__ if kind.__module__.startswith("PySide6."))


@cache
def texts_among(kind: type) -> list[QMetaProperty]:
    """Find the properties of a kind that are texts: they are few, and reading all takes long."""
    meta: QMetaObject = vars(kind)["staticMetaObject"]
    properties = [meta.property(number) for number in range(meta.propertyCount())]
    return [each for each in properties if each.typeId() == QMetaType.Type.QString.value]


def items_of(model: QAbstractItemModel) -> Iterator[str]:
    columns = 1 if isinstance(model, QAbstractListModel) else model.columnCount()
    for row in range(min(model.rowCount(QModelIndex()), 50)):
        for column in range(min(columns, 20)):
            for role in ROLES:
                yield str(model.index(row, column).data(role) or "")


def code_names(window: QWidget, names: set[str]) -> list[str]:
    things: list[QObject] = [window, *window.findChildren(QWidget), *window.findChildren(QAction)]
    return [
        f"{type(thing).__name__} {thing.objectName()!r}: {text!r}"
        for thing in things
        for text in texts_of(thing)
        if not names.isdisjoint(re.findall(r"\w+", text))
    ]


def test_no_text_of_the_kernel_editor_names_a_class_and_one_that_does_is_found(
    driver: Driver,
) -> None:
    window, names = driver.window, class_names()
    assert {"MainWindow", "ShapeReport", "RunProgress"} <= names
    driver.select(0)
    driver.choose("edit_kernels")
    assert child(window, KernelEditor).isVisible()
    assert code_names(window, names) == []
    progress = driver.find(QWidget, "progress")
    before, text = progress.accessibleName(), "RunProgress of the training run"
    progress.setAccessibleName(text)
    found = code_names(window, names)
    progress.setAccessibleName(before)
    assert found == [f"_Progress 'progress': {text!r}"]
