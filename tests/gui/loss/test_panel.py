"""The loss panel: its curves, those of a run that is looked at, and all of them in files."""

import csv
import io
import re
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolButton
from pytestqt.qtbot import QtBot

from engine.runs.store import RunStore
from engine.training.evaluation import Confusion, Evaluation
from engine.training.events import EpochDone
from engine.training.samples import problem_of
from gui.document.document import Document
from gui.loss.panel import NO_EPOCH, LossPanel, past_of
from gui.loss.runs import HEADER, KEPT, SMOOTHING, LossRun, table
from gui.widgets.curve_plot import BEST
from gui.widgets.empty_state import EmptyState
from gui.widgets.messages import MessageBar
from gui.workspace.context import Context
from tests.engine.runs.made_runs import made_run
from tests.gui.driving import Driver
from tests.gui.finding import child, named
from tests.gui.plots import points_of, spot
from tests.gui.showing import hover, on_screen


def epoch(
    number: int,
    loss: float = 0.0123,
    test_loss: float = 0.015,
    test_accuracy: float = 0.995,
    validation_accuracy: float | None = None,
) -> EpochDone:
    validation = None
    if validation_accuracy is not None:
        nothing = np.zeros((2, 2), np.int64)
        counts = Confusion(nothing), nothing.astype(float)
        validation = Evaluation(8, validation_accuracy, 1.0, *counts)
    told = number, 20, loss, 0.99, test_loss, test_accuracy, 5000.0, 1.0
    return EpochDone(*told, Evaluation.__new__(Evaluation), 0.1, 0.1, validation)


def add_batches(panel: LossPanel, times: list[float], losses: list[float]) -> None:
    panel.add_batches(np.array(times), np.array(losses))


def train(panel: LossPanel, *test_losses: float) -> None:
    """Let a run of so many epochs pass, two batches each."""
    panel.start_run()
    for number, test_loss in enumerate(test_losses, 1):
        add_batches(panel, [number - 0.5, number], [test_loss, test_loss])
        panel.add_epoch(epoch(number, test_loss=test_loss))
    panel.refresh()


def button(panel: LossPanel, name: str) -> QToolButton:
    return named(panel, QToolButton, name)


@pytest.fixture
def panel(context: Context, qtbot: QtBot) -> LossPanel:
    return on_screen(qtbot, LossPanel(context), 500, 420)


def labels(panel: LossPanel) -> list[str]:
    return [label.text for label in panel.curves.loss.right.labels]


def drawn(panel: LossPanel, name: str) -> list[list[float]]:
    panel.refresh()
    return list(points_of(panel, name))


def ring(panel: LossPanel) -> list[list[float]]:
    """Return where the ring is in the plot of the accuracy."""
    (item,) = (each for each in panel.curves.accuracy.listDataItems() if each.name() == BEST)
    return [[] if values is None else values.tolist() for values in (item.xData, item.yData)]


def test_what_is_told_is_drawn_by_refresh(panel: LossPanel) -> None:
    assert "Click Train" in child(panel, EmptyState).sentence()
    add_batches(panel, [0.5], [0.8])
    panel.start_run()  # one without an epoch is not kept
    panel.refresh()
    assert "Click Train" in child(panel, EmptyState).sentence()
    add_batches(panel, [0.5, 1.0, 1.5, 2.0], [0.8, 0.6, 0.5, 0.4])
    panel.refresh()
    assert panel.headline.text() == "No epoch finished yet"
    assert drawn(panel, "loss batch") == [[0.5, 1.0, 1.5, 2.0], [0.8, 0.6, 0.5, 0.4]]
    panel.add_epoch(epoch(1, loss=0.7))
    panel.add_epoch(epoch(2, loss=0.45))
    assert panel.dirty
    assert list(points_of(panel, "loss train")) == [[], []]
    panel.refresh()
    assert not panel.dirty
    assert child(panel, EmptyState).sentence() == ""
    assert drawn(panel, "loss train") == [[1, 2], [0.7, 0.45]]
    assert drawn(panel, "loss test") == [[1, 2], [0.015, 0.015]]
    assert drawn(panel, "accuracy train") == [[1, 2], [99, 99]]
    assert drawn(panel, "accuracy test") == [[1, 2], [99.5, 99.5]]
    assert panel.headline.text() == "epoch 2: loss 0.4500, test 0.01500, test accuracy 99.50 %"


