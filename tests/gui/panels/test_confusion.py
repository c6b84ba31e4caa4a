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


def test_a_chosen_cell_is_passed_on(qtbot: QtBot, filled: ConfusionPanel) -> None:
    rect = filled.table.visualRect(filled.table.cells.index(2, 1))
    with qtbot.waitSignal(filled.cell_chosen) as chosen:
        QTest.mouseClick(filled.table.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert chosen.args == [2, 1]


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
