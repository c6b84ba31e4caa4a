"""Files of older formats: a made-up one comes through two steps, each from one to the next."""

from pathlib import Path
from typing import Any

import pytest

from engine.errors import ProjectError
from engine.files import migrations, open_project, save_project
from tests.engine.files.networks import edit_description, small_project


def to_format_0(description: dict[str, Any]) -> dict[str, Any]:
    """Minus one called the rate a speed, in thousandths."""
    settings = dict(description["settings"])
    settings["rate"] = settings.pop("speed") / 1000
    return {**description, "settings": settings}


def to_format_1(description: dict[str, Any]) -> dict[str, Any]:
    """Nought called the learning rate a rate, and knew no locks."""
    settings = dict(description["settings"])
    settings["learning_rate"] = settings.pop("rate")
    slots = [{**slot, "locked": False} for slot in description["slots"]]
    return {**description, "settings": settings, "slots": slots}


@pytest.fixture
def old_file(tmp_path: Path) -> Path:
    path = tmp_path / "old.layerscope"
    save_project(small_project(), path)

    def age(description: dict[str, Any]) -> None:
        description["format"] = -1
        description["settings"]["speed"] = description["settings"].pop("learning_rate") * 1000
        for slot in description["slots"]:
            del slot["locked"]

    return edit_description(path, age)


def test_an_old_file_goes_through_every_format_up_to_the_present_one(
    old_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", {-1: to_format_0, 0: to_format_1})
    opened, expected = open_project(old_file), small_project()
    assert (opened.stack, opened.settings) == (expected.stack, expected.settings)
    assert opened.weights.keys() == expected.weights.keys()
    before = old_file.read_bytes()
    save_project(opened, old_file)
    assert old_file.read_bytes() != before
    monkeypatch.undo()
    assert open_project(old_file).settings == expected.settings


def test_a_format_without_a_way_from_it_is_refused(old_file: Path) -> None:
    with pytest.raises(ProjectError, match="names no file format that there ever was"):
        open_project(old_file)


def test_a_damaged_old_file_is_one_kind_of_error(
    old_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "MIGRATIONS", {-1: to_format_0, 0: to_format_1})
    edit_description(old_file, lambda description: description.pop("settings"))
    with pytest.raises(ProjectError, match="is damaged"):
        open_project(old_file)


def test_every_format_before_the_present_one_has_a_way_and_an_example() -> None:
    assert sorted(migrations.MIGRATIONS) == list(range(1, migrations.FORMAT))
    examples = {path.name for path in (Path(__file__).parent / "examples").iterdir()}
    wanted = {f"format-{number}.layerscope" for number in range(1, migrations.FORMAT + 1)}
    assert examples == {*wanted, "format-1-run.layerscope"}  # the latter holds a training's state
