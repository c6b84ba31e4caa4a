"""The gradients panel in the real window: what it draws, against gradients found another way."""

import csv
import math
from dataclasses import replace
from functools import partial
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QComboBox, QLabel, QTreeWidget
from pytestqt.qtbot import QtBot

from engine.array_types import Array
from engine.compute.histogram import Histogram, count_values
from engine.data.sources import load
from engine.explain.training_step import take_step
from engine.inspection.unit_health import BlockHealth, UnitHealth
from engine.model.network import Network
from engine.model.project import Project
from engine.model.templates import notebook
from engine.model.weights import Weights, initial_weights
from engine.random_streams import stream
from engine.training.run import Training
from engine.training.step_statistics import BlockNorms, Norms, StepStatistics
from gui.theme import LIGHT
from gui.weights.diagnosis import NO_STEP
from gui.weights.gradient_curves import (
    GRADIENT,
    STUCK,
    UPDATE,
    WEIGHTS,
    BlockCurves,
    GradientCurves,
)
from gui.weights.gradients import GradientsPanel, show_step, step_table
from gui.widgets.curve import Curve
from gui.widgets.curve_plot import BEST, CurvePlot
from gui.widgets.empty_state import EmptyState
from gui.widgets.growing_curve import Floats
from tests.gui.driving import Driver
from tests.gui.finding import child, not_none
from tests.gui.plots import curve_names, points_of
from tests.gui.recorded_runs import record
from tests.gui.showing import on_screen

NAMES = ("1 Conv 5, 3×3", "4 Dense 100", "6 Dense 2")


def opened(driver: Driver) -> GradientsPanel:
    """Bring the panel to the front, with the first of its curves."""
    driver.find(QComboBox, "gradients.shown").setCurrentIndex(GRADIENT)
    driver.window.stage.show_panel("Gradients")
    driver.settle()
    return driver.find(GradientsPanel, "panel.gradients")


def texts(panel: GradientsPanel) -> list[str]:
    return [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]


BATCHES = 4


def points(panel: GradientsPanel, kind: int, name: str) -> tuple[list[float], list[float]]:
    """Read a curve as drawn; where a sentence stands in its place, it has no points."""
    panel.curves.shown.setCurrentIndex(kind)
    panel.curves.draw()
    return (
        ([], [])
        if panel.curves.kinds[kind].sentence()
        else points_of(panel.curves.kinds[kind].plot, name)
    )


def weights_after_each_step(project: Project, steps: int) -> list[Weights]:
    """Train without the window; return the weights before the first step and after each."""
    settings = project.settings
    train, test = load(settings.dataset, settings.classes, settings.limit)
    run = Training(project.check(), settings, train, test)
    found = [run.weights()]
    for _ in islice(run.run(), steps):
        found.append(run.weights())
    run.close()
    return found


def flat(weights: Weights, slot_id: int) -> Array:
    return np.concatenate([array.ravel() for array in weights[slot_id].values()]).astype(float)


def points_by_blocks(panel: GradientsPanel, names: tuple[str, ...]) -> list[list[float]]:
    return [points(panel, GRADIENT, name)[0] for name in names]


