"""Growing curves: what is drawn, on which axis, in which colours, and what is read there."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.theme import DARK, LIGHT, apply_theme
from gui.widgets.curves import Curve, CurvePlot, Line
from tests.gui.showing import on_screen

BATCH = Curve("loss batch", "train", pale=True)
CURVES = {
    "loss": (BATCH, Curve("loss test", "test", Qt.PenStyle.DashLine, marked=True)),
    "accuracy": (Curve("accuracy test", "test", Qt.PenStyle.DotLine, axis="right", marked=True),),
}


@pytest.fixture
def plot(qtbot: QtBot) -> CurvePlot:
    return on_screen(qtbot, CurvePlot(CURVES, left="loss", bottom="epoch"), 480, 300)


def draw(plot: CurvePlot, name: str, x: list[float], y: list[float]) -> None:
    plot.extend(name, np.array(x), np.array(y))
    plot.draw()


def axis(plot: CurvePlot, side: str) -> tuple[float, float]:
    scale = getattr(plot.chart(), side)
    return scale.low, scale.high


def spot(plot: CurvePlot, x: float, y: float, side: str = "left") -> QPoint:
    """Where a point of a curve should lie, in px of the widget, by the ends of the axes alone."""
    box = plot.plot_area()
    (left, right), (low, high) = axis(plot, "bottom"), axis(plot, side)
    return QPoint(
        round(box.left() + (x - left) / (right - left) * box.width()),
        round(box.bottom() - (y - low) / (high - low) * box.height()),
    )


def is_near(image: QImage, at: QPoint, colour: str, room: int = 2) -> bool:
    """Return whether a colour, or nearly that, is found at a place or so many px beside it."""
    wanted = QColor(colour)

    def difference(found: QColor) -> int:
        return (
            abs(found.red() - wanted.red())
            + abs(found.green() - wanted.green())
            + abs(found.blue() - wanted.blue())
        )

    around = range(-room, room + 1)
    return any(
        difference(image.pixelColor(at + QPoint(dx, dy))) < 40 for dx in around for dy in around
    )


def test_points_are_drawn_when_asked(plot: CurvePlot) -> None:
    plot.extend("loss test", np.array([1.0, 2.0]), np.array([0.5, 0.25]))
    assert plot.points("loss test")[0].tolist() == []
    plot.draw()
    x, y = plot.points("loss test")
    assert (x.tolist(), y.tolist()) == ([1, 2], [0.5, 0.25])
    plot.clear()
    plot.draw()
    assert plot.points("loss test")[0].tolist() == []


def test_a_point_is_where_its_axes_say(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 2, 4], [0.9, 0.2, 0.1])
    draw(plot, "accuracy test", [1, 2, 4], [20, 60, 97])
    image = plot.grab().toImage()
    for x, y, side in ((2, 0.2, "left"), (2, 60, "right"), (4, 97, "right")):
        assert is_near(image, spot(plot, x, y, side), LIGHT.test), (x, y)
    assert not is_near(image, spot(plot, 3, 0.8), LIGHT.test)


def test_the_axes_show_everything_from_zero(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 8], [2, 0.25])
    draw(plot, "accuracy test", [1, 8], [50, 99.5])
    low, high = axis(plot, "bottom")
    assert -1 < low < 0
    assert 8 < high < 9
    low, high = axis(plot, "left")
    assert -0.5 < low < 0
    assert 2 < high < 2.5
    low, high = axis(plot, "right")
    assert -10 < low < 0
    assert 100 < high < 110


def test_the_axes_stay_while_the_curves_grow_a_bit(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 8.1], [2.1, 0.25])
    before = axis(plot, "bottom"), axis(plot, "left")
    draw(plot, "loss test", [8.2, 9], [2.2, 2.3])
    assert (axis(plot, "bottom"), axis(plot, "left")) == before


def test_a_run_that_goes_on_begins_where_it_goes_on(plot: CurvePlot) -> None:
    draw(plot, "loss batch", [100.01, 101.9], [1, 1])
    assert 99 < axis(plot, "bottom")[0] < 100


def test_a_logarithmic_axis_shows_the_small_values_apart(plot: CurvePlot) -> None:
    plot.set_log(True)
    draw(plot, "loss test", [1, 2, 3], [1, 0.01, 0.0001])
    box, image = plot.plot_area(), plot.grab().toImage()
    for x in (1, 2, 3):
        height = (0.04 + 0.92 * (3 - x) / 2) / (0.04 * 2 + 0.92)  # evenly, but for the rim
        at = QPoint(spot(plot, x, 0).x(), round(box.bottom() - height * box.height()))
        assert is_near(image, at, LIGHT.test, room=5), x
    assert axis(plot, "left")[0] > 0


@pytest.mark.parametrize("log", [False, True])
def test_the_text_of_every_tick_fits_between_the_caption_and_the_curves(
    plot: CurvePlot, log: bool
) -> None:
    plot.set_log(log)
    metrics, lefts = QFontMetricsF(plot.font()), set[float]()
    for high in (float(f"{digits}e{power}") for power in range(-12, 31) for digits in (1, 2.4, 7)):
        for low in (high / 1.9, high / 9e3, high * 1e-9):
            plot.clear()
            draw(plot, "loss test", [1, 2], [low, high])
            lefts.add(plot.plot_area().left())
            room = plot.plot_area().left() - metrics.height()  # the caption is written upwards
            for most in (2, 7, 25):
                ticks = plot.chart().left.ticks(most)
                assert len(ticks) >= 2
                assert max(metrics.horizontalAdvance(text) for _, text in ticks) < room, (low, high)
    assert len(lefts) == 1, "the curves do not jump"


def test_no_positive_value_is_no_error_on_a_logarithmic_axis(plot: CurvePlot) -> None:
    plot.set_log(True)
    draw(plot, "loss test", [1, 2], [0, np.nan])
    assert 0 < axis(plot, "left")[0] < axis(plot, "left")[1]
    plot.grab()


def test_a_few_outliers_do_not_flatten_the_losses(plot: CurvePlot) -> None:
    losses = np.full(1000, 0.5)
    losses[7] = 900.0
    draw(plot, "loss batch", (np.arange(1000) / 100).tolist(), losses.tolist())
    assert axis(plot, "left")[1] < 0.6
    assert plot.points("loss batch")[1].max() == 900
    plot.grab()


def test_noisy_batches_leave_the_means_half_the_height(plot: CurvePlot) -> None:
    draw(plot, "loss batch", [1, 2, 3], [30, 40, 20])
    draw(plot, "loss test", [1, 2, 3], [3, 2, 1])
    assert 6 < axis(plot, "left")[1] < 7


def test_a_value_that_is_not_finite_is_a_gap(plot: CurvePlot) -> None:
    draw(plot, "loss batch", [0, 1, 2, 3, 4, 5], [1.1, 0.9, np.inf, np.nan, 1.1, 0.9])
    gaps = np.isnan(plot.points("loss batch")[1]).tolist()
    assert gaps == [False, False, True, True, False, False]
    image, pale = plot.grab().toImage(), BATCH.colour(LIGHT).name()
    assert is_near(image, spot(plot, 0.5, 1), pale)
    assert is_near(image, spot(plot, 4.5, 1), pale)
    assert not is_near(image, spot(plot, 2.5, 1), pale)


def test_a_single_point_between_gaps_is_seen(plot: CurvePlot) -> None:
    draw(plot, "loss batch", [0, 1, 2, 3], [1, np.nan, 1, np.nan])
    assert is_near(plot.grab().toImage(), spot(plot, 2, 1), BATCH.colour(LIGHT).name())


def test_nothing_finite_is_no_error(plot: CurvePlot) -> None:
    draw(plot, "loss batch", [0, 1, 2, 3], [np.nan] * 4)
    assert axis(plot, "left")[1] > 1
    plot.grab()


def test_very_many_points_are_thinned(plot: CurvePlot) -> None:
    losses = np.random.default_rng(0).random(200_000)
    draw(plot, "loss batch", np.arange(200_000.0).tolist(), losses.tolist())
    _, y = plot.points("loss batch")
    assert len(y) <= 1002
    assert (y.min(), y.max()) == (losses.min(), losses.max())


def test_the_best_point_has_a_ring(plot: CurvePlot) -> None:
    draw(plot, "loss test", [1, 2, 3], [0.9, 0.2, 0.4])
    beside = spot(plot, 2, 0.2) + QPoint(0, 6)
    assert not is_near(plot.grab().toImage(), beside, LIGHT.text, room=1)
    plot.set_best((2.0, 0.2))
    plot.draw()
    assert is_near(plot.grab().toImage(), beside, LIGHT.text, room=1)


def test_earlier_runs_stay_pale_behind(plot: CurvePlot) -> None:
    old = Curve("run 1", "test", pale=True, marked=True, word="test loss")
    plot.set_earlier([Line(old, np.array([1.0, 9.0]), np.array([0.6, 0.4]))])
    draw(plot, "loss test", [1, 2], [1, 0.9])
    image = plot.grab().toImage()
    assert axis(plot, "bottom")[1] > 9
    assert is_near(image, spot(plot, 5, 0.5), old.colour(LIGHT).name())
    assert plot.legend() == [
        "loss",
        "batch",
        "test",
        "accuracy",
        "test",
        "earlier runs",
        "test loss",
    ]
    plot.set_earlier([])
    plot.draw()
    assert plot.legend() == ["loss", "batch", "test", "accuracy", "test"]


@pytest.mark.parametrize("dark", [False, True])
def test_the_colours_follow_the_palette(qapp: QApplication, plot: CurvePlot, dark: bool) -> None:
    draw(plot, "loss test", [1, 2], [0.9, 0.2])
    plot.grab()
    apply_theme(qapp, "dark" if dark else "light")
    qapp.processEvents()
    colours, image = DARK if dark else LIGHT, plot.grab().toImage()
    assert image.pixelColor(470, 60).name() == colours.window.lower()
    assert is_near(image, spot(plot, 2, 0.2), colours.test)


def test_the_legend_wraps_where_it_is_narrow(plot: CurvePlot) -> None:
    wide = plot.plot_area().top()
    plot.resize(240, 300)
    assert plot.plot_area().top() > wide
    assert plot.plot_area().width() > 100


# --- reading -----------------------------------------------------------------------------------


@pytest.fixture
def trained(plot: CurvePlot) -> CurvePlot:
    draw(plot, "loss batch", [0.5, 1, 1.5, 2, 2.5], [0.9, 0.8, 0.7, 0.6, 0.5])
    draw(plot, "loss test", [1, 2], [0.75, 0.25])
    draw(plot, "accuracy test", [1, 2], [50, 99.5])
    return plot


def said(plot: CurvePlot) -> str:
    reading = plot.reading()
    return "" if reading is None else reading.sentence()


def test_pointing_reads_all_curves_at_the_epoch(trained: CurvePlot) -> None:
    quiet = trained.grab().toImage()
    QTest.mouseMove(trained, spot(trained, 2, 0.3) - QPoint(8, 0))
    assert said(trained) == "epoch 2: loss batch 0.6000, loss test 0.2500, accuracy test 99.5 %"
    assert trained.accessibleDescription() == said(trained)
    assert trained.grab().toImage() != quiet
    QTest.mouseMove(trained, QPoint(2, 2))
    assert said(trained) == ""
    assert trained.grab().toImage() == quiet


def test_between_two_epochs_the_batches_are_read(trained: CurvePlot) -> None:
    QTest.mouseMove(trained, spot(trained, 1.6, 0.3))
    place, values = said(trained).split(": ")
    assert float(place.removeprefix("epoch ")) == pytest.approx(1.6, abs=0.01)
    assert values == "loss batch 0.7000"


def test_where_there_are_no_means_the_nearest_point_is_read(plot: CurvePlot) -> None:
    bare = CurvePlot({"": (Curve("a", "train"),)}, left="", bottom="epoch", right=None)
    bare.resize(480, 300)
    draw(bare, "a", [1, 2, 2, 9], [0.5, 0.25, np.nan, 0.125])
    for at, expected in ((0, "epoch 1: a 0.5000"), (4, "epoch 2: a 0.2500")):
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


def test_the_focus_is_seen(qtbot: QtBot, trained: CurvePlot) -> None:
    trained.clearFocus()
    quiet = trained.grab().toImage()
    trained.setFocus()
    qtbot.waitUntil(trained.hasFocus)
    image = trained.grab().toImage()
    assert image.pixelColor(100, 0) == QColor(LIGHT.highlight)
    assert quiet.pixelColor(100, 0) != QColor(LIGHT.highlight)
