"""Own drawings: added to the training samples, listed, removed, undone, saved and trained on."""

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QListWidget, QToolButton

from engine.files.project_file import open_project, save_project
from engine.inputs.drawings import Drawing
from gui.presenters.draw import OwnDrawings
from tests.gui.driving import Driver
from tests.gui.finding import in_words, named

LEFT = Qt.MouseButton.LeftButton


def draw(driver: Driver, x: float = 0.5) -> None:
    canvas = driver.window.panels.draw.panel.canvas
    side = canvas.square().width()
    QTest.mousePress(canvas, LEFT, pos=QPoint(int(x * side), int(0.2 * side)))
    QTest.mouseMove(canvas, QPoint(int(x * side), int(0.8 * side)))
    QTest.mouseRelease(canvas, LEFT, pos=QPoint(int(x * side), int(0.8 * side)))


def add(driver: Driver, class_name: str, x: float = 0.5) -> None:
    draw(driver, x)
    driver.pick("draw.class", class_name)
    QTest.mouseClick(driver.find(QToolButton, "draw.add"), LEFT)
    driver.settle()


@pytest.fixture
def drawing(new_project: Driver) -> Driver:
    """Return the module's window with an empty canvas in view."""
    new_project.window.docks.show_panel("Draw")
    new_project.window.panels.draw.panel.canvas.clear()
    new_project.settle()
    return new_project


def own(driver: Driver) -> tuple[Drawing, ...]:
    return driver.window.document.settings.drawings


def samples(driver: Driver) -> int:
    data = driver.window.session.data
    assert data is not None
    assert data.train is not None
    return len(data.train)


def test_a_drawing_becomes_a_training_sample_and_undo_takes_it_back(drawing: Driver) -> None:
    panel = drawing.window.panels.draw.panel
    before = samples(drawing)
    draw(drawing)
    image = panel.image().copy()
    drawing.pick("draw.class", "1")
    QTest.mouseClick(drawing.find(QToolButton, "draw.add"), LEFT)
    drawing.settle()
    assert own(drawing) == (Drawing.of(image, "1"),)
    assert samples(drawing) == before + 1
    data = drawing.window.session.data
    assert data is not None
    assert data.train is not None
    np.testing.assert_array_equal(data.train.images[-1], image)
    assert data.train.labels[-1] == 1
    assert panel.canvas.is_empty()  # for the next
    add(drawing, "0", 0.3)
    assert [each.class_name for each in own(drawing)] == ["1", "0"]
    drawing.choose("undo")
    assert [each.class_name for each in own(drawing)] == ["1"]
    drawing.choose("undo")
    drawing.settle()
    assert (own(drawing), samples(drawing)) == ((), before)
    drawing.choose("redo")
    assert len(own(drawing)) == 1


def test_they_are_listed_and_removed(drawing: Driver) -> None:
    for name, x in (("1", 0.5), ("0", 0.3), ("1", 0.6)):
        add(drawing, name, x)
    button = drawing.find(QToolButton, "draw.own")
    assert button.text() == "3 of your own…"
    QTest.mouseClick(button, LEFT)
    dialog = drawing.find(OwnDrawings, "own_drawings")
    listed = named(dialog, QListWidget, "own_drawings.list")
    assert [listed.item(row).text() for row in range(3)] == ["1", "0", "1"]
    remove = named(dialog, QToolButton, "own_drawings.remove")
    assert in_words(remove.toolTip()) == "Select drawings first."
    place = listed.visualItemRect(listed.item(1)).center()
    QTest.mouseClick(listed.viewport(), LEFT, pos=place)
    QTest.mouseClick(remove, LEFT)
    drawing.settle()
    assert [each.class_name for each in own(drawing)] == ["1", "1"]
    assert listed.count() == 2
    drawing.choose("undo")
    drawing.settle()
    assert [listed.item(row).text() for row in range(3)] == ["1", "0", "1"]
    dialog.close()


def test_one_of_another_class_says_that_it_is_not_trained_on(drawing: Driver) -> None:
    add(drawing, "1")
    before = samples(drawing)
    drawing.type_into("setting.classes", "0, 7")
    drawing.settle()
    assert samples(drawing) == before - 1  # 100 of each class, and no drawing
    QTest.mouseClick(drawing.find(QToolButton, "draw.own"), LEFT)
    dialog = drawing.find(OwnDrawings, "own_drawings")
    listed = named(dialog, QListWidget, "own_drawings.list")
    assert listed.item(0).text() == "✗ 1"
    assert "its class is not among those" in in_words(listed.item(0).toolTip())
    dialog.close()


def test_nothing_is_added_from_an_empty_canvas_or_while_training(drawing: Driver) -> None:
    button = drawing.find(QToolButton, "draw.add")
    assert not button.isEnabled()
    assert in_words(button.toolTip()) == "Draw something first, or load a picture."
    draw(drawing)
    assert button.isEnabled()
    drawing.type_into("setting.epochs", "1000")
    drawing.click("train")
    drawing.wait_for("Training")
    assert not button.isEnabled()
    assert "Stop training" in in_words(button.toolTip())
    drawing.choose("stop")
    drawing.wait_for("Stopped")
    assert button.isEnabled()


def test_too_many_are_refused_in_words(drawing: Driver) -> None:
    document = drawing.window.document
    many = (Drawing.of(np.zeros((1, 2, 2), np.uint8), "1"),) * 1000
    drawing.window.edits.change_setting("drawings", many)
    add(drawing, "1")
    assert "at most 1,000 drawings" in drawing.message()
    assert document.settings.drawings == many


def test_they_are_saved_and_trained_on_also_without_the_window(
    drawing: Driver, tmp_path: Path
) -> None:
    """The weights are those of a training without the window, on the saved project."""
    from main import main

    add(drawing, "1")
    drawing.type_into("setting.epochs", "1")
    path, other = tmp_path / "drawn.layerscope", tmp_path / "other.layerscope"
    project = drawing.project(path)
    assert project.settings.drawings == own(drawing)
    save_project(project, other)
    drawing.train()
    assert main(["train", str(other)]) == 0
    trained = open_project(other)
    for slot, arrays in drawing.project(path).weights.items():
        for name, array in arrays.items():
            np.testing.assert_array_equal(array, trained.weights[slot][name])
    plain = project.settings.with_changes(drawings=())
    assert plain != project.settings
    box = drawing.find(QComboBox, "draw.class")
    assert [box.itemText(place) for place in range(box.count())] == ["0", "1"]