def test_curves_are_the_gradients_and_updates_of_the_real_steps(
    driver: Driver, tmp_path: Path
) -> None:
    """Then all are seen enlarged; a block that moves goes on; and reset begins anew."""
    driver.window.resize(1280, 800)
    panel, step = opened(driver), partial(driver.run, "step_batch", "Paused")
    for _ in range(BATCHES):
        step()
    driver.settle()
    project = notebook()
    all_weights = weights_after_each_step(project, BATCHES)
    slots = [slot.id for slot in project.stack if slot.block.group in ("Convolution", "Dense")]
    for slot_id, name in zip(slots, NAMES, strict=True):
        values = [flat(weights, slot_id) for weights in all_weights]
        updates = [np.linalg.norm(b - a) for a, b in pairwise(values)]
        sizes = [np.linalg.norm(before) for before in values[:-1]]
        x, gradients = points(panel, GRADIENT, name)
        assert x == pytest.approx([(k + 1) / 200 for k in range(BATCHES)])
        # A step of plain gradient descent is the gradient times the learning rate.
        rate = project.settings.learning_rate
        assert gradients == pytest.approx([update / rate for update in updates], rel=1e-3)
        assert points(panel, WEIGHTS, name)[1] == pytest.approx(sizes, rel=1e-5)
        ratios = [update / size for update, size in zip(updates, sizes, strict=True)]
        assert points(panel, UPDATE, name)[1] == pytest.approx(ratios, rel=1e-3)
    headline = driver.find(QLabel, "gradients.headline").text()
    assert headline == panel.headline.text()
    assert "block 1" in headline
    rows = list(csv.reader(panel.curves.as_csv().decode().splitlines()))
    assert rows[0] == ["quantity", "block", "epoch", "value"]
    told = [float(row[3]) for row in rows if row[:2] == ["update ÷ weights", name]]
    assert told == pytest.approx(ratios, rel=1e-3)
    assert {row[0] for row in rows[1:]} >= {"gradient", "weights", "update ÷ weights"}
    path = tmp_path / "gradient.csv"
    driver.answer_dialog("getSaveFileName", path)
    actions = panel.curves.kinds[GRADIENT].plot.actions()
    next(action for action in actions if "CSV" in action.text()).trigger()
    assert f'"{NAMES[0]}",0.005,' in path.read_text()
    assert path.name in driver.message()

    points(panel, GRADIENT, NAMES[0])  # which brings the first of them back
    plots = [panel.curves.kinds[kind].plot for kind in (GRADIENT, WEIGHTS, UPDATE, STUCK)]
    assert [plot.isVisible() for plot in plots] == [True, False, False, False]
    assert panel.curves.shown.isVisible()
    panel.curves.shown.setFocus()
    driver.choose("full_screen")
    driver.wait(lambda: all(plot.isVisible() for plot in plots))
    assert not panel.curves.shown.isVisible()
    driver.settle()
    for plot, name in zip(plots, (*NAMES, "2 Sigmoid"), strict=True):
        assert len(points_of(plot, name)[0]) > 0
        assert plot.width() >= 300
        assert plot.height() >= 150
    places = [plot.mapTo(panel, QPoint(0, 0)) for plot in plots]
    assert places[0].y() == places[1].y() < places[2].y() == places[3].y()
    assert places[0].x() == places[2].x() < places[1].x() == places[3].x()
    driver.choose("full_screen")
    driver.wait(lambda: not plots[1].isVisible())
    assert plots[0].isVisible()

    driver.window.edits.rename(4, "Middle")
    driver.window.document.select(2)
    driver.choose("move_up")  # the Sigmoid, before the Conv
    driver.wait_for("Ready")
    step()
    last = [(BATCHES + 1) / 200]
    driver.wait(lambda: points(panel, STUCK, "1 Sigmoid")[0][-1:] == last)  # the run went on
    moved = "2 Conv 5, 3×3", "4 Middle"
    assert [found[-1:] for found in points_by_blocks(panel, moved)] == [last, last]
    driver.click("reset", until="Ready")
    driver.settle()
    assert points_by_blocks(panel, moved) == [[], []]
    step()
    driver.settle()
    assert points_by_blocks(panel, moved) == [[1 / 200], [1 / 200]]


def test_without_steps_it_says_why_there_are_none(driver: Driver) -> None:
    panel = opened(driver)
    empty = child(panel, EmptyState)
    driver.select(2)
    driver.press(Qt.Key.Key_Delete)
    driver.settle()
    assert driver.problem()
    said = "No training step until block 3 fits."
    assert (panel.headline.text(), empty.sentence()) == (said, "")
    nothing = "Gradients and updates of every block will be drawn here."
    assert panel.curves.kinds[GRADIENT].sentence() == nothing
    driver.choose("undo")
    driver.settle()
    assert empty.sentence() == ""
    assert "No training step until" not in panel.headline.text()
    assert panel.curves.kinds[GRADIENT].sentence() == nothing


