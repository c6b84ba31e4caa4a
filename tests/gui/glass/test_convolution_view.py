"""The convolution under glass: how its window is moved, and what is said of it."""

import re
from dataclasses import replace
from itertools import pairwise, product

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QSize, Qt, QVariantAnimation
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QSlider, QToolButton
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from engine.blocks import AvgPool, Conv, Dense, KnownBlock, MaxPool, Reshape, Sigmoid, Tanh
from engine.data.dataset import Dataset
from engine.explain.by_block import convolution_of
from engine.explain.convolution import EQUATIONS, Equation
from gui.glass.convolution_picture import ConvolutionPicture
from gui.glass.convolution_view import ConvolutionView
from gui.glass.specimen import Specimen
from gui.glass.step_view import StepView
from gui.glass.written_sums import CellSum, sum_of
from gui.widgets.number_grid import NumberGrid
from tests.approved import assert_approved
from tests.gui.finding import named, not_none
from tests.gui.glass.specimens import samples_of, show, specimen_of
from tests.gui.showing import colours_in, on_screen
from tests.gui.waiting import run_events

END: tuple[KnownBlock, ...] = (Reshape(), Dense(units=2), Sigmoid())
STACKS: dict[str, tuple[int, tuple[KnownBlock, ...]]] = {
    "same, stride 2": (
        9,
        (
            Conv(depth=2, kernel_size=5, padding="same", stride=2),
            Tanh(),
            Conv(depth=3, kernel_size=3, padding="same", stride=2, bias="channel"),
        ),
    ),
    "pooled": (
        12,
        (Conv(depth=3, kernel_size=1), MaxPool(), Conv(depth=2, padding="same"), AvgPool()),
    ),
    "wide": (7, (Conv(depth=5, kernel_size=2), Tanh(), Conv(depth=2, kernel_size=6))),
}


def grid(view: ConvolutionView, name: str) -> NumberGrid:
    return named(view, NumberGrid, f"glass.{name}")


def combo(view: ConvolutionView, name: str) -> QComboBox:
    return named(view, QComboBox, f"glass.{name}")


def slider(view: ConvolutionView) -> QSlider:
    return named(view, QSlider, "glass.position")


def text(view: ConvolutionView, name: str) -> str:
    return named(view, QLabel, f"glass.{name}").text()


def placed(view: ConvolutionView) -> ConvolutionPicture:
    """Return the picture, with its parts where they are when it is painted."""
    QCoreApplication.sendPostedEvents(view.picture, QEvent.Type.LayoutRequest)
    return view.picture


def total(view: ConvolutionView) -> float:
    placed(view)
    return read(text(view, "sum"))


def equation(view: ConvolutionView) -> str:
    """Read the typeset equation as a screen reader does."""
    return named(view, QLabel, "glass.text").accessibleName()


def line(view: ConvolutionView) -> CellSum:
    """Return the sum as it is written below the pictures."""
    return not_none(placed(view).line.found)


def read(text: str) -> float:
    """Read a number as it is written."""
    return float(text.replace("−", "-").replace(",", "") or 0)


def decimals(text: str) -> int:
    return len(text.partition(".")[2])


def choose(box: QComboBox, place: int) -> None:
    """Choose an entry by the arrow keys."""
    box.setFocus()
    while box.currentIndex() != place:
        QTest.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < place else Qt.Key.Key_Up)


def cell(view: ConvolutionView) -> tuple[int, int]:
    """Read where the result is framed; the slider must say the same."""
    (frame,) = grid(view, "result")._frames
    columns = grid(view, "result").values().shape[1]
    assert slider(view).value() == frame.top * columns + frame.left
    return frame.top, frame.left


@pytest.fixture
def view(qtbot: QtBot) -> ConvolutionView:
    return on_screen(qtbot, ConvolutionView(), 900, 640)


def test_it_opens_where_most_happens(view: ConvolutionView) -> None:
    """Every product is as large as nowhere else, counted by a plain loop."""
    samples = samples_of(12)
    images = samples.images[:].copy()
    images[0, 0, :6], images[0, 0, 6:] = 0, images[0, 0, 6:]
    samples = Dataset(images, samples.labels, samples.classes)
    specimen = show(view, Conv(depth=2, kernel_size=3), *END, samples=samples, seed=6)
    kernel = specimen.step.blocks[0].parameter("weight").before[0, 0]
    image = images[0, 0] / 255
    happens = {
        (row, column): np.abs(image[row : row + 3, column : column + 3] * kernel).sum()
        for row, column in np.ndindex(10, 10)
    }
    assert cell(view) == max(happens, key=lambda place: float(happens[place]))
    assert any(each.value for each in line(view).summands)


