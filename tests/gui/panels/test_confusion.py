"""The confusion matrix panel: its numbers against a plain loop, its switch, its cells."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from engine.data.dataset import Dataset
from gui.panels.confusion import ConfusionPanel
from gui.widgets.empty_state import EmptyState
from tests.gui.finding import child, in_words
from tests.gui.showing import on_screen

DICE = np.random.default_rng(3)
LABELS = DICE.integers(0, 4, 300)
OUTPUTS = DICE.random((300, 4)) + 0.5 * np.eye(4)[LABELS]
CLASSES = (1, 3, 5, 9)


def dataset() -> Dataset:
    return Dataset(np.zeros((300, 1, 28, 28), dtype=np.uint8), LABELS, CLASSES)


@pytest.fixture
def panel(qtbot: QtBot) -> ConfusionPanel:
    return on_screen(qtbot, ConfusionPanel(), 500, 300)


@pytest.fixture
def filled(panel: ConfusionPanel) -> ConfusionPanel:
    panel.set_samples(dataset())
    panel.set_outputs(OUTPUTS)
    panel.refresh()
    return panel


def cells(panel: ConfusionPanel) -> list[list[str]]:
    model = panel.table.cells
    size = range(model.rowCount())
    return [[model.index(row, column).data() for column in size] for row in size]


def counted() -> list[list[int]]:
    counts = [[0] * 4 for _ in range(4)]
    for label, outputs in zip(LABELS.tolist(), OUTPUTS.tolist(), strict=True):
        counts[label][outputs.index(max(outputs))] += 1
    return counts


def test_it_has_its_names(panel: ConfusionPanel) -> None:
    assert panel.objectName() == "panel.confusion"
    assert panel.accessibleName() == "Confusion matrix"
    for part in (panel.counts, panel.rates, panel.table, panel.scores):
        assert part.accessibleName()


def test_it_says_what_will_be_here(panel: ConfusionPanel) -> None:
    assert "will be here" in child(panel, EmptyState).sentence()
    panel.set_samples(dataset())
    panel.refresh()
    assert "will be here" in child(panel, EmptyState).sentence()


def test_cells_and_accuracy_are_those_of_a_loop(filled: ConfusionPanel) -> None:
    counts = counted()
    assert cells(filled) == [[str(count) for count in row] for row in counts]
    right = sum(counts[name][name] for name in range(4))
    assert 0 < right < 300
    assert filled.headline.text() == f"{right} of 300 right ({100 * right / 300:.2f} %)"


def test_of_unbalanced_classes_it_says_the_balanced_accuracy(filled: ConfusionPanel) -> None:
    assert filled.headline.toolTip() == ""
    labels = np.repeat([0, 1, 2], [60, 30, 10])  # the fourth class has no test image
    filled.set_samples(Dataset(np.zeros((100, 1, 28, 28), dtype=np.uint8), labels, CLASSES))
    answers = np.eye(4)[np.where(labels == 1, 0, labels)]  # all of the second class are missed
    answers[0] = [0, 0, 0, 1]
    filled.set_outputs(answers)
    filled.refresh()
    # The mean of 59/60, 0 and 1 is 66.11 %.
    assert filled.headline.text() == "69.00 % right (balanced 66.11 %)"
    assert "69 of 100 right. Balanced accuracy is the mean" in in_words(filled.headline.toolTip())


def test_a_switch_shows_rates(filled: ConfusionPanel) -> None:
    QTest.mouseClick(filled.rates, Qt.MouseButton.LeftButton)
    for row, counts in zip(cells(filled), counted(), strict=True):
        for text, count in zip(row, counts, strict=True):
            assert float(text) == pytest.approx(100 * count / sum(counts), abs=0.51)
    filled.counts.setFocus()
    QTest.keyClick(filled.counts, Qt.Key.Key_Space)
    assert cells(filled)[0][0] == str(counted()[0][0])


def test_a_click_beside_the_cells_brings_the_focus(qtbot: QtBot, filled: ConfusionPanel) -> None:
    """What F11 enlarges is the panel with the focus, and a click on a cell leads elsewhere."""
    filled.activateWindow()
    qtbot.waitUntil(filled.isActiveWindow)
    QTest.mouseClick(filled.headline, Qt.MouseButton.LeftButton)
    assert filled.hasFocus()


def test_newer_outputs_are_drawn_by_refresh(filled: ConfusionPanel) -> None:
    before = cells(filled)
    filled.set_outputs(np.eye(4)[LABELS])
    assert filled.dirty
    assert cells(filled) == before
    filled.refresh()
    assert not filled.dirty
    assert filled.headline.text() == "300 of 300 right (100 %)"


def test_the_headline_says_of_which_epoch_it_is(filled: ConfusionPanel) -> None:
    assert filled.headline.checkpoint() == ""
    filled.set_outputs(OUTPUTS, 3.25)
    assert filled.headline.checkpoint() == ""
    filled.refresh()
    assert filled.headline.checkpoint() == "as of epoch 3.2"
    filled.set_samples(dataset())
    filled.set_outputs(OUTPUTS)
    filled.refresh()
    assert filled.headline.checkpoint() == ""


def test_a_chosen_cell_is_passed_on(qtbot: QtBot, filled: ConfusionPanel) -> None:
    rect = filled.table.visualRect(filled.table.cells.index(2, 1))
    with qtbot.waitSignal(filled.cell_chosen) as chosen:
        QTest.mouseClick(filled.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert chosen.args == [2, 1]


def test_the_focus_stays_on_its_cell_while_numbers_change(filled: ConfusionPanel) -> None:
    filled.table.setCurrentIndex(filled.table.cells.index(1, 2))
    filled.set_outputs(np.eye(4)[LABELS])
    filled.refresh()
    current = filled.table.currentIndex()
    assert (current.row(), current.column()) == (1, 2)


def test_scores_stand_in_the_rows_of_their_classes(filled: ConfusionPanel) -> None:
    counts, model = counted(), filled.scores.scores
    for row in range(4):
        recall = counts[row][row] / sum(counts[row])
        assert model.index(row, 1).data() == f"{int(recall * 1000) / 10:.1f}"
    heights = {filled.scores.rowHeight(row) for row in range(4)}
    assert heights == {filled.table.rowHeight(0)}


def test_without_a_network_nothing_is_claimed(filled: ConfusionPanel) -> None:
    filled.set_outputs(None)
    filled.refresh()
    assert "will be here" in child(filled, EmptyState).sentence()


def test_the_epoch_has_room_beside_many_digits_when_docked(
    qtbot: QtBot, panel: ConfusionPanel
) -> None:
    panel.resize(503, 312)
    labels = np.zeros(20_800, dtype=np.intp)
    panel.set_samples(Dataset(np.zeros((20_800, 1, 1, 1), dtype=np.uint8), labels, CLASSES))
    panel.set_outputs(np.tile([0.1, 0.9, 0, 0], (20_800, 1)))
    panel.refresh()
    QApplication.processEvents()
    without = panel.headline.grab().toImage()
    panel.set_outputs(np.tile([0.1, 0.9, 0, 0], (20_800, 1)), 123.4)
    panel.refresh()
    assert panel.headline.grab().toImage() != without


def test_without_data_it_says_what_to_do(panel: ConfusionPanel) -> None:
    panel.set_samples(None)
    panel.refresh()
    said = child(panel, EmptyState).sentence()
    assert said.endswith("will be here when there is data.\nChoose some in the training settings.")


def test_outputs_that_are_not_finite_are_counted_in_no_cell(panel: ConfusionPanel) -> None:
    counts, outputs = counted(), OUTPUTS.copy()
    outputs[0] = np.nan
    counts[int(LABELS[0])][int(OUTPUTS[0].argmax())] -= 1
    panel.set_samples(dataset())
    panel.set_outputs(outputs)
    panel.refresh()
    assert cells(panel) == [[str(count) for count in row] for row in counts]
    right = sum(counts[name][name] for name in range(4))
    share = f"{100 * right / 300:.2f} %"
    assert panel.headline.text() == f"{right} of 300 right ({share}, 1 not finite)"
    labels = np.repeat([0, 1], [90, 10])
    panel.set_samples(Dataset(np.zeros((100, 1, 28, 28), dtype=np.uint8), labels, CLASSES))
    few = np.eye(4)[labels]
    few[:5] = np.nan
    panel.set_outputs(few)
    panel.refresh()
    balanced = f"{100 * (85 / 90 + 1) / 2:.2f} %"
    assert panel.headline.text() == f"95.00 % right (balanced {balanced}, 5 not finite)"
    panel.set_samples(dataset())
    panel.set_outputs(np.full((300, 4), np.nan))
    panel.refresh()
    assert child(panel, EmptyState).sentence() == (
        "The outputs are not finite: nothing is predicted."
    )
