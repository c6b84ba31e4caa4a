"""The histograms of the gradients panel: of weights, activations and gradients."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QComboBox, QLabel

from engine.array_types import Array
from engine.compute.histogram import Histogram
from engine.data.sources import load
from engine.explain.training_step import take_step
from engine.model.network import Network
from engine.model.project import Project
from engine.model.templates import notebook
from engine.model.weights import Weights, initial_weights
from engine.random_streams import stream
from engine.training.step_statistics import StepStatistics
from gui.panels.gradient_curves import GRADIENT
from tests.gui.driving import Driver
from tests.gui.panels.seen_gradients import NAMES, opened, texts
from tests.gui.recorded_runs import record


@pytest.fixture
def driver(new_project: Driver) -> Driver:
    """Return the module's window with a new project in it, and the first of the curves chosen."""
    new_project.find(QComboBox, "gradients.shown").setCurrentIndex(GRADIENT)
    return new_project


def test_histograms_are_those_of_weights_and_activations_over_the_digits(driver: Driver) -> None:
    panel = opened(driver)
    driver.wait(lambda: panel.headline() == "No training step yet.")
    assert "Click Train" in panel.curves.sentence(GRADIENT)
    driver.wait(lambda: panel.histograms.activations.histogram() is not None)
    driver.pick("gradients.block", "4 Dense 100")
    project = notebook()
    settings, report = project.settings, project.check()
    weights = initial_weights(report, settings.seed, settings.initializer)
    _, test = load(settings.dataset, settings.classes, settings.limit)
    places = np.linspace(0, len(test) - 1, 64).astype(int)
    values = Network(report, weights).activations(test.batch_inputs(places))[3]
    drawn = panel.histograms.activations.histogram()
    assert drawn is not None
    assert driver.find(QLabel, "gradients.when").text() == "at epoch 0"
    counts, _ = np.histogram(values.astype(float), bins=len(drawn.counts))
    assert np.abs(drawn.counts - counts).sum() <= 4, "but for values on an edge"
    assert drawn.mean == pytest.approx(values.mean(), rel=1e-4)
    own = panel.histograms.weights.histogram()
    dense = weights[project.stack.slots[3].id]["weight"]
    assert own is not None
    assert own.deviation == pytest.approx(dense.std(), rel=0.02), "of some of the many weights"
    driver.pick("gradients.block", "5 Sigmoid")
    assert not panel.histograms.weights.isVisible()
    before = panel.histograms.activations.histogram()
    driver.run("step_batch", "Paused")

    def is_newer() -> bool:
        after = panel.histograms.activations.histogram()
        return before is not None and after is not None and after.mean != before.mean

    driver.wait(is_newer)
    assert driver.find(QLabel, "gradients.when").text() == "at epoch 0.01", "one of 200 batches"


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


def test_gradients_of_a_step_behind_its_back_are_there_when_it_comes_into_view(
    driver: Driver,
) -> None:
    driver.window.docks.show_panel("Loss")
    driver.run("step_batch", "Paused")
    driver.settle()
    panel, project = opened(driver), notebook()
    shown = panel.histograms.gradients
    driver.pick("gradients.block", "6 Dense 2")
    driver.wait(lambda: shown.histogram() is not None)
    weights = initial_weights(project.check(), project.settings.seed, project.settings.initializer)
    assert_counted(shown.histogram(), gradients_of(project, weights, epoch=1)["6 Dense 2"])


def test_gradients_are_counted_in_the_steps(driver: Driver) -> None:
    panel = opened(driver)
    shown = panel.histograms.gradients
    driver.pick("gradients.block", "6 Dense 2")
    driver.wait(lambda: panel.histograms.weights.histogram() is not None)
    assert shown.histogram() is None
    assert "|gradients|: from the next step on" in texts(panel)
    driver.run("step_batch", "Paused")
    driver.wait(lambda: shown.histogram() is not None)
    project = notebook()
    weights = initial_weights(project.check(), project.settings.seed, project.settings.initializer)
    found = gradients_of(project, weights, epoch=1)
    for name in ("6 Dense 2", "1 Conv 5, 3×3"):
        driver.pick("gradients.block", name)
        assert_counted(shown.histogram(), found[name])
    driver.wait(lambda: shown.sentence() in texts(panel))  # with values as new as the step
    assert "one of the last training steps" in shown.toolTip()
    driver.pick("gradients.block", "5 Sigmoid")
    assert not shown.isVisible()
    driver.choose("reset")
    driver.pick("gradients.block", "6 Dense 2")
    driver.wait(lambda: shown.histogram() is None)


def test_what_is_told_of_an_older_step_has_its_time(driver: Driver) -> None:
    panel, heard = opened(driver), list[tuple[float, StepStatistics]]()
    driver.window.session.steps_observed.connect(heard.extend)
    driver.pick("gradients.block", "6 Dense 2")
    driver.run("step_batch", "Paused")
    driver.wait(lambda: panel.histograms.gradients.histogram() is not None)
    when = driver.find(QLabel, "gradients.when")
    driver.wait(lambda: when.text() == "at epoch 0.01")
    title = panel.histograms.gradients.sentence()
    driver.wait(lambda: title in texts(panel))
    said = panel.headline()
    assert "Last step" not in said
    panel.add_steps([(0.0, heard[-1][1])])
    panel.refresh()
    assert panel.headline() == f"{said} Last step looked at: epoch 0."
    assert f"{title}, epoch 0" in texts(panel)
    assert title not in texts(panel)


def test_a_moment_has_the_gradients_of_its_own_next_step(driver: Driver, tmp_path: Path) -> None:
    project = notebook()
    project = replace(project, settings=project.settings.with_changes(epochs=2, limit=20))
    run = record(tmp_path, project)
    panel = opened(driver)
    driver.window.view.show(run, 1)
    shown = panel.histograms.gradients
    driver.wait(lambda: shown.histogram() is not None)
    checkpoint = run.project_after(1)
    found = gradients_of(checkpoint, checkpoint.weights, epoch=2)
    for name in ("6 Dense 2", "1 Conv 5, 3×3"):
        driver.pick("gradients.block", name)
        assert_counted(shown.histogram(), found[name])
    assert "for a batch of training images" in shown.toolTip()
    driver.window.view.back_to_now()
    driver.wait(lambda: shown.histogram() is None)
