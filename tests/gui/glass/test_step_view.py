"""One training step in its view: every number that it shows is that of the step."""

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolButton
from pytestqt.qtbot import QtBot

from engine.blocks import (
    Add,
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    KnownBlock,
    LeakyReLU,
    MaxPool,
    ReLU,
    Reshape,
    Sigmoid,
    Softmax,
    Tanh,
)
from engine.model.network import Network
from engine.model.settings import Settings
from engine.model.weights import initial_weights
from gui.glass.array_grid import ArrayGrid
from gui.glass.specimen import Specimen
from gui.glass.step_view import StepView
from gui.theme import magnify
from tests.engine.networks import predict
from tests.gui.finding import named, not_none
from tests.gui.glass.specimens import SMALL, cell_of, samples_of, show
from tests.gui.hands import type_into
from tests.gui.showing import has_colour, on_screen
from tests.gui.waiting import run_events

EVERY_KIND: tuple[KnownBlock, ...] = (
    *(Conv(depth=3, kernel_size=3, padding="same", bias="channel"), BatchNorm(), ReLU()),
    *(Add(source=1), MaxPool(), Conv(depth=2, kernel_size=2, stride=2)),
    *(Add(source=5, through="conv", stride=2), LeakyReLU(), AvgPool(size=2), Reshape()),
    *(Dense(units=5), Tanh(), Dropout(rate=0.4), Dense(units=2), Softmax()),
)
DOCKED: tuple[KnownBlock, ...] = (
    *(Conv(depth=3, kernel_size=3, padding="same", bias="channel"), Add(source=1, through="conv")),
    *(MaxPool(), Reshape(), Dense(units=2), Softmax()),
)
CROSS = Settings(loss="cross_entropy", learning_rate=0.5)


@pytest.fixture
def view(qtbot: QtBot) -> StepView:
    return on_screen(qtbot, StepView(), 900, 560)


def number(text: str) -> float:
    return float(text.split(" = ")[-1].replace("−", "-").replace(",", ""))


def network_of(specimen: Specimen) -> Network:
    report, kept = specimen.report, specimen.project.weights
    return Network(report, initial_weights(report, 0, "lecun", kept=kept, dtype=np.float64))


def go_to(view: StepView, title: str) -> None:
    """Go to the first frame that begins so."""
    frames = not_none(view.specimen).step.frames
    view.go_to(next(n for n, frame in enumerate(frames) if frame.title.startswith(title)))
    assert view.title.text().startswith(title)


def click(grid: ArrayGrid, place: tuple[int, ...]) -> None:
    row, column = cell_of(grid, place)
    at: QPoint = grid.grid.cells().cell(row, column).center().toPoint()
    QTest.mouseClick(grid.grid, Qt.MouseButton.LeftButton, pos=at)


def test_forward_shows_what_the_network_computes(view: StepView) -> None:
    specimen = show(view)
    expected = network_of(specimen).activations(specimen.step.image[np.newaxis])
    before = specimen.step.image
    for found in expected:
        np.testing.assert_allclose(view.arrays[0].array, before, rtol=1e-9)
        np.testing.assert_allclose(view.arrays[1].array, found[0], rtol=1e-9)
        shown = view.arrays[1].grid.values()
        np.testing.assert_allclose(np.sort(shown[np.isfinite(shown)]), np.sort(found[0].ravel()))
        before = found[0]
        assert view.go(1)


