"""The convolution under glass: every number shown, worked out by loops and by the engine."""

import re

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QSlider, QToolButton, QTreeWidget
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from engine.blocks import AvgPool, Conv, Dense, KnownBlock, MaxPool, ReLU, Reshape, Sigmoid, Tanh
from engine.data.dataset import Dataset
from engine.explain.equations import EQUATIONS, Equation
from gui.glass.convolution_view import ConvolutionView
from gui.glass.specimen import Specimen
from gui.widgets.number_grid import NumberGrid
from tests.gui.finding import named
from tests.gui.glass.specimens import samples_of, specimen_of
from tests.gui.glass.truth import fast_results_of, results_of
from tests.gui.showing import on_screen
from tests.gui.waiting import run_events

END: tuple[KnownBlock, ...] = (Reshape(), Dense(units=2), Sigmoid())
STACKS: dict[str, tuple[int, tuple[KnownBlock, ...]]] = {
    "notebook": (8, (Conv(depth=3, kernel_size=3), Sigmoid())),
    "same, stride 2": (
        9,
        (
            Conv(depth=2, kernel_size=5, padding="same", stride=2),
            Tanh(),
            Conv(depth=3, kernel_size=3, padding="same", stride=2, bias="channel"),
        ),
    ),
    "7×7": (10, (Conv(depth=2, kernel_size=7, bias="channel"), ReLU(), Conv(depth=2))),
    "stride 3, leaves a rest": (
        11,
        (Conv(depth=2, kernel_size=4, stride=3), Sigmoid(), Conv(depth=4, kernel_size=2)),
    ),
    "pooled": (
        12,
        (Conv(depth=3, kernel_size=1), MaxPool(), Conv(depth=2, padding="same"), AvgPool()),
    ),
    "wide": (7, (Conv(depth=12, kernel_size=2), Tanh(), Conv(depth=2, kernel_size=6))),
}


@pytest.fixture
def view(qtbot: QtBot) -> ConvolutionView:
    return on_screen(qtbot, ConvolutionView(), 900, 640)


def grid(view: ConvolutionView, name: str) -> NumberGrid:
    return named(view, NumberGrid, f"glass.{name}")


def combo(view: ConvolutionView, name: str) -> QComboBox:
    return named(view, QComboBox, f"glass.{name}")


def slider(view: ConvolutionView) -> QSlider:
    return named(view, QSlider, "glass.position")


def text(view: ConvolutionView, name: str) -> str:
    return named(view, QLabel, f"glass.{name}").text()


def total(view: ConvolutionView) -> float:
    return float(text(view, "sum").replace("−", "-").replace(",", ""))


def read(text: str) -> float:
    """Read a number as it is written; one that is `≈0` counts as 0."""
    return float(text.replace("−", "-").replace(",", "").replace("≈", "") or 0)


def ten_to_the(words: str) -> float:
    """Read the power of ten that a title ends with; 1 if there is none."""
    power = words.partition("·10")[2].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    return 10.0 ** int(power or 0)


def decimals(text: str) -> int:
    return len(text.partition(".")[2])


def choose(box: QComboBox, place: int) -> None:
    """Choose an entry by the arrow keys."""
    box.setFocus()
    while box.currentIndex() != place:
        QTest.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < place else Qt.Key.Key_Up)


def asked(equation: Equation, whole: Array, place: int) -> Array:
    """Find what entry `place` of the list of results stands for."""
    maps = whole.reshape(-1, *whole.shape[2:]) if equation == "∂E/∂K" else whole
    found: Array = maps[place]
    return found


def check_results(view: ConvolutionView, specimen: Specimen, position: int) -> None:
    """Go through all results of all equations, and some cells of each."""
    exact, fast = results_of(specimen, position), fast_results_of(specimen, position)
    rng = np.random.default_rng(position)
    for number, equation in enumerate(EQUATIONS):
        choose(combo(view, "equation"), number)
        largest = float(np.abs(exact[equation]).max())
        for place in range(combo(view, "map").count()):
            choose(combo(view, "map"), place)
            truth = asked(equation, exact[equation], place)
            shown = grid(view, "result").values()
            np.testing.assert_allclose(shown, truth, rtol=0, atol=1e-9 * largest)
            if equation in fast:
                found = asked(equation, fast[equation], place)
                assert np.abs(shown - found).max() <= 1e-5 * np.abs(fast[equation]).max()
            assert slider(view).maximum() == truth.size - 1
            for cell in {0, truth.size - 1, *rng.integers(0, truth.size, 3).tolist()}:
                check_cell(view, equation, truth, cell)