def gradients_of(project: Project, weights: Weights, epoch: int) -> dict[str, Array]:
    """Return the gradients of the weights in the first step of an epoch, of one digit, by block."""
    settings, report = project.settings, project.check()
    train, _ = load(settings.dataset, settings.classes, settings.limit)
    first = stream(settings.seed, "shuffle", epoch=epoch).permutation(len(train))[0]
    image, label = train.batch_inputs(np.array([first]))[0], train.labels[first]
    step = take_step(report, weights, settings, image, label)
    blocks = [block for block in step.blocks if block.parameters]
    return {
        name: block.parameter("weight").gradient for name, block in zip(NAMES, blocks, strict=True)
    }


def assert_counted(drawn: Histogram | None, gradient: Array) -> None:
    """Compare with numpy's own histogram of the logarithms of the sizes."""
    assert drawn is not None
    sizes = np.abs(gradient).ravel()
    some = sizes[sizes > 1e-8 * sizes.max()]
    assert drawn.mean == pytest.approx(sizes.mean(), rel=1e-3)
    assert drawn.counts.sum() + drawn.zeros == len(sizes)
    ends = np.log10(drawn.low), np.log10(drawn.high)
    counts, _ = np.histogram(np.log10(some), bins=len(drawn.counts), range=ends)
    assert np.abs(drawn.counts - counts).sum() <= 3, "but for values on an edge"


def first_weights(project: Project) -> Weights:
    settings = project.settings
    return initial_weights(project.check(), settings.seed, settings.initializer)


def test_histograms_are_those_of_weights_activations_and_gradients(driver: Driver) -> None:
    panel, project = opened(driver), notebook()
    drawn, when = panel.histograms, driver.find(QLabel, "gradients.when")
    driver.wait(lambda: panel.headline.text() == NO_STEP)
    driver.wait(lambda: drawn.plot("activations").histogram is not None)
    driver.pick("gradients.block", "4 Dense 100")
    settings, weights = project.settings, first_weights(project)
    _, test = load(settings.dataset, settings.classes, settings.limit)
    places = np.linspace(0, len(test) - 1, 64).astype(int)
    network = Network(project.check(), weights)
    values = network.activations(test.batch_inputs(places))[3]
    activations, own = (
        not_none(drawn.plot("activations").histogram),
        not_none(drawn.plot("weights").histogram),
    )
    counts, _ = np.histogram(values.astype(float), bins=len(activations.counts))
    assert np.abs(activations.counts - counts).sum() <= 4, "but for values on an edge"
    assert activations.mean == pytest.approx(values.mean(), rel=1e-4)
    dense = weights[project.stack.slots[3].id]["weight"]
    assert own.deviation == pytest.approx(dense.std(), rel=0.02), "of some of the many weights"
    assert drawn.plot("gradients").histogram is None
    assert "|gradients|: from the next step on" in texts(panel)
    assert when.text() == "at epoch 0"
    driver.pick("gradients.block", "5 Sigmoid")
    assert not drawn.plot("weights").isVisible()


