"""The predictions panel: headline, filter, pinning."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from engine.data.dataset import Dataset
from engine.inspection.snapshot import Sample, Snapshot
from gui.panels.predictions import PredictionsPanel
from gui.widgets.empty_state import EmptyState
from tests.gui.panels.predicted_digits import LABELS, OUTPUTS, choose, dataset, shown
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


def captions(panel: PredictionsPanel) -> list[str]:
    model = panel.grid.samples
    return [model.data(model.index(row)) for row in range(model.rowCount())]


def bars(panel: PredictionsPanel) -> list[str]:
    return panel.pane.bars.texts()


def test_it_has_its_names(panel: PredictionsPanel) -> None:
    assert panel.objectName() == "panel.predictions"
    assert panel.accessibleName() == "Predictions"
    assert panel.minimumHeight() <= 280


def test_the_headline_says_of_which_epoch_it_is(predicted: PredictionsPanel) -> None:
    assert predicted.headline.moment() == ""
    predicted.set_outputs(OUTPUTS, 3.25)
    assert predicted.headline.moment() == ""
    predicted.refresh()
    assert predicted.headline.moment() == "as of epoch 3.2"
    predicted.set_samples(dataset())
    predicted.set_outputs(OUTPUTS)
    predicted.refresh()
    assert predicted.headline.moment() == ""


def test_conditions_are_combined_and_taken_away_together(predicted: PredictionsPanel) -> None:
    filters = predicted.filters
    choose(predicted, filters.true, "true: 3")
    assert shown(predicted) == [0, 2, 4]
    choose(predicted, filters.predicted, "predicted: 3")
    assert shown(predicted) == [0, 2]
    filters.least.setFocus()
    filters.least.selectAll()
    QTest.keyClicks(filters.least, "75")
    QTest.keyClick(filters.least, Qt.Key.Key_Return)
    assert shown(predicted) == [0]
    assert predicted.headline.text() == "1 shown (of 6)"
    QTest.mouseClick(filters.clear, Qt.MouseButton.LeftButton)
    assert shown(predicted) == [0, 1, 2, 3, 4, 5]


def test_the_filter_follows_the_outputs(predicted: PredictionsPanel) -> None:
    choose(predicted, predicted.filters.verdict, "wrong")
    predicted.set_outputs(OUTPUTS[:, ::-1].copy())
    predicted.refresh()
    assert shown(predicted) == [0, 2, 3, 5]


def test_no_wrong_digit_is_said_in_words(predicted: PredictionsPanel) -> None:
    choose(predicted, predicted.filters.verdict, "wrong")
    predicted.set_outputs(np.eye(2)[LABELS])
    predicted.refresh()
    said = [state.sentence() for state in predicted.findChildren(EmptyState)]
    assert "No image is wrong." in said
    assert predicted.headline.text() == "0 shown (of 6)"


def test_a_cell_of_the_confusion_matrix_is_shown(predicted: PredictionsPanel) -> None:
    choose(predicted, predicted.filters.verdict, "right")
    predicted.show_confused(1, 0)
    assert shown(predicted) == [1]
    assert predicted.filters.true.currentText() == "true: 8"
    assert predicted.filters.predicted.currentText() == "predicted: 3"
    assert not predicted.filters.clear.isHidden()


def test_a_click_pins(qtbot: QtBot, predicted: PredictionsPanel) -> None:
    choose(predicted, predicted.filters.verdict, "wrong")
    rect = predicted.grid.visualRect(predicted.grid.samples.index(1))
    with qtbot.waitSignal(predicted.sample_pinned) as pinned:
        QTest.mouseClick(predicted.grid.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert pinned.args == [4]
    assert predicted.grid.samples.pinned == 4
    assert predicted.pane.sample.texts() == ("Test image 5", "a 3", "✗ says 8", "50 % sure")
    assert bars(predicted) == ["✓ 3  0.400", "▸ 8  0.500"]


@pytest.mark.parametrize("size", [(503, 312), (760, 460), (1590, 960)])
def test_nothing_of_the_pinned_digit_is_cut(panel: PredictionsPanel, size: tuple[int, int]) -> None:
    """The longest words, of a digit far behind and of classes with two figures, have room."""
    count = 12_346
    images = np.zeros((count, 1, 28, 28), dtype=np.uint8)
    labels = np.arange(count) % 26
    panel.set_samples(Dataset(images, labels, tuple(range(1, 27)), "the test"))
    panel.set_outputs(np.roll(np.eye(26), 1, axis=1)[labels])
    panel.resize(*size)
    panel.set_pinned(12_345)
    QApplication.processEvents()
    assert panel.pane.sample.texts() == ("Test image 12,346", "a 22", "✗ says 23", "100 % sure")
    labels_of_pane = [label for label in panel.pane.findChildren(QLabel) if label.text()]
    assert len(labels_of_pane) == 5
    for label in labels_of_pane:
        assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width(), label.text()


def test_the_pinned_digit_is_in_view_wherever_the_grid_is(panel: PredictionsPanel) -> None:
    panel.set_samples(dataset([0, 1] * 1000))
    panel.refresh()
    QApplication.processEvents()
    first = panel.in_view().tolist()
    assert first == list(range(len(first)))
    assert 0 < len(first) < 200
    panel.set_pinned(0)
    panel.grid.verticalScrollBar().setValue(10_000)
    later = panel.in_view().tolist()
    assert later[0] == 0
    assert later[1] > len(first)
    panel.hide()
    assert panel.in_view().tolist() == []


def test_outputs_that_are_not_finite_are_neither_right_nor_wrong(
    qtbot: QtBot, predicted: PredictionsPanel
) -> None:
    predicted.set_outputs(np.full_like(OUTPUTS, np.nan))
    predicted.refresh()
    assert predicted.headline.text() == "nothing predicted (outputs not finite)"
    assert predicted.note.text() == "not predicted"
    assert shown(predicted) == [0, 1, 2, 3, 4, 5]
    assert captions(predicted)[:2] == ["3 → ?", "8 → ?"]
    assert "the outputs are not finite" in predicted.grid.samples.sentence(0)
    with qtbot.waitSignal(predicted.nothing_found):
        predicted.go_to_mistake(1)
    assert predicted.note.text() == "not predicted"
    assert predicted.as_csv().decode().splitlines()[1].split(",")[2:4] == ["3", ""]
    for verdict in ("wrong", "right"):
        choose(predicted, predicted.filters.verdict, verdict)
        assert shown(predicted) == []
        said = [state.sentence() for state in predicted.findChildren(EmptyState)]
        assert "The outputs are not finite: nothing is predicted." in said


def test_of_few_outputs_that_are_not_finite_the_headline_says_how_many(
    predicted: PredictionsPanel,
) -> None:
    outputs = OUTPUTS.copy()
    outputs[0], outputs[1] = np.nan, np.inf  # one that was right, and one that was wrong
    predicted.set_outputs(outputs)
    predicted.refresh()
    assert predicted.headline.text() == "3 of 6 right (50.00 %, 2 not finite)"
    assert predicted.note.text() == "1 mistake"
    choose(predicted, predicted.filters.verdict, "wrong")
    assert shown(predicted) == [4]
    choose(predicted, predicted.filters.verdict, "right")
    assert shown(predicted) == [2, 3, 5]
    choose(predicted, predicted.filters.verdict, "all")
    predicted.filters.least.setValue(1)
    assert shown(predicted) == [2, 3, 4, 5]


def test_a_pinned_image_whose_outputs_are_not_finite_has_no_answer(
    predicted: PredictionsPanel,
) -> None:
    predicted.set_pinned(1)
    sample = Sample.of(dataset(), 1)
    for value in (np.nan, np.inf):
        predicted.show_snapshot(Snapshot(sample, np.zeros((1, 28, 28)), np.full(2, value), ()))
        predicted.pane.refresh()
        assert predicted.pane.sample.texts()[-2:] == ("no answer", "outputs not finite")
        assert captions(predicted)[1] == "8 → ?"
        assert not any("▸" in bar for bar in bars(predicted))
    assert predicted.headline.text() == "4 of 6 right (66.67 %, 1 not finite)"
