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
from tests.gui.finding import child
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


def test_it_says_what_will_be_here(panel: PredictionsPanel) -> None:
    assert "in the training settings" in child(panel, EmptyState).sentence()


def test_before_training_digits_have_question_marks(panel: PredictionsPanel) -> None:
    panel.set_samples(dataset())
    assert panel.dirty
    panel.refresh()
    assert not panel.dirty
    assert panel.headline.text() == "6 test images, not yet predicted"
    assert captions(panel)[:2] == ["3 → ?", "8 → ?"]


def test_the_headline_counts_what_is_right(predicted: PredictionsPanel) -> None:
    assert predicted.headline.text() == "4 of 6 right (66.67 %)"


def test_the_headline_counts_the_pinned_digit_as_the_newest_look_says_it(
    predicted: PredictionsPanel,
) -> None:
    predicted.set_pinned(1)
    sample = dataset()
    image = sample.images[1, 0] / 255
    predicted.show_snapshot(Snapshot(Sample.of(sample, 1), image, np.array([0.3, 0.6]), ()))
    predicted.pane.refresh()
    assert captions(predicted)[1] == "8  60 %"
    assert predicted.headline.text().startswith("5 of 6 right")


def test_the_headline_says_of_which_epoch_it_is(predicted: PredictionsPanel) -> None:
    assert predicted.headline.checkpoint() == ""
    predicted.set_outputs(OUTPUTS, 3.25)
    assert predicted.headline.checkpoint() == ""
    predicted.refresh()
    assert predicted.headline.checkpoint() == "as of epoch 3.2"
    predicted.set_samples(dataset())
    predicted.set_outputs(OUTPUTS)
    predicted.refresh()
    assert predicted.headline.checkpoint() == ""


def test_the_headline_separates_thousands(panel: PredictionsPanel) -> None:
    panel.set_samples(dataset([0] * 2000))
    outputs = np.tile([1.0, 0.0], (2000, 1))
    outputs[[5, 700]] = [0.0, 1.0]
    panel.set_outputs(outputs)
    panel.refresh()
    assert panel.headline.text() == "1,998 of 2,000 right (99.90 %)"


def test_a_narrow_panel_leaves_room_for_how_many_are_shown(predicted: PredictionsPanel) -> None:
    texts = []
    for width in (340, 700):
        predicted.resize(width, 300)
        predicted.show_confused(0, 1)
        QApplication.processEvents()
        texts.append(predicted.filters.emptied.text())
        assert predicted.filters.emptied.isVisible()
        assert predicted.headline.width() > predicted.fontMetrics().horizontalAdvance("9 sh")
    assert texts == ["when?", "when empty?"]


def test_outputs_are_drawn_by_refresh(predicted: PredictionsPanel) -> None:
    better = OUTPUTS.copy()
    better[4] = [0.75, 0.1]
    predicted.set_outputs(better)
    assert captions(predicted)[4] == "3 → 8  50 %"
    predicted.refresh()
    assert captions(predicted)[4] == "3  75 %"
    assert predicted.headline.text() == "5 of 6 right (83.33 %)"


@pytest.mark.parametrize(
    ("text", "samples"),
    [("all", [0, 1, 2, 3, 4, 5]), ("wrong", [1, 4]), ("right", [0, 2, 3, 5])],
)
def test_right_and_wrong_digits_are_shown_apart(
    predicted: PredictionsPanel, text: str, samples: list[int]
) -> None:
    choose(predicted, predicted.filters.verdict, text)
    assert shown(predicted) == samples


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


def test_escape_takes_the_filter_away(qtbot: QtBot, predicted: PredictionsPanel) -> None:
    predicted.activateWindow()
    qtbot.waitUntil(predicted.isActiveWindow)
    choose(predicted, predicted.filters.verdict, "right")
    predicted.grid.setFocus()
    QTest.keyClick(predicted.grid, Qt.Key.Key_Escape)
    assert shown(predicted) == [0, 1, 2, 3, 4, 5]


