"""The template for pictures in colour, chosen from the File menu."""

from pathlib import Path

import pytest

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


def test_else_it_begins_with_the_scenes_and_learns_at_the_first_click(driver: Driver) -> None:
    driver.choose("new.colour")
    driver.wait_for_panels()
    settings = driver.window.document.settings
    assert (settings.dataset, settings.classes) == ("scenes", (0, 1, 2, 3))
    assert (driver.rows()[-2], driver.problem()) == ("Dense 4", "")
    assert driver.window.session.samples is not None
    assert driver.window.session.samples.class_names[0] == "balloon"
    driver.type_into("setting.epochs", "1")
    driver.train()