def check_cell(view: ConvolutionView, equation: Equation, truth: Array, cell: int) -> None:
    """Read one cell: its sum, and every term's window, factors and products."""
    slider(view).setValue(cell)
    value = float(truth.ravel()[cell])
    assert total(view) == pytest.approx(value, rel=1e-6, abs=1e-12)
    row, column = divmod(cell, truth.shape[1])
    assert f"[{row + 1}, {column + 1}]" in text(view, "made_of")
    terms = combo(view, "term")
    sums = 0.0
    for place in range(terms.count()):
        choose(terms, place)
        patch, factors = grid(view, "patch").values(), grid(view, "factors").values()
        (frame,) = grid(view, "sheet").frames()
        covered = grid(view, "sheet").values()[
            frame.top : frame.top + frame.height, frame.left : frame.left + frame.width
        ]
        np.testing.assert_array_equal(patch, covered)
        products = grid(view, "products").values()
        np.testing.assert_array_equal(products, patch * factors)
        sums += float(products.sum())
    bias = value - sums
    if equation != "Y":
        assert abs(bias) <= 1e-9 * max(1.0, abs(value))
    table = named(view, QTreeWidget, "glass.terms")
    rows = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    written = [tuple(read(row.text(n)) for n in (1, 2)) for row in rows if row is not None]
    factor = ten_to_the(table.headerItem().text(1))
    for number, (_, so_far) in enumerate(written, start=1):
        assert sum(each for each, _ in written[:number]) == pytest.approx(so_far, abs=1e-9)
    largest = max(abs(each) for each, _ in written)
    assert written[-1][1] * factor == pytest.approx(value, abs=6e-4 * largest * factor + 1e-12)


@pytest.mark.parametrize("name", STACKS)
def test_every_result_is_that_of_loops_and_of_the_engine(view: ConvolutionView, name: str) -> None:
    side, blocks = STACKS[name]
    specimen = specimen_of(*blocks, *END, samples=samples_of(side), seed=side)
    view.show_specimen(specimen)
    positions = [n for n, block in enumerate(blocks) if isinstance(block, Conv)]
    assert combo(view, "block").count() == len(positions)
    for place, position in enumerate(positions):
        choose(combo(view, "block"), place)
        check_results(view, specimen, position)


@pytest.mark.parametrize("seed", range(4))
def test_random_stacks(view: ConvolutionView, seed: int) -> None:
    rng = np.random.default_rng(seed)
    side = int(rng.integers(8, 13))
    activations: list[KnownBlock] = [Sigmoid(), Tanh(), ReLU(), Sigmoid()]
    blocks = (random_conv(rng, 4), activations[seed], random_conv(rng, 3))
    specimen = specimen_of(*blocks, *END, samples=samples_of(side, seed=seed + 1), seed=seed)
    view.show_specimen(specimen)
    for place in range(2):
        choose(combo(view, "block"), place)
        check_results(view, specimen, 2 * place)


def random_conv(rng: np.random.Generator, largest: int) -> Conv:
    return Conv(
        depth=int(rng.integers(1, 4)),
        kernel_size=int(rng.integers(1, largest + 1)),
        stride=int(rng.integers(1, 3)),
        padding="same" if rng.random() < 0.5 else "valid",
        bias="channel" if rng.random() < 0.5 else "position",
    )


def test_bias_and_factors_are_the_weights(view: ConvolutionView) -> None:
    specimen = specimen_of(Conv(depth=2, kernel_size=3), *END, seed=4)
    view.show_specimen(specimen)
    arrays = specimen.project.weights[specimen.project.stack.slots[0].id]
    choose(combo(view, "map"), 1)
    slider(view).setValue(5)
    np.testing.assert_array_equal(grid(view, "factors").values(), arrays["weight"][1, 0])
    bias = float(arrays["bias"][1, 1, 1])
    assert text(view, "made_of").startswith("Y₂ [2, 2] = ")
    written = text(view, "made_of").split(" = ")[1].split(" ")[0].replace("−", "-")
    assert float(written) == pytest.approx(bias, rel=1e-3)
    choose(combo(view, "equation"), 3)
    np.testing.assert_array_equal(
        grid(view, "factors").values(), arrays["weight"][0, 0, ::-1, ::-1]
    )
    border = grid(view, "sheet").values()
    assert border.shape == (8, 8)
    assert not border[:2].any()
    assert not border[-2:].any()
    assert not border[:, :2].any()
    assert not border[:, -2:].any()