def test_the_best_epoch_is_said_and_marked(panel: LossPanel) -> None:
    train(panel, np.nan, np.inf)
    assert (panel.best.text(), ring(panel)) == ("", [[], []])
    train(panel, 0.5, 0.2, np.nan, 0.3, 0.2)
    assert panel.best.text() == "○ best by test accuracy: 99.50 % in epoch 2"
    assert ring(panel) == [[2], [99.5]]
    train(panel, 0.4)
    assert panel.best.text() == "○ best by test accuracy: 99.50 % in epoch 1"
    panel.start_run()
    for number, (validated, tested) in enumerate([(0.5, 0.9), (0.75, 0.6), (0.625, 0.8)], 1):
        panel.add_epoch(epoch(number, test_accuracy=tested, validation_accuracy=validated))
    panel.refresh()
    assert panel.best.text() == "○ best by validation accuracy: 75.00 % in epoch 2"
    assert ring(panel) == [[2], [60]]


def test_the_smoothed_loss_lags_the_batches(panel: LossPanel) -> None:
    times = np.arange(1, 201) / 50
    panel.add_batches(times, np.where(times < 2, 1.0, 0.0))
    x, y = drawn(panel, "loss smoothed")
    assert x == times.tolist()
    assert y[:99] == pytest.approx([1.0] * 99)
    # A step down is followed by e^(-t / SMOOTHING).
    assert y[120] == pytest.approx(np.exp(-(x[120] - 1.98) / SMOOTHING), rel=0.01)
    panel.hide()  # what nobody sees takes the batches in too
    for number in range(1, 1001):
        add_batches(panel, [4 + number / 100], [1.0])
    assert drawn(panel, "loss smoothed")[0][-1] == 14


@pytest.mark.parametrize("portions", [1, 2])
def test_an_epoch_that_begins_again_has_a_gap(panel: LossPanel, portions: int) -> None:
    for times in np.array_split([1.25, 1.5, 1.25, 1.5], portions):
        panel.add_batches(times, times)
    for name in ("loss batch", "loss smoothed"):
        x, y = drawn(panel, name)
        assert x == [1.25, 1.5, 1.5, 1.25, 1.5]
        assert np.isnan(y).tolist() == [False, False, True, False, False]


def test_until_there_is_an_accuracy_the_loss_has_all_of_the_room(panel: LossPanel) -> None:
    panel.start_run()
    add_batches(panel, [0.25, 0.5], [2.0, 1.0])
    panel.refresh()
    loss, accuracy = panel.curves.plots
    assert not accuracy.isVisible()
    assert loss.height() == panel.curves.height()
    assert loss.bottom.isVisible(), "the batches are numbered"
    add_batches(panel, [1.0], [0.5])
    panel.add_epoch(epoch(1))
    panel.refresh()
    assert accuracy.isVisible()
    assert not loss.bottom.isVisible(), "below the accuracy they are"
    panel.resize(500, 120)
    assert not accuracy.isVisible(), "in a low panel"
    assert not loss.bottom.isVisible()
    assert loss.plot_area().bottom() > loss.height() - 16, "no room is left for the numbers"


def test_loss_and_accuracy_have_one_time(panel: LossPanel) -> None:
    train(panel, *[0.5] * 12)
    loss, accuracy = panel.curves.plots
    assert loss.plot_area().left() == accuracy.plot_area().left()
    assert loss.plot_area().right() == accuracy.plot_area().right()
    loss.view.setXRange(3, 6, padding=0)
    assert accuracy.view.viewRange()[0] == pytest.approx([3, 6])
    loss.fit()
    hover(loss.viewport(), spot(loss, 4, 0.4))
    for plot in (loss, accuracy):
        assert plot.view.viewRange()[0][1] > 12
        assert plot.accessibleDescription().startswith("epoch 4:")


def test_batches_of_the_first_epoch_are_counted(driver: Driver) -> None:
    panel = driver.find(LossPanel, "panel.loss")
    for _ in range(2):
        driver.run("step_batch", "Paused")
    driver.settle()
    plot = panel.curves.loss
    plot.read_at(2 / 200)
    assert plot.accessibleDescription().startswith("batch 2: loss batch")
    assert panel.curves.accuracy.bottom.scale == 200


