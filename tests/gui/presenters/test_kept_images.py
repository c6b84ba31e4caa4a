"""The window that shows, limits and clears what is kept of decoded images."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton, QSpinBox

from engine.data.image_files.image_cache import ImageCache
from gui.window.kept_images import KeptImagesWindow
from tests.gui.driving import Driver
from tests.gui.finding import child, named, unnamed


@pytest.fixture
def driver(shared_driver: Driver) -> Driver:
    """Return the module's window; what is kept is all that these tests change."""
    return shared_driver


@pytest.fixture
def cache(driver: Driver) -> ImageCache:
    """Keep two sets of images, and no limit."""
    made = ImageCache()
    shutil.rmtree(made.folder, ignore_errors=True)
    for number in range(2):
        made.save(f"{number:064x}", np.zeros((1100, 1, 32, 32), np.uint8), b"[]")
    return made


def opened(driver: Driver) -> KeptImagesWindow:
    driver.choose("kept_images")
    window = child(driver.window, KeptImagesWindow)
    assert window.isVisible()
    return window


def taken(window: KeptImagesWindow) -> str:
    return named(window, QLabel, "kept_images.taken").text()


def press(window: KeptImagesWindow, name: str) -> None:
    QTest.mouseClick(named(window, QPushButton, f"kept_images.{name}"), Qt.MouseButton.LeftButton)


def test_what_is_kept_is_shown_and_cleared(driver: Driver, cache: ImageCache) -> None:
    window = opened(driver)
    assert taken(window) == "2 sets of images are kept, which takes 2.3 MB."
    assert named(window, QLabel, "kept_images.folder").text() == str(cache.folder)
    press(window, "clear")
    assert taken(window) == "No images are kept."
    assert cache.usage().sets == 0
    assert not named(window, QPushButton, "kept_images.clear").isEnabled()
    press(window, "close")
    assert not window.isVisible()


def test_a_limit_that_is_typed_holds_when_it_is_whole(driver: Driver, cache: ImageCache) -> None:
    window = opened(driver)
    limit = named(window, QSpinBox, "kept_images.limit")
    assert limit.value() == 2000
    assert not unnamed([limit])
    limit.selectAll()
    QTest.keyClicks(limit, "2")
    assert cache.limit == 2_000_000_000
    QTest.keyClick(limit, Qt.Key.Key_Return)
    assert cache.limit == 2_000_000
    assert taken(window) == "1 set of images is kept, which takes 1.1 MB."


def test_what_was_changed_elsewhere_is_seen_when_it_is_opened_again(
    driver: Driver, cache: ImageCache
) -> None:
    window = opened(driver)
    press(window, "close")
    cache.set_limit(0)
    assert opened(driver) is window
    assert taken(window) == "No images are kept."
    assert named(window, QSpinBox, "kept_images.limit").value() == 0


def test_a_folder_that_cannot_be_changed_is_said(driver: Driver, cache: ImageCache) -> None:
    window = opened(driver)
    (Path(cache.folder) / "limit").mkdir()
    limit = named(window, QSpinBox, "kept_images.limit")
    limit.stepUp()
    said = named(window, QLabel, "kept_images.problem")
    assert said.text().startswith("The limit was not saved: ")
    assert limit.value() == 2000
