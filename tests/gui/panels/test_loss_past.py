"""The loss panel while a moment of a kept run is looked at."""

import pyqtgraph as pg
import pytest
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.panels.loss import NO_EPOCH, LossPanel, past_of
from gui.panels.loss_runs import LossRun
from gui.widgets.curve_plot import BEST
from tests.engine.runs.made_runs import made_run
from tests.gui.panels.losses import button, train
from tests.gui.showing import Regions, is_up_to_date


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
