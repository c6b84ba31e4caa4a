"""The whole window: every control has a name, and Tab comes to each and goes on from it."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QWidget

from engine.blocks import KINDS
from tests.gui.driving import Driver
from tests.gui.finding import focusable, unnamed


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project


def described(widget: QWidget) -> str:
    return f"{type(widget).__name__} {widget.objectName() or widget.accessibleName()!r}"


def owner_of(widget: QWidget | None, controls: set[QWidget]) -> QWidget | None:
    """Find the control that a widget is, or is a part of."""
    while widget is not None and widget not in controls:
        widget = widget.parentWidget()
    return widget


def test_every_panel_and_control_has_a_name(shared_driver: Driver) -> None:
    for title, place in shared_driver.panels():
        panel = place
        assert panel is not None
        assert panel.accessibleName(), title
        assert unnamed(focusable(shared_driver.window)) == [], title


def test_the_options_of_every_block_have_names(driver: Driver) -> None:
    driver.choose("new.blank")
    for kind in KINDS:
        driver.click(f"add.{kind}")
    for row in range(len(KINDS)):
        driver.select(row)
        assert unnamed(focusable(driver.window)) == [], driver.rows()[row]
    assert driver.problem()
    assert driver.find(QWidget, "repair.0").accessibleName().startswith("Repair: ")


def test_every_combo_box_has_a_label_that_readers_find(shared_driver: Driver) -> None:
    assert len(list(shared_driver.panels())) > 10  # each makes all that it has
    boxes = shared_driver.window.findChildren(QComboBox)
    assert len(boxes) > 10
    for box in boxes:
        told = QAccessible.queryAccessibleInterface(box)
        labels = [
            other.text(QAccessible.Text.Name)
            for other, relation in told.relations()
            if relation == QAccessible.RelationFlag.Label
        ]
        assert len(labels) == 1, described(box)
        assert labels[0], described(box)


def test_messages_can_be_closed_by_who_cannot_see_them(driver: Driver, tmp_path: Path) -> None:
    driver.project(tmp_path / "a.layerscope")
    assert driver.message()
    assert unnamed(focusable(driver.window)) == []


def test_tab_comes_everywhere_and_is_caught_nowhere(driver: Driver) -> None:
    driver.select(0)
    for title, _place in driver.panels():
        controls = {widget for widget in focusable(driver.window) if widget.isEnabled()}
        reached: set[QWidget] = set()
        for _ in range(len(controls) + 20):
            focused = QApplication.focusWidget()
            assert focused is not None
            if (owner := owner_of(focused, controls)) is not None:
                reached.add(owner)
            QTest.keyClick(focused, Qt.Key.Key_Tab)
        missed = [described(widget) for widget in controls - reached]
        assert missed == [], f"{title}: Tab never comes to these"
