"""The loss panel while a moment of a kept run is looked at."""

import csv
import io

import numpy as np
import pyqtgraph as pg
import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.panels.loss import NO_EPOCH, LossPanel, past_of
from gui.panels.loss_runs import LossRun
from gui.widgets.curve_plot import BEST
from tests.engine.runs.made_runs import made_run
from tests.gui.panels.losses import button, epoch, train
from tests.gui.showing import Counter, Regions, is_up_to_date


def panel_of(qtbot: QtBot) -> LossPanel:
    panel = LossPanel()
    qtbot.addWidget(panel)
    panel.resize(500, 400)
    panel.show()
    return panel


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
    return [item.value() for item in lines if isinstance(item, pg.InfiniteLine)]


def test_the_curves_are_those_of_the_run_with_a_line_at_the_moment(qtbot: QtBot) -> None:
    panel = panel_of(qtbot)
    train(panel, 0.5, 0.25)
    run = made_run("old", (0.5, 0.75, 0.625), epochs_before=4)
    panel.show_past(past_of(run, 2))
    panel.refresh()
    curves = curves_of(panel)
    assert curves["loss test"] == ([5.0, 6.0, 7.0], [0.5, 0.25, 0.375])
    assert curves["loss train"] == ([5.0, 6.0, 7.0], [0.5, 0.25, 0.375])
    assert curves["accuracy test"] == ([5.0, 6.0, 7.0], [50.0, 75.0, 62.5])
    assert "loss batch" not in curves
    assert marks_of(panel) == [6.0, 6.0]
    assert panel.headline().startswith("epoch 6: loss 0.25")
    assert "in epoch 6" in panel.best()


def test_the_best_epoch_of_the_run_is_ringed_at_once(qtbot: QtBot) -> None:
    panel = panel_of(qtbot)
    panel.show_past(past_of(made_run("old", (0.5, 0.75, 0.625), epochs_before=4), 1))
    panel.refresh()
    (ring,) = (item for item in panel.shown_curves.accuracy.listDataItems() if item.name() == BEST)
    assert (ring.xData.tolist(), ring.yData.tolist()) == ([6.0], [75.0])


def test_what_comes_of_the_present_meanwhile_is_there_afterwards(qtbot: QtBot) -> None:
    panel = panel_of(qtbot)
    train(panel, 0.5, 0.25)
    run = made_run("old")
    panel.show_past(past_of(run, 1))
    panel.refresh()
    panel.add_batches(np.array([2.5, 3.0]), np.array([0.2, 0.2]))
    panel.add_epoch(epoch(3, test_loss=0.125))
    panel.refresh()
    assert curves_of(panel)["loss test"] == ([1.0, 2.0], [0.5, 0.25])
    panel.show_past(None)
    panel.refresh()
    curves = curves_of(panel)
    assert curves["loss test"] == ([1.0, 2.0, 3.0], [0.5, 0.25, 0.125])
    assert curves["loss batch"][0] == [0.5, 1.0, 1.5, 2.0, 2.5, 3.0]
    assert marks_of(panel) == []
    assert panel.headline().startswith("epoch 3")


def test_the_past_is_not_drawn_again_for_what_comes_of_the_present(qtbot: QtBot) -> None:
    panel = panel_of(qtbot)
    train(panel, 0.5, 0.25)
    panel.show_past(past_of(made_run("old"), 1))
    panel.refresh()
    panel.add_batches(np.array([2.5, 3.0]), np.array([0.2, 0.2]))
    panel.add_epoch(epoch(3))
    assert not panel.dirty
    panel.show_past(None)
    assert panel.dirty


def test_each_plot_is_painted_once_for_a_moment(qtbot: QtBot, qapp: QApplication) -> None:
    panel = panel_of(qtbot)
    run = made_run("old", (0.5, 0.75, 0.625))
    panel.show_past(past_of(run, 1))
    panel.refresh()
    qapp.processEvents()
    plots = panel.shown_curves.plots
    counters = [Counter(plot.viewport(), QEvent.Type.Paint) for plot in plots]
    panel.show_past(past_of(run, 2))
    for draw in panel.parts():
        draw()
        qapp.processEvents()
    assert marks_of(panel) == [2.0, 2.0]
    assert [paints.count for paints in counters] == [1, 1]


