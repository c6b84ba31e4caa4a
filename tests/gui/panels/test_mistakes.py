"""From one mistake to the next in the panel Predictions."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from gui.panels.predictions import PredictionsPanel
from tests.gui.panels.predicted_digits import OUTPUTS, choose, dataset
from tests.gui.showing import on_screen


@pytest.fixture
def panel(qtbot: QtBot) -> PredictionsPanel:
    return on_screen(qtbot, PredictionsPanel(), 480, 330)


@pytest.fixture
def predicted(panel: PredictionsPanel) -> PredictionsPanel:
    panel.set_samples(dataset())
    panel.set_outputs(OUTPUTS)
    panel.refresh()
    return panel


def press_next(panel: PredictionsPanel, step: int = 1) -> int | None:
    """Click the button of the next or the previous mistake, and say what is pinned then."""
    action = panel.mistake_actions[step > 0]
    button = next(b for b in panel.findChildren(QToolButton) if b.defaultAction() is action)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    return panel.grid.samples.pinned


def test_next_mistake_goes_through_the_wrong_ones_and_around(
    qtbot: QtBot, predicted: PredictionsPanel
) -> None:
    predicted.set_pinned(0)
    assert predicted.note.text() == "2 mistakes"
    with qtbot.waitSignal(predicted.sample_pinned) as pinned:
        assert press_next(predicted) == 1
    assert pinned.args == [1]
    assert predicted.note.text() == "mistake 1 of 2"
    assert press_next(predicted) == 4
    assert predicted.note.text() == "mistake 2 of 2"
    assert press_next(predicted) == 1
    assert predicted.note.text() == "from the start again"
    assert press_next(predicted, -1) == 4
    assert predicted.note.text() == "from the end again"
    assert press_next(predicted, -1) == 1
    assert predicted.note.text() == "mistake 1 of 2"


def test_next_mistake_begins_after_the_pinned_digit(predicted: PredictionsPanel) -> None:
    predicted.set_pinned(2)
    assert press_next(predicted) == 4
    predicted.set_pinned(3)
    assert press_next(predicted, -1) == 1


def test_next_mistake_follows_the_order(predicted: PredictionsPanel) -> None:
    predicted.set_outputs(1 - OUTPUTS)  # 0, 2, 3 and 5 are wrong now
    choose(predicted, predicted.filters.order, "hardest")
    predicted.refresh()
    predicted.set_pinned(5)
    assert [press_next(predicted) for _ in range(4)] == [0, 2, 3, 5]


def test_next_mistake_finds_its_place_when_the_filter_hides_the_pinned_digit(
    predicted: PredictionsPanel,
) -> None:
    choose(predicted, predicted.filters.verdict, "wrong")
    predicted.set_pinned(2)
    assert press_next(predicted) == 4
    choose(predicted, predicted.filters.order, "hardest")
    predicted.set_pinned(3)  # its 0.6 for the true class comes after 0.2 and 0.4
    assert press_next(predicted) == 1
    predicted.set_pinned(3)
    assert press_next(predicted, -1) == 4


def test_next_mistake_says_so_when_there_is_none(qtbot: QtBot, predicted: PredictionsPanel) -> None:
    predicted.set_pinned(2)
    choose(predicted, predicted.filters.verdict, "right")
    assert predicted.note.text() == "no mistake here", "there are some that are not shown"
    with qtbot.waitSignal(predicted.nothing_found):
        assert press_next(predicted) == 2
    assert predicted.note.text() == "no mistake here"
    predicted.set_outputs(None)
    with qtbot.waitSignal(predicted.nothing_found):
        press_next(predicted)
    assert predicted.note.text() == "not predicted"