def test_gradients_of_a_step_are_counted_whether_it_is_seen_or_not(driver: Driver) -> None:
    found = gradients_of(notebook(), first_weights(notebook()), epoch=1)
    driver.window.stage.show_panel("Loss")
    driver.run("step_batch", "Paused")  # behind its back
    panel = opened(driver)
    drawn, when = panel.histograms, driver.find(QLabel, "gradients.when")
    driver.pick("gradients.block", "6 Dense 2")
    driver.wait(lambda: drawn.plot("gradients").histogram is not None)
    assert_counted(drawn.plot("gradients").histogram, found["6 Dense 2"])
    driver.choose("reset")
    driver.wait(lambda: drawn.plot("gradients").histogram is None)

    driver.pick("gradients.block", "5 Sigmoid")
    driver.wait(
        lambda: when.text() == "at epoch 0" and drawn.plot("activations").histogram is not None
    )
    before = not_none(drawn.plot("activations").histogram)
    heard: list[tuple[float, StepStatistics]] = []
    driver.window.session.steps_observed.connect(heard.extend)
    driver.run("step_batch", "Paused")
    driver.wait(lambda: not_none(drawn.plot("activations").histogram).mean != before.mean)
    driver.wait(lambda: when.text() == "at epoch 0.01")  # one of 200 batches
    assert not drawn.plot("gradients").isVisible()
    for name in ("1 Conv 5, 3×3", "6 Dense 2"):
        driver.pick("gradients.block", name)
        driver.wait(lambda: drawn.plot("gradients").histogram is not None)
        assert_counted(drawn.plot("gradients").histogram, found[name])
    title = drawn.plot("gradients").sentence()
    driver.wait(lambda: title in texts(panel))  # with values as new as the step
    assert "one of the last training steps" in drawn.plot("gradients").toolTip()
    panel.add_steps([(0.0, heard[-1][1])])  # of an older step the time is said
    panel.refresh()
    assert f"{title}, epoch 0" in texts(panel)
    assert title not in texts(panel)


def test_a_moment_has_the_gradients_of_its_own_next_step(driver: Driver, tmp_path: Path) -> None:
    project = notebook()
    project = replace(project, settings=project.settings.with_changes(epochs=1, limit=20))
    run = record(tmp_path, project)
    panel = opened(driver)
    driver.window.view.show(run, 1)
    shown = panel.histograms.plot("gradients")
    driver.wait(lambda: shown.histogram is not None)
    checkpoint = run.project_after(1)
    found = gradients_of(checkpoint, checkpoint.weights, epoch=2)
    driver.pick("gradients.block", "6 Dense 2")
    assert_counted(shown.histogram, found["6 Dense 2"])
    assert "for a batch of training images" in shown.toolTip()
    driver.window.view.back_to_now()
    driver.wait(lambda: shown.histogram is None)


MANY = 5_000  # points, more than are kept
BLOCKS = tuple(Curve(name, "train", name) for name in ("1 Conv 5", "4 Dense 100"))


class Bench:
    """Curves on the screen, and the plots that were made for them."""

    def __init__(self, qtbot: QtBot) -> None:
        self.made: list[CurvePlot] = []
        curves = BlockCurves(lambda: CurvePlot("norm"), "Nothing yet.")
        curves.plot_made.connect(self.made.append)
        self.curves = on_screen(qtbot, curves, 480, 300)
        self.curves.set_curves(BLOCKS)

    def draw(self) -> CurvePlot:
        for part in self.curves.parts():
            part()
        [plot] = self.made
        return plot


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return Bench(qtbot)


def times_and_values(begin: int, end: int) -> tuple[Floats, Floats]:
    times = np.arange(begin, end, dtype=np.float64)
    return times, 2.0 + np.sin(times)


def test_it_shows_the_points_of_a_plot_that_was_told_all(qtbot: QtBot, bench: Bench) -> None:
    other = on_screen(qtbot, CurvePlot("norm"), 480, 300)
    other.set_curves(BLOCKS)
    for begin, end in pairwise((0, 1, 3_000, MANY)):
        for name in ("1 Conv 5", "4 Dense 100"):
            bench.curves.extend(name, *times_and_values(begin, end))
            other.extend(name, *times_and_values(begin, end))
        bench.draw()
    other.draw()
    plot = bench.draw()
    for name in ("1 Conv 5", "4 Dense 100"):
        x, y = points_of(bench.curves, name)
        assert 100 < len(x) < MANY
        assert (x, y) == points_of(other, name)
    assert plot.home == other.home


