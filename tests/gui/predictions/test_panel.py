"""The predictions panel, alone and in the window: headline, filter, one pin, next mistakes."""

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot
from scipy.special import expit

from engine.data.dataset import Dataset
from engine.inspection.snapshot import Sample, Snapshot
from gui.confusion.panel import ConfusionPanel
from gui.draw.panel import DrawPanel
from gui.predictions.panel import PredictionsPanel
from gui.widgets.empty_state import EmptyState
from gui.widgets.pinned_sample import Thumbnail
from gui.workspace.context import Context
from tests.approved import assert_approved
from tests.correlation import correlate2d
from tests.gui.driving import Driver
from tests.gui.finding import child, not_none, row_texts
from tests.gui.hands import stroke
from tests.gui.reading import card_texts, output_texts, pinned_texts
from tests.gui.showing import activated, on_screen

# Six samples of the digits 3 and 8; two are told wrong: number 1 and number 4.
LABELS = [0, 1, 0, 1, 0, 1]
OUTPUTS = np.array([[0.9, 0.1], [0.8, 0.2], [0.7, 0.3], [0.1, 0.6], [0.4, 0.5], [0.0, 1.0]])
BETTER = OUTPUTS.copy()
BETTER[4] = 0.75, 0.1


def dataset(labels: list[int] = LABELS) -> Dataset:
    images = np.zeros((len(labels), 1, 28, 28), dtype=np.uint8)
    images[:, 0, 0, 0] = np.arange(len(labels))
    return Dataset(images, np.array(labels), (3, 8), "the test")


@pytest.fixture
def panel(context: Context, qtbot: QtBot) -> PredictionsPanel:
    return on_screen(qtbot, PredictionsPanel(context), 480, 330)


@pytest.fixture
def predicted(panel: PredictionsPanel) -> PredictionsPanel:
    panel.set_samples(dataset())
    return predict(panel, OUTPUTS)


def predict(panel: PredictionsPanel, outputs: np.ndarray | None) -> PredictionsPanel:
    panel.set_outputs(outputs)
    panel.refresh()
    return panel


def shown(panel: PredictionsPanel) -> list[int]:
    return [*map(int, row_texts(panel.grid.samples, Qt.ItemDataRole.UserRole))]


def said(panel: PredictionsPanel) -> str:
    return " ".join(state.sentence() for state in panel.findChildren(EmptyState))


def choose(panel: PredictionsPanel, box: QComboBox, text: str) -> list[int]:
    """Walk to a choice of the filter by keys, as a person would; return what is shown then."""
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(box.findText(text)):
        QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.currentText() == text
    return shown(panel)


def told(panel: PredictionsPanel) -> tuple[str, ...]:
    """Read name, class and answer of what is pinned, and what is written of the answer."""
    return card_texts(panel.pane.sample)


def press_next(panel: PredictionsPanel, step: int = 1) -> int | None:
    """Click the button of the next or the previous mistake, and say what is pinned then."""
    action = panel.mistake_actions[step > 0]
    button = next(b for b in panel.findChildren(QToolButton) if b.defaultAction() is action)
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    return panel.grid.samples.pinned


def test_outputs_are_captions_and_a_headline_once_they_are_drawn(panel: PredictionsPanel) -> None:
    assert "the view Data says" in child(panel, EmptyState).sentence()
    panel.set_samples(dataset())
    assert panel.dirty
    panel.refresh()
    assert not panel.dirty
    assert panel.headline.text() == "6 test images, not yet predicted"
    assert row_texts(panel.grid.samples)[:2] == ["3 → ?", "8 → ?"]
    predict(panel, OUTPUTS)
    assert panel.headline.text() == "4 of 6 right (66.67 %)"
    panel.set_outputs(BETTER, 3.25)
    assert row_texts(panel.grid.samples)[4] == "3 → 8  0.50"
    assert panel.headline._checkpoint == ""
    panel.refresh()
    assert row_texts(panel.grid.samples)[4] == "3  0.75"
    assert panel.headline.text() == "5 of 6 right (83.33 %)"
    assert panel.headline._checkpoint == "as of epoch 3.2"
    panel.set_pinned(1)
    newest = Sample.of(dataset(), 1)
    panel.show_snapshot(Snapshot(newest, newest.image[0] / 255, np.array([0.3, 0.6]), ()))
    panel.pane.refresh()
    assert row_texts(panel.grid.samples)[1] == "8  0.60"
    assert panel.headline.text().startswith("6 of 6 right"), "as the newest look has it"
    panel.set_samples(dataset([0] * 2000))
    outputs = np.tile([1.0, 0.0], (2000, 1))
    outputs[[5, 700]] = [0.0, 1.0]
    predict(panel, outputs)
    assert panel.headline.text() == "1,998 of 2,000 right (99.90 %)"
    assert panel.headline._checkpoint == ""


