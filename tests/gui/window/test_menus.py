"""The menus: a letter opens each, templates begin projects, and what is disabled says why."""

from tests.gui.driving import Driver


def test_letters_open_each_menu(shared_driver: Driver) -> None:
    titles = [action.text() for action in shared_driver.window.menuBar().actions()]
    letters = [title[title.index("&") + 1].lower() for title in titles]
    assert len(set(letters)) == len(letters)
    taken = {letter for letter in letters if letter not in "febtdvh"}
    assert not taken, "the forms leave only these letters to the menus"


def test_each_view_has_a_key_in_the_order_of_the_window(shared_driver: Driver) -> None:
    window = shared_driver.window
    keys = {
        action.objectName(): action.shortcut().toString()
        for action in window.menus.view_menu.actions()
        if action.objectName().startswith("action.view.")
    }
    assert list(keys)[:2] == ["action.view.network", "action.view.drawing"]
    assert list(keys)[-2:] == ["action.view.loss", "action.view.training_settings"]
    assert "" not in keys.values()
    assert len(set(keys.values())) == len(keys)
    titles = [action.text() for action in window.menus.view_menu.actions()]
    assert titles[: len(keys)] == [entry.title for entry in window.stage.entries]
    assert "&Appearance" in titles


def test_a_disabled_action_says_why(driver: Driver) -> None:
    reasons = {
        "stop": "Nothing is running.",
        "reset": "Nothing is trained yet: these are the initial weights.",
        "export": "Nothing is trained yet. Click Train first.",
    }
    for name, reason in reasons.items():
        assert not driver.action(name).isEnabled()
        assert driver.action(name).toolTip() == reason
    driver.type_into("setting.epochs", "500")
    driver.click("train", until="Training")
    driver.wait(driver.action("export").isEnabled)  # when the first weights have come
    for name in ("new", "new.digits", "new.blank", "open", "undo", "delete"):
        assert not driver.action(name).isEnabled(), name
        assert driver.action(name).toolTip() == "Pause training first."
    for name in ("step_batch", "step_epoch"):
        assert driver.action(name).toolTip() == "Pause training first."
    for name in ("train", "stop", "reset", "save", "export", "load_test_samples"):
        assert driver.action(name).isEnabled(), name
    driver.click("stop", until="Stopped")
    for name in ("new", "open", "reset", "export"):
        assert driver.action(name).isEnabled(), name


TEMPLATES = {  # with the first block of each, and how many test images it has
    "new.digits": ("Conv 8, 5×5", 2000),
    "new.colour": ("Conv 16, 5×5, same", 100),
    "new.blank": ("", 409),
    "new": ("Conv 5, 3×3", 409),
}


def test_templates_begin_a_project(driver: Driver) -> None:
    for template, (first, count) in TEMPLATES.items():
        driver.click("add.tanh")
        driver.choose(template)
        driver.wait(lambda: len(driver.captions()) == count)  # noqa: B023
        assert (driver.rows() or [""])[0] == first
        assert not driver.window.isWindowModified()
        assert not driver.action("undo").isEnabled()
        assert driver.action("train").isEnabled() == bool(first)
        assert driver.button("train").toolTip() != "", "where there is no block it says why"