@pytest.mark.parametrize("title", ["Forward: Conv 2", "Forward: Sigmoid", "Forward: Dense 2"])
def test_a_clicked_value_is_explained_with_its_own_numbers(view: StepView, title: str) -> None:
    show(view)
    go_to(view, title)
    out = view.arrays[1]
    for flat in (0, out.array.size // 2, out.array.size - 1):
        place = tuple(int(axis) for axis in np.unravel_index(flat, out.array.shape))
        click(out, place)
        assert number(view.card.result.text()) == pytest.approx(out.array[place], rel=1e-5)
        table = view.card.table
        if table.isVisible() and table.columnCount() > 2:  # factors and their product
            columns = table.columnCount()
            rows = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
            *summands, total = [row for row in rows if row is not None]
            for item in summands:
                if item.text(1):  # else it is all that is not listed
                    *factors, product = (number(item.text(column)) for column in range(1, columns))
                    assert np.prod(factors) == pytest.approx(product, rel=2e-3, abs=1e-5)
            last = [number(item.text(columns - 1)) for item in summands]
            assert sum(last) == pytest.approx(number(total.text(columns - 1)), abs=1e-9)


def test_a_sigmoid_is_a_curve_with_its_point_on_it_and_a_new_copy_stays_there(
    view: StepView,
) -> None:
    show(view)
    go_to(view, "Forward: Sigmoid")
    click(view.arrays[1], (1, 2, 3))
    curve = not_none(view.card.curve.curve)
    x = float(view.arrays[0].array[1, 2, 3])
    y = 1 / (1 + np.exp(-x))
    assert curve.point == pytest.approx((x, y))
    assert curve.point_slope == pytest.approx(y * (1 - y))
    image = view.card.curve.grab().toImage()
    assert image.pixelColor(view.card.curve.point_position().toPoint()).name() == "#d55e00"
    other = show(view, samples=samples_of(seed=5))
    assert view.title.text() == "Forward: Sigmoid"
    expected = other.step.blocks[1].outputs[1, 2, 3]
    assert number(view.card.result.text()) == pytest.approx(expected, rel=1e-5)


def test_backward_shows_the_slopes_of_the_loss_and_the_gradient_of_each_array(
    view: StepView,
) -> None:
    specimen = show(view)
    go_to(view, "Backward: Conv")
    found = view.arrays[1].array
    np.testing.assert_array_equal(found, specimen.step.blocks[0].input_gradient)
    for place in ((0, 0, 0), (0, 3, 2), (0, 5, 5)):
        click(view.arrays[1], place)
        assert number(view.card.result.text()) == pytest.approx(found[place], rel=1e-5)
    go_to(view, "Backward: Dense")
    assert view.parameter.isVisible()
    for name in ("weight", "bias"):
        assert view.parameter.currentText() == name
        gradient = specimen.step.blocks[3].parameter(name).gradient
        np.testing.assert_array_equal(view.arrays[2].array, gradient)
        view.parameter.setFocus()
        QTest.keyClick(view.parameter, Qt.Key.Key_Down)


def test_the_update_subtracts_rate_times_gradient(view: StepView) -> None:
    specimen = show(view, settings=Settings(learning_rate=0.25))
    go_to(view, "Update: Conv")
    before, change, after = (array.array for array in view.arrays[:3])
    gradient = specimen.step.blocks[0].parameter("weight").gradient
    held = specimen.project.weights[specimen.report.rows[0].slot.id]["weight"]
    np.testing.assert_allclose(before, held, rtol=1e-6)
    np.testing.assert_allclose(after, before - 0.25 * gradient, rtol=1e-9)
    np.testing.assert_allclose(change, -0.25 * gradient, rtol=1e-6)
    one, other, two = (array.grid.levels() for array in view.arrays[:3])
    assert one == two != other  # before and after on one scale, the change on its own
    assert other[1] == pytest.approx(0.25 * np.abs(gradient).max())
    click(view.arrays[0], (1, 0, 2, 1))
    assert number(view.card.result.text()) == pytest.approx(after[1, 0, 2, 1], rel=1e-5)
    marked = [array.grid._frames for array in view.arrays]
    assert marked[0] == marked[1] == marked[2] != ()


def test_the_loss_is_the_sum_of_its_shares_and_falls(view: StepView) -> None:
    specimen = show(view, settings=Settings(learning_rate=0.1))
    go_to(view, "Binary cross-entropy")
    outputs = predict(network_of(specimen), specimen.step.image[np.newaxis])[0]
    target = np.array([row.target for row in specimen.step.loss.rows])
    terms = target * np.log(outputs) + (1 - target) * np.log(1 - outputs)
    table = view.loss.table
    for row, (output, term) in enumerate(zip(outputs, terms, strict=True)):
        item = not_none(table.topLevelItem(row))
        assert number(item.text(1)) == pytest.approx(output, rel=1e-4)
        assert number(item.text(3)) + number(item.text(4)) == pytest.approx(term, rel=1e-4)
        assert number(item.text(5)) == pytest.approx(-term / 2, rel=1e-4)
    assert number(view.loss.total.text()) == pytest.approx(-terms.mean(), rel=1e-6)
    for width, hidden in ((380, True), (700, False)):
        view.resize(width, 500)
        run_events(1)
        assert table.header().length() <= table.viewport().width(), "shares and gradients are seen"
        assert [table.isColumnHidden(column) for column in (3, 4, 5, 6)] == [hidden] * 2 + [
            False
        ] * 2
    while view.go(1):
        pass
    assert view.title.text() == "The loss again"
    assert number(view.loss.total.text()) < -terms.mean()
    assert "lower. The step has helped." in view.loss.words.text()


def test_a_value_frames_what_it_sees_of_the_digit(view: StepView) -> None:
    """Move every pixel: those that change the value are in the frame, and no others."""
    blocks = (Conv(depth=2, kernel_size=3), Sigmoid(), MaxPool(), Reshape(), Dense(units=2))
    specimen = show(view, *blocks, Sigmoid(), samples=samples_of(side=8))
    go_to(view, "Forward: MaxPool")
    click(view.arrays[1], (1, 2, 0))
    (frame,) = view.origin.sample._frames
    network, image = network_of(specimen), specimen.step.image
    conv = network.activations(image[np.newaxis], 1)[0][0]
    seen = np.zeros((8, 8), bool)
    for row, column in np.ndindex(8, 8):
        moved = image.copy()
        moved[0, row, column] += 1.0
        changed = network.activations(moved[np.newaxis], 1)[0][0] != conv
        seen[row, column] = changed[1, 4:6, 0:2].any()
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    assert (frame.top, frame.left) == (rows[0], columns[0])
    assert (frame.height, frame.width) == (len(rows), len(columns))
    assert view.origin.words.text() == "It sees rows 5–8, columns 1–4 of the image."


def test_a_reshape_tells_the_way_there_and_back(view: StepView) -> None:
    show(view)
    go_to(view, "Forward: Reshape")
    maps, vector = view.arrays[0], view.arrays[1]
    assert maps.array.shape == (2, 4, 4)
    click(vector, (22,))  # 22 = (1 · 4 + 1) · 4 + 2
    (frame,) = maps.grid._frames
    assert (frame.top, frame.left) == cell_of(maps, (1, 1, 2))
    assert vector.array[22] == maps.array[1, 1, 2]
    click(maps, (0, 3, 1))
    (frame,) = vector.grid._frames
    assert (frame.top, frame.left) == cell_of(vector, (13,))


RESIDUAL: tuple[KnownBlock, ...] = (
    *(Conv(depth=3, kernel_size=3, padding="same", bias="channel"), Tanh()),
    *(Conv(depth=3, kernel_size=3, padding="same", bias="channel"), Add(source=2)),
    *(Conv(depth=2, kernel_size=2, stride=2), Add(source=2, through="conv", stride=2)),
    *(Reshape(), Dense(units=2), Sigmoid()),
)


def written(view: StepView) -> dict[str, float]:
    """Read the numbers of the explanation, by their names."""
    lines = view.card.words.text().replace(",   ", "\n").splitlines()
    return {line.split(" = ")[0]: number(line) for line in lines}


def frames_of(view: StepView, number: int) -> list[tuple[int, int]]:
    return [(frame.top, frame.left) for frame in view.arrays[number].grid._frames]


def test_both_summands_and_their_sum_are_seen_cell_by_cell(view: StepView) -> None:
    step = show(view, *RESIDUAL, seed=3).step
    go_to(view, "Forward: Add block 2")
    assert view.text.text() == "Takes 3×6×6 and 3×6×6 of block 2, gives 3×6×6."
    x, s, y = view.arrays[:3]
    np.testing.assert_array_equal(x.array, step.blocks[2].outputs)
    np.testing.assert_array_equal(s.array, np.tanh(step.blocks[0].outputs))
    np.testing.assert_allclose(y.array, x.array + s.array)
    assert [sign.text() for sign in view.page.signs if sign.isVisible()] == ["+", "="]
    assert x.grid.levels() == s.grid.levels() == y.grid.levels()
    assert "y = " in view.card.result.text()  # the sum, as long as nothing is chosen
    click(y, (1, 4, 2))
    assert written(view) == pytest.approx({"x": x.array[1, 4, 2], "s": s.array[1, 4, 2]}, rel=1e-5)
    assert number(view.card.result.text()) == pytest.approx(y.array[1, 4, 2], rel=1e-5)
    for place in range(3):
        assert frames_of(view, place) == [cell_of(y, (1, 4, 2))]
    click(s, (2, 0, 5))  # it is what the other block gives
    assert view.card.title.text().startswith("Tanh")
    assert number(view.card.result.text()) == pytest.approx(s.array[2, 0, 5], rel=1e-5)
    assert frames_of(view, 2) == [cell_of(y, (2, 0, 5))]


def test_a_sign_stands_level_with_the_cells_beside_it(view: StepView) -> None:
    show(view, *RESIDUAL, seed=3)
    for title in ("Forward: Reshape", "Backward: Add block 2, 1×1"):
        go_to(view, title)
        run_events(2)
        sign, arrays = view.page.signs[0], view.arrays[:2]
        ink = ~has_colour(sign.grab().toImage(), sign.palette().window().color())
        middle = sign.y() + np.flatnonzero(ink.any(axis=1)).mean()
        grids = [(array.y() + array.grid.y(), array.grid.cells().area) for array in arrays]
        assert middle == pytest.approx(max(y + area.center().y() for y, area in grids), abs=4)


def test_what_goes_through_a_1x1_kernel_is_multiplied_with_its_numbers(view: StepView) -> None:
    step = show(view, *RESIDUAL, seed=3).step
    go_to(view, "Forward: Add block 2, 1×1")
    x, s, y = view.arrays[:3]
    kernel, bias = (step.blocks[5].parameter(name).before for name in ("weight", "bias"))
    click(y, (1, 2, 1))
    products = [float(s.array[j, 4, 2] * kernel[1, j, 0, 0]) for j in range(3)]
    assert y.array[1, 2, 1] == pytest.approx(x.array[1, 2, 1] + bias[1] + sum(products))
    assert written(view)["x"] == pytest.approx(x.array[1, 2, 1], rel=1e-5)
    assert written(view)["b"] == pytest.approx(bias[1], rel=1e-5)
    items = [not_none(view.card.table.topLevelItem(row)) for row in range(3)]
    listed = {item.text(0): number(item.text(3)) for item in items}
    places = [f"{j}, 5, 3" for j in (1, 2, 3)]
    assert listed == pytest.approx(dict(zip(places, products, strict=True)), rel=1e-3)
    assert frames_of(view, 0) == [cell_of(y, (1, 2, 1))]
    assert frames_of(view, 1) == [cell_of(s, (j, 4, 2)) for j in range(3)]


def test_the_gradient_goes_both_ways_and_is_added_up_where_they_meet(view: StepView) -> None:
    step = show(view, *RESIDUAL, seed=3).step
    go_to(view, "Backward: Add block 2, 1×1")
    came, through, past, weight = view.arrays
    np.testing.assert_array_equal(through.array, came.array)
    kernel = step.blocks[5].parameter("weight").before[:, :, 0, 0]
    spread = np.zeros((3, 6, 6))
    spread[:, ::2, ::2] = np.einsum("ij,ihw->jhw", kernel, came.array)
    np.testing.assert_allclose(past.array, spread)
    given = step.blocks[1].outputs[:, ::2, ::2]
    np.testing.assert_allclose(
        weight.array[:, :, 0, 0], np.einsum("ihw,jhw->ij", came.array, given)
    )
    for place in ((1, 2, 4), (0, 3, 4)):  # the kernels pass over odd rows
        click(past, place)
        assert number(view.card.result.text()) == pytest.approx(spread[place], rel=1e-5)
    go_to(view, "Backward: Tanh")
    assert "block 4 sends its own" in view.text.text()
    ways = step.blocks[2].input_gradient, step.blocks[3].gradient, spread
    np.testing.assert_allclose(view.arrays[0].array, sum(ways))
    click(view.arrays[0], (2, 4, 0))
    names = ["∂E/∂x₃", "∂E/∂s₄", "∂E/∂s₆"]
    assert list(written(view)) == names
    assert list(written(view).values()) == pytest.approx([way[2, 4, 0] for way in ways], rel=1e-5)
    assert number(view.card.result.text()) == pytest.approx(
        sum(way[2, 4, 0] for way in ways), rel=1e-5
    )


def test_the_strip_is_gone_through_by_keys_and_clicks_and_arrows_choose_a_value(
    view: StepView, qtbot: QtBot
) -> None:
    """Forward goes to the right, backward to the left, each block in its own column."""
    show(view)
    held: list[bool] = []
    view.held.connect(lambda: held.append(True))
    assert view.link.isVisible()
    with qtbot.waitSignal(view.convolution_wanted) as asked:  # to be seen cell by cell
        QTest.mouseClick(view.link, Qt.MouseButton.LeftButton)
    assert asked.args == [0]
    frames, places = view.strip._frames, dict[str, list[QPointF]]()
    for n, frame in enumerate(frames):
        places.setdefault(frame.phase, []).append(view.strip.chip_rect(n).center())
    forward, backward = places["forward"], places["backward"]
    assert [at.x() for at in forward] == sorted(at.x() for at in forward)
    assert [at.x() for at in backward] == [at.x() for at in reversed(forward)]
    assert places["loss"][0].x() > forward[-1].x()
    assert forward[0].y() < backward[0].y() < places["update"][0].y()
    view.strip.setFocus()
    for key, title in (
        (Qt.Key.Key_Right, "Forward: Sigmoid"),
        (Qt.Key.Key_End, "The loss again"),
        (Qt.Key.Key_Home, "Forward: Conv 2"),
    ):
        QTest.keyClick(view.strip, key)
        assert view.title.text().startswith(title)
        assert view.link.isVisible() == ("Conv" in title)
    middle = view.strip.chip_rect(3).center().toPoint()
    QTest.mouseClick(view.strip, Qt.MouseButton.LeftButton, pos=middle)
    assert view.title.text() == "Forward: Dense 2"
    assert len(held) == 4
    last = view.strip.chip_rect(len(frames) - 2).center().toPoint()
    QTest.mouseClick(view.strip, Qt.MouseButton.LeftButton, pos=last)
    assert view.strip.current == len(frames) - 2
    QTest.mouseClick(view.strip, Qt.MouseButton.LeftButton, pos=middle)
    assert view.strip.accessibleDescription().startswith("4 of ")
    go_to(view, "Forward: Conv")
    grid = view.arrays[1].grid
    click(view.arrays[1], (0, 0, 0))
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Return)
    expected = view.arrays[1].array[0, 0, 1]
    assert number(view.card.result.text()) == pytest.approx(expected, rel=1e-5)