def test_conditions_are_combined_and_cleared(qtbot: QtBot, predicted: PredictionsPanel) -> None:
    filters = predicted.filters
    assert choose(predicted, filters.true, "true: 3") == [0, 2, 4]
    assert choose(predicted, filters.predicted, "predicted: 3") == [0, 2]
    assert predicted.headline.text() == "2 shown (of 6)"
    QTest.mouseClick(filters.clear, Qt.MouseButton.LeftButton)
    assert shown(predicted) == [0, 1, 2, 3, 4, 5]
    activated(qtbot, predicted)
    assert choose(predicted, filters.verdict, "right") == [0, 2, 3, 5]
    assert choose(predicted, filters.true, "true: 8") == [3, 5]
    predicted.show_confused(1, 0)
    assert shown(predicted) == [1]
    assert (filters.true.currentText(), filters.predicted.currentText()) == (
        "true: 8",
        "predicted: 3",
    )
    assert not filters.clear.isHidden()
    predicted.grid.setFocus()
    QTest.keyClick(predicted.grid, Qt.Key.Key_Escape)
    assert shown(predicted) == [0, 1, 2, 3, 4, 5]
    # The outputs for the true classes are 0.9, 0.2, 0.7, 0.6, 0.4 and 1.
    assert choose(predicted, filters.order, "hardest") == [1, 4, 3, 2, 0, 5]
    assert choose(predicted, filters.verdict, "right") == [3, 2, 0, 5]


def test_the_filter_follows_outputs_and_samples(predicted: PredictionsPanel) -> None:
    verdict = predicted.filters.verdict
    assert choose(predicted, verdict, "wrong") == [1, 4]
    assert shown(predict(predicted, OUTPUTS[:, ::-1].copy())) == [0, 2, 3, 5]
    predict(predicted, np.eye(2)[LABELS])
    assert "No image comes through the filter." in said(predicted)
    assert predicted.headline.text() == "0 shown (of 6)"
    for until, headline in (
        ("until block 5 fits", "No prediction until block 5 fits"),
        ("", "6 test images, not yet predicted"),
    ):
        predicted.set_obstacle(until)
        predict(predicted, None)
        assert predicted.headline.text() == headline
        asked = ("The list of blocks says" in said(predicted), "Click Train" in said(predicted))
        assert asked == (bool(until), not until)
    choose(predicted, verdict, "all")
    choose(predicted, predicted.filters.true, "true: 8")
    predicted.set_samples(dataset([1, 1, 0]))
    predicted.refresh()
    assert predicted.filters.true.currentText() == "true: 8"
    assert shown(predicted) == [0, 1]


