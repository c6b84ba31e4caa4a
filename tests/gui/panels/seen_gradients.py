"""The gradients panel in the window, for the tests of it."""

from PySide6.QtWidgets import QLabel

from gui.panels.gradients import GradientsPanel
from tests.gui.driving import Driver

NAMES = ("1 Conv 5, 3×3", "4 Dense 100", "6 Dense 2")


def opened(driver: Driver) -> GradientsPanel:
    driver.window.docks.show_panel("Gradients")
    driver.settle()
    return driver.find(GradientsPanel, "panel.gradients")


def texts(panel: GradientsPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
