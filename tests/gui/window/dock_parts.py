"""The docks of a window, as tests read and move them."""

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDockWidget

from gui.window.docks import TitleBar
from tests.gui.driving import Driver


def dock(driver: Driver, title: str) -> QDockWidget:
    docks = driver.window.docks.findChildren(QDockWidget)
    return next(dock for dock in docks if dock.windowTitle() == title)


def title_bar(driver: Driver, title: str) -> TitleBar:
    bar = dock(driver, title).titleBarWidget()
    assert isinstance(bar, TitleBar)
    return bar


def in_view(driver: Driver) -> set[str]:
    """Return the titles of the panels that can be seen."""
    docks = driver.window.docks.findChildren(QDockWidget)
    return {dock.windowTitle() for dock in docks if not dock.visibleRegion().isEmpty()}


def drag_border(driver: Driver, by: int) -> None:
    """Drag the border between Feature maps and Loss to the right."""
    docks, loss = driver.window.docks, dock(driver, "Loss").geometry()
    start = QPoint(loss.left() - 3, loss.center().y())
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(docks, left, none, start)
    QTest.mouseMove(docks, start + QPoint(by // 2, 0))
    QTest.mouseMove(docks, start + QPoint(by, 0))
    driver.settle()  # Qt moves it when it has nothing else to do
    QTest.mouseRelease(docks, left, none, start + QPoint(by, 0))
    driver.settle()