def test_the_hardest_come_first(predicted: PredictionsPanel) -> None:
    """The outputs for the true classes are 0.9, 0.2, 0.7, 0.6, 0.4 and 1."""
    choose(predicted, predicted.filters.order, "hardest")
    assert shown(predicted) == [1, 4, 3, 2, 0, 5]
    choose(predicted, predicted.filters.verdict, "right")
    assert shown(predicted) == [3, 2, 0, 5]


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


def test_blocks_that_do_not_fit_are_the_reason_why_nothing_is_predicted(
    predicted: PredictionsPanel,
) -> None:
    choose(predicted, predicted.filters.verdict, "wrong")
    for until, headline in (
        ("until block 5 fits", "No prediction until block 5 fits"),
        ("", "6 test images, not yet predicted"),
    ):
        predicted.set_outputs(None)
        predicted.set_obstacle(until)
        predicted.refresh()
        assert predicted.headline.text() == headline
        said = " ".join(state.sentence() for state in predicted.findChildren(EmptyState))
        asked = ("Red text says what to fix" in said, "Click Train" in said)
        assert asked == (bool(until), not until)


def test_the_filter_stays_with_new_samples(predicted: PredictionsPanel) -> None:
    choose(predicted, predicted.filters.true, "true: 8")
    predicted.set_samples(dataset([1, 1, 0]))
    predicted.refresh()
    assert predicted.filters.true.currentText() == "true: 8"
    assert shown(predicted) == [0, 1]


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


def test_the_bars_follow_the_outputs(predicted: PredictionsPanel) -> None:
    predicted.set_pinned(4)
    better = OUTPUTS.copy()
    better[4] = [0.75, 0.1]
    predicted.set_outputs(better)
    predicted.refresh()
    assert predicted.pane.sample.texts() == ("Test image 5", "a 3", "says 3", "75 % sure")
    assert bars(predicted) == ["▸✓ 3  0.750", "8  0.100"]
    predicted.set_outputs(None)
    predicted.refresh()
    assert predicted.pane.sample.texts() == ("Test image 5", "a 3", "no answer", "")
    assert bars(predicted) == []


def test_a_drawing_is_shown_in_the_place_of_the_pinned_digit(predicted: PredictionsPanel) -> None:
    image = np.zeros((28, 28))
    outputs = np.array([0.125, 0.75])
    sample = Sample(np.zeros((1, 28, 28), dtype=np.uint8), (3, 8))
    predicted.set_pinned(None)
    predicted.show_snapshot(Snapshot(sample, image, outputs, ()))
    assert predicted.pane.dirty
    predicted.pane.refresh()
    assert predicted.pane.sample.texts() == ("Your drawing", "", "says 8", "75 % sure")
    assert bars(predicted) == ["3  0.125", "▸ 8  0.750"]
    predicted.set_pinned(0)
    assert predicted.pane.sample.texts()[:2] == ("Test image 1", "a 3")


def test_ten_thousand_digits_are_laid_out_once(predicted: PredictionsPanel) -> None:
    """What is new every second is painted where it is in view; the list is not made again."""
    labels = np.arange(10_000) % 2
    predicted.set_samples(dataset(labels.tolist()))
    predicted.set_outputs(np.eye(2)[labels])
    predicted.refresh()
    resets: list[None] = []
    predicted.grid.samples.modelReset.connect(lambda: resets.append(None))
    choose(predicted, predicted.filters.order, "hardest")
    for seed in range(3):
        predicted.set_outputs(np.random.default_rng(seed).random((10_000, 2)))
        predicted.refresh()
    assert not resets
    assert len(shown(predicted)) == 10_000


def test_a_digit_is_pinned_from_outside_without_a_signal(
    qtbot: QtBot, panel: PredictionsPanel
) -> None:
    panel.set_samples(dataset([0] * 2000))
    with qtbot.assertNotEmitted(panel.sample_pinned):
        panel.set_pinned(1500)
    assert panel.grid.samples.pinned == 1500
    rect = panel.grid.visualRect(panel.grid.samples.index(1500))
    assert panel.grid.viewport().rect().contains(rect)


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
