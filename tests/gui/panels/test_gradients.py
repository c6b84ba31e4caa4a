"""The gradients panel in the real window: what it draws, against gradients found another way."""

import csv
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QLabel

from engine.array_types import Array
from engine.data.sources import load
from engine.model.project import Project
from engine.model.templates import notebook
from engine.model.weights import Weights
from engine.training.run import Training
from gui.panels.gradient_curves import GRADIENT, STUCK, UPDATE, WEIGHTS
from gui.panels.gradients import GradientsPanel
from gui.widgets.empty_state import EmptyState
from gui.widgets.plot import Plot
from tests.gui.conftest import OpenWindow
from tests.gui.driving import Driver
from tests.gui.panels.seen_gradients import NAMES, opened
from tests.gui.plots import points_of

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