def titles_of(view: StepView) -> Iterator[str]:
    """Go through all frames, with their titles."""
    yield view.title.text()
    while view.go(1):
        yield view.title.text()


@pytest.mark.parametrize(("size", "font"), [((900, 560), 1.0), ((868, 465), 1.4)])
def test_enlarged_nothing_is_cut_also_in_a_large_font(
    qtbot: QtBot, qapp: QApplication, size: tuple[int, int], font: float
) -> None:
    """A table lists as many rows as there is room for, and always its sum."""
    magnify(qapp, font)
    try:
        view = on_screen(qtbot, StepView(), *size)
        blocks = (Conv(depth=5, kernel_size=3), Sigmoid(), Reshape(), Dense(units=2), Sigmoid())
        show(view, *blocks, samples=samples_of(side=14), seed=2)
        card, table = view.card, view.card.table
        for title in titles_of(view):
            run_events(2)
            if not card.isVisible() or ("Conv 5, 3×3" in title and font > 1):
                continue  # only the longest notes scroll
            qtbot.waitUntil(lambda: not card.verticalScrollBar().isVisible())
            if table.isVisible():
                last = not_none(table.topLevelItem(table.topLevelItemCount() - 1))
                bottom = table.viewport().mapTo(card, table.visualItemRect(last).bottomRight())
                assert card.rect().contains(bottom), title
    finally:
        magnify(qapp, 1.0)


