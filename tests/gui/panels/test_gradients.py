"""The gradients panel in the real window: what it draws, against gradients found another way."""

import csv
import math
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QScrollArea

from engine.array_types import Array
from engine.data.sources import load
from engine.inspection.unit_health import UnitHealth
from engine.model.project import Project
from engine.model.templates import notebook
from engine.model.weights import Weights
from engine.training.events import BatchDone
from engine.training.run import Training
from gui.panels.gradient_curves import GRADIENT, STUCK, UPDATE, WEIGHTS
from gui.panels.gradients import GradientsPanel
from gui.theme import KIND_COLOURS
from gui.widgets.empty_state import EmptyState
from gui.widgets.plot import Plot
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.panels.seen_gradients import NAMES, opened
from tests.gui.plots import is_near, points_of, spot

BATCHES = 4


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it, and the first of the curves chosen."""
    new_project.find(QComboBox, "gradients.shown").setCurrentIndex(GRADIENT)
    return new_project


def points(panel: GradientsPanel, kind: int, name: str) -> tuple[list[float], list[float]]:
    """Read a curve as drawn; where a sentence stands in its place, it has no points."""
    panel.curves.shown.setCurrentIndex(kind)
    panel.curves.draw()
    return ([], []) if panel.curves.sentence(kind) else points_of(panel.curves.plot(kind), name)


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


def test_curves_are_the_gradients_and_updates_of_the_real_steps(driver: Driver) -> None:
    panel = opened(driver)
    for _ in range(BATCHES):
        driver.run("step_batch", "Paused")
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
    assert headline == panel.headline()
    assert "block 1" in headline
    rows = list(csv.reader(panel.curves.as_csv().decode().splitlines()))
    assert rows[0] == ["quantity", "block", "epoch", "value"]
    told = [float(row[3]) for row in rows if row[:2] == ["update ÷ weights", name]]
    assert told == pytest.approx(ratios, rel=1e-3)
    assert {row[0] for row in rows[1:]} >= {"gradient", "weights", "update ÷ weights"}


def test_no_plot_is_made_before_it_is_seen_and_then_it_can_be_exported(
    open_window: OpenWindow, tmp_path: Path
) -> None:
    own = open_window(None)
    own.run("step_batch", "Paused")
    own.settle()
    panel = own.find(GradientsPanel, "panel.gradients")
    assert panel.findChildren(Plot) == []
    opened(own)
    assert [plot.isVisible() for plot in panel.findChildren(Plot)] == [True] * 4
    path = tmp_path / "gradient.csv"
    own.answer_dialog("getSaveFileName", path)
    actions = panel.curves.plot(GRADIENT).actions()
    next(action for action in actions if "CSV" in action.text()).trigger()
    assert f'"{NAMES[0]}",0.005,' in path.read_text()
    assert path.name in own.message()


def test_all_plots_are_seen_without_scrolling(driver: Driver) -> None:
    driver.window.resize(1280, 800)
    panel = opened(driver)
    driver.run("step_batch", "Paused")
    driver.settle()
    pages = [page for page in panel.findChildren(QScrollArea) if page.isVisible()]
    assert [page.verticalScrollBar().maximum() for page in pages] == [0]


def test_larger_text_has_higher_curves(driver: Driver) -> None:
    panel = opened(driver)
    before, larger = panel.font(), panel.font()
    least = panel.curves.minimumHeight()
    larger.setPointSizeF(2 * before.pointSizeF())
    panel.setFont(larger)
    assert panel.curves.minimumHeight() > 1.5 * least
    panel.setFont(before)
    assert panel.curves.minimumHeight() == least


def test_curves_have_the_colours_of_their_kinds_and_shades_of_their_own(driver: Driver) -> None:
    panel = opened(driver)
    for _ in range(2):
        driver.run("step_batch", "Paused")
    driver.settle()
    plot = panel.curves.plot(GRADIENT)
    assert plot.is_log()
    assert not panel.curves.plot(STUCK).is_log()
    image, seen = plot.grab().toImage(), []
    for name, group in zip(NAMES, ("Convolution", "Dense", "Dense"), strict=True):
        x, y = points_of(plot, name)
        at = spot(plot, x[-1], math.log10(y[-1]))
        seen.append(is_near(image, at, KIND_COLOURS[group], room=1))
    assert seen == [True, True, False], "the second Dense has another shade"
    labels = plot.right.labels()
    assert {label.text for label in labels} == {"1 Conv 5", "4 Dense 100", "6 Dense 2"}
    inks = [label.line.name().upper() for label in labels if label.line is not None]
    assert inks[:2] == [KIND_COLOURS["Convolution"], KIND_COLOURS["Dense"]]
    assert len(set(inks)) == 3


def test_stuck_units_are_a_curve_of_every_activation(driver: Driver) -> None:
    panel = opened(driver)
    driver.run("step_batch", "Paused")
    driver.wait(lambda: points(panel, STUCK, "2 Sigmoid")[0][-1:] == [1 / 200])
    assert points(panel, STUCK, "2 Sigmoid")[1][-1] == 0
    low, high = panel.curves.plot(STUCK).view.viewRange()[1]
    assert low < 0 < 100 < high, "few of all units look few"
    names = [label.text for label in panel.curves.plot(STUCK).right.labels()]
    assert names == ["2 Sigmoid", "5 Sigmoid", "7 Sigmoid"]


def test_a_block_that_moves_or_is_renamed_gets_a_curve_of_its_new_name(driver: Driver) -> None:
    panel = opened(driver)
    driver.run("step_batch", "Paused")
    driver.settle()
    driver.window.edits.rename(4, "Middle")
    driver.window.document.select(2)
    driver.choose("move_up")  # the Sigmoid, before the Conv
    driver.wait_for("Ready")
    driver.run("step_batch", "Paused")
    driver.wait(lambda: points(panel, STUCK, "1 Sigmoid")[0][-1:] == [2 / 200])  # the run went on
    for name in ("2 Conv 5, 3×3", "4 Middle"):
        assert points(panel, GRADIENT, name)[0][-1] == 2 / 200


def test_reset_begins_anew(driver: Driver) -> None:
    panel = opened(driver)
    driver.run("step_batch", "Paused")
    driver.settle()
    assert points(panel, GRADIENT, NAMES[0])[0] == [1 / 200]
    driver.click("reset")
    driver.wait_for("Ready")
    driver.settle()
    assert points(panel, GRADIENT, NAMES[0]) == ([], [])
    driver.run("step_batch", "Paused")
    driver.settle()
    assert points(panel, GRADIENT, NAMES[0])[0] == [1 / 200]


def test_steps_are_recorded_at_any_time_and_health_while_it_is_shown(driver: Driver) -> None:
    panel = opened(driver)
    driver.run("step_batch", "Paused")
    driver.settle()
    driver.window.docks.show_panel("Loss")
    driver.run("step_batch", "Paused")
    driver.settle()
    driver.window.docks.show_panel("Gradients")
    driver.run("step_batch", "Paused")
    driver.settle()
    x, y = points(panel, GRADIENT, NAMES[0])
    assert x == pytest.approx([1 / 200, 2 / 200, 3 / 200])
    assert all(map(math.isfinite, y))
    assert points(panel, STUCK, "2 Sigmoid")[0][-1] == 3 / 200


def test_health_is_checked_behind_its_back_once_a_run_rests(driver: Driver) -> None:
    panel, health = opened(driver), list[UnitHealth]()
    driver.type_into("setting.epochs", "1000")
    driver.run("step_batch", "Paused")
    driver.settle()
    driver.window.docks.show_panel("Loss")
    driver.click("train")
    driver.wait(lambda: driver.window.document.trained_epochs >= 1)
    driver.window.session.health_checked.connect(health.append)
    seen = driver.window.document.trained_epochs
    driver.wait(lambda: driver.window.document.trained_epochs >= seen + 3)
    assert health == [], "it would take time from the training"
    driver.click("train")
    driver.wait_for("Paused")
    driver.settle()
    assert health
    driver.window.docks.show_panel("Gradients")
    driver.settle()
    x, y = points(panel, STUCK, "2 Sigmoid")
    assert x[-1] == health[-1].position, "it is there when the panel comes into view"
    first = next(place for place, value in enumerate(y) if math.isnan(value))
    assert x[first] == 1 / 200, "and not joined with what was seen long before"


def test_a_network_that_does_not_fit_is_said(driver: Driver) -> None:
    panel = opened(driver)
    driver.select(2)
    driver.press(Qt.Key.Key_Delete)
    driver.settle()
    assert driver.problem()
    assert child_sentence(panel) == ""
    said = "No training step until block 3 fits. Values are those of blocks 1 to 2."
    assert panel.headline() == said
    nothing = "Gradients and updates of every block will be drawn here."
    assert panel.curves.sentence(GRADIENT) == nothing, "and none asks for a click on Train"
    driver.choose("undo")
    driver.settle()
    assert child_sentence(panel) == ""
    assert "No training step until" not in panel.headline()
    assert panel.curves.sentence(GRADIENT) == f"{nothing}\nClick Train to begin."


def test_a_run_behind_its_back_is_there_when_it_comes_into_view(driver: Driver) -> None:
    driver.run("step_epoch", "Paused")
    panel = opened(driver)
    driver.wait(lambda: panel.curves.plot(GRADIENT).isVisible())
    assert 0 < len(points(panel, GRADIENT, NAMES[0])[0]) <= 200
    assert "block 1" in panel.headline()


def test_it_says_that_a_network_was_trained_before(driver: Driver, tmp_path: Path) -> None:
    driver.run("step_epoch", "Paused")
    path = tmp_path / "trained.layerscope"
    driver.answer_dialog("getSaveFileName", path)
    driver.choose("save")
    driver.choose("new")
    driver.open(path)
    panel = opened(driver)
    said = "No step was taken from these weights yet."
    driver.wait(lambda: said in panel.curves.sentence(GRADIENT))


def test_enlarged_it_shows_all_curves_at_a_time(driver: Driver) -> None:
    driver.window.resize(1280, 800)
    panel = opened(driver)
    driver.run("step_batch", "Paused")
    driver.settle()
    plots = [panel.curves.plot(kind) for kind in (GRADIENT, WEIGHTS, UPDATE, STUCK)]
    assert [plot.isVisible() for plot in plots] == [True, False, False, False]
    assert panel.curves.shown.isVisible()
    panel.curves.shown.setFocus()
    driver.choose("enlarge_panel")
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
    driver.choose("enlarge_panel")
    driver.wait(lambda: not plots[1].isVisible())
    assert plots[0].isVisible()


def child_sentence(panel: GradientsPanel) -> str:
    empty = panel.findChild(EmptyState)
    assert empty is not None
    return empty.sentence()


def test_every_control_has_a_name(driver: Driver) -> None:
    panel = opened(driver)
    assert panel.accessibleName() == "Gradients"
    for box in panel.findChildren(QComboBox):
        assert box.accessibleName()
    for kind in (GRADIENT, WEIGHTS, UPDATE, STUCK):
        assert panel.curves.plot(kind).accessibleName()


def test_steps_that_come_together_are_drawn_as_those_that_come_one_by_one(driver: Driver) -> None:
    project, panel = notebook(), opened(driver)
    settings = project.settings
    run = Training(project.check(), settings, *load(settings.dataset, settings.classes, 5))
    run.observe()
    told = next(iter(run.run()))
    run.close()
    assert isinstance(told, BatchDone)
    step = told.statistics
    assert step is not None
    # After a stop amid an epoch, that epoch begins again.
    times = [0.1, 0.3, 0.5, 0.2, 0.4, 0.1]
    drawn = []
    for portions in ([[time] for time in times], [times], [times[:2], times[2:4], times[4:]]):
        panel.start_run()
        for portion in portions:
            panel.add_steps([(time, step) for time in portion])
        panel.refresh()
        drawn.append([points(panel, kind, name) for kind in range(3) for name in NAMES])
    for found in drawn:
        for (x, y), (first_x, first_y) in zip(found, drawn[0], strict=True):
            assert x == [0.1, 0.3, 0.5, 0.5, 0.2, 0.4, 0.4, 0.1] == first_x
            assert np.isnan(y).tolist() == [False] * 3 + [True] + [False] * 2 + [True, False]
            np.testing.assert_array_equal(y, first_y)