def test_a_click_pins_and_the_pane_follows_outputs_and_drawings(
    qtbot: QtBot, predicted: PredictionsPanel
) -> None:
    choose(predicted, predicted.filters.verdict, "wrong")
    pane, rect = predicted.pane, predicted.grid.visualRect(predicted.grid.samples.index(1))
    with qtbot.waitSignal(predicted.sample_pinned) as pinned:
        QTest.mouseClick(predicted.grid.viewport(), Qt.MouseButton.LeftButton, pos=rect.center())
    assert pinned.args == [4]
    assert predicted.grid.samples.pinned == 4
    assert told(predicted) == ("Test image 5", "a 3", "8", "✗ wrong, 0.50")
    assert output_texts(pane.bars) == ["✓ 3  0.400", "✗ 8  0.500"]
    predict(predicted, BETTER)
    assert told(predicted) == ("Test image 5", "a 3", "3", "✓ right, 0.75")
    pane.sample._verdict.resize(60, 20)
    assert pane.sample._verdict.written() == "✓ right", "no number is cut where it is narrow"
    assert output_texts(pane.bars) == ["▸✓ 3  0.750", "8  0.100"]
    predict(predicted, None)
    assert told(predicted) == ("Test image 5", "a 3", "", "no answer yet")
    assert output_texts(pane.bars) == []
    sample = Sample(np.zeros((1, 28, 28), dtype=np.uint8), (3, 8))
    predicted.set_pinned(None)
    predicted.show_snapshot(Snapshot(sample, np.zeros((28, 28)), np.array([0.125, 0.75]), ()))
    assert pane.dirty
    pane.refresh()
    assert told(predicted) == ("Your drawing", "", "8", "output 0.75")
    assert output_texts(pane.bars) == ["3  0.125", "▸ 8  0.750"]
    predicted.set_pinned(0)
    assert card_texts(pane.sample)[:2] == ("Test image 1", "a 3")


def test_many_digits_are_laid_out_once(predicted: PredictionsPanel) -> None:
    """What is new every second is painted where it is in view; the list is not made again."""
    labels = np.arange(1_000) % 2
    predicted.set_samples(dataset(labels.tolist()))
    predict(predicted, np.eye(2)[labels])
    resets: list[None] = []
    predicted.grid.samples.modelReset.connect(lambda: resets.append(None))
    choose(predicted, predicted.filters.order, "hardest")
    for seed in range(3):
        predict(predicted, np.random.default_rng(seed).random((1_000, 2)))
    assert not resets
    assert len(shown(predicted)) == 1_000


def test_the_pinned_digit_is_always_in_view(qtbot: QtBot, panel: PredictionsPanel) -> None:
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
    with qtbot.assertNotEmitted(panel.sample_pinned):
        panel.set_pinned(1500)
    assert panel.grid.samples.pinned == 1500
    rect = panel.grid.visualRect(panel.grid.samples.index(1500))
    assert panel.grid.viewport().rect().contains(rect)
    panel.hide()
    assert panel.in_view().tolist() == []


def test_nothing_of_the_pinned_digit_is_cut(panel: PredictionsPanel) -> None:
    """The longest words, of a digit far behind and of classes with two figures, have room."""
    count = 12_346
    images = np.zeros((count, 1, 28, 28), dtype=np.uint8)
    labels = np.arange(count) % 26
    panel.set_samples(Dataset(images, labels, tuple(range(1, 27)), "the test"))
    panel.set_outputs(np.roll(np.eye(26), 1, axis=1)[labels])
    panel.set_pinned(12_345)
    for size in ((503, 312), (1590, 960)):
        panel.resize(*size)
        QApplication.processEvents()
        assert told(panel) == ("Test image 12,346", "a 22", "23", "✗ wrong, 1.00")
        seen = [label for label in panel.pane.findChildren(QLabel) if label.isVisible()]
        assert {label.text() for label in seen} >= {"Test image 12,346 · a 22", "It says", "23"}
        for label in seen:
            assert label.fontMetrics().horizontalAdvance(label.text()) <= label.width()


def test_outputs_that_are_not_finite_are_neither_right_nor_wrong(
    qtbot: QtBot, predicted: PredictionsPanel
) -> None:
    filters, pane, sample = predicted.filters, predicted.pane, Sample.of(dataset(), 1)
    states = list[str]()

    def note(title: str) -> None:
        states.extend([f"# {title}", predicted.headline.text(), predicted.note.text()])
        states.extend([*row_texts(predicted.grid.samples), said(predicted).strip() or "–"])

    predicted.set_pinned(1)
    for value in (np.nan, np.inf):
        predicted.show_snapshot(Snapshot(sample, np.zeros((1, 28, 28)), np.full(2, value), ()))
        pane.refresh()
        assert told(predicted)[-2:] == ("", "output not finite")
        assert not any("▸" in bar for bar in output_texts(pane.bars))
        note(f"{value} in the newest look at the second image")
    outputs = OUTPUTS.copy()
    outputs[0], outputs[1] = np.nan, np.inf  # one that was right, and one that was wrong
    predict(predicted, outputs)
    note("of the first two images")
    for verdict in ("wrong", "right", "all"):
        choose(predicted, filters.verdict, verdict)
        note(f"of the first two images: {verdict}")
    predict(predicted, np.full_like(OUTPUTS, np.nan))
    predicted.go_to_mistake(1)
    note("of all images")
    assert "the outputs are not finite" in predicted.grid.samples.sentence(0)
    assert predicted.as_csv().decode().splitlines()[1].split(",")[2:4] == ["3", ""]
    for verdict in ("wrong", "right"):
        choose(predicted, filters.verdict, verdict)
        note(f"of all images: {verdict}")
    assert_approved("not_finite.txt", "\n".join(states) + "\n")