def test_earlier_runs_keep_their_means_until_they_go_by_a_click(panel: LossPanel) -> None:
    clear = button(panel, "loss.clear_earlier")
    train(panel, 0.5, 0.4)
    assert not clear.isVisible()
    assert "earlier" not in labels(panel)
    panel.start_run()
    assert drawn(panel, "loss batch") == drawn(panel, "loss test") == [[], []]
    assert panel.headline.text() == "No epoch finished yet · pale: the run before"
    assert panel.best.text() == ""
    loss, accuracy = panel.curves.plots
    assert points_of(loss, "run 1") == ([1, 2], [0.5, 0.4])
    assert points_of(accuracy, "run 1") == ([1, 2], [99.5, 99.5])
    assert "earlier" in labels(panel)
    loss.read_at(2.0)
    assert loss.accessibleDescription() == "epoch 2: run 1 0.4000"
    assert accuracy.accessibleDescription() == "epoch 2: run 1 99.50 %"
    for _ in range(KEPT + 2):
        train(panel, 0.4)
    names = [item.opts["name"] for item in loss.listDataItems()]
    found = [name for name in names if name.startswith("run")]
    assert found == [f"run {number}" for number in range(3, KEPT + 3)], "only the last stay"
    QTest.mouseClick(clear, Qt.MouseButton.LeftButton)
    assert "earlier" not in labels(panel)
    assert not clear.isVisible()
    assert drawn(panel, "loss test") == [[1], [0.4]]
    train(panel, 0.4)
    panel.clear()
    panel.refresh()
    assert "Click Train" in child(panel, EmptyState).sentence()


# --- another problem, and back to an epoch --------------------------------------------------------


def pale(panel: LossPanel) -> dict[str, list[list[float]]]:
    panel.refresh()
    items = panel.curves.loss.listDataItems()
    names = [item.name() for item in items if str(item.name()).startswith("run ")]
    return {name: list(points_of(panel.curves.loss, name)) for name in names}


def test_another_problem_begins_a_new_axis_with_the_first_batch(
    context: Context, panel: LossPanel
) -> None:
    train(panel, 0.5, 0.4)
    panel.set_problem(("mnist", (0, 1, 2)))
    panel.refresh()
    assert "Click Train" in child(panel, EmptyState).sentence()
    assert (panel.headline.text(), panel.best.text()) == ("", "")
    panel.set_problem(problem_of(context.document.settings))  # by undo
    panel.refresh()
    assert child(panel, EmptyState).sentence() == ""
    assert panel.best.text() == "○ best by test accuracy: 99.50 % in epoch 2"
    panel.set_problem(("mnist", (0, 1, 2)))
    add_batches(panel, [2.5, 3.0], [1.9, 1.8])
    panel.add_epoch(epoch(3, test_loss=1.7, test_accuracy=0.4))
    assert drawn(panel, "loss batch") == [[2.5, 3.0], [1.9, 1.8]]
    assert drawn(panel, "loss test") == [[3], [1.7]]
    assert pale(panel) == {}
    assert panel.best.text() == "○ best by test accuracy: 40.00 % in epoch 3"


def test_of_a_run_that_goes_back_the_rest_is_pale(panel: LossPanel) -> None:
    train(panel, 0.5, 0.4, 2.0, 3.0)
    panel.note_run("first")
    assert not panel.go_back("other", 2)
    assert not panel.go_back("first", 5)
    assert panel.go_back("first", 2)
    assert drawn(panel, "loss test") == [[1, 2], [0.5, 0.4]]
    assert drawn(panel, "loss batch") == [[0.5, 1.0, 1.5, 2.0], [0.5, 0.5, 0.4, 0.4]]
    assert pale(panel) == {"run 1": [[1, 2, 3, 4], [0.5, 0.4, 2.0, 3.0]]}
    add_batches(panel, [2.5, 3.0], [0.35, 0.3])
    panel.add_epoch(epoch(3, test_loss=0.3))
    panel.note_run("second")
    assert drawn(panel, "loss test") == [[1, 2, 3], [0.5, 0.4, 0.3]]
    assert panel.go_back("first", 4), "undo"
    assert drawn(panel, "loss test") == [[1, 2, 3, 4], [0.5, 0.4, 2.0, 3.0]]
    assert list(pale(panel).values()) == [[[1, 2, 3], [0.5, 0.4, 0.3]]]
    assert panel.go_back("second", 3), "redo"
    assert drawn(panel, "loss test") == [[1, 2, 3], [0.5, 0.4, 0.3]]
    assert list(pale(panel).values()) == [[[1, 2, 3, 4], [0.5, 0.4, 2.0, 3.0]]]


