"""The confusion matrix panel: its numbers against a plain loop, its switch, its cells."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.data.dataset import Dataset
from gui.confusion.panel import ConfusionPanel
from gui.widgets.empty_state import EmptyState
from gui.workspace.context import Context
from tests.gui.finding import child, in_words
from tests.gui.showing import activated, on_screen

DICE = np.random.default_rng(3)
LABELS = DICE.integers(0, 4, 300)
OUTPUTS = DICE.random((300, 4)) + 0.5 * np.eye(4)[LABELS]
CLASSES = (1, 3, 5, 9)


def dataset(labels: np.ndarray = LABELS) -> Dataset:
    return Dataset(np.zeros((len(labels), 1, 28, 28), dtype=np.uint8), labels, CLASSES)


@pytest.fixture
def panel(context: Context, qtbot: QtBot) -> ConfusionPanel:
    return on_screen(qtbot, ConfusionPanel(context), 500, 300)


@pytest.fixture
def filled(panel: ConfusionPanel) -> ConfusionPanel:
    panel.set_samples(dataset())
    return fill(panel, OUTPUTS)


def fill(
    panel: ConfusionPanel, outputs: np.ndarray | None, epoch: float | None = None
) -> ConfusionPanel:
    panel.set_outputs(outputs, epoch)
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


def test_cells_accuracy_and_scores_are_those_of_a_loop(filled: ConfusionPanel) -> None:
    counts = counted()
    assert cells(filled) == [[str(count) for count in row] for row in counts]
    right = sum(counts[name][name] for name in range(4))
    assert 0 < right < 300
    assert filled.headline.text() == f"{right} of 300 right ({100 * right / 300:.2f} %)"
    assert filled.headline.toolTip() == ""
    for row in range(4):
        recall = counts[row][row] / sum(counts[row])
        assert filled.table.cells.index(row, 5).data() == f"{100 * recall:.1f}"
    QTest.mouseClick(filled.rates, Qt.MouseButton.LeftButton)
    for shown, row_of in zip(cells(filled), counts, strict=True):
        for text, count in zip(shown, row_of, strict=True):
            assert float(text) == pytest.approx(100 * count / sum(row_of), abs=0.51)
    filled.counts.setFocus()
    QTest.keyClick(filled.counts, Qt.Key.Key_Space)
    assert cells(filled)[0][0] == str(counts[0][0])


def test_of_unbalanced_classes_it_says_the_balanced_accuracy(filled: ConfusionPanel) -> None:
    labels = np.repeat([0, 1, 2], [60, 30, 10])  # the fourth class has no test image
    filled.set_samples(dataset(labels))
    answers = np.eye(4)[np.where(labels == 1, 0, labels)]  # all of the second class are missed
    answers[0] = [0, 0, 0, 1]
    fill(filled, answers)
    # The mean of 59/60, 0 and 1 is 66.11 %.
    assert filled.headline.text() == "69.00 % right (balanced 66.11 %)"
    assert "69 of 100 right. Balanced accuracy is the mean" in in_words(filled.headline.toolTip())


def test_newer_outputs_are_drawn_and_a_click_leads_on(qtbot: QtBot, panel: ConfusionPanel) -> None:
    """What F11 enlarges is the panel with the focus, and a click on a cell leads elsewhere."""
    empty, table = child(panel, EmptyState), panel.table
    for samples in (dataset(), None):
        assert "will be here" in empty.sentence()
        panel.set_samples(samples)
        panel.refresh()
    missing = "will be here soon.\nWhile images are read, the view Data says how far that is."
    assert empty.sentence().endswith(missing)
    panel.set_samples(dataset())
    before = cells(fill(panel, OUTPUTS))
    table.setCurrentIndex(table.cells.index(1, 2))
    panel.set_outputs(np.eye(4)[LABELS], 3.25)
    assert panel.dirty
    assert cells(panel) == before
    assert panel.headline._checkpoint == ""
    panel.refresh()
    assert not panel.dirty
    assert panel.headline.text() == "300 of 300 right (100 %)"
    assert panel.headline._checkpoint == "as of epoch 3.2"
    current = table.currentIndex()
    assert (current.row(), current.column()) == (1, 2), "the focus stays on its cell"
    panel.set_samples(dataset())
    assert fill(panel, OUTPUTS).headline._checkpoint == ""
    activated(qtbot, panel)
    QTest.mouseClick(panel.headline, Qt.MouseButton.LeftButton)
    assert panel.hasFocus()
    at = table.visualRect(table.cells.index(2, 1)).center()
    with qtbot.waitSignal(panel.table.cell_chosen) as chosen:
        QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert chosen.args == [2, 1]
    fill(panel, None)
    assert "will be here" in empty.sentence(), "without a network nothing is claimed"


def test_outputs_that_are_not_finite_are_counted_in_no_cell(filled: ConfusionPanel) -> None:
    counts, outputs = counted(), OUTPUTS.copy()
    outputs[0] = np.nan
    counts[int(LABELS[0])][int(OUTPUTS[0].argmax())] -= 1
    fill(filled, outputs)
    assert cells(filled) == [[str(count) for count in row] for row in counts]
    right = sum(counts[name][name] for name in range(4))
    share = f"{100 * right / 300:.2f} %"
    assert filled.headline.text() == f"{right} of 300 right ({share}, 1 not finite)"
    labels = np.repeat([0, 1], [90, 10])
    filled.set_samples(dataset(labels))
    few = np.eye(4)[labels]
    few[:5] = np.nan
    fill(filled, few)
    balanced = f"{100 * (85 / 90 + 1) / 2:.2f} %"
    assert filled.headline.text() == f"95.00 % right (balanced {balanced}, 5 not finite)"
    filled.set_samples(dataset())
    fill(filled, np.full((300, 4), np.nan))
    said = child(filled, EmptyState).sentence()
    assert said == "The outputs are not finite: nothing is predicted."