def test_the_digit_is_there_where_it_tells_something_and_says_it_once(view: StepView) -> None:
    blocks = (Conv(depth=2, kernel_size=3), Sigmoid(), MaxPool(), Reshape(), Dense(units=2))
    show(view, *blocks, Sigmoid(), samples=samples_of(side=8))
    for title, shown in (
        ("Forward: Conv", False),  # the image itself is there
        ("Forward: MaxPool", True),
        ("Forward: Dense", False),  # it sees all of the digit
        ("Update: Conv", False),  # a weight has no place in it
    ):
        go_to(view, title)
        assert view.origin.isVisible() == shown, title
        for height in (230, 560) if shown else ():
            view.resize(900, height)
            run_events(2)
            beside = view.origin.words.text() if view.origin.isVisible() else ""
            found = ["It sees rows" in words for words in (view.card.note.text(), beside)]
            assert found.count(True) == 1, height
    view.resize(680, 400)
    padded = Conv(depth=6, padding="same")
    show(view, padded, *blocks[1:2], *blocks[3:], Sigmoid(), samples=samples_of(side=28))
    go_to(view, "Forward: Sigmoid")
    run_events(2)
    assert view.origin.isVisible()
    assert view.arrays[0].height() > 0.3 * view.page.height()
    assert view.arrays[0].grid.cells().count == 6


