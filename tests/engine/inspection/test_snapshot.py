"""Looks: what is seen of one sample in a network or its front, in the next step, of a kernel."""

import math
from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from engine.blocks import Conv, Dense, KnownBlock, Reshape, Sigmoid, UnknownBlock
from engine.errors import TrainingError
from engine.inspection.snapshot import Sample, Snapshot, take_snapshot
from engine.model.kernel_operations import correlate, identity
from engine.model.project import Project
from engine.model.stack import BlockSlot
from engine.model.templates import notebook
from engine.model.weights import initial_weights
from engine.training.events import BatchDone, EpochDone
from engine.training.run import observe_next_step
from engine.training.step_statistics import StepStatistics
from tests.engine.closeness import relative_error
from tests.engine.networks import dataset, fitting, network
from tests.engine.runs.own_runs import learned, project_of
from tests.engine.training_runs import SETTINGS, same, training

IMAGE = np.random.default_rng(3).integers(0, 256, (1, 28, 28), dtype=np.uint8)
SAMPLE = Sample(IMAGE, (0, 1), index=4, label=1)


def trained() -> Project:
    """Return the notebook's network with weights that no seed makes."""
    project = notebook()
    weights = project.network().copy_weights()
    for arrays in weights.values():
        for array in arrays.values():
            array += 0.01
    return replace(project, weights=weights, trained_epochs=3)


def broken(project: Project, position: int, block: KnownBlock | UnknownBlock) -> Project:
    slot = BlockSlot(project.stack.slots[position].id, block)
    return replace(project, stack=project.stack.replaced(slot))


@pytest.mark.parametrize("position", [1, 3, 6])
@pytest.mark.parametrize("block", [Conv(kernel_size=40), UnknownBlock({"kind": "x"}, "not known")])
def test_in_front_of_a_bad_block_is_what_the_whole_network_has_there(
    position: int, block: KnownBlock | UnknownBlock
) -> None:
    project = trained()
    whole = take_snapshot(project.network(), SAMPLE)
    front = take_snapshot(broken(project, position, block).front(), SAMPLE)
    assert len(front.blocks) == position
    for one, other in zip(front.blocks, whole.blocks, strict=False):
        assert (one.slot, one.label) == (other.slot, other.label)
        assert np.array_equal(one.values, other.values)
        assert (one.kernels is None) == (other.kernels is None)
        assert (
            one.kernels is None
            or other.kernels is None
            or np.array_equal(one.kernels, other.kernels)
        )
    assert front.outputs is None
    assert front.predicted is None
    assert front.largest is None
    assert whole.outputs is not None


def test_outputs_that_are_not_the_classes_predict_nothing() -> None:
    snapshot = take_snapshot(broken(trained(), 5, Dense(units=3)).front(), SAMPLE)
    assert len(snapshot.blocks) == 7
    assert snapshot.blocks[-1].values.shape == (3,)
    assert snapshot.predicted is None


def test_where_no_block_fits_there_is_only_the_image() -> None:
    project = broken(trained(), 0, Dense())
    with pytest.raises(TrainingError, match="Block 1"):
        project.front()
    snapshot = take_snapshot(None, SAMPLE)
    assert snapshot.blocks == ()
    assert snapshot.predicted is None
    np.testing.assert_allclose(snapshot.inputs, IMAGE / 255, rtol=1e-6)


def seen(project: Project, snapshot: Snapshot) -> tuple[list[int], bool]:
    found = snapshot.within(project.check())
    return [block.slot for block in found.blocks], found.outputs is not None


def test_an_edit_leaves_of_a_look_what_is_still_true() -> None:
    project = trained()
    snapshot = take_snapshot(project.network(), SAMPLE)
    assert seen(project, snapshot) == ([1, 2, 3, 4, 5, 6, 7], True)
    assert seen(broken(project, 3, Conv()), snapshot) == ([1, 2, 3], False)
    assert seen(broken(project, 0, Dense()), snapshot) == ([], False)
    assert seen(broken(project, 5, Dense(units=3)), snapshot) == ([1, 2, 3, 4, 5], False)
    assert seen(broken(broken(project, 0, Conv(depth=2)), 6, Conv()), snapshot) == ([], False)


def test_outputs_that_are_not_finite_predict_no_class() -> None:
    snapshot = take_snapshot(trained().network(), SAMPLE)
    for value in (np.nan, np.inf):
        unanswered = replace(snapshot, outputs=np.array([0.5, value]))
        assert unanswered.predicted is None
        assert unanswered.predicted_name is None


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


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize(("size", "stride"), [(1, 1), (2, 3), (3, 1), (4, 2), (5, 3)])
def test_the_terms_of_all_channels_and_the_bias_make_the_map_of_the_block(
    padding: Literal["valid", "same"], stride: int, size: int
) -> None:
    conv = Conv(depth=2, kernel_size=size, padding=padding, stride=stride)
    channels = (3, 8, 7)
    report = fitting((conv, Reshape(), Sigmoid()), channels, math.prod(conv.output_shape(channels)))
    net = network(report)
    image = np.random.default_rng(3).standard_normal(channels)
    weights = net.copy_weights()[1]
    outputs = net.activations(image[None])[0][0]
    geometry = conv.geometry(channels)
    for i in range(2):
        terms = [correlate(image[j], weights["weight"][i, j], geometry) for j in range(3)]
        assert relative_error(sum(terms) + weights["bias"][i], outputs[i]) < 1e-12


@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_the_identity_leaves_a_padded_map_in_its_place(size: int) -> None:
    channel = np.random.default_rng(4).standard_normal((9, 8))
    geometry = Conv(kernel_size=size, padding="same").geometry((1, 9, 8))
    assert np.array_equal(correlate(channel, identity(size), geometry), channel)