@pytest.mark.parametrize("log", [False, True])
def test_of_another_moment_only_its_line_is_painted(
    qtbot: QtBot, qapp: QApplication, log: bool
) -> None:
    panel = panel_of(qtbot)
    button(panel, "loss.log").setChecked(log)
    run = made_run("old", (0.5, 0.75, 0.625, 0.5, 0.5, 0.5, 0.5, 0.5))
    losses = LossRun.of(run)
    for number, at in enumerate((8, 7, 4, 6, 0, 8)):
        panel.show_past(past_of(run, at, losses))
        plots = panel.shown_curves.plots
        regions = [Regions(plot.viewport()) for plot in plots]
        for draw in panel.parts():
            draw()
            qapp.processEvents()
        painted = [QRegion(each.painted) for each in regions]
        assert all(is_up_to_date(plot) for plot in plots)
        for plot, region in zip(plots, painted, strict=True):
            low, high = plot.view.viewRange()[1]
            assert region.contains(plot.spot(at, low).toPoint())
            beside = region.contains(plot.spot(2, (low + high) / 2).toPoint())
            assert not beside or number < 2, "all is laid out by then"


def test_a_plot_is_painted_when_it_shows_something_else(qtbot: QtBot, qapp: QApplication) -> None:
    panel = panel_of(qtbot)
    train(panel, 0.5, 0.25, 0.25, 0.25)
    qapp.processEvents()
    plots = panel.shown_curves.plots
    counters = [Counter(plot.viewport(), QEvent.Type.Paint) for plot in plots]

    def draw() -> list[int]:
        for counter in counters:
            counter.count = 0
        for part in panel.parts():
            part()
            qapp.processEvents()
        shown = [is_up_to_date(plot) for plot in plots]
        assert all(shown)
        return [counter.count - 1 for counter in counters]  # but for the picture

    draw()  # what was laid out meanwhile
    assert draw() == [0, 0]
    panel.add_batches(np.array([4.1]), np.array([0.2]))  # the time is longer
    assert draw() == [1, 1]
    panel.add_batches(np.array([4.2]), np.array([0.2]))  # the time is as long as before
    assert draw() == [1, 0]
    panel.add_epoch(epoch(5))
    assert draw() == [1, 1]


def test_the_curves_grow_with_the_run(qtbot: QtBot) -> None:
    panel = panel_of(qtbot)
    for accuracies in (0.5,), (0.5, 0.75), (0.5, 0.75, 0.875):
        panel.show_past(past_of(made_run("old", accuracies), len(accuracies)))
        panel.refresh()
        assert curves_of(panel)["accuracy test"][1] == [100 * value for value in accuracies]
        assert marks_of(panel) == [len(accuracies)] * 2


def test_a_run_without_an_epoch_says_so(qtbot: QtBot) -> None:
    panel = panel_of(qtbot)
    train(panel, 0.5)
    panel.show_past(past_of(made_run("old", ()), 0))
    panel.refresh()
    assert panel._empty.sentence() == NO_EPOCH
    assert not any(action.isEnabled() for action in panel.export.actions)
    panel.show_past(None)
    panel.refresh()
    assert curves_of(panel)["loss test"] == ([1.0], [0.5])


def test_the_start_of_a_run_has_no_numbers_of_its_own(qtbot: QtBot) -> None:
    panel = panel_of(qtbot)
    panel.show_past(past_of(made_run("old"), 0))
    panel.refresh()
    assert panel.headline() == "the start: not trained yet"
    panel.show_past(past_of(made_run("old", epochs_before=3), 0))
    panel.refresh()
    assert panel.headline() == "the start of this run"
    assert marks_of(panel) == [3.0, 3.0]


def test_the_table_and_the_logarithm_are_of_what_is_shown(qtbot: QtBot) -> None:
    panel = panel_of(qtbot)
    train(panel, 0.5)
    train(panel, 0.25)
    clear = button(panel, "loss.clear_earlier")
    assert clear.isVisible()
    panel.show_past(past_of(made_run("old", (0.5, 0.75)), 1))
    panel.refresh()
    assert not clear.isVisible()
    rows = list(csv.DictReader(io.StringIO(panel._table().decode())))
    assert [(row["epoch"], row["test_loss"]) for row in rows] == [("1.0", "0.5"), ("2.0", "0.25")]
    button(panel, "loss.log").click()
    plots = panel.findChildren(pg.PlotWidget)
    assert [plot.is_log() for plot in plots] == [True, False]
    panel.show_past(None)
    panel.refresh()
    assert clear.isVisible()
    assert [plot.is_log() for plot in panel.findChildren(pg.PlotWidget)] == [True, False]
