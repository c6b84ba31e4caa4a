"""Own drawings: added to the training samples, listed, removed, undone, saved and trained on."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QListWidget, QToolButton

from engine.files.project_file import open_project, save_project
from engine.inputs.drawings import Drawing
from gui.draw.own_drawings import OwnDrawings
from tests.gui.driving import Driver
from tests.gui.finding import in_words, named, not_none
from tests.gui.hands import stroke

LEFT = Qt.MouseButton.LeftButton


def draw(driver: Driver, x: float = 0.5) -> None:
    stroke(driver.window.panels.draw.canvas, (x, 0.2), (x, 0.8))


def add(driver: Driver, class_name: str, x: float = 0.5) -> None:
    draw(driver, x)
    driver.pick("draw.class", class_name)
    driver.click("draw.add")
    driver.settle()


@pytest.fixture
def drawing(driver: Driver) -> Driver:
    """Return the module's window with an empty canvas in view."""
    driver.window.stage.show_panel("Draw")
    driver.window.panels.draw.canvas.clear()
    driver.settle()
    return driver


def own(driver: Driver) -> tuple[Drawing, ...]:
    return driver.window.document.settings.drawings


def samples(driver: Driver) -> int:
    return len(not_none(not_none(driver.window.session.data).train))


def test_drawings_become_training_samples_are_listed_and_removed_and_undo_brings_them_back(
    drawing: Driver,
) -> None:
    panel, before = drawing.window.panels.draw, samples(drawing)
    button = drawing.find(QToolButton, "draw.add")
    assert in_words(button.toolTip()) == "Draw something first, or load a picture."
    draw(drawing)
    image = panel.image().copy()
    panel.canvas.clear()
    assert not button.isEnabled()
    add(drawing, "1")
    assert own(drawing) == (Drawing.of(image, "1"),)
    assert samples(drawing) == before + 1
    data = not_none(drawing.window.session.data)
    assert data.train is not None
    np.testing.assert_array_equal(data.train.images[-1], image)
    assert data.train.labels[-1] == 1
    assert panel.canvas.is_empty()  # for the next
    for name, x in (("0", 0.3), ("1", 0.6)):
        add(drawing, name, x)
    button = drawing.find(QToolButton, "draw.own")
    assert button.text() == "3 of your own…"
    QTest.mouseClick(button, LEFT)
    dialog = drawing.find(OwnDrawings, "own_drawings")
    listed = named(dialog, QListWidget, "own_drawings.list")
    assert [listed.item(row).text() for row in range(3)] == ["1", "0", "1"]
    assert drawing.text("own_drawings.words").startswith("3 of 3 drawings are among the training")
    remove = named(dialog, QToolButton, "own_drawings.remove")
    assert in_words(remove.toolTip()) == "Select drawings first."
    QTest.mouseClick(listed.viewport(), LEFT, pos=listed.visualItemRect(listed.item(1)).center())
    QTest.mouseClick(remove, LEFT)
    drawing.settle()
    assert [each.class_name for each in own(drawing)] == ["1", "1"]
    assert listed.count() == 2
    for left in (3, 2, 1, 0):
        drawing.choose("undo")
        assert len(own(drawing)) == left
    drawing.settle()
    assert samples(drawing) == before
    drawing.choose("redo")
    drawing.type_into("setting.classes", "0, 7")
    drawing.settle()
    assert samples(drawing) == before  # 100 of each class, and no drawing
    assert listed.item(0).text() == "✗ 1"
    assert "its class is not among those" in in_words(listed.item(0).toolTip())
    dialog.close()


def test_a_drawing_stays_selected_with_other_data_and_none_is_added_in_training_or_beyond_the_limit(
    drawing: Driver,
) -> None:
    button, document = drawing.find(QToolButton, "draw.add"), drawing.window.document
    draw(drawing)
    assert button.isEnabled()
    image, store = drawing.window.panels.draw.image().copy(), document.store
    drawing.wait(lambda: store.state.place == (None, "test"))
    drawing.window.edits.change_setting("classes", tuple(range(10)))
    drawing.wait(lambda: len(not_none(store.state.samples).classes) == 10)
    drawing.settle()
    assert store.state.place == (None, "test")
    seen = not_none(store.state.seen.snapshot).sample
    np.testing.assert_array_equal(seen.image, image)
    assert len(seen.classes) == 10
    drawing.choose("undo")
    drawing.settle()
    drawing.type_into("setting.epochs", "1000")
    drawing.click("train", until="Training")
    assert not button.isEnabled()
    assert "Pause training" in in_words(button.toolTip())
    drawing.choose("stop", until="Stopped")
    many = (Drawing.of(np.zeros((1, 2, 2), np.uint8), "1"),) * 1000
    drawing.window.edits.change_setting("drawings", many)
    add(drawing, "1")
    assert "at most 1,000 drawings" in drawing.message()
    assert document.settings.drawings == many


def test_they_are_saved_and_trained_on_without_the_window(drawing: Driver, tmp_path: Path) -> None:
    """The weights are those of a training without the window, on the saved project."""
    from main import main

    drawing.make_smaller()
    add(drawing, "1")
    drawing.type_into("setting.epochs", "1")
    drawing.type_into("setting.limit", "5")
    other = tmp_path / "other.layerscope"
    project = drawing.project(tmp_path / "drawn.layerscope")
    assert project.settings.drawings == own(drawing)
    save_project(project, other)
    drawing.train()
    assert main(["train", str(other)]) == 0
    trained = open_project(other)
    for slot, arrays in drawing.project(tmp_path / "drawn.layerscope").weights.items():
        for name, array in arrays.items():
            np.testing.assert_array_equal(array, trained.weights[slot][name])