def test_points_and_batches_wait_for_the_plot_and_others_take_their_place(bench: Bench) -> None:
    bench.curves.batches = 200
    bench.curves.extend("1 Conv 5", np.array([0.25, 0.5]), np.array([1.0, 2.0]))
    assert list(bench.curves.rows()) == [("1 Conv 5", 0.25, 1.0), ("1 Conv 5", 0.5, 2.0)]
    assert bench.made == [], "no plot is made before it is drawn"
    assert bench.curves.sentence() == "Nothing yet."
    plot = bench.draw()
    assert plot.bottom.scale == 200
    assert bench.curves.sentence() == ""
    assert curve_names(bench.curves) == [BEST, *(curve.name for curve in BLOCKS)]
    assert bench.draw() is plot, "and it is made once"
    plot.read_at(0.5)
    assert plot.reading() is not None
    bench.curves.clear_points()
    assert plot.reading() is None
    bench.curves.begin = 3.0  # before the first point
    bench.curves.set_curves([Curve("2 Conv 5", "train", "2 Conv")])
    bench.curves.extend("2 Conv 5", np.array([6.5, 7.0]), np.array([1.0, 2.0]))
    bench.draw()
    assert curve_names(bench.curves) == [BEST, "2 Conv 5"]
    assert points_of(bench.curves, "2 Conv 5") == ([6.5, 7.0], [1.0, 2.0])
    assert 2.5 < plot.home[0][0] <= 3.0
    assert plot.bottom.scale == 1


SOME = count_values(np.arange(4.0))
HEALTH = UnitHealth(
    3.0,
    64,
    (
        BlockHealth(1, 1, "Conv 5, 3×3", "Convolution", SOME),
        BlockHealth(2, 2, "Sigmoid", "Activation", SOME, saturated=np.array([True, False])),
        BlockHealth(3, 3, "Reshape", "Shape", SOME),
        BlockHealth(4, 4, "Dense 2", "Dense", SOME),
    ),
)


def step(gradient: float) -> StepStatistics:
    conv = {"weight": Norms(gradient, 3.0, 0.006)}
    dense = {"weight": Norms(3.0, 4.0, 0.0), "bias": Norms(4.0, 3.0, 0.0)}
    return StepStatistics(
        (
            BlockNorms(1, 1, "Conv 5, 3×3", "Convolution", conv),
            BlockNorms(4, 4, "Dense 2", "Dense", dense),
        ),
        0.0,
    )


def test_twenty_blocks_of_a_kind_have_twenty_colours_none_of_which_is_near_to_black(
    qtbot: QtBot,
) -> None:
    norms = {"weight": Norms(1.0, 1.0, 1.0)}
    blocks = tuple(BlockNorms(n, n, f"Conv {n}", "Convolution", norms) for n in range(1, 21))
    curves = on_screen(qtbot, GradientCurves(), 500, 300)
    curves.add_steps([(0.5, StepStatistics(blocks, 0.0))])
    curves.draw()
    held = curves.kinds[GRADIENT].plot._held.values()
    inks = {each.curve.colour(LIGHT).name() for each in held}
    assert len(inks) == 20
    text = QColor(LIGHT.text)
    assert min(QColor(ink).blue() for ink in inks) > text.blue() + 10


def cells(table: QTreeWidget) -> list[list[str]]:
    items = [table.topLevelItem(row) for row in range(table.topLevelItemCount())]
    return [[item.text(column) for column in range(5)] for item in items if item is not None]


def test_a_row_for_what_learns_or_can_be_stuck(qtbot: QtBot) -> None:
    table = on_screen(qtbot, step_table(), 500, 200)
    show_step(table, step(0.25), HEALTH)
    stuck = ["2 Sigmoid", "", "", "", "50.0 %"]
    assert cells(table) == [
        ["1 Conv 5", "0.25", "3.0", "0.0020", ""],
        stuck,
        ["4 Dense 2", "5.0", "5.0", "0", ""],
    ]
    show_step(table, step(math.nan), HEALTH)
    assert cells(table)[0][1] == "–", "what is locked has no gradient"
    show_step(table, None, HEALTH)
    assert cells(table) == [stuck]
