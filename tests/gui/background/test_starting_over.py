"""Reset and New seed: what they bring back, what they forget, and that undo brings that back."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QSpinBox, QToolButton

from tests.gui.background.headless import assert_same, train_alone
from tests.gui.driving import FEW_UNITS, Driver
from tests.gui.finding import not_none


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it, made smaller."""
    new_project.make_smaller()
    return new_project


def test_reset_while_training_starts_over_and_undo_brings_the_last_weights_back(
    driver: Driver, tmp_path: Path
) -> None:
    driver.type_into("setting.epochs", "500")
    driver.click("train")
    driver.wait(lambda: len(driver.curve("loss batch")[0]) > 100)
    driver.click("reset")
    driver.wait_for("Ready")
    driver.settle()
    assert driver.curve("loss batch")[0] == []
    assert driver.text("progress_text") == "Next: 500 epochs on 200 images"
    document = driver.window.document
    assert not document.trained
    driver.choose("undo")
    assert not_none(document.learned.state).updates >= 100
    driver.choose("redo")
    driver.type_into("setting.epochs", "1")
    driver.train()
    assert_same(driver.weights(tmp_path), train_alone(units=FEW_UNITS, epochs=1).weights)


def test_a_new_seed_starts_over_and_is_one_step(driver: Driver, tmp_path: Path) -> None:
    before = [tile.copy() for tile in driver.tiles()]
    driver.choose("new_seed")
    driver.wait(lambda: not np.array_equal(driver.tiles(), before))
    driver.choose("undo")
    driver.wait(lambda: np.array_equal(driver.tiles(), before))
    driver.type_into("setting.epochs", "1")
    driver.train()
    old = driver.weights(tmp_path)
    (beside,) = (
        button
        for button in driver.window.settings.more.findChildren(QToolButton)
        if button.defaultAction() is driver.action("new_seed")
    )
    assert beside.accessibleName() == "New seed"
    beside.click()
    driver.wait_for("Ready")
    driver.settle()
    seed = driver.find(QSpinBox, "setting.seed").value()
    assert seed != 0
    assert driver.curve("loss batch")[0] == []
    assert not driver.action("export").isEnabled()
    driver.train()
    assert_same(driver.weights(tmp_path), train_alone(units=FEW_UNITS, epochs=1, seed=seed).weights)
    driver.choose("undo")
    driver.wait_for("Ready")
    assert driver.find(QSpinBox, "setting.seed").value() == 0
    assert_same(driver.weights(tmp_path), old)