# --- mistakes -----------------------------------------------------------------------------------


def test_next_mistake_goes_through_all_in_the_order_and_the_filter(
    qtbot: QtBot, context: Context, predicted: PredictionsPanel
) -> None:
    filters, said = predicted.filters, context.messages.text
    predicted.set_pinned(0)
    assert predicted.note.text() == "2 mistakes"
    with qtbot.waitSignal(predicted.sample_pinned) as pinned:
        press_next(predicted)
    assert pinned.args == [predicted.grid.samples.pinned] == [1]
    assert predicted.note.text() == "mistake 1 of 2"
    for step, found, note in (
        (1, 4, "mistake 2 of 2"),
        (1, 1, "mistake 1 of 2"),
        (-1, 4, "mistake 2 of 2"),
        (-1, 1, "mistake 1 of 2"),
    ):
        assert press_next(predicted, step) == found
        assert predicted.note.text() == note
    choose(predicted, filters.verdict, "wrong")
    predicted.set_pinned(2)  # which the filter hides
    assert press_next(predicted) == 1
    choose(predicted, filters.order, "hardest")
    for step, found in ((1, 1), (-1, 4)):
        predicted.set_pinned(3)  # which the filter hides, too
        assert press_next(predicted, step) == found
    choose(predicted, filters.verdict, "all")
    predict(predicted, 1 - OUTPUTS)  # 0, 2, 3 and 5 are wrong now
    predicted.set_pinned(5)
    assert [press_next(predicted) for _ in range(4)] == [0, 2, 3, 5]
    choose(predicted, filters.verdict, "right")
    assert predicted.note.text() == "no mistake here", "there are some that are not shown"
    assert press_next(predicted) == 5
    assert said.text() == "Test images: no mistake here."
    predicted.set_outputs(None)
    press_next(predicted)
    assert said.text() == "Test images: not predicted."


LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with the notebook's network opened anew, and digits in order."""
    new_project.pick("predictions.order", "in order")
    return new_project


def digits_of(driver: Driver) -> PredictionsPanel:
    return driver.window.panels.predictions


def draw_of(driver: Driver) -> DrawPanel:
    return driver.find(DrawPanel, "panel.draw")


def outputs_of(image: NDArray[np.uint8], weights: dict[str, NDArray[np.float32]]) -> list[float]:
    """Run an image (28, 28) through the notebook's network, by scipy."""
    kernels, bias = weights["0.conv.weight"][:, 0], weights["0.conv.bias"]
    maps = [
        expit(correlate2d(image / 255, kernel) + offset)
        for kernel, offset in zip(kernels, bias, strict=True)
    ]
    hidden = expit(weights["3.dense.weight"] @ np.ravel(maps) + weights["3.dense.bias"])
    found: list[float] = expit(
        weights["5.dense.weight"] @ hidden + weights["5.dense.bias"]
    ).tolist()
    return found


def bars(driver: Driver, panel: str) -> list[float]:
    """Read the numbers beside the bars."""
    shown = draw_of(driver).bars if panel == "draw" else digits_of(driver).pane.bars
    return [float(row.split("  ")[-1].replace("−", "-")) for row in output_texts(shown)]


