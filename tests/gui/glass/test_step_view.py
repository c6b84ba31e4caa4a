"""One training step in its view: every number that it shows, worked out another way."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.blocks import (
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
    Softmax,
    Tanh,
)
from engine.model.network import Network
from engine.model.settings import Settings
from engine.model.weights import Weights, initial_weights
from gui.glass.array_grid import ArrayGrid
from gui.glass.specimen import Specimen
from gui.glass.step_view import StepView
from tests.gui.glass.specimens import samples_of, specimen_of
from tests.gui.showing import on_screen

EVERY_KIND: tuple[KnownBlock, ...] = (
    *(Conv(depth=3, kernel_size=3, padding="same", bias="channel"), BatchNorm(), ReLU(), MaxPool()),
    *(Conv(depth=2, kernel_size=2, stride=2), LeakyReLU(), AvgPool(size=2), Reshape()),
    *(Dense(units=5), Tanh(), Dropout(rate=0.4), Dense(units=2), Softmax()),
)
CROSS = Settings(loss="cross_entropy", learning_rate=0.5)


@pytest.fixture
def view(qtbot: QtBot) -> StepView:
    return on_screen(qtbot, StepView(), 900, 560)


def number(text: str) -> float:
    return float(text.split(" = ")[-1].replace("−", "-").replace(",", ""))


def network_of(specimen: Specimen, weights: Weights | None = None) -> Network:
    report = specimen.report
    kept = weights or specimen.project.weights
    return Network(report, initial_weights(report, 0, "lecun", kept=kept, dtype=np.float64))


def go_to(view: StepView, title: str) -> None:
    """Go on until a frame begins so."""
    view.restart()
    while not view.title.text().startswith(title):
        assert view.advance(), f"no frame {title}"


def click(grid: ArrayGrid, place: tuple[int, ...]) -> None:
    row, column = grid.cell_of(place)
    at: QPoint = grid.grid.cells().cell(row, column).center().toPoint()
    QTest.mouseClick(grid.grid, Qt.MouseButton.LeftButton, pos=at)


def test_forward_shows_what_the_network_computes(view: StepView) -> None:
    specimen = specimen_of()
    view.show_specimen(specimen)
    expected = network_of(specimen).activations(specimen.step.image[np.newaxis])
    before = specimen.step.image
    for found in expected:
        np.testing.assert_allclose(view.arrays[0].array(), before, rtol=1e-9)
        np.testing.assert_allclose(view.arrays[1].array(), found[0], rtol=1e-9)
        shown = view.arrays[1].grid.values()
        np.testing.assert_allclose(np.sort(shown[np.isfinite(shown)]), np.sort(found[0].ravel()))
        before = found[0]
        assert view.advance()


def test_a_sigmoid_is_a_curve_with_its_point_on_it(view: StepView) -> None:
    view.show_specimen(specimen_of())
    go_to(view, "Forward: Sigmoid")
    click(view.arrays[1], (1, 2, 3))
    curve = view.card.curve.curve()
    assert curve is not None
    x = float(view.arrays[0].array()[1, 2, 3])
    y = 1 / (1 + np.exp(-x))
    assert curve.point == pytest.approx((x, y))
    assert curve.point_slope == pytest.approx(y * (1 - y))
    image = view.card.curve.grab().toImage()
    assert image.pixelColor(view.card.curve.point_position().toPoint()).name() == "#d55e00"


def test_a_reshape_tells_the_way_there_and_back(view: StepView) -> None:
    view.show_specimen(specimen_of())
    go_to(view, "Forward: Reshape")
    maps, vector = view.arrays[0], view.arrays[1]
    assert maps.array().shape == (2, 4, 4)
    click(vector, (22,))  # 22 = (1 · 4 + 1) · 4 + 2
    (frame,) = maps.grid.frames()
    assert (frame.top, frame.left) == maps.cell_of((1, 1, 2))
    assert vector.array()[22] == maps.array()[1, 1, 2]
    click(maps, (0, 3, 1))
    (frame,) = vector.grid.frames()
    assert (frame.top, frame.left) == vector.cell_of((13,))


def test_every_kind_of_block_explains_itself(view: StepView) -> None:
    specimen = specimen_of(*EVERY_KIND, samples=samples_of(side=12), settings=CROSS)
    view.show_specimen(specimen)
    seen = set()
    while True:
        shown = [array for array in view.arrays if array.isVisible()]
        for array in shown:
            place = tuple(size - 1 for size in array.array().shape)
            click(array, place)
            assert view.card.result.text()
            assert (
                number(view.card.result.text())
                == pytest.approx(float(array.array()[place]), rel=1e-4, abs=1e-9)
                or "Update" in view.title.text()
            )
        seen.add(view.title.text().split(":")[0])
        if not view.advance():
            break
    assert seen == {"Forward", "Categorical cross-entropy", "Backward", "Update", "The loss again"}


def test_the_strip_is_gone_through_by_keys_and_clicks(view: StepView) -> None:
    view.show_specimen(specimen_of())
    held: list[bool] = []
    view.held.connect(lambda: held.append(True))
    view.strip.setFocus()
    QTest.keyClick(view.strip, Qt.Key.Key_Right)
    assert view.title.text() == "Forward: Sigmoid"
    QTest.keyClick(view.strip, Qt.Key.Key_End)
    assert view.title.text() == "The loss again"
    QTest.keyClick(view.strip, Qt.Key.Key_Home)
    assert view.title.text().startswith("Forward: Conv 2")
    middle = view.strip.chip_rect(3).center().toPoint()
    QTest.mouseClick(view.strip, Qt.MouseButton.LeftButton, pos=middle)
    assert view.title.text() == "Forward: Dense 2"
    assert len(held) == 4
    assert view.strip.accessibleDescription().startswith("4 of ")


def test_arrows_choose_a_value(view: StepView) -> None:
    view.show_specimen(specimen_of())
    grid = view.arrays[1].grid
    click(view.arrays[1], (0, 0, 0))
    grid.setFocus()
    QTest.keyClick(grid, Qt.Key.Key_Right)
    QTest.keyClick(grid, Qt.Key.Key_Return)
    expected = view.arrays[1].array()[0, 0, 1]
    assert number(view.card.result.text()) == pytest.approx(expected, rel=1e-5)


def test_a_new_copy_stays_at_its_frame_and_value(view: StepView) -> None:
    view.show_specimen(specimen_of())
    go_to(view, "Forward: Sigmoid")
    click(view.arrays[1], (1, 0, 3))
    other = specimen_of(samples=samples_of(seed=5))
    view.show_specimen(other)
    assert view.title.text() == "Forward: Sigmoid"
    expected = other.step.blocks[1].outputs[1, 0, 3]
    assert number(view.card.result.text()) == pytest.approx(expected, rel=1e-5)


def test_a_convolution_can_be_seen_cell_by_cell(view: StepView, qtbot: QtBot) -> None:
    view.show_specimen(specimen_of())
    assert view.link.isVisible()
    with qtbot.waitSignal(view.convolution_wanted) as asked:
        QTest.mouseClick(view.link, Qt.MouseButton.LeftButton)
    assert asked.args == [0]
    view.advance()
    assert not view.link.isVisible()
