"""What tests of the data panel write, click and see."""

from pathlib import Path

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QPushButton,
    QToolButton,
)

from gui.panels.data import DataPanel
from gui.widgets.class_list import ClassList
from tests.gui.driving import Driver

NAMES = ("cherry", "lemon", "plum", "a pear with a very long name that no row has room for")


def write_colours(path: Path, classes: int = 4, side: int = 12, count: int = 40) -> Path:
    """Write RGB images of as many colours as there are classes, by their names."""
    dice = np.random.default_rng(1)
    numbers = np.arange(count) % classes
    images = dice.integers(0, 80, (count, side, side, 3), dtype=np.uint8)
    images[np.arange(count), :, :, numbers % 3] += (100 + 20 * (numbers // 3))[
        :, None, None
    ].astype(np.uint8)
    names = np.array(
        [NAMES[each] if classes <= len(NAMES) else f"class {each:03}" for each in numbers]
    )
    np.savez(path, x_train=images, y_train=names, x_test=images[:classes], y_test=names[:classes])
    return path


def panel(driver: Driver) -> DataPanel:
    driver.window.docks.show_panel("Data")
    driver.settle()
    return driver.find(DataPanel, "panel.data")


def chosen(driver: Driver) -> tuple[int, ...]:
    return driver.window.document.settings.classes


def ticked(driver: Driver) -> set[str]:
    model = driver.find(ClassList, "data.classes").classes
    return {one.name for one in model.classes if one.number in model.chosen}


def tick(driver: Driver, row: int) -> None:
    """Click the box of a class."""
    view = driver.find(ClassList, "data.classes")
    view.scrollTo(view.model().index(row, 0))
    place = view.visualRect(view.model().index(row, 0))
    at = QPoint(place.left() + 10, place.center().y())
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=at)


def press(driver: Driver, kind: type[QToolButton] | type[QPushButton], name: str) -> None:
    QTest.mouseClick(driver.find(kind, name), Qt.MouseButton.LeftButton)


def counts(driver: Driver) -> dict[str, tuple[int, int, int]]:
    model = driver.find(ClassList, "data.classes").classes
    return {one.name: (one.training, one.test, one.unused) for one in model.classes}
