"""The train button: its tooltip."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip

from tests.gui.driving import Driver

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it."""
    return new_project


def test_the_reason_of_a_disabled_button_is_not_hidden_by_its_own_tooltip(driver: Driver) -> None:
    driver.choose("new.blank")
    button, bar = driver.button("train"), driver.window.run_bar
    assert not button.isEnabled()
    at = button.rect().center()
    QApplication.sendEvent(button, QHelpEvent(QEvent.Type.ToolTip, at, button.mapToGlobal(at)))
    driver.wait(QToolTip.isVisible)
    assert QToolTip.text() == button.toolTip() != ""
    (tip,) = [w for w in QApplication.topLevelWidgets() if w.objectName() == "qtooltip_label"]
    assert tip.y() >= bar.mapToGlobal(QPoint(0, bar.height())).y()
    QToolTip.hideText()
