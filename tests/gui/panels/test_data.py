"""The data panel in the real window: choose, tick, filter and pin."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QLabel,
    QPushButton,
    QToolButton,
    QWidget,
)

from engine.model.settings import Settings
from engine.struct_fields import fields_of
from engine.training.dataset_batch import augmented
from gui.app import create_window
from gui.panels.data import DataPanel
from tests.gui.driving import Driver
from tests.gui.panels.data_parts import (
    NAMES,
    chosen,
    counts,
    panel,
    press,
    tick,
    ticked,
    write_colours,
)


@pytest.fixture
def driver(new_project: Driver) -> Iterator[Driver]:
    """Return the module's window with a new project in it; all its images are shown again later."""
    yield new_project
    images = new_project.find(DataPanel, "panel.data").images
    for box in (images.part, images.true):
        box.setCurrentIndex(0)


def test_every_setting_is_there_before_the_window_is_shown(
    qapp: QApplication,
) -> None:
    window = create_window()
    for field in fields_of(Settings):
        assert len(window.findChildren(QWidget, f"setting.{field.name}")) == 1
    assert len(window.findChildren(QWidget, "panel.data")) == 1
    window.close()
    shiboken6.delete(window)


def test_classes_are_ticked_and_undone(driver: Driver) -> None:
    panel(driver)
    tick(driver, 3)
    assert chosen(driver) == (0, 1, 3)
    driver.settle()
    assert counts(driver)["3"][0] == 100
    driver.choose("undo")
    driver.settle()
    assert ticked(driver) == {"0", "1"}
    press(driver, QToolButton, "data.none")
    assert driver.text("data.too_few") == "Choose at least two classes."
    assert chosen(driver) == (0, 1)
    tick(driver, 7)
    tick(driver, 5)
    assert chosen(driver) == (5, 7)
    assert driver.text("data.too_few") == ""
    press(driver, QToolButton, "data.all")
    assert chosen(driver) == tuple(range(10))


def test_a_folder_of_colours_trains_after_two_clicks(driver: Driver, tmp_path: Path) -> None:
    data = write_colours(tmp_path / "fruit.npz")
    panel(driver)
    driver.answer_dialog("getOpenFileName", data)
    press(driver, QToolButton, "data.file")
    driver.settle()
    assert driver.window.document.settings.dataset == str(data)
    offer = driver.find(QPushButton, "data.offer.0")
    assert offer.isVisible()
    assert offer.text() == "Take all 4 classes, and end with 4 units"
    QTest.mouseClick(offer, Qt.MouseButton.LeftButton)
    driver.settle()
    assert driver.problem() == ""
    assert not offer.isVisible()
    assert ticked(driver) == set(NAMES)
    driver.type_into("setting.epochs", "1")
    driver.train()
    driver.choose("undo")  # the epochs
    driver.choose("undo")  # the offer
    assert chosen(driver) == (0, 1)
    driver.choose("undo")
    driver.settle()
    assert driver.window.document.settings.dataset == "mnist"
    assert driver.window.document.stack.input_shape == (1, 28, 28)


def test_images_are_filtered_by_part_and_class(driver: Driver) -> None:
    page = panel(driver).images
    panel(driver).tabs.setCurrentWidget(page)
    data = driver.window.session.data
    assert data is not None
    assert data.train is not None
    assert data.test is not None
    assert len(page.model.shown) == 200
    driver.pick("data.class", "1")
    ones = np.flatnonzero(np.array(data.train.classes)[data.train.labels] == 1)
    assert page.model.shown.tolist() == ones.tolist()
    part = driver.find(QComboBox, "data.part")
    part.setFocus()
    QTest.keyClick(part, Qt.Key.Key_End)
    tests = np.flatnonzero(np.array(data.test.classes)[data.test.labels] == 1)
    assert page.model.shown.tolist() == tests.tolist()
    assert page.model.index(0, 0).data() == "1"


def test_a_validation_split_divides_the_training_images(driver: Driver) -> None:
    page = panel(driver).images
    driver.type_into("setting.validation_split", "25")
    driver.settle()
    panel(driver).tabs.setCurrentWidget(page)
    kept = set(page.model.shown.tolist())
    part = driver.find(QComboBox, "data.part")
    part.setFocus()
    QTest.keyClick(part, Qt.Key.Key_Down)
    held = set(page.model.shown.tolist())
    assert len(held) == 50
    assert kept | held == set(range(200))
    assert not kept & held
    assert driver.find(QLabel, "data.state").text().startswith("150 training · 50 validation")


def test_the_values_say_that_they_are_those_before_augmentation(driver: Driver) -> None:
    panel(driver)
    driver.window.docks.toggle_enlarged("Data")
    driver.settle()
    before = driver.text("data.values.title")
    assert before.startswith("values that the network gets 0.")
    driver.type_into("setting.rotate", "30")
    driver.settle()
    assert driver.text("data.values.title") == f"{before}, before augmentation"
    driver.choose("undo")
    driver.settle()
    assert driver.text("data.values.title") == before


def test_augmentation_is_previewed_epoch_by_epoch(driver: Driver) -> None:
    page = panel(driver).images
    panel(driver).tabs.setCurrentWidget(page)
    plain = page.grid.samples.images[3].copy()
    assert not page.epoch.isVisible()
    driver.type_into("setting.rotate", "30")
    driver.settle()
    settings = driver.window.document.settings
    train = driver.window.session.data.train  # type: ignore[union-attr]
    assert train is not None
    for epoch in (1, 2):
        page.epoch.setFocus()
        driver.type_into("data.epoch", str(epoch))
        expected = augmented(train.images[:4], settings, settings.seed, epoch)[3]
        np.testing.assert_array_equal(page.grid.samples.images[3], expected)
        assert (expected != plain).any()
    QTest.mouseClick(page.augmented, Qt.MouseButton.LeftButton)
    np.testing.assert_array_equal(page.grid.samples.images[3], plain)
    QTest.mouseClick(page.augmented, Qt.MouseButton.LeftButton)
    driver.pick("data.part", "test")
    assert not page.epoch.isVisible()
    tests = driver.window.session.data.test  # type: ignore[union-attr]
    assert tests is not None
    np.testing.assert_array_equal(page.grid.samples.images[3], tests.images[3])


def test_a_training_image_is_pinned_in_all_panels(driver: Driver) -> None:
    page = panel(driver).images
    panel(driver).tabs.setCurrentWidget(page)
    place = page.grid.visualRect(page.model.index(2, 0)).center()
    QTest.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    driver.settle()
    assert page.model.pinned == 2
    assert driver.pinned() is None
    data = driver.window.session.data
    assert data is not None
    assert data.train is not None
    said: list[str] = [label.text() for label in driver.maps.findChildren(QLabel)]
    name = data.train.class_names[data.train.labels[2]]
    assert any(f"Training image 3 · a {name}" in text for text in said), said
    driver.window.docks.show_panel("Predictions")
    driver.settle()
    pane = driver.window.panels.predictions.panel.pane
    assert any("Training image 3" in label.text() for label in pane.findChildren(QLabel))
    driver.window.docks.show_panel("Draw")
    driver.settle()
    driver.window.docks.show_panel("Predictions")
    driver.click_digit(4)
    driver.settle()
    assert page.model.pinned is None
    assert driver.pinned() == 4
