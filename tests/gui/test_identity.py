"""What the desktop knows of the program: its name, its icon and its entry in the menus."""

import configparser

from PySide6.QtGui import QGuiApplication

from gui.app import ICON
from tests.gui.driving import Driver
from tests.paths import ROOT


def test_the_desktop_finds_the_program_by_its_entry(shared_driver: Driver) -> None:
    entry = configparser.ConfigParser(interpolation=None)
    entry.read(ROOT / "resources/share/applications/layerscope.desktop", "utf-8")
    said = entry["Desktop Entry"]
    assert QGuiApplication.desktopFileName() == "layerscope"
    assert QGuiApplication.applicationName() == said["StartupWMClass"] == "layerscope"
    assert said["Icon"] == ICON.stem
    assert QGuiApplication.applicationDisplayName() == said["Name"] == "Layerscope"


def test_the_window_has_the_icon_sharp_at_small_sizes(shared_driver: Driver) -> None:
    icon = shared_driver.window.windowIcon()
    for size in (16, 32, 64):
        image = icon.pixmap(size, size).toImage()
        assert (image.width(), image.height()) == (size, size)
        unit = size // 16  # of the drawing's grid: inside it no pixel is mixed
        for column, row, colour in ((2, 8, "#0072b2"), (14, 5, "#d55e00"), (10, 8, "#56b4e9")):
            x, y = int((column + 0.5) * unit), int((row + 0.5) * unit)
            assert image.pixelColor(x, y).name() == colour, (size, column, row)