def test_after_a_change_gradients_kernels_and_drawing_speak_of_no_step(driver: Driver) -> None:
    weights, drawing = driver.window.panels.weights, driver.window.panels.drawing
    stage = driver.window.stage
    driver.make_smaller()
    driver.type_into("setting.limit", "20")
    driver.run("step_epoch", "Paused")
    stage.show_panel("Kernels")
    driver.wait(lambda: weights.kernels.legend.text().endswith("as of epoch 1"))
    stage.show_panel("Gradients")
    driver.wait(lambda: weights.gradients.headline.text().startswith("Gradients reach"))
    when = driver.find(QLabel, "gradients.when")
    driver.wait(lambda: when.text() == "at epoch 1")
    stage.show_panel("What it sees")
    driver.settle()
    assert drawing.canvas.gradients
    stage.show_panel("Kernels")
    driver.window.edits.add("relu", 5)
    driver.wait(lambda: weights.kernels.legend.text().endswith("changed, not trained"))
    stage.show_panel("Gradients")
    driver.wait(lambda: weights.gradients.headline.text().startswith("Curves are from before your"))
    driver.wait(lambda: when.text() == "changed, not trained")
    stage.show_panel("What it sees")
    driver.settle()
    assert not drawing.canvas.gradients
    stage.reset()


def open_draw(driver: Driver) -> None:
    driver.window.stage.show_panel("Draw")
    driver.wait(draw_of(driver).isVisible)


def test_bars_of_a_digit_and_a_drawing_are_those_of_scipy_and_shares_are_percent(
    driver: Driver, tmp_path: Path
) -> None:
    driver.make_smaller()
    driver.run("step_batch", "Paused")
    driver.wait_for_panels()
    weights = driver.weights(tmp_path)
    driver.click_digit(5)
    expected = outputs_of(not_none(driver.window.session.samples).images[5, 0], weights)
    assert np.abs(np.array(bars(driver, "predictions")) - expected).max() < 6e-4
    pane = digits_of(driver).pane
    driver.wait(lambda: pane.sample._verdict.text().startswith(("✓ right, 0.", "✗ wrong, 0.")))

    open_draw(driver)
    stroke(draw_of(driver).canvas, (0.5, 0.2), (0.45, 0.5), (0.4, 0.8))
    driver.settle()
    seen = draw_of(driver).seen._shown
    assert seen.shape == (1, 28, 28)
    assert seen.max() == 255
    expected = outputs_of(seen[0], weights)
    assert np.abs(np.array(bars(driver, "draw")) - expected).max() < 6e-4
    assert pinned_texts(driver.maps.sample)[0] == "Your drawing"

    driver.choose("stop")
    driver.window.stage.show_panel("Test image")
    driver.click_digit(5)
    driver.window.edits.add("softmax", len(driver.window.document.stack.slots))
    driver.settle()
    driver.wait(lambda: pane.sample._verdict.text().endswith(" % sure"))
    said = pane.sample._verdict.text().split()[2]
    assert float(said) == pytest.approx(100 * max(bars(driver, "predictions")), abs=0.06)


