import json

from PySide6.QtWidgets import QInputDialog

from engine.data.image_files import image_cache
from engine.paths import PREFERENCES, home
from tests.gui.driving import Driver
from tests.gui.finding import named


def test_the_cap_of_decoded_images_holds_for_the_command_line(driver: Driver) -> None:
    for before, cap in ((2_000, 5), (5, 2_000)):  # the window is used again
        driver.choose("images_cap")
        box = named(driver.window, QInputDialog, "images_megabytes")
        assert box.intValue() == before
        box.setIntValue(cap)
        box.accept()
        file = home() / PREFERENCES
        driver.wait(lambda: json.loads(file.read_text())["images_megabytes"] == cap)  # noqa: B023
        assert image_cache._cap() == cap * 1_000_000
        driver.settle()