def test_the_curve_is_of_the_present_run_and_problem(no_runs: Driver, tmp_path: Path) -> None:
    driver, document = no_runs, no_runs.window.document
    panel = driver.find(LossPanel, "panel.loss")
    driver.make_smaller()
    driver.type_into("setting.limit", "20")
    driver.type_into("setting.epochs", "3")
    driver.run("train", "Finished")
    driver.wait(lambda: drawn(panel, "loss test")[0] == [1, 2, 3])
    losses = drawn(panel, "loss test")[1]
    driver.wait(lambda: [run.state for run in RunStore().runs()] == ["finished"])
    (run,) = RunStore().runs()
    driver.window.edits.take_checkpoint(run.project_after(2), "Back to epoch 2")
    driver.settle()
    assert drawn(panel, "loss test") == [[1, 2], losses[:2]]
    assert list(pale(panel).values()) == [[[1, 2, 3], losses]]
    assert panel.headline.text() == "Weights after epoch 2 · pale: the run before"
    assert driver.window.files.save_path(tmp_path / "mine.layerscope")
    driver.choose("undo")
    driver.settle()
    assert drawn(panel, "loss test") == [[1, 2, 3], losses]
    driver.type_into("setting.classes", "3, 4")
    driver.settle()
    panel.refresh()
    assert "Click Train" in child(panel, EmptyState).sentence()
    driver.run("step_epoch", "Paused")
    driver.wait(lambda: drawn(panel, "loss test")[0] == [4])
    assert pale(panel) == {}
    assert "in epoch 4" in panel.best.text()
    assert driver.text("figure.epoch").startswith("4")
    driver.type_into("setting.classes", "5, 6")
    driver.settle()
    assert driver.text("figure.loss") == driver.text("figure.accuracy") == ""
    document.undo_stack.setClean()
    driver.open(tmp_path / "mine.layerscope")
    driver.wait(lambda: list(pale(panel).values()) == [[[1, 2, 3], losses]])
    assert drawn(panel, "loss test") == [[1, 2], losses[:2]]
    assert panel.headline.text() == "Weights after epoch 2 · pale: the run before"


# --- the table ------------------------------------------------------------------------


def test_the_table_has_a_row_a_batch_and_one_for_its_epoch() -> None:
    run = LossRun(2)
    run.add_batches(np.array([0.5, 1.0]), np.array([0.1, 0.2]))
    run.add_epoch(epoch(1, 0.3, 0.1, 0.75))
    run.add_batches(np.array([1.5]), np.array([np.inf]))
    rows = list(csv.reader(io.StringIO(table([run]).decode())))
    assert rows == [
        HEADER.split(","),
        ["2", "0.5", "0.1", "", "", "", ""],
        ["2", "1.0", "0.2", "", "", "", ""],
        ["2", "1.0", "", "0.3", "0.1", "0.99", "0.75"],
        ["2", "1.5", "inf", "", "", "", ""],
    ]


SOME = 0.5, 0.75, 0.625


def show_past(
    panel: LossPanel, *accuracies: float, at: int | None = None, epochs_before: int = 0
) -> None:
    """Show a run at one of its epochs, or at its last."""
    run = made_run("old", accuracies, epochs_before=epochs_before)
    panel.show_past(past_of(run, len(accuracies) if at is None else at))
    panel.refresh()


def show_present(panel: LossPanel) -> None:
    panel.show_past(None)
    panel.refresh()


def curves_of(panel: LossPanel) -> dict[str, tuple[list[float], list[float]]]:
    """Return the points of all curves that are in the panel, by their names."""
    plots = panel.findChildren(pg.PlotWidget)
    items = [item for plot in plots for item in plot.listDataItems() if item.name() != BEST]
    assert len({item.name() for item in items}) == len(items)
    return {
        item.name(): (item.xData.tolist(), item.yData.tolist())
        for item in items
        if item.xData is not None and len(item.xData)
    }


def marks_of(panel: LossPanel) -> list[float]:
    plots = panel.findChildren(pg.PlotWidget)
    lines = [item for plot in plots for item in plot.plotItem.items]
    found = (item for item in lines if isinstance(item, pg.InfiniteLine))
    return [item.value() for item in found if item.isVisible()]


