"""The template for pictures in colour, chosen from the File menu."""

from tests.gui.driving import Driver
from tests.gui.finding import not_none


def test_it_begins_with_the_scenes_and_learns_at_the_first_click(new_project: Driver) -> None:
    driver = new_project
    driver.choose("new.colour")
    driver.wait_for_panels()
    settings = driver.window.document.settings
    assert (settings.dataset, settings.classes) == ("scenes", (0, 1, 2, 3))
    assert (driver.rows()[-2], driver.problem()) == ("Dense 4", "")
    assert not_none(driver.window.session.samples).class_names[0] == "balloon"
    driver.type_into("setting.epochs", "1")
    driver.train()
