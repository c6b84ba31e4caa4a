"""Growing curves: what is drawn, on which axis and in which colours, labelled and read."""

import math

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.theme import DARK, LIGHT, apply_theme
from gui.widgets.curve import Curve
from gui.widgets.curve_plot import BEST, EARLIER, PERCENT, CurvePlot
from gui.widgets.scales import Range
from tests.gui.plots import Points, is_near, points_of, spot
from tests.gui.showing import Counter, on_screen, takes

BATCH = Curve("loss batch", "train", "batches", pale=True)
CURVES = (
    BATCH,
    Curve("loss smoothed", "train", "smoothed", smooth=True),
    Curve("loss train", "train", "train", marked=True, line=False),
    Curve("loss test", "test", "test", marked=True),
)


def draw(plot: CurvePlot, name: str, x: list[float], y: list[float]) -> None:
    plot.extend(name, np.array(x), np.array(y))
    plot.draw()
    QApplication.processEvents()


def said(plot: CurvePlot) -> str:
    reading = plot.reading()
    return "" if reading is None else reading.sentence()


OLD = Curve("run 1", "test", "", pale=True, marked=True)
SPIKE = (np.arange(1000) / 100).tolist(), np.where(np.arange(1000) == 2, 900.0, 0.5).tolist()


@pytest.fixture
def plot(qtbot: QtBot) -> CurvePlot:
    made = on_screen(qtbot, CurvePlot("loss"), 480, 300)
    made.set_curves(CURVES)
    return made


def across(plot: CurvePlot) -> Range:
    return tuple(plot.view.viewRange()[0])


def upwards(plot: CurvePlot) -> Range:
    return tuple(plot.view.viewRange()[1])


def labels(plot: CurvePlot) -> list[str]:
    return [label.text for label in plot.right.labels]


def test_between_its_parts_nothing_is_painted_but_a_picture_can_be_taken(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 2, 4], [0.9, 0.2, 0.1])
    paints = Counter(plot.viewport(), QEvent.Type.Paint)
    plot.extend("loss test", np.array([5.0]), np.array([0.05]))
    assert points_of(plot, "loss test") == ([1, 2, 4], [0.9, 0.2, 0.1]), "drawn when asked"
    first, *others = plot.parts()
    first()
    QApplication.processEvents()
    assert paints.count == 0
    corner = plot.grab().toImage().pixelColor(2, plot.height() - 2)
    assert corner.name() == LIGHT.window.lower()
    paints.count = 0
    for part in others:
        part()
    QApplication.processEvents()
    assert paints.count == 1
    assert is_near(plot.grab().toImage(), spot(plot, 5, 0.05), LIGHT.test)
    plot.clear_points()
    plot.draw()
    assert points_of(plot, "loss test") == ([], [])


def test_a_point_is_where_its_axes_say_with_or_without_a_line(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 2, 4], [0.9, 0.2, 0.1])
    image = plot.grab().toImage()
    for x, y in ((1, 0.9), (2, 0.2), (3, 0.15)):
        assert is_near(image, spot(plot, x, y), LIGHT.test), (x, y)
    assert not is_near(image, spot(plot, 3, 0.8), LIGHT.test)
    plot.clear_points()
    draw(plot, "loss train", [1, 3], [0.9, 0.1])
    draw(plot, "loss batch", [2], [0.9])
    image = plot.grab().toImage()
    assert is_near(image, spot(plot, 1, 0.9), LIGHT.train)
    assert not is_near(image, spot(plot, 2, 0.5), LIGHT.train, room=4)
    assert is_near(image, spot(plot, 2, 0.9), BATCH.colour(LIGHT)), "one point is seen"


@pytest.mark.parametrize(
    ("drawn", "ends"),
    [
        (
            {"loss test": ([1, 8], [2, 0.25])},
            {"left": (-1, 0), "right": (8, 9), "bottom": (-0.5, 0), "top": (2, 2.5)},
        ),
        # A run that goes on begins where it goes on.
        ({"loss batch": ([100.01, 101.9], [1, 1])}, {"left": (99, 100)}),
        # A first spike flattens nothing, but no mean of an epoch lies outside.
        ({"loss batch": SPIKE, "loss smoothed": SPIKE}, {"top": (0.5, 0.6)}),
        (
            {"loss smoothed": ([1, 3], [0.5, 0.5]), "loss test": ([1, 2, 3], [0.5, 900, 0.5])},
            {"top": (900, 1000)},
        ),
        # Noisy batches leave the means half the height.
        (
            {"loss batch": ([1, 2, 3], [30, 40, 20]), "loss test": ([1, 2, 3], [3, 2, 1])},
            {"top": (6, 7)},
        ),
        ({"loss batch": ([0, 1, 2, 3], [math.nan] * 4)}, {"top": (1, 2)}),
    ],
)
def test_the_axes_show_what_matters_from_zero(
    plot: CurvePlot, drawn: dict[str, Points], ends: dict[str, Range]
) -> None:
    for name, points in drawn.items():
        draw(plot, name, *points)
    found = dict(zip(("left", "right", "bottom", "top"), across(plot) + upwards(plot), strict=True))
    for end, (low, high) in ends.items():
        assert low < found[end] < high, end
    plot.grab()