def test_a_drawing_is_pinned_until_a_digit_is_clicked_again_on_return_and_undone_by_itself(
    driver: Driver,
) -> None:
    driver.select(0)
    driver.type_into("option.depth", "4")
    rows = driver.rows()
    open_draw(driver)
    stroke(draw_of(driver).canvas, (0.5, 0.2), (0.5, 0.8))
    driver.wait(lambda: pinned_texts(driver.maps.sample)[0] == "Your drawing")
    assert driver.pinned() is None
    driver.window.stage.show_panel("Test image")
    pane = digits_of(driver).pane
    driver.wait(lambda: pane.isVisible() and card_texts(pane.sample)[0] == "Your drawing")
    driver.click_digit(2)
    assert driver.pinned() == 2
    driver.wait(lambda: pinned_texts(driver.maps.sample)[0].startswith("Test image 3"))
    before = draw_of(driver).canvas.ink()
    open_draw(driver)  # the focus goes there, too
    driver.wait(lambda: pinned_texts(driver.maps.sample)[0] == "Your drawing")
    assert (draw_of(driver).canvas.ink() == before).all()
    assert driver.pinned() is None
    for _ in range(2):  # which undo nothing of the network
        driver.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    canvas = draw_of(driver).canvas
    assert canvas.is_empty()
    driver.press(Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert not canvas.is_empty()
    assert driver.rows() == rows
    driver.blocks.setFocus()
    driver.press(Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert driver.rows() != rows


def test_the_feature_maps_follow_a_stroke_while_it_trains(driver: Driver) -> None:
    driver.make_smaller()
    open_draw(driver)
    driver.click("train")
    driver.wait_for("Training", "Finished")
    stroke(draw_of(driver).canvas, (0.3, 0.2), (0.3, 0.8))
    driver.wait(lambda: pinned_texts(driver.maps.sample)[0] == "Your drawing")
    driver.wait(lambda: len(bars(driver, "draw")) == 2)
    driver.stop()
    stroke(draw_of(driver).canvas, (0.2, 0.5), (0.8, 0.5))
    driver.settle()
    drawn = draw_of(driver).seen._shown
    assert driver.window.session.store.state.data.pinned is None
    assert np.ptp(np.flatnonzero(drawn[0].any(axis=0))) >= 18  # the second stroke is in it
    assert (child(driver.maps.sample, Thumbnail)._shown == drawn).all()


def test_a_cell_of_the_matrix_shows_its_digits(driver: Driver) -> None:
    """The untrained network confuses; the counts are those of the captions."""
    captions = driver.captions()
    driver.window.stage.show_panel("Confusion matrix")
    digits, confusion = digits_of(driver), driver.find(ConfusionPanel, "panel.confusion")
    driver.wait(lambda: confusion.isVisible() and not confusion.dirty)
    table = confusion.table
    pairs = [caption.split("  ")[0].split(" → ") for caption in captions]
    true, predicted = next(pair for pair in pairs if len(pair) == 2)
    cell = table.cells.index(int(true), int(predicted))
    count = sum(pair == [true, predicted] for pair in pairs)
    assert cell.data() == f"{count:,}"
    table.setFocus()
    table.setCurrentIndex(cell)
    QTest.keyClick(table, Qt.Key.Key_Return)
    driver.wait(digits.isVisible)
    shown = driver.captions()
    assert len(shown) == count
    assert all(caption.startswith(f"{true} → {predicted}  ") for caption in shown)
    assert digits.grid.hasFocus()
    digits.filters.clear.click()
    assert len(driver.captions()) == len(captions)


def test_n_goes_to_the_next_mistake_and_another_project_forgets_the_filter(driver: Driver) -> None:
    wrong = [row for row, caption in enumerate(driver.captions()) if "→" in caption]
    driver.click_digit(wrong[0])
    for position, name in enumerate(("setting.epochs", "setting.learning_rate"), start=1):
        driver.find(QWidget, name).setFocus()
        driver.press(Qt.Key.Key_N)
        assert driver.pinned() == wrong[position]
    driver.pick("predictions.filter", "right")
    driver.window.stage.show_panel("Draw")
    predictions = digits_of(driver)
    driver.wait(lambda: not predictions.isVisible())
    driver.choose("next_mistake")
    assert predictions.note.text() == "no mistake here"
    assert driver.message() == "Test images: no mistake here."
    driver.pick("predictions.filter", "wrong")
    driver.pick("predictions.true", "true: 1")
    driver.pick("predictions.order", "hardest")
    assert len(driver.captions()) < 409
    driver.choose("new")  # another project is shown without the filter
    driver.wait_for_panels()
    assert len(driver.captions()) == 409
    wanted = predictions.filters.filter()
    assert (wanted.verdict, wanted.true, wanted.hardest_first) == ("all", None, True)


def test_beside_a_training_the_digits_in_view_are_asked_for_more_often(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = list[list[int]]()
    monkeypatch.setattr(driver.window.view, "watch", lambda rows: watched.append(rows.tolist()))
    grid = digits_of(driver).grid
    grid.verticalScrollBar().setValue(grid.verticalScrollBar().maximum() // 2)
    driver.run("step_batch", "Paused")
    driver.run("step_batch", "Paused")
    assert watched == [digits_of(driver).in_view().tolist()], "once, for nothing has moved"
    assert watched[0][0] == driver.pinned()
    assert 1 < len(watched[0]) < 200
