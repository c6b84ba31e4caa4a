import json

from PySide6.QtWidgets import QInputDialog

from engine.data.image_files import image_cache
from engine.paths import PREFERENCES, home
from tests.gui.conftest import OpenWindow
from tests.gui.finding import named


def test_the_cap_of_decoded_images_holds_for_the_command_line(open_window: OpenWindow) -> None:
    driver = open_window(None)
    driver.choose("images_cap")
    box = named(driver.window, QInputDialog, "images_megabytes")
    assert box.intValue() == 2_000
    box.setIntValue(5)
    box.accept()
    driver.wait(lambda: json.loads((home() / PREFERENCES).read_text())["images_megabytes"] == 5)
    assert image_cache._cap() == 5_000_000