def test_a_logarithmic_axis_shows_the_small_values_apart(plot: CurvePlot) -> None:
    plot.set_log(True)
    draw(plot, "loss batch", [1, 2], [0, np.nan])
    assert all(math.isfinite(end) for end in upwards(plot)), "without a positive value too"
    plot.grab()
    draw(plot, "loss test", [1, 2, 3], [1, 0.01, 0.0001])
    image = plot.grab().toImage()
    for x, power in ((1, 0), (2, -2), (3, -4)):
        assert is_near(image, spot(plot, x, power), LIGHT.test), x
    assert points_of(plot, "loss test")[1] == [1, 0.01, 0.0001], "the values stay what they are"
    plot.set_log(False)
    plot.draw()
    assert upwards(plot)[1] == pytest.approx(1.04)


@pytest.mark.parametrize("log", [False, True])
def test_the_curves_do_not_jump_when_numbers_get_longer(plot: CurvePlot, log: bool) -> None:
    plot.set_log(log)
    lefts = set[float]()
    for high in (float(f"{digits}e{power}") for power in (-12, -6, 6, 30) for digits in (1, 7)):
        for low in (high / 1.9, high * 1e-9):
            plot.clear_points()
            draw(plot, "loss test", [1, 2], [low, high])
            lefts.add(plot.plot_area().left())
    assert len(lefts) == 1


def test_a_value_that_is_not_finite_is_a_gap(plot: CurvePlot) -> None:
    draw(plot, "loss batch", [0, 1, 2, 3, 4, 5], [1.1, 0.9, np.inf, np.nan, 1.1, 0.9])
    gaps = np.isnan(points_of(plot, "loss batch")[1]).tolist()
    assert gaps == [False, False, True, True, False, False]
    image, pale = plot.grab().toImage(), BATCH.colour(LIGHT)
    assert is_near(image, spot(plot, 0.5, 1), pale)
    assert is_near(image, spot(plot, 4.5, 1), pale)
    assert not is_near(image, spot(plot, 2.5, 1), pale)


# --- marks -------------------------------------------------------------------------------------


def test_the_best_point_has_a_ring(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 2, 3], [0.9, 0.2, 0.4])
    beside = spot(plot, 2, 0.2) + QPoint(0, 6)
    assert not is_near(plot.grab().toImage(), beside, LIGHT.text, room=1)
    plot.best = (2.0, 0.2)
    plot.draw()
    assert points_of(plot, BEST) == ([2], [0.2])
    assert is_near(plot.grab().toImage(), beside, LIGHT.text, room=1)
    plot.best = (2.0, math.nan)
    plot.draw()
    assert points_of(plot, BEST) == ([], [])


# --- labels ------------------------------------------------------------------------------------


def test_labels_keep_their_order_and_show_how_their_curve_is_drawn(plot: CurvePlot) -> None:
    draw(plot, "loss smoothed", [1, 2], [0.9, 0.2])
    (before,) = plot.right.boxes()
    draw(plot, "loss test", [1, 2, 3], [0.9, 0.2, 0.8])
    draw(plot, "loss smoothed", [3], [0.9])
    boxes = {label.text: box for label, box in plot.right.boxes()}
    assert list(boxes) == ["smoothed", "test"]
    assert boxes["smoothed"] == before[1], "another label moves none"
    assert boxes["test"].top() >= boxes["smoothed"].bottom()
    offset = plot.right.sceneBoundingRect().top() - plot.right.boundingRect().top()
    beside = QPointF(plot.plot_area().right() + 5, boxes["test"].center().y() + offset)
    assert is_near(plot.grab().toImage(), beside.toPoint(), LIGHT.test)
    draw(plot, "loss train", [1.0, 2.0], [0.5, 0.4])
    dotted = {label.text: label.dotted for label in plot.right.labels}
    assert dotted == {"smoothed": False, "train": True, "test": False}, "that of points has a point"