@pytest.mark.parametrize(("blocks", "size"), [(DOCKED, (484, 230)), (EVERY_KIND, (950, 640))])
def test_every_array_has_its_scale_and_whole_cells_and_each_kind_of_block_explains_itself(
    view: StepView, blocks: tuple[KnownBlock, ...], size: tuple[int, int]
) -> None:
    """Docked, the result is seen without scrolling, and can be read."""
    view.setMinimumSize(1, 1)  # as the panel has a smallest size of its own
    view.resize(*size)
    show(view, *blocks, samples=samples_of(side=8), settings=CROSS)
    seen = set()
    for title in titles_of(view):
        seen.add(title.split(":")[0])
        run_events(2)
        assert (view.width(), view.height()) == size, title
        for array in view.arrays:
            if array.isVisible():
                cells, inside = array.grid.cells(), array.grid.rect().toRectF()
                assert cells.scale == round(cells.scale)
                assert inside.contains(cells.area), (title, array.grid.objectName())
                beside = inside.right() - cells.area.right(), inside.bottom() - cells.area.bottom()
                assert beside[0] > 30 or beside[1] > 12
                assert array.width() >= 60
                assert array.grid.height() >= 60
        if view.card.isVisible():
            corner = view.card.result.mapTo(view.card, view.card.result.rect().bottomLeft())
            assert view.card.rect().contains(corner), title
        for array in view.arrays if size[0] > 900 else ():
            if array.isVisible():
                place = tuple(length - 1 for length in array.array.shape)
                click(array, place)
                result = number(view.card.result.text())
                value = pytest.approx(float(array.array[place]), rel=1e-4, abs=1e-9)
                assert result == value or "Update" in title
    assert seen == {"Forward", "Categorical cross-entropy", "Backward", "Update", "The loss again"}


