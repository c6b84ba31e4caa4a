"""The template for pictures in colour, chosen from the File menu."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from gui.storage import file_actions
from tests.engine.data.pictures import shades, write_files
from tests.gui.driving import Driver
from tests.picture_sets import write_set


@pytest.fixture
def forms(tmp_path: Path) -> str:
    return str(write_set("colour", tmp_path / "forms.npz", 6, 2))


def trains_on(driver: Driver, data: str) -> None:
    """See that it begins with the classes of the data, and that the first click trains."""
    driver.wait_for_panels()
    assert driver.problem() == ""
    settings, stack = driver.window.document.settings, driver.window.document.stack
    assert (settings.dataset, settings.classes) == (data, tuple(range(9)))
    assert (stack.input_shape, driver.rows()[-2]) == ((3, 32, 32), "Dense 9")
    driver.type_into("setting.epochs", "1")
    driver.train()


@pytest.mark.parametrize("size", [0, 20])
def test_it_begins_with_the_present_data_in_colour_and_the_form_of_its_images(
    driver: Driver, forms: str, size: int
) -> None:
    for name, value in (("classes", tuple(range(9))), ("image_size", size), ("dataset", forms)):
        driver.window.edits.change_setting(name, value)
    driver.settle()
    driver.choose("new.colour")
    if size == 0:
        trains_on(driver, forms)
    else:
        driver.wait_for_panels()
        assert driver.window.document.stack.input_shape == (3, size, size)
        assert driver.problem() == ""


def test_else_it_asks_for_a_folder(
    driver: Driver, forms: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(file_actions, "unattended", lambda: False)
    answers = iter(["", forms])
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: next(answers))
    driver.choose("new.colour")  # without an answer the set stays named, with what is missing
    assert driver.window.document.settings.dataset == "cifar-10"
    driver.wait(lambda: "CIFAR-10 is not" in driver.window.session.data_problem)
    driver.choose("new.colour")
    trains_on(driver, forms)


def test_a_folder_of_one_class_is_refused_in_words(
    driver: Driver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_files(tmp_path / "pets", shades(["cat/1.png", "cat/2.png"]))
    monkeypatch.setattr(file_actions, "unattended", lambda: False)
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    driver.choose("new.colour")
    assert "of one class, cat: a network has nothing to tell apart" in driver.message()