def test_many_terms_are_summed_up_in_words(view: ConvolutionView) -> None:
    side, blocks = STACKS["wide"]
    view.show_specimen(specimen_of(*blocks, *END, samples=samples_of(side), seed=2))
    choose(combo(view, "block"), 1)
    found = re.fullmatch(
        r"Y₁ \[1, 1\] = (\S+) ([+−]) (\S+) ([+−]) (\S+) \+ \(9 more: (\S+)\) ([+−]) (\S+) =",
        text(view, "made_of"),
    )
    assert found is not None, text(view, "made_of")
    signs = ["+", found[2], found[4], "+", found[7]]
    numbers = [float(found[n].replace("−", "-")) for n in (1, 3, 5, 6, 8)]
    signed = [-n if sign == "−" else n for sign, n in zip(signs, numbers, strict=True)]
    assert sum(signed) == pytest.approx(total(view), abs=2e-3)


# --- moving the window --------------------------------------------------------------------------


def test_it_opens_where_most_happens(view: ConvolutionView) -> None:
    """Every product is as large as nowhere else, counted by a plain loop."""
    samples = samples_of(12)
    images = samples.images.copy()
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
    QTest.mouseMove(grid, grid.cell_rect(row, column).center().toPoint())


def cell(view: ConvolutionView) -> tuple[int, int]:
    """Read where the result is framed; slider and words must say the same."""
    (frame,) = grid(view, "result").frames()
    columns = grid(view, "result").values().shape[1]
    assert slider(view).value() == frame.top * columns + frame.left
    assert text(view, "cell") == f"row {frame.top + 1}, column {frame.left + 1}"
    return frame.top, frame.left


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
    assert "Dense" not in text(view, "notes") + text(view, "brief")
    choose(combo(view, "block"), 1)
    assert "this is the Dense layer" in text(view, "notes")
    assert "this is the Dense layer" in text(view, "brief")
    ids = [slot.id for slot in specimen.project.stack.slots]
    arrays = specimen.project.weights[ids[2]]
    x = results_of(specimen, 0)["Y"]
    dense = arrays["weight"][:, :, 0, 0].astype(float) @ np.tanh(x).ravel() + arrays["bias"]
    for place in range(2):
        choose(combo(view, "map"), place)
        assert total(view) == pytest.approx(dense[place], rel=1e-6)


def test_a_network_without_a_conv_block_says_so(view: ConvolutionView) -> None:
    view.show_specimen(specimen_of(*END))
    assert not combo(view, "block").isVisible()
    assert view._state.sentence().startswith("This network has no Conv block")
    view.show_specimen(specimen_of())
    assert combo(view, "block").isVisible()


def test_low_one_sentence_explains_high_all(view: ConvolutionView) -> None:
    view.show_specimen(specimen_of(Conv(depth=2, padding="same", stride=2), *END))
    assert "The padding “same” puts zeros around the map." in text(view, "notes")
    notes, brief = (named(view, QLabel, f"glass.{name}") for name in ("notes", "brief"))
    assert notes.isVisible()
    assert not brief.isVisible()
    view.resize(500, 260)
    assert brief.isVisible()
    assert not notes.isVisible()
    assert "“same”" in brief.toolTip()


def test_too_small_for_numbers_it_says_how_to_see_them(view: ConvolutionView) -> None:
    view.show_specimen(specimen_of(Conv(depth=2, kernel_size=5), *END))
    assert text(view, "cell").startswith("row ")
    view.resize(330, 150)
    run_events()
    assert text(view, "cell") == "for numbers, enlarge (F11)"
    view.resize(900, 640)
    run_events()
    assert text(view, "cell").startswith("row ")


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
