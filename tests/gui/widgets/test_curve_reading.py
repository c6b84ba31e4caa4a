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
def trained(qtbot: QtBot) -> CurvePlot:
    plot = on_screen(qtbot, CurvePlot("loss"), 480, 300)
    plot.set_curves(CURVES)
    draw(plot, "loss batch", [0.5, 1, 1.5, 2, 2.5], [0.9, 0.8, 0.7, 0.6, 0.5])
    draw(plot, "loss test", [1, 2], [0.75, 0.25])
    return plot


def test_pointing_reads_all_curves_or_the_batches_between_epochs(trained: CurvePlot) -> None:
    quiet = trained.grab().toImage()
    QTest.mouseMove(trained.viewport(), spot(trained, 2, 0.3) - QPoint(8, 0))
    assert said(trained) == "epoch 2: loss batch 0.6000, loss test 0.2500"
    assert trained.accessibleDescription() == said(trained)
    assert trained.grab().toImage() != quiet
    QTest.mouseMove(trained.viewport(), QPoint(2, 2))
    assert said(trained) == ""
    assert trained.grab().toImage() == quiet
    QTest.mouseMove(trained.viewport(), spot(trained, 1.6, 0.3))
    place, values = said(trained).split(": ")
    assert float(place.removeprefix("epoch ")) == pytest.approx(1.6, abs=0.02)
    assert values == "loss batch 0.7000"
    trained.read_at(2.7)
    assert said(trained) == "epoch 2.70: loss batch 0.5000", "no epoch is finished there"


def test_where_there_are_no_means_the_nearest_point_is_read(qtbot: QtBot) -> None:
    bare = on_screen(qtbot, CurvePlot(""), 480, 300)
    bare.set_curves([Curve("a", "train", "a")])
    draw(bare, "a", [1, 2, 2, 9], [0.5, 0.25, np.nan, 0.125])
    for at, expected in ((0.0, "epoch 1: a 0.5000"), (4.0, "epoch 2: a 0.2500")):
        bare.read_at(at)
        assert said(bare) == expected


def test_of_thinned_batches_the_range_is_read(trained: CurvePlot) -> None:
    trained.clear_points()
    losses = np.where(np.arange(4000) % 2, 0.25, 0.75)
    draw(trained, "loss batch", (np.arange(1, 4001) / 1000).tolist(), losses.tolist())
    trained.read_at(2.0)
    place, values = said(trained).split(":")
    assert place in ("epoch 1.99", "epoch 2", "epoch 2.00")
    assert values == " loss batch 0.2500 to 0.7500"


def test_keys_read_from_epoch_to_epoch_and_escape_ends_it(qtbot: QtBot, trained: CurvePlot) -> None:
    trained.clearFocus()
    quiet = trained.grab().toImage()
    trained.setFocus()
    qtbot.waitUntil(trained.hasFocus)
    assert trained.grab().toImage().pixelColor(100, 0) == QColor(LIGHT.highlight)
    assert quiet.pixelColor(100, 0) != QColor(LIGHT.highlight)
    places = []
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Left, Qt.Key.Key_Right):
        QTest.keyClick(trained, key)
        places.append(said(trained).split(":")[0])
    assert places == ["epoch 2", "epoch 1", "epoch 1", "epoch 2"]
    before = said(trained)
    draw(trained, "loss test", [3, 4, 5], [0.2, 0.1, 0.1])
    assert said(trained) == before, "it stays while the curves grow"
    QTest.keyClick(trained, Qt.Key.Key_Home)
    assert said(trained).startswith("epoch 1:")
    assert takes(trained, Qt.Key.Key_Escape)
    assert said(trained) == ""
    QTest.mouseMove(trained.viewport(), spot(trained, 2, 0.3))
    assert said(trained)
    assert not takes(trained, Qt.Key.Key_Escape), "what the mouse reads leaves it to the window"
    assert said(trained) == ""