def point_at(grid: NumberGrid, row: int, column: int) -> None:
    """Move the pointer to the middle of a cell, when all has its place."""
    run_events()
    QTest.mouseMove(grid, grid.cells().cell(row, column).center().toPoint())


def test_keys_pointer_and_slider_move_it(view: ConvolutionView, qtbot: QtBot) -> None:
    show(view, Conv(depth=2, stride=2), *END, samples=samples_of(9))
    keys, held = Qt.Key, list[bool]()
    view.held.connect(lambda: held.append(True))
    result, sheet = grid(view, "result"), grid(view, "sheet")
    view.restart()
    result.setFocus()
    places = []
    for key in (keys.Key_Right, keys.Key_Down, keys.Key_Left, keys.Key_Up, keys.Key_Up):
        QTest.keyClick(result, key)
        places.append(cell(view))
    assert places == [(0, 1), (1, 1), (1, 0), (0, 0), (0, 0)]
    held.clear()
    point_at(result, 3, 2)
    qtbot.waitUntil(lambda: cell(view) == (3, 2))
    assert held
    point_at(sheet, 5, 7)
    qtbot.waitUntil(lambda: cell(view) == (2, 3))
    (frame,) = sheet._frames
    assert (frame.top, frame.left, frame.height, frame.width) == (4, 6, 3, 3)
    view.restart()
    held.clear()
    slider(view).setFocus()
    for key, place in ((keys.Key_Right, (0, 1)), (keys.Key_PageUp, (1, 1)), (keys.Key_End, (3, 3))):
        QTest.keyClick(slider(view), key)
        assert cell(view) == place
    assert held
    assert not view.go(1)
    assert view.go(-1)
    assert cell(view) == (3, 2)
    view.restart()
    assert cell(view) == (0, 0)
    assert not view.go(-1)


