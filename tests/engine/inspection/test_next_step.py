"""The step that comes next is the one that training takes, and the project stays as it is."""

from dataclasses import replace

import numpy as np
import pytest

from engine.blocks import Dense, Reshape
from engine.model.project import Project
from engine.model.weights import initial_weights
from engine.training.events import BatchDone, EpochDone
from engine.training.run import observe_next_step
from engine.training.step_statistics import StepStatistics
from tests.engine.networks import dataset, fitting
from tests.engine.runs.own_runs import learned, project_of
from tests.engine.training_runs import SETTINGS, same, training

TRAIN, TEST = dataset(50), dataset(20, seed=3)


def numbers(step: StepStatistics) -> list[float]:
    """All numbers of a step but the time that it took to find them out."""
    return [
        number
        for block in step.blocks
        for norms in block.parameters.values()
        for number in (norms.gradient, norms.weights, norms.update)
    ]


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_it_is_the_step_that_an_uninterrupted_training_takes(optimizer: str) -> None:
    settings = SETTINGS.with_changes(optimizer=optimizer, learning_rate=0.05, momentum=0.5)
    taken: BatchDone | None = None
    checkpoint: Project | None = None
    with training(settings, threads=1) as run:
        project = project_of(fitting(loss=settings.loss), settings)
        for event in run.run():
            if isinstance(event, EpochDone) and event.epoch == 2:
                checkpoint = learned(project, run)
                run.observe()
            elif isinstance(event, BatchDone) and event.statistics is not None:
                taken = event
                break
    assert taken is not None
    assert taken.statistics is not None
    assert checkpoint is not None
    before = {slot: dict(arrays) for slot, arrays in checkpoint.weights.items()}
    found = observe_next_step(checkpoint, TRAIN, TEST)
    assert found is not None
    position, step = found
    assert position == taken.position
    np.testing.assert_allclose(numbers(step), numbers(taken.statistics), rtol=1e-6)
    assert same(checkpoint.weights, before)


def test_of_a_step_that_explodes_there_is_nothing() -> None:
    settings = SETTINGS.with_changes(loss="mse")
    report = fitting((Reshape(), Dense(units=3)), loss="mse")
    project = project_of(report, settings)
    huge = {
        slot: {name: array + np.float32(1e30) for name, array in arrays.items()}
        for slot, arrays in initial_weights(report, 0, settings.initializer).items()
    }
    project = replace(project, weights=huge)
    assert observe_next_step(project, TRAIN, TEST) is None


def test_it_is_given_up_on_demand() -> None:
    project = project_of(fitting(loss=SETTINGS.loss), SETTINGS)
    assert observe_next_step(project, TRAIN, TEST, interrupted=lambda: True) is None
