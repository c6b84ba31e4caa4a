"""The docks of a window, as tests read them."""

from PySide6.QtWidgets import QDockWidget

from tests.gui.driving import Driver


def dock(driver: Driver, title: str) -> QDockWidget:
    docks = driver.window.docks.findChildren(QDockWidget)
    return next(dock for dock in docks if dock.windowTitle() == title)


def in_view(driver: Driver) -> set[str]:
    """Return the titles of the panels that can be seen."""
    docks = driver.window.docks.findChildren(QDockWidget)
    return {dock.windowTitle() for dock in docks if not dock.visibleRegion().isEmpty()}