def test_a_click_on_a_label_hides_a_curve(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 2, 3], [0.9, 0.2, 0.8])
    draw(plot, "loss smoothed", [1, 2, 3], [9.0, 9.0, 9.0])
    high = upwards(plot)[1]

    def click() -> None:
        (box,) = (box for label, box in plot.right.boxes() if label.text == "smoothed")
        at = plot.mapFromScene(plot.right.mapToScene(box.center()))
        QTest.mouseClick(plot.viewport(), Qt.MouseButton.LeftButton, pos=at)

    click()
    assert upwards(plot)[1] < high / 2, "what is left has the room"
    assert [label.faint for label in plot.right.labels] == [True, False]
    plot.read_at(3.0)
    assert said(plot) == "epoch 3: loss test 0.8000"
    click()
    assert upwards(plot)[1] == high


def test_earlier_runs_stay_pale_behind(plot: CurvePlot) -> None:
    plot.set_earlier([(OLD, np.array([1.0, 9.0]), np.array([0.6, 0.4]))])
    plot.reach = 9.0
    draw(plot, "loss test", [1, 2], [1, 0.9])
    image = plot.grab().toImage()
    assert across(plot)[1] > 9
    assert is_near(image, spot(plot, 5, 0.5), OLD.colour(LIGHT))
    assert labels(plot) == ["earlier", "test"]
    plot.toggle(EARLIER)
    assert across(plot)[1] < 3
    plot.set_earlier([])
    plot.draw()
    assert labels(plot) == ["test"]


def test_long_earlier_runs_do_not_squeeze_the_present_one(plot: CurvePlot) -> None:
    times = np.arange(1.0, 1001.0)
    plot.set_earlier([(OLD, times, 1.0 - times / 2000)])
    plot.draw()
    assert across(plot)[1] > 1000
    draw(plot, "loss test", [1, 2, 3], [1, 0.9, 0.8])
    assert 6 <= across(plot)[1] < 8
    plot.reach = 20.0
    plot.draw()
    assert 20 <= across(plot)[1] < 22
    plot.toggle("loss test")
    assert across(plot)[1] > 1000


# --- time and looks ----------------------------------------------------------------------------


def test_batches_are_counted_within_the_first_epoch(plot: CurvePlot) -> None:
    def numbers() -> dict[str, float]:
        ticks = plot.bottom.tickValues(*across(plot), 400)[0][1]
        return dict(zip(plot.bottom.tickStrings(ticks, 1.0, 1.0), ticks, strict=True))

    plot.batches = 200
    draw(plot, "loss batch", [1 / 200, 2 / 200, 3 / 200], [1.0, 0.9, 0.8])
    plot.read_at(2 / 200)
    assert said(plot) == "batch 2: loss batch 0.9000"
    assert numbers()["2"] == pytest.approx(2 / 200)
    draw(plot, "loss test", [1], [0.5])
    plot.read_at(1.0)
    assert said(plot).startswith("epoch 1:")
    assert list(numbers())[-1] in ("1", "1.0")


def test_the_colours_follow_the_palette(qapp: QApplication, plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 2], [0.9, 0.2])
    plot.grab()
    apply_theme(qapp, "dark")
    qapp.processEvents()
    image = plot.grab().toImage()
    assert image.pixelColor(300, 40).name() == DARK.window.lower()
    assert is_near(image, spot(plot, 2, 0.2), DARK.test)
    for colours in (LIGHT, DARK):
        shades = {Curve("", "#D55E00", "", shade=each).colour(colours).name() for each in range(4)}
        assert len(shades) == 4, "curves of one colour have different shades"


def test_a_fixed_scale_stays_and_the_axes_do_while_the_curves_grow_a_bit(
    qtbot: QtBot, plot: CurvePlot
) -> None:
    fixed = CurvePlot("accuracy, %", scale=PERCENT, in_percent=True)
    qtbot.addWidget(fixed)
    fixed.set_curves([Curve("accuracy", "test", "test", marked=True)])
    draw(fixed, "accuracy", [1, 2], [40.0, 50.0])
    assert upwards(fixed) == pytest.approx((-4, 104))
    fixed.read_at(2.0)
    assert said(fixed) == "epoch 2: accuracy 50.00 %"
    draw(plot, "loss test", [1, 8.1], [2.1, 0.25])
    before = across(plot), upwards(plot)
    draw(plot, "loss test", [8.2, 9], [2.2, 2.3])
    assert (across(plot), upwards(plot)) == before


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