def test_the_curves_are_those_of_the_run_with_a_line_at_the_moment(panel: LossPanel) -> None:
    train(panel, 0.5, 0.25)
    show_past(panel, *SOME, at=2, epochs_before=4)
    curves = curves_of(panel)
    for name in ("loss test", "loss train"):
        assert curves[name] == ([5.0, 6.0, 7.0], [0.5, 0.25, 0.375])
    assert curves["accuracy test"] == ([5.0, 6.0, 7.0], [50.0, 75.0, 62.5])
    assert "loss batch" not in curves
    assert marks_of(panel) == [6.0, 6.0]
    assert panel.headline.text().startswith("epoch 6: loss 0.25")
    assert "in epoch 6" in panel.best.text()
    (ring,) = (item for item in panel.shown_curves.accuracy.listDataItems() if item.name() == BEST)
    assert (ring.xData.tolist(), ring.yData.tolist()) == ([6.0], [75.0])
    show_past(panel, *SOME, at=0, epochs_before=3)
    assert panel.headline.text() == "the start of this run"
    assert marks_of(panel) == [3.0, 3.0]
    show_past(panel, *SOME, at=0)
    assert panel.headline.text() == "the start: not trained yet"
    for epochs in range(1, 4):  # it grows with the run
        show_past(panel, *SOME[:epochs])
        assert curves_of(panel)["accuracy test"][1] == [100 * share for share in SOME[:epochs]]
        assert marks_of(panel) == [epochs] * 2
    show_past(panel)
    assert child(panel, EmptyState).sentence() == NO_EPOCH
    assert not any(action.isEnabled() for action in panel.export.actions)
    show_present(panel)
    assert curves_of(panel)["loss test"] == ([1.0, 2.0], [0.5, 0.25])


def test_what_comes_of_the_present_meanwhile_is_there_afterwards(panel: LossPanel) -> None:
    """Table and logarithm are of what is shown."""
    train(panel, 0.75)
    train(panel, 0.5, 0.25)
    clear = button(panel, "loss.clear_earlier")
    assert clear.isVisible()
    show_past(panel, 0.5, 0.75, at=1)
    assert not clear.isVisible()
    rows = list(csv.DictReader(io.StringIO(panel._table().decode())))
    assert [(row["epoch"], row["test_loss"]) for row in rows] == [("1.0", "0.5"), ("2.0", "0.25")]
    add_batches(panel, [2.5, 3.0], [0.2, 0.2])
    panel.add_epoch(epoch(3, test_loss=0.125))
    assert not panel.dirty, "the past is not drawn again for it"
    panel.refresh()
    assert curves_of(panel)["loss test"] == ([1.0, 2.0], [0.5, 0.25])
    button(panel, "loss.log").click()
    assert [plot.log for plot in panel.findChildren(pg.PlotWidget)] == [True, False]
    panel.show_past(None)
    assert panel.dirty
    panel.refresh()
    assert clear.isVisible()
    clear.click()
    curves = curves_of(panel)
    assert curves["loss test"] == ([1.0, 2.0, 3.0], [0.5, 0.25, 0.125])
    assert curves["loss batch"][0] == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    assert marks_of(panel) == []
    assert panel.headline.text().startswith("epoch 3")
    assert [plot.log for plot in panel.findChildren(pg.PlotWidget)] == [True, False]
    QTest.keyClick(button(panel, "loss.log"), Qt.Key.Key_Space)
    assert not panel.curves.loss.log


def test_the_drawing_has_every_word(
    panel: LossPanel, document: Document, messages: MessageBar, tmp_path: Path
) -> None:
    panel.export.serve(document, messages)
    train(panel, 0.5, 0.4)
    train(panel, 0.3)
    assert panel.export.write(tmp_path / "a.svg")
    root = ElementTree.parse(tmp_path / "a.svg").getroot()
    texts = root.iter("{http://www.w3.org/2000/svg}text")
    words = [(element.text or "").strip() for element in texts]
    assert {"smoothed", "earlier", "epoch", "accuracy, %", "100"} <= set(words)
    assert f"{panel.headline.text()}; {panel.best.text()}" in " ".join(words), "in two lines"
    assert cut_off(root) == []


def cut_off(root: ElementTree.Element) -> list[str]:
    """Return the words of a drawing that begin outside of what is drawn of them."""
    svg = "{http://www.w3.org/2000/svg}"
    areas = {
        f"url(#{clip.get('id')})": np.array(
            re.findall(r"(-?[\d.e-]+),(-?[\d.e-]+)", clip[0].get("d", "")), float
        )
        for clip in root.iter(f"{svg}clipPath")
    }
    lost = []
    for clipped in root.iter(f"{svg}g"):
        area = areas.get(clipped.get("clip-path", ""))
        if area is None:
            continue
        for group in clipped:
            matrix = re.findall(r"-?[\d.e-]+", group.get("transform", "").partition("(")[2])
            for text in group.iter(f"{svg}text"):
                place = float(text.get("x", 0)), float(text.get("y", 0)), 1.0
                x, y = np.reshape(matrix, (3, 2)).astype(float).T @ place
                (left, top), (right, bottom) = area.min(axis=0), area.max(axis=0)
                if not (left - 1 <= x <= right + 1 and top - 1 <= y <= bottom + 1):
                    lost.append(text.text or "")
    return lost