def test_however_much_changes_the_parts_are_placed_once(
    view: ConvolutionView, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(view, Conv(depth=2), *END)
    run_events()
    placings, place = list[QSize](), ConvolutionPicture._place_parts

    def note(picture: ConvolutionPicture) -> None:
        placings.append(picture.size())
        place(picture)

    monkeypatch.setattr(ConvolutionPicture, "_place_parts", note)
    for number, equation in enumerate(EQUATIONS):
        choose(combo(view, "equation"), number)
        view.picture.resize(400 + number, 300)
        assert equation in combo(view, "equation").currentText()
    run_events()
    assert placings == [QSize(403, 300)]


def test_what_belongs_together_is_marked_together(view: ConvolutionView, qtbot: QtBot) -> None:
    """A pixel of the window, the weight that it meets, and their product in the line."""
    show(view, Conv(depth=2), *END, seed=3)
    title = view.picture.factors.title
    value = float(grid(view, "factors").values()[1, 2])
    sheet, patch, factors = (grid(view, name) for name in ("sheet", "patch", "factors"))
    (window,) = sheet._frames
    places = placed(view).line._places
    for point in ("patch", "factors", "line"):
        if point == "line":
            run_events()
            number = 3 * 1 + 2  # in row 2, column 3 of the window
            QTest.mouseMove(view.picture, places[number].center().toPoint())
        else:
            point_at(grid(view, point), 1, 2)
        qtbot.waitUntil(lambda: bool(factors._frames))
        assert title.text().startswith("[2, 3] ")
        assert read(title.text().split("] ")[1]) == pytest.approx(value, rel=1e-5)
        assert [(f.top, f.left) for f in factors._frames] == [(1, 2)]
        assert [(f.top, f.left) for f in patch._frames] == [(1, 2)]
        assert [(f.top, f.left) for f in sheet._frames] == [
            (window.top, window.left),
            (window.top + 1, window.left + 2),
        ]
        assert view.picture.line._marked == (1, 2)
        QTest.mouseMove(view, QPoint(2, 2))
        QTest.mouseMove(view.picture, QPoint(1, 1))
        qtbot.waitUntil(lambda: not factors._frames)
        assert title.text().startswith("K₁₁")
        assert len(sheet._frames) == 1


def test_a_step_is_seen_to_come_about_but_not_where_nothing_is_to_move(
    view: ConvolutionView, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    motion = view.picture.line._motion
    runs, stands = QVariantAnimation.State.Running, QVariantAnimation.State.Stopped
    assert 120 <= motion.duration() <= 200
    show(view, Conv(depth=2), *END, seed=3)
    monkeypatch.setattr("gui.glass.sum_line.may_move", lambda: True)
    monkeypatch.setattr("gui.glass.sum_line.MILLISECONDS", 60_000)  # on a busy machine, too
    slider(view).setValue(3)
    assert motion.state() == stands
    view.go(1)
    assert motion.state() == runs
    view.go(1)  # too soon after the other
    assert motion.state() == stands
    view.picture.line._since.invalidate()
    view.go(-1)
    assert motion.state() == runs
    qtbot.waitUntil(lambda: motion.state() == stands)
    view.picture.line._since.invalidate()
    monkeypatch.setattr("gui.glass.sum_line.may_move", lambda: False)
    view.go(1)
    assert motion.state() == stands


# --- what is said -------------------------------------------------------------------------------


def test_equations_are_written_as_in_the_notebook(view: ConvolutionView) -> None:
    side, blocks = STACKS["wide"]
    show(view, *blocks, *END, samples=samples_of(side))
    said = list[str]()
    for block, number in product(range(2), range(len(EQUATIONS))):
        choose(combo(view, "block"), block)
        choose(combo(view, "equation"), number)
        for place in (0, combo(view, "map").count() - 1):
            choose(combo(view, "map"), place)
            chosen = [combo(view, name) for name in ("block", "equation", "map", "term")]
            said += ["; ".join(f"{box.currentText()} of {box.count()}" for box in chosen)]
            said += [f"  {equation(view)} | {text(view, 'text')}"]
            said += [f"  {named(view, QLabel, 'glass.text').toolTip()}"]
    assert_approved("convolution_equations.txt", "\n".join(said) + "\n")


def test_choices_stay_as_far_as_they_are_there(view: ConvolutionView) -> None:
    show(view, Conv(depth=4), *END, samples=samples_of(9), seed=1)
    peak = slider(view).value()
    show(view, Conv(depth=4), *END, samples=samples_of(9, seed=8), seed=2)
    assert slider(view).value() not in (peak, 48)  # no one has touched it
    turn = named(view, QToolButton, "glass.turn")
    turn.click()
    assert view.comparison.isVisible()
    assert not view.picture.isVisible()
    choose(combo(view, "equation"), 2)
    assert not turn.isVisible()
    assert view.picture.isVisible()
    choose(combo(view, "map"), 3)
    QTest.keyClick(slider(view), Qt.Key.Key_End)  # where the user puts it, it stays
    other = show(view, Conv(depth=4), *END, samples=samples_of(9, seed=7), seed=2)
    assert combo(view, "map").currentText() == "∂E/∂B₄"
    assert slider(view).value() == 48
    assert total(view) == pytest.approx(other.step.blocks[0].parameter("bias").gradient[3, -1, -1])
    assert view.go(-1)
    show(view, Conv(depth=4), *END, samples=samples_of(9), seed=1)
    assert slider(view).value() == 47
    show(view, Conv(depth=2, kernel_size=6), *END)
    assert combo(view, "map").currentText() == "∂E/∂B₂"


@pytest.mark.parametrize(("name", "size"), [("same, stride 2", (900, 640)), ("pooled", (468, 240))])
def test_what_is_written_adds_up(view: ConvolutionView, name: str, size: tuple[int, int]) -> None:
    """Add up the products as they are written, and the terms as they are written."""
    side, blocks = STACKS[name]
    view.resize(*size)
    show(view, *blocks, *END, samples=samples_of(side), seed=side)
    for block in range(combo(view, "block").count()):
        choose(combo(view, "block"), block)
        for equation in range(len(EQUATIONS)):
            choose(combo(view, "equation"), equation)
            run_events()
            check_written(view)


def check_written(view: ConvolutionView) -> None:
    """Add up what is written, and compare it with the sum as it is written and as it is."""
    found = line(view)
    texts = [each.text for each in found.summands]
    shown = max(map(decimals, texts))
    assert sum(map(read, texts)) == pytest.approx(read(found.total), abs=1e-9)
    right = round(total(view) / 10.0**found.exponent, shown)
    assert read(found.total) == pytest.approx(right, abs=1e-9 + 1.01e-6 * abs(right))
    largest = max(abs(read(each)) for each in texts)  # two digits at least
    assert shown >= 1 + (largest < 1) or all(
        each.value == round(each.value) for each in found.summands
    )
    for each in found.summands:
        assert (each.text == "0") == (each.value == 0)
        assert each.sign == ("−" if read(each.text) < 0 else "+")


def test_the_products_are_those_of_the_window_or_by_their_signs(view: ConvolutionView) -> None:
    """A line has a product for each cell; where there is no room, their sums by sign."""
    show(view, Conv(depth=1, kernel_size=3), *END, samples=samples_of(9), seed=2)
    run_events()
    products = grid(view, "patch").values() * grid(view, "factors").values()
    of_cells = [each for each in line(view).summands if each.cell is not None]
    assert [each.cell for each in of_cells] == list(np.ndindex(3, 3))
    np.testing.assert_allclose([each.value for each in of_cells], products.ravel())
    assert line(view).summands[-1].name == "bias"
    view.resize(330, 190)
    run_events()
    above, below = line(view).summands[:2]
    assert above.value == pytest.approx(products[products > 0].sum())
    assert below.value == pytest.approx(products[products < 0].sum())
    assert above.name == f"from {(products > 0).sum()} cells"
    assert below.sign == "−"


def test_in_any_width_the_sum_is_whole_and_the_window_has_numbers_where_its_kernel_has(
    view: ConvolutionView,
) -> None:
    show(view, Conv(depth=5, kernel_size=5), *END, samples=samples_of(28))
    seen = set()
    for width in (330, 405, 480, 555, 680):
        view.resize(width, 300)
        run_events()
        patch, factors = (grid(view, name) for name in ("patch", "factors"))
        assert bool(patch.text(0, 0)) == bool(factors.text(0, 0)), width
        inside = patch.cells().cell(0, 0).toRect().adjusted(3, 3, -3, -3)
        assert (len(colours_in(patch.grab(inside).toImage())) > 1) == bool(patch.text(0, 0)), width
        seen.add(bool(factors.text(0, 0)))
    assert False in seen
    view.resize(340, 420)
    for number in range(len(EQUATIONS)):
        choose(combo(view, "equation"), number)
        assert placed(view).rect().contains(view.picture.sum.geometry()), number
    view.resize(640, 420)
    show(view, Conv(depth=2, kernel_size=1), *END, samples=samples_of(side=28))
    choose(combo(view, "equation"), 0)
    run_events()
    of_map, of_window = (grid(view, name).cells().cell(0, 0).width() for name in ("sheet", "patch"))
    assert 28 * of_map > 2 * of_window, "a window of one cell leaves the room to the maps"
    assert of_map >= 5


def test_docked_the_names_of_terms_are_whole_and_no_control_lies_over_another(
    view: ConvolutionView,
) -> None:
    blocks = (Conv(depth=3, kernel_size=2), Sigmoid(), Conv(depth=12, kernel_size=2))
    show(view, *blocks, *END)
    choose(combo(view, "block"), 1)
    choose(combo(view, "equation"), 3)
    view.resize(468, 260)
    run_events()
    assert view.width() == 468
    for name in ("map", "term"):
        assert combo(view, name).width() >= combo(view, name).sizeHint().width()
    choose(combo(view, "equation"), 0)
    view.resize(328, 240)
    run_events()
    for left, right in pairwise((view.block, view.equation, view.map, view.term, view.turn)):
        assert left.geometry().right() < right.geometry().left(), right.objectName()


@pytest.mark.parametrize("size", [(300, 90), (484, 230), (950, 640)])
def test_nothing_lies_over_anything_else(qtbot: QtBot, size: tuple[int, int]) -> None:
    specimen = specimen_of(Conv(depth=5), *END, samples=samples_of(28), seed=1)
    convolution = convolution_of(specimen.step.blocks[0])
    picture = on_screen(qtbot, ConvolutionPicture(), *size)
    picture.show_cell(convolution, convolution.step("Y", (0,), 10, 10), 0)
    run_events()
    assert (picture.width(), picture.height()) == size
    shown = [part for part in (*picture._parts, *picture._signs) if part.isVisible()]
    for n, part in enumerate(shown):
        assert picture.rect().contains(part.geometry()), part.geometry()
        for other in shown[n + 1 :]:
            assert not part.geometry().intersects(other.geometry())


def test_a_bias_that_is_nearly_zero_is_not_said_to_be_zero() -> None:
    specimen = specimen_of(Conv(depth=2), *END, samples=samples_of(9), seed=3)
    step = convolution_of(specimen.step.blocks[0]).step("Y", (0,), 1, 1)
    assert sum_of(replace(step, bias=1e-7), 0, whole=True).summands[-1].words == "0.00 bias"


def test_a_1x1_convolution_of_1x1_maps_is_the_dense_layer(view: ConvolutionView) -> None:
    show(view, Conv(depth=3, kernel_size=6), Tanh(), Conv(depth=2, kernel_size=1), *END, seed=5)
    assert "Dense" not in text(view, "notes")
    choose(combo(view, "block"), 1)
    assert "this is the Dense layer" in text(view, "notes")


def test_a_click_may_end_after_the_last_conv_block_has_gone(view: ConvolutionView) -> None:
    show(view, Conv(depth=2), *END, seed=3)
    turn = named(view, QToolButton, "glass.turn")
    QTest.mousePress(turn, Qt.MouseButton.LeftButton)
    show(view, *END, seed=3)
    QTest.mouseRelease(turn, Qt.MouseButton.LeftButton)
    assert not turn.isVisible()
    show(view, Conv(depth=2), *END, seed=3)
    assert named(view, QToolButton, "glass.turn").isVisible()


def test_equal_values_have_equal_colours_left_and_right(view: ConvolutionView) -> None:
    show(view, Conv(depth=2), *END, samples=samples_of(9), seed=3)
    choose(combo(view, "equation"), 2)
    scales = {grid(view, name).levels() for name in ("sheet", "patch", "result")}
    assert len(scales) == 1
    choose(combo(view, "equation"), 0)
    assert grid(view, "sheet").levels() == grid(view, "patch").levels()


def check_results(view: ConvolutionView, specimen: Specimen, position: int) -> None:
    """Go through some results of all equations, and some cells of each."""
    exact, rng = convolution_of(specimen.step.blocks[position]), np.random.default_rng(position)
    for number, equation in enumerate(EQUATIONS):
        choose(combo(view, "equation"), number)
        indices = exact.indices(equation)
        assert combo(view, "map").count() == len(indices)
        for place in {len(indices) - 1, int(rng.integers(len(indices)))}:
            choose(combo(view, "map"), place)
            truth = exact.result(equation, indices[place])
            np.testing.assert_array_equal(grid(view, "result").values(), truth)
            assert slider(view).maximum() == truth.size - 1
            for cell in {truth.size - 1, int(rng.integers(truth.size))}:
                check_cell(view, equation, truth, cell)


def check_cell(view: ConvolutionView, equation: Equation, truth: Array, cell: int) -> None:
    """Read one cell: its sum, and every term's window, factors and products."""
    slider(view).setValue(cell)
    value = float(truth.ravel()[cell])
    assert total(view) == pytest.approx(value, rel=1e-6, abs=1e-12)
    row, column = divmod(cell, truth.shape[1])
    (result,) = grid(view, "result")._frames
    assert (result.top, result.left) == (row, column)
    terms = combo(view, "term")
    sums = 0.0
    for place in range(terms.count()):
        choose(terms, place)
        patch, factors = grid(view, "patch").values(), grid(view, "factors").values()
        (frame,) = grid(view, "sheet")._frames
        covered = grid(view, "sheet").values()[
            frame.top : frame.top + frame.height, frame.left : frame.left + frame.width
        ]
        np.testing.assert_array_equal(patch, covered)
        sums += float((patch * factors).sum())
    bias = value - sums
    if equation != "Y":
        assert abs(bias) <= 1e-9 * max(1.0, abs(value))
    told = view.sum.toolTip().splitlines()[-terms.count() :]
    totals, so_far = zip(
        *(map(read, re.findall(r"(?:=|far) ([^,]+)", row)) for row in told), strict=True
    )
    assert sum(totals) == pytest.approx(sums, rel=1e-4, abs=1e-4 * max(map(abs, totals)))
    assert so_far[-1] == pytest.approx(value, rel=1e-5, abs=1e-12)


@pytest.mark.parametrize("name", STACKS)
def test_every_result_is_that_of_the_block(view: ConvolutionView, name: str) -> None:
    side, blocks = STACKS[name]
    specimen = show(view, *blocks, *END, samples=samples_of(side), seed=side)
    positions = [n for n, block in enumerate(blocks) if isinstance(block, Conv)]
    assert combo(view, "block").count() == len(positions)
    for place, position in enumerate(positions):
        choose(combo(view, "block"), place)
        check_results(view, specimen, position)


def test_many_terms_are_summed_up_in_words(view: ConvolutionView) -> None:
    side, blocks = STACKS["wide"]
    show(view, *blocks, *END, samples=samples_of(side), seed=2)
    choose(combo(view, "block"), 1)
    check_written(view)
    others, bias = line(view).summands[-2:]
    assert (others.name, bias.name) == ("from 4 other maps", "bias")
    patch, factors = grid(view, "patch").values(), grid(view, "factors").values()
    front = float((patch * factors).sum())
    assert others.value == pytest.approx(total(view) - front - bias.value, rel=1e-5)


BLOCKS = (Conv(depth=2, kernel_size=3), Sigmoid(), Conv(depth=2), Reshape(), Dense(units=2))


@pytest.fixture
def specimen() -> Specimen:
    dice = np.random.default_rng(4)
    images = dice.integers(0, 256, (2, 3, 7, 6), dtype=np.uint8)
    samples = Dataset(images, np.array([0, 1]), (0, 1))
    return specimen_of(*BLOCKS, Sigmoid(), samples=samples, seed=5)


def test_the_sum_of_a_cell_names_what_each_channel_adds(qtbot: QtBot, specimen: Specimen) -> None:
    view = on_screen(qtbot, ConvolutionView(), 1000, 700)
    view.show_specimen(specimen)
    view.map.setCurrentIndex(1)
    view.position.setValue(2 * 4 + 3)
    step = convolution_of(specimen.step.blocks[0]).step("Y", (1,), 2, 3)
    sums = [step.bias or 0.0, *(term.total for term in step.terms)]
    written = {each.name: each for each in line(view).summands if each.cell is None}
    assert list(written) == ["green", "blue", "bias"]
    for name, true in zip(("bias", "green", "blue"), (sums[0], *sums[2:]), strict=True):
        assert written[name].value == pytest.approx(true, abs=1e-9)
        assert read(written[name].text) == pytest.approx(true, abs=0.011)
    red = [each.value for each in line(view).summands if each.cell is not None]
    assert sum(red) == pytest.approx(sums[1])
    assert total(view) == pytest.approx(sum(sums), abs=1e-6)
    told = [row.split(" = ")[0] for row in view.sum.toolTip().splitlines()[2:]]
    assert told == ["X₁ ⋆ K₂₁ red", "X₂ ⋆ K₂₂ green", "X₃ ⋆ K₂₃ blue"]
    assert combo(view, "term").itemText(2) == "X₃ blue"
    view.block.setCurrentIndex(1)  # whose maps are no colours
    assert "red" not in line(view).words + combo(view, "term").itemText(0)


def test_a_step_names_channels_and_shows_colours(qtbot: QtBot, specimen: Specimen) -> None:
    view = on_screen(qtbot, StepView(), 1000, 700)
    view.show_specimen(specimen)
    words = named(view, QLabel, "glass.words").text()
    assert "K₂₁" in named(view, QLabel, "glass.explained_equation").accessibleName()
    for name in ("red = ", "green = ", "blue = "):
        assert name in words
    picture = named(view, NumberGrid, "glass.origin")
    seen, cells = picture.grab().toImage(), picture.cells()
    for place in np.ndindex(*cells.shape):
        found = seen.pixelColor(cells.cell(*place).center().toPoint())
        assert [found.red(), found.green(), found.blue()] == specimen.sample.image[
            :, *place
        ].tolist()
