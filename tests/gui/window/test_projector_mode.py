"""Projector mode: all text is larger, and Under glass has nothing but its pictures."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QSlider, QToolButton, QWidget

from gui.theme import small_font
from gui.widgets.number_grid import NumberGrid
from tests.gui.driving import Driver
from tests.gui.glass.specimens import check_few_values


@pytest.fixture
def projected(driver: Driver) -> Iterator[Driver]:
    """Return the window with a step under glass; the mode is off again after the test."""
    driver.window.stage.show_panel("Under glass")
    driver.wait(lambda: bool(driver.text("glass.copy")))
    driver.settle()
    yield driver
    if driver.action("projector").isChecked():
        switch(driver)


def switch(driver: Driver) -> None:
    driver.choose("projector")
    driver.settle()


def sizes(driver: Driver) -> list[float]:
    """Read the size of the text of some widgets, with fonts of their own and without."""
    names = ("glass.views", "glass.cell", "glass.sample", "glass.result", "block_list", "status")
    return [
        *(driver.find(QWidget, name).font().pointSizeF() for name in names),
        small_font().pointSizeF(),  # of what is made from now on
    ]


def test_text_is_larger_and_under_glass_has_the_room_until_a_button_ends_it(
    projected: Driver,
) -> None:
    stage, run_bar = projected.window.stage, projected.window.run_bar
    before, grid = sizes(projected), projected.find(NumberGrid, "glass.result")
    controls = (
        projected.find(QComboBox, "glass.equation"),
        position := projected.find(QSlider, "glass.position"),
        projected.find(QToolButton, "glass.next"),
    )
    leave, cell = projected.find(QToolButton, "glass.leave_projector"), grid.cells().scale
    assert not leave.isVisible()
    switch(projected)
    assert sizes(projected) == pytest.approx([1.5 * size for size in before])
    assert (stage.enlarged, leave.isVisible(), run_bar.isVisible()) == (True, True, False)
    assert not any(control.isVisible() for control in controls)
    assert projected.find(QLabel, "glass.sum").isVisible()
    assert grid.cells().scale > cell
    assert projected.message().startswith("Projector mode: Ctrl+Shift+P")
    panel, place = projected.window.panels.glass.panel, position.value()
    for key, further in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_PageDown, 2), (Qt.Key.Key_Left, 1)):
        QTest.keyClick(panel.tabs, key)
        assert position.value() == place + further
    for playing in (True, False):
        QTest.keyClick(panel.tabs, Qt.Key.Key_Space)
        assert panel.transport.playing == playing
    QTest.mouseClick(leave, Qt.MouseButton.LeftButton)
    projected.settle()
    assert (stage.enlarged, leave.isVisible(), run_bar.isVisible()) == (False, False, True)
    assert all(control.isVisible() for control in controls)
    assert projected.message() == ""
    assert sizes(projected) == pytest.approx(before)
    assert QApplication.font().pointSizeF() == pytest.approx(before[4])


def test_the_table_of_a_check_is_as_high_as_its_rows_in_the_larger_text(
    projected: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    check_few_values(monkeypatch)
    projected.make_smaller()
    projected.settle()
    check = projected.window.panels.glass.check
    projected.window.panels.glass.panel.tabs.setCurrentWidget(check)
    QTest.mouseClick(check.start, Qt.MouseButton.LeftButton)
    projected.wait(lambda: bool(check.checks))
    switch(projected)
    assert not check.table.verticalScrollBar().isVisible()
    assert check.slopes.isVisible()  # below it, in what was an empty half of the page
    projected.window.panels.glass.panel.tabs.setCurrentIndex(0)


def test_the_smallest_window_stays_as_wide_as_it_is(projected: Driver) -> None:
    projected.window.resize(940, 620)
    for title in ("Under glass", "Predictions"):
        projected.window.stage.show_panel(title)
        projected.settle()
        switch(projected)
        assert projected.window.width() == 940, title
        assert projected.window.minimumSizeHint().width() <= 940
        switch(projected)


def test_any_view_has_the_room_and_training_goes_on_below_the_bar(projected: Driver) -> None:
    stage, run_bar = projected.window.stage, projected.window.run_bar
    stage.show_panel("Living network")
    switch(projected)
    assert (stage.enlarged, run_bar.isVisible()) == (True, True)
    assert projected.find(QWidget, "panel.drawing").isVisible()
    assert not projected.find(QWidget, "block_list").isVisible()
    switch(projected)
    assert not stage.enlarged
