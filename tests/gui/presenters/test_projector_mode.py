"""Projector mode: all text is larger, and Under glass has nothing but its pictures."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QSlider, QToolButton, QWidget

from gui.theme import small_font
from gui.widgets.number_grid import NumberGrid
from tests.gui.driving import Driver
from tests.gui.glass.specimens import check_few_values


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project


@pytest.fixture
def projected(driver: Driver) -> Driver:
    driver.window.docks.show_panel("Under glass")
    driver.wait(lambda: bool(driver.text("glass.copy")))
    driver.settle()
    return driver


def switch(driver: Driver) -> None:
    action = driver.window.findChild(QAction, "action.projector")
    assert action is not None
    action.trigger()
    driver.settle()


def sizes(driver: Driver) -> dict[str, float]:
    """Read the size of the text of some widgets, with fonts of their own and without."""
    names = ("glass.views", "glass.sum", "glass.sample", "glass.result", "block_list", "status")
    found = {name: driver.window.findChild(QWidget, name) for name in names}
    return {name: widget.font().pointSizeF() for name, widget in found.items() if widget}


def test_all_text_is_larger_and_then_as_before(projected: Driver) -> None:
    before, small = sizes(projected), small_font().pointSizeF()
    assert len(before) == 6
    switch(projected)
    for name, size in sizes(projected).items():
        assert size == pytest.approx(1.5 * before[name]), name
    assert small_font().pointSizeF() == pytest.approx(1.5 * small)  # of what is made from now on
    switch(projected)
    assert sizes(projected) == pytest.approx(before)
    assert small_font().pointSizeF() == pytest.approx(small)
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    assert app.font().pointSizeF() == pytest.approx(before["block_list"])


def test_under_glass_has_the_room_and_no_controls(projected: Driver) -> None:
    grid = projected.find(NumberGrid, "glass.result")
    cell = grid.cells().scale
    switch(projected)
    assert projected.window.docks.enlarged
    controls = (
        projected.find(QComboBox, "glass.equation"),
        projected.find(QSlider, "glass.position"),
        projected.find(QToolButton, "glass.next"),
    )
    assert not any(control.isVisible() for control in controls)
    assert not projected.window.run_bar.isVisible()
    assert projected.find(QLabel, "glass.sum").isVisible()
    assert grid.cells().scale > cell
    switch(projected)
    assert not projected.window.docks.enlarged
    assert all(control.isVisible() for control in controls)
    assert projected.window.run_bar.isVisible()


def test_keys_do_what_the_controls_did(projected: Driver) -> None:
    panel, position = projected.window.panels.glass.panel, projected.find(QSlider, "glass.position")
    switch(projected)
    before = position.value()
    QTest.keyClick(panel.tabs, Qt.Key.Key_Right)
    QTest.keyClick(panel.tabs, Qt.Key.Key_PageDown)
    assert position.value() == before + 2
    QTest.keyClick(panel.tabs, Qt.Key.Key_Left)
    assert position.value() == before + 1
    QTest.keyClick(panel.tabs, Qt.Key.Key_Space)
    assert panel.transport.playing
    QTest.keyClick(panel.tabs, Qt.Key.Key_Space)
    assert not panel.transport.playing
    switch(projected)


def test_it_says_how_it_is_ended_and_a_button_ends_it(projected: Driver) -> None:
    leave = projected.find(QToolButton, "glass.leave_projector")
    assert not leave.isVisible()
    switch(projected)
    assert leave.isVisible()
    assert "Ctrl+Shift+P" in projected.window.messages.text.text()
    QTest.mouseClick(leave, Qt.MouseButton.LeftButton)
    projected.settle()
    assert not leave.isVisible()
    assert not projected.window.docks.enlarged
    assert projected.find(QSlider, "glass.position").isVisible()


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
    switch(projected)
    projected.window.panels.glass.panel.tabs.setCurrentIndex(0)


def test_what_says_how_to_end_it_goes_with_it(projected: Driver) -> None:
    switch(projected)
    assert projected.message().startswith("Projector mode: ")
    switch(projected)
    assert projected.message() == ""


def test_the_smallest_window_stays_as_wide_as_it_is(projected: Driver) -> None:
    projected.window.resize(940, 620)
    for title in ("Under glass", "Predictions"):
        projected.window.docks.show_panel(title)
        projected.settle()
        switch(projected)
        try:
            assert projected.window.width() == 940, title
            assert projected.window.minimumSizeHint().width() <= 940
        finally:
            switch(projected)
