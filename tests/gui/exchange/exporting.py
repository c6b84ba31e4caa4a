"""How a test uses the export dialog."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QDialog, QLineEdit, QPushButton

from engine.exports.export_format import ExportFormat
from tests.gui.driving import Driver
from tests.gui.finding import named

DIALOG = "export_dialog"


def opened(driver: Driver) -> QDialog:
    driver.choose("export")
    dialog = driver.find(QDialog, DIALOG)
    driver.wait(dialog.isActiveWindow)
    return dialog


def path(dialog: QDialog) -> QLineEdit:
    return named(dialog, QLineEdit, f"{DIALOG}.path")


def export(driver: Driver, dialog: QDialog) -> None:
    button = named(dialog, QPushButton, f"{DIALOG}.export")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    driver.wait(button.isEnabled)


def use(driver: Driver, patch: pytest.MonkeyPatch, kind: ExportFormat) -> None:
    """Offer one format alone."""
    exports = driver.window.exports
    _ = exports._dialog  # with the formats that there are again after the test
    patch.setattr(exports, "_formats", (kind,))
    patch.setattr(exports, "_kind", kind)