def test_large_weights_are_shown_by_unit_and_ask_for_no_more_room_than_there_is(
    view: StepView,
) -> None:
    blocks = (Conv(depth=8, kernel_size=3), Sigmoid(), Conv(depth=16, kernel_size=5), Reshape())
    view.setMinimumSize(1, 1)
    view.resize(484, 230)
    specimen = show(
        view, *blocks, Dense(units=30), Dense(units=2), Sigmoid(), samples=samples_of(9)
    )
    for title in ("Backward: Conv 16", "Backward: Dense 30", "Update: Dense 30"):
        go_to(view, title)
        run_events()
        assert (view.width(), view.height()) == (484, 230), title
        for array in (array for array in view.arrays if array.isVisible()):
            assert view.rect().contains(array.mapTo(view, array.rect().bottomRight()))
            assert array.grid.rect().toRectF().contains(array.grid.cells().area)
    assert view.unit.isVisible()
    assert view.unit.maximum() == 30
    type_into(view.unit, "7")
    held = specimen.project.weights[specimen.report.rows[4].slot.id]["weight"]
    np.testing.assert_allclose(view.arrays[0].array, held[6], rtol=1e-6)
    click(view.arrays[0], (11,))
    assert "row 7, column 12" in view.card.title.text()


def test_a_narrow_table_says_places_whole_and_leaves_out_the_factors(view: StepView) -> None:
    view.resize(330, 130)
    blocks = (Conv(depth=5, kernel_size=3), Sigmoid(), Reshape(), Dense(units=2), Sigmoid())
    show(view, *blocks, samples=samples_of(side=28), seed=2)
    run_events(2)
    table = view.card.table
    assert table.columnWidth(0) >= table.sizeHintForColumn(0)
    assert table.isColumnHidden(1)
    assert not table.isColumnHidden(table.columnCount() - 1)
    assert not_none(table.topLevelItem(0)).toolTip(0).startswith("map 1, row ")
    view.resize(900, 560)
    run_events(2)
    assert not table.isColumnHidden(1)


