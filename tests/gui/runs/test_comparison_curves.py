"""Curves of runs over each other: which metric, over which time, and the means of repeats."""

import csv
import io

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from engine.runs.run_folder import Run
from gui.runs.comparison_plot import ComparisonPlot
from gui.runs.comparison_table import compared
from gui.runs.comparison_view import ComparisonCurves
from gui.runs.run_colours import run_colour
from tests.engine.runs.made_runs import made_run
from tests.gui.plots import curve_names, is_near, points_of, spot
from tests.gui.showing import on_screen

BLUE, ORANGE = "#0072B2", "#E69F00"


@pytest.fixture
def curves(qtbot: QtBot) -> ComparisonCurves:
    return on_screen(qtbot, ComparisonCurves(), 520, 320)


def show(curves: ComparisonCurves, *runs: Run) -> ComparisonPlot:
    colours = [BLUE, ORANGE] * len(runs)
    curves.set_runs(compared(list(zip(runs, colours, strict=False))))
    curves.draw()
    return curves.plot()


def lines(plot: ComparisonPlot) -> list[str]:
    return [name for name in curve_names(plot) if name not in ("best epoch", None)]


def test_each_run_has_its_curve_in_its_colour(curves: ComparisonCurves) -> None:
    one, other = made_run("one", (0.5, 0.9)), made_run("other", (0.7, 0.8), batch_size=2)
    plot = show(curves, one, other)
    assert points_of(plot, "one") == ([1, 2], [50, 90])
    assert points_of(plot, "other") == ([1, 2], [70, 80])
    image = plot.grab().toImage()
    assert is_near(image, spot(plot, 2, 90), BLUE, 4)
    assert is_near(image, spot(plot, 2, 80), run_colour(ORANGE, plot.colours), 4)
    assert [label.text for label in plot.right.labels] == ["one", "other"]
    plot.setFocus()
    QTest.keyClick(plot, Qt.Key.Key_End)
    assert plot.accessibleDescription() == "epoch 2: one 90.00 %, other 80.00 %"


def test_the_metric_is_chosen(curves: ComparisonCurves) -> None:
    show(curves, made_run("one", (0.5, 0.75), seconds=2.0), made_run("b", (0.25,), batch_size=2))
    curves.metric_box.setFocus()
    QTest.keyClick(curves.metric_box, Qt.Key.Key_Down)
    assert points_of(curves.plot(), "one") == ([1, 2], [0.5, 0.25])
    assert curves.title() == "Test loss of 2 runs over the epochs"


def test_repeats_are_a_mean_with_a_band_or_each_by_itself(curves: ComparisonCurves) -> None:
    runs = [made_run(str(n), values, seed=n) for n, values in enumerate([(0.4, 0.8), (0.6, 0.9)])]
    plot = show(curves, *runs)
    name = "0: mean of 2 seeds"
    assert points_of(plot, name)[1] == pytest.approx([50, 85])
    assert curves.means.isVisible()
    ground = plot.grab().toImage().pixelColor(spot(plot, 1.5, 99.5))
    inside = plot.grab().toImage().pixelColor(spot(plot, 1.02, 55))
    assert inside != ground
    curves.means.click()
    assert points_of(plot, "0") == ([1, 2], [40, 80])
    assert name not in lines(plot)


def test_a_hidden_curve_stays_hidden_when_a_run_grows(curves: ComparisonCurves) -> None:
    other = made_run("other", batch_size=2)
    plot = show(curves, made_run("one"), other)
    plot.toggle("one")
    show(curves, made_run("one", (0.5, 0.6, 0.7)), other)
    assert [label.faint for label in plot.right.labels] == [True, False]
    assert len(points_of(plot, "one")[0]) == 3


def test_losses_can_have_a_logarithmic_axis_with_their_bands(curves: ComparisonCurves) -> None:
    curves.metric_box.setCurrentIndex(1)
    plot = show(curves, *(made_run(str(n), (0.5, 0.9 + n / 50), seed=n) for n in range(3)))
    log = next(action for action in plot.actions() if "Logarithmic" in action.text())
    log.trigger()
    assert plot.log
    low, high = plot.view.viewRange()[1]
    assert low < np.log10(0.08) < np.log10(0.5) < high
    inside = spot(plot, 2, np.log10(0.09)) - QPoint(4, 0)  # within 0.08 ± 0.02
    assert plot.grab().toImage().pixelColor(inside).name() != plot.colours.window.lower()
    log.trigger()
    assert not plot.log


def test_long_names_leave_room_for_the_curves(curves: ComparisonCurves) -> None:
    long = "a network with a very long name"
    runs = [made_run(f"{long} {n}", batch_size=n) for n in (1, 2)]
    labels = [label.text for label in show(curves, *runs).right.labels]
    assert len(set(labels)) == 2
    assert max(map(len, labels)) <= 16


def test_all_metrics_are_written_as_csv(curves: ComparisonCurves) -> None:
    show(curves, made_run("one", (0.5, 0.75), seed=3), made_run("other", (0.25,), batch_size=2))
    rows = list(csv.DictReader(io.StringIO(curves.table().decode())))
    assert [(r["name"], r["seed"], r["epoch"], r["test_accuracy"]) for r in rows] == [
        ("one", "3", "1", "0.5"),
        ("one", "3", "2", "0.75"),
        ("other", "0", "1", "0.25"),
    ]


def test_an_exploded_run_has_a_gap_and_one_that_goes_on_begins_where_the_other_ended(
    curves: ComparisonCurves,
) -> None:
    child = made_run("child", (0.8, 0.9), epochs_before=10)
    plot = show(curves, made_run("one", (0.5, float("nan"))), child)
    assert points_of(plot, "one") == ([1, 2], [50, pytest.approx(float("nan"), nan_ok=True)])
    assert points_of(plot, "child")[0] == [11, 12]
