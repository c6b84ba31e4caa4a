"""The convolution under glass: how its window is moved, and what is said of it."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton, QTreeWidget
from pytestqt.qtbot import QtBot

from engine.blocks import Conv, Sigmoid, Tanh
from engine.data.dataset import Dataset
from gui.glass.convolution_view import ConvolutionView
from gui.widgets.number_grid import NumberGrid
from tests.gui.finding import named
from tests.gui.glass.convolution_reading import (
    END,
    STACKS,
    cell,
    choose,
    combo,
    grid,
    slider,
    text,
    total,
)
from tests.gui.glass.specimens import samples_of, specimen_of
from tests.gui.glass.truth import results_of
from tests.gui.showing import on_screen
from tests.gui.waiting import run_events


@pytest.fixture
def view(qtbot: QtBot) -> ConvolutionView:
    return on_screen(qtbot, ConvolutionView(), 900, 640)


def test_it_opens_where_most_happens(view: ConvolutionView) -> None:
    """Every product is as large as nowhere else, counted by a plain loop."""
    samples = samples_of(12)
    images = samples.images[:].copy()
    images[0, 0, :6], images[0, 0, 6:] = 0, images[0, 0, 6:]
    samples = Dataset(images, samples.labels, samples.classes)
    specimen = specimen_of(Conv(depth=2, kernel_size=3), *END, samples=samples, seed=6)
    view.show_specimen(specimen)
    kernel = specimen.step.blocks[0].parameter("weight").before[0, 0]
    image = images[0, 0] / 255
    happens = {
        (row, column): np.abs(image[row : row + 3, column : column + 3] * kernel).sum()
        for row, column in np.ndindex(10, 10)
    }
    assert cell(view) == max(happens, key=lambda place: float(happens[place]))
    assert grid(view, "products").values().any()


def test_where_the_user_has_put_the_window_it_stays(view: ConvolutionView) -> None:
    view.show_specimen(specimen_of(Conv(depth=2), *END, samples=samples_of(9), seed=1))
    peak = slider(view).value()
    view.show_specimen(specimen_of(Conv(depth=2), *END, samples=samples_of(9, seed=8), seed=2))
    other = slider(view).value()
    assert peak != other  # no one has touched it
    assert view.retreat()
    view.show_specimen(specimen_of(Conv(depth=2), *END, samples=samples_of(9), seed=1))
    assert slider(view).value() == other - 1


def point_at(grid: NumberGrid, row: int, column: int) -> None:
    """Move the pointer to the middle of a cell, when all has its place."""
    run_events()
    QTest.mouseMove(grid, grid.cells().cell(row, column).center().toPoint())


@pytest.mark.parametrize("name", ["result", "sheet"])
@pytest.mark.parametrize("stride", [1, 2])
def test_arrow_keys_move_the_window(view: ConvolutionView, name: str, stride: int) -> None:
    view.show_specimen(specimen_of(Conv(depth=2, stride=stride), *END, samples=samples_of(9)))
    view.restart()
    keys = grid(view, name)
    keys.setFocus()
    places = []
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Up):
        QTest.keyClick(keys, key)
        places.append(cell(view))
    assert places == [(0, 1), (1, 1), (1, 0), (0, 0), (0, 0)]


def test_the_pointer_places_the_window(view: ConvolutionView, qtbot: QtBot) -> None:
    view.show_specimen(specimen_of(Conv(depth=2), *END, samples=samples_of(9)))
    held: list[bool] = []
    view.held.connect(lambda: held.append(True))
    result, sheet = grid(view, "result"), grid(view, "sheet")
    point_at(result, 4, 2)
    qtbot.waitUntil(lambda: cell(view) == (4, 2))
    assert held
    point_at(sheet, 4, 7)
    qtbot.waitUntil(lambda: cell(view) == (3, 6))
    (frame,) = sheet.frames()
    assert (frame.top, frame.left, frame.height, frame.width) == (3, 6, 3, 3)


def test_a_value_is_read_where_one_points(view: ConvolutionView, qtbot: QtBot) -> None:
    view.show_specimen(specimen_of(Conv(depth=2), *END, seed=3))
    factors = grid(view, "factors")
    value = float(factors.values()[1, 2])
    point_at(factors, 1, 2)
    title = view.picture.factors.title
    qtbot.waitUntil(lambda: title.text().startswith("[2, 3] "))
    assert float(title.text().split("] ")[1].replace("−", "-")) == pytest.approx(value, rel=1e-5)
    QTest.mouseMove(view, QPoint(2, 2))
    qtbot.waitUntil(lambda: title.text().startswith("K₁₁"))


def test_the_slider_works_by_keys_and_holds(view: ConvolutionView) -> None:
    view.show_specimen(specimen_of(Conv(depth=2), *END, samples=samples_of(9)))
    view.restart()
    held: list[bool] = []
    view.held.connect(lambda: held.append(True))
    slider(view).setFocus()
    QTest.keyClick(slider(view), Qt.Key.Key_Right)
    assert cell(view) == (0, 1)
    assert held
    QTest.keyClick(slider(view), Qt.Key.Key_PageUp)
    assert cell(view) == (1, 1)
    QTest.keyClick(slider(view), Qt.Key.Key_End)
    assert cell(view) == (6, 6)
    assert not view.advance()
    assert view.retreat()
    assert cell(view) == (6, 5)
    view.restart()
    assert cell(view) == (0, 0)
    assert not view.retreat()


def test_a_row_of_the_table_brings_its_term_to_the_front(view: ConvolutionView) -> None:
    blocks = (Conv(depth=3, kernel_size=3), Sigmoid(), Conv(depth=2, kernel_size=2))
    view.show_specimen(specimen_of(*blocks, *END, seed=1))
    choose(combo(view, "block"), 1)
    table = named(view, QTreeWidget, "glass.terms")
    assert table.isVisible()
    row = table.topLevelItem(2)  # after the bias and the first term
    assert row is not None
    assert row.text(0) == "X₂ ⋆ K₁₂"
    centre = table.visualItemRect(row).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=centre)
    assert combo(view, "term").currentText() == "X₂ ⋆ K₁₂"
    assert view.picture.sheet.title.text() == "X₂  4×4"


# --- what is said -------------------------------------------------------------------------------


def test_equations_are_written_as_in_the_notebook(view: ConvolutionView) -> None:
    side, blocks = STACKS["wide"]
    view.show_specimen(specimen_of(*blocks, *END, samples=samples_of(side)))
    box = combo(view, "equation")
    assert [box.itemText(place) for place in range(box.count())] == [
        "Yᵢ = Bᵢ + Σⱼ Xⱼ ⋆ Kᵢⱼ",
        "∂E/∂Kᵢⱼ = Xⱼ ⋆ ∂E/∂Yᵢ",
        "∂E/∂Bᵢ = ∂E/∂Yᵢ",
        "∂E/∂Xⱼ = Σᵢ ∂E/∂Yᵢ ∗ Kᵢⱼ (full)",
    ]
    choose(combo(view, "block"), 1)
    choose(combo(view, "map"), 1)
    assert text(view, "text") == "Y₂ = B₂ + X₁ ⋆ K₂₁ + X₂ ⋆ K₂₂ + … + X₁₂ ⋆ K₂,₁₂"
    assert combo(view, "term").count() == 12
    choose(box, 1)
    assert combo(view, "map").itemText(13) == "∂E/∂K₂₂"


def test_a_1x1_convolution_of_1x1_maps_is_the_dense_layer(view: ConvolutionView) -> None:
    blocks = (Conv(depth=3, kernel_size=6), Tanh(), Conv(depth=2, kernel_size=1, bias="channel"))
    specimen = specimen_of(*blocks, *END, seed=5)
    view.show_specimen(specimen)
    assert "Dense" not in text(view, "notes")
    choose(combo(view, "block"), 1)
    assert "this is the Dense layer" in text(view, "notes")

    ids = [slot.id for slot in specimen.project.stack.slots]
    arrays = specimen.project.weights[ids[2]]
    x = results_of(specimen, 0)["Y"]
    dense = arrays["weight"][:, :, 0, 0].astype(float) @ np.tanh(x).ravel() + arrays["bias"]
    for place in range(2):
        choose(combo(view, "map"), place)
        assert total(view) == pytest.approx(dense[place], rel=1e-6)


def test_a_window_of_one_cell_leaves_the_room_to_the_maps(view: ConvolutionView) -> None:
    view.resize(640, 420)
    one = specimen_of(Conv(depth=2, kernel_size=1), *END, samples=samples_of(side=28))
    view.show_specimen(one)
    run_events()
    sheet, patch = (named(view, NumberGrid, name) for name in ("glass.sheet", "glass.patch"))
    assert 28 * sheet.cells().cell(0, 0).width() > 2 * patch.cells().cell(0, 0).width()
    assert sheet.cells().cell(0, 0).width() >= 5


def test_a_network_without_a_conv_block_says_so(view: ConvolutionView) -> None:
    view.show_specimen(specimen_of(*END))
    assert not combo(view, "block").isVisible()
    assert view._state.sentence().startswith("This network has no Conv block")
    view.show_specimen(specimen_of())
    assert combo(view, "block").isVisible()


def test_docked_the_names_of_terms_can_be_read_whole(view: ConvolutionView) -> None:
    view.resize(468, 260)
    blocks = (Conv(depth=3, kernel_size=2), Sigmoid(), Conv(depth=12, kernel_size=2))
    view.show_specimen(specimen_of(*blocks, *END))
    choose(combo(view, "block"), 1)
    choose(combo(view, "equation"), 3)
    run_events()
    assert view.width() == 468
    for name in ("map", "term"):
        box = combo(view, name)
        assert box.width() >= box.sizeHint().width()


def test_choices_stay_as_far_as_they_are_there(view: ConvolutionView) -> None:
    view.show_specimen(specimen_of(Conv(depth=4), *END, samples=samples_of(9), seed=1))
    choose(combo(view, "equation"), 2)
    choose(combo(view, "map"), 3)
    slider(view).setFocus()
    while slider(view).value() != 20:  # by the keys: where the user puts it, it stays
        QTest.keyClick(
            slider(view), Qt.Key.Key_Right if slider(view).value() < 20 else Qt.Key.Key_Left
        )
    other = specimen_of(Conv(depth=4), *END, samples=samples_of(9, seed=7), seed=2)
    view.show_specimen(other)
    assert combo(view, "map").currentText() == "∂E/∂B₄"
    assert slider(view).value() == 20
    assert total(view) == pytest.approx(float(results_of(other, 0)["∂E/∂B"][3].ravel()[20]))
    view.show_specimen(specimen_of(Conv(depth=2, kernel_size=6), *END))
    assert combo(view, "map").currentText() == "∂E/∂B₂"


def test_the_switch_is_there_for_the_forward_equation_alone(view: ConvolutionView) -> None:
    view.show_specimen(specimen_of())
    turn = named(view, QToolButton, "glass.turn")
    assert turn.isVisible()
    turn.click()
    assert view.comparison.isVisible()
    assert not view.picture.isVisible()
    choose(combo(view, "equation"), 3)
    assert not turn.isVisible()
    assert view.picture.isVisible()
