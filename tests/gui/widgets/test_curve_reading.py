"""Growing curves: what is read where one points, and by the keys."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.theme import LIGHT
from gui.widgets.curve import Curve
from gui.widgets.curve_plot import CurvePlot
from tests.gui.plots import spot
from tests.gui.showing import on_screen, takes
from tests.gui.widgets.curve_plots import CURVES, draw, said


@pytest.fixture
def plot(qtbot: QtBot) -> CurvePlot:
    made = on_screen(qtbot, CurvePlot("loss"), 480, 300)
    made.set_curves(CURVES)
    return made


@pytest.fixture
def trained(plot: CurvePlot) -> CurvePlot:
    draw(plot, "loss batch", [0.5, 1, 1.5, 2, 2.5], [0.9, 0.8, 0.7, 0.6, 0.5])
    draw(plot, "loss test", [1, 2], [0.75, 0.25])
    return plot


def test_pointing_reads_all_curves_at_the_epoch(trained: CurvePlot) -> None:
    quiet = trained.grab().toImage()
    QTest.mouseMove(trained.viewport(), spot(trained, 2, 0.3) - QPoint(8, 0))
    assert said(trained) == "epoch 2: loss batch 0.6000, loss test 0.2500"
    assert trained.accessibleDescription() == said(trained)
    assert trained.grab().toImage() != quiet
    QTest.mouseMove(trained.viewport(), QPoint(2, 2))
    assert said(trained) == ""
    assert trained.grab().toImage() == quiet


def test_between_two_epochs_the_batches_are_read(trained: CurvePlot) -> None:
    QTest.mouseMove(trained.viewport(), spot(trained, 1.6, 0.3))
    place, values = said(trained).split(": ")
    assert float(place.removeprefix("epoch ")) == pytest.approx(1.6, abs=0.02)
    assert values == "loss batch 0.7000"


def test_where_there_are_no_means_the_nearest_point_is_read(qtbot: QtBot) -> None:
    bare = CurvePlot("")
    qtbot.addWidget(bare)
    bare.resize(480, 300)
    bare.set_curves([Curve("a", "train", "a")])
    draw(bare, "a", [1, 2, 2, 9], [0.5, 0.25, np.nan, 0.125])
    for at, expected in ((0.0, "epoch 1: a 0.5000"), (4.0, "epoch 2: a 0.2500")):
        bare.read_at(at)
        assert said(bare) == expected


def test_where_no_epoch_is_finished_the_batches_are_read(trained: CurvePlot) -> None:
    trained.read_at(2.7)
    assert said(trained) == "epoch 2.70: loss batch 0.5000"


def test_of_thinned_batches_the_range_is_read(plot: CurvePlot) -> None:
    times = np.arange(1, 4001) / 1000
    losses = np.where(np.arange(4000) % 2, 0.25, 0.75)
    draw(plot, "loss batch", times.tolist(), losses.tolist())
    plot.read_at(2.0)
    place, values = said(plot).split(":")
    assert place in ("epoch 1.99", "epoch 2", "epoch 2.00")
    assert values == " loss batch 0.2500 to 0.7500"


def test_reading_stays_while_the_curves_grow(trained: CurvePlot) -> None:
    trained.read_at(2.0)
    before = said(trained)
    draw(trained, "loss test", [3, 4, 5], [0.2, 0.1, 0.1])
    assert said(trained) == before


def test_keys_read_from_epoch_to_epoch(qtbot: QtBot, trained: CurvePlot) -> None:
    trained.setFocus()
    qtbot.waitUntil(trained.hasFocus)
    places = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right):
        QTest.keyClick(trained, key)
        places.append(said(trained).split(":")[0])
    assert places == ["epoch 2", "epoch 1", "epoch 1", "epoch 2"]
    QTest.keyClick(trained, Qt.Key.Key_Home)
    assert said(trained).startswith("epoch 1:")
    QTest.keyClick(trained, Qt.Key.Key_Escape)
    assert said(trained) == ""


def test_escape_ends_what_keys_read_and_goes_on_to_the_window_from_the_mouse(
    trained: CurvePlot,
) -> None:
    trained.setFocus()
    QTest.keyClick(trained, Qt.Key.Key_Left)
    assert takes(trained, Qt.Key.Key_Escape)
    assert said(trained) == ""
    QTest.mouseMove(trained.viewport(), spot(trained, 2, 0.3))
    assert said(trained)
    assert not takes(trained, Qt.Key.Key_Escape)
    assert said(trained) == ""


def test_the_focus_is_seen(qtbot: QtBot, trained: CurvePlot) -> None:
    trained.clearFocus()
    quiet = trained.grab().toImage()
    trained.setFocus()
    qtbot.waitUntil(trained.hasFocus)
    image = trained.grab().toImage()
    assert image.pixelColor(100, 0) == QColor(LIGHT.highlight)
    assert quiet.pixelColor(100, 0) != QColor(LIGHT.highlight)