def test_a_weight_marks_the_output_and_the_input_between_which_it_is(view: StepView) -> None:
    """While the pointer is there; what is explained stays, and is marked again."""
    show(view, Conv(depth=2), Sigmoid(), Reshape(), Dense(units=2), Sigmoid(), seed=4)
    frames = view.specimen.step.frames if view.specimen is not None else ()
    of_dense = [n for n, f in enumerate(frames) if f.title == "Backward: Dense 2"]
    view.go_to(of_dense[0])
    out, into, weight = view.arrays[:3]
    explained, before = view.card.title.text(), [array._windows for array in view.arrays]
    weight.pointed.emit((1, 5))
    assert [window[0] for window in weight._windows] == [(1, 5)]
    assert [window[0] for window in out._windows] == [(1,)]
    assert [window[0] for window in into._windows] == [(5,)]
    weight.grid.left.emit()
    assert [array._windows for array in view.arrays] == before
    assert view.card.title.text() == explained


def test_of_an_image_that_is_learned_well_one_that_is_not_is_offered(
    view: StepView, monkeypatch: pytest.MonkeyPatch
) -> None:
    offer = named(view, QToolButton, "glass.wrong")
    show(view, *SMALL)
    assert not offer.isVisible()
    monkeypatch.setattr("gui.glass.step_view._LEARNED", 1.0)  # no output is as far off
    show(view, *SMALL)
    assert offer.isVisible()
