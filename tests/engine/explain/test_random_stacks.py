"""On random stacks, all that is explained is what the engine does, and its gradients are right."""

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchmarks.stacks import RandomStack, random_stack
from engine.array_types import Array
from engine.compute.pass_context import PassContext
from engine.explain.by_block import (
    explain_input_gradient,
    explain_output,
    explain_parameter_gradient,
)
from engine.explain.gradient_check import ArrayCheck, check_gradients
from engine.explain.training_step import TrainingStep, take_step
from engine.model.network import ParameterKey
from engine.model.stack import ShapeReport
from engine.model.weights import Weights, initial_weights
from engine.training.executor import Executor
from engine.training.optimizers import Optimizer, make_rule
from tests.engine.closeness import relative_error
from tests.engine.explain.stacks import CLASSES, SHAPE, stacks
from tests.engine.explain.steps import settings_for
from tests.engine.marks import deaf_to_openblas, when_there_is_time
from tests.engine.networks import ArrayBatch, network, summed

pytestmark = deaf_to_openblas

seeds = st.integers(0, 2**20)
many = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def digit(seed: int) -> Array:
    """An image of 256 shades, part of it blank."""
    rng = np.random.default_rng(seed)
    image: Array = rng.integers(0, 256, SHAPE) / 255
    image[:, :, : rng.integers(0, 4)] = 0.0
    return image


def step_of(made: tuple[ShapeReport, str], seed: int, **changes: Any) -> TrainingStep:
    report, loss = made
    weights = network(report, seed=seed).copy_weights()
    return take_step(report, weights, settings_for(loss, **changes), digit(seed), seed % CLASSES)


OPTIMIZERS: list[dict[str, Any]] = [
    {},
    {"weight_decay": 0.1},
    {"momentum": 0.9},
    {"momentum": 0.9, "nesterov": True, "weight_decay": 0.1},
    {"optimizer": "adam", "weight_decay": 0.1},
    {"optimizer": "adamw", "weight_decay": 0.1},
]


@given(stacks(), seeds, st.sampled_from(OPTIMIZERS))
@many
def test_the_step_is_the_executors(
    made: tuple[ShapeReport, str], seed: int, optimizer: dict[str, Any]
) -> None:
    step, (report, loss) = step_of(made, seed, **optimizer), made
    one = ArrayBatch(step.image[None], step.target[None])
    run = PassContext(seed=step.settings.seed, counters=np.array([1, 1]))
    right = network(report, seed=seed)
    executor = Executor(right, loss, threads=1)
    result = executor.gradients(one, run)
    gradients = summed(result)
    Optimizer(make_rule(step.settings), right.parameters).update(
        result.gradients, step.learning_rate
    )
    after = executor.gradients(one, run).loss_sum
    executor.close()
    assert step.loss.value == pytest.approx(result.loss_sum, rel=1e-12)
    assert step.loss_after.value == pytest.approx(after, rel=1e-9)
    for block in step.blocks:
        for parameter in block.parameters:
            key = ParameterKey(block.slot.id, parameter.name)
            assert relative_error(parameter.gradient, gradients[key]) <= 1e-9
            assert relative_error(parameter.after, right.parameters[key]) <= 1e-9


@given(stacks(), seeds, st.data())
@many
def test_every_explanation_gives_the_number_that_it_explains(
    made: tuple[ShapeReport, str], seed: int, data: st.DataObject
) -> None:
    for block in step_of(made, seed).blocks:
        # What comes in may cancel out: before a mean, the parts of BatchNorm's gradient do.
        rounding = 1e-4 * float(np.abs(block.gradient).max())
        scale = max(float(np.abs(block.input_gradient).max()), rounding, 1e-30)
        place = data.draw(st.sampled_from(list(np.ndindex(block.outputs.shape))))
        found = explain_output(block, place).result.value
        assert found == pytest.approx(block.outputs[place], rel=1e-9, abs=1e-9)
        place = data.draw(st.sampled_from(list(np.ndindex(block.inputs.shape))))
        found = explain_input_gradient(block, place).result.value
        assert abs(found - block.input_gradient[place]) <= 1e-9 * scale
        for parameter in block.parameters:
            scale = max(float(np.abs(parameter.gradient).max()), rounding, 1e-12)
            place = data.draw(st.sampled_from(list(np.ndindex(parameter.before.shape))))
            found = explain_parameter_gradient(block, parameter.name, place).result.value
            assert abs(found - parameter.gradient[place]) <= 1e-9 * scale


# The gradients of random stacks over all kinds of blocks are those of the difference quotients.


# Two BatchNorms in a row over a dead unit bend the loss so much that no step is small enough.
TOLERANCE = 1e-4


@pytest.mark.parametrize("seed", [*range(8), *when_there_is_time(range(8, 500))])
def test_gradients_are_right(seed: int) -> None:
    """Some gradients of each array; larger stacks where there is time."""
    side, work = (16, 1_000_000) if seed < 8 else (24, 3_000_000)
    drawn = random_stack(1, seed, most_side=side, most_multiply_adds=work)
    dice = np.random.default_rng(seed)
    images: Array = dice.integers(0, 256, (3, *drawn.stack.input_shape)) / 255
    weights, checked = with_biases(drawn, seed), 0
    for event in check_gradients(
        drawn.report, weights, drawn.settings, images, [0, 3, 9], limit=5, seed=seed
    ):
        if isinstance(event, ArrayCheck):
            checked += 1
            error = event.max_relative_error
            assert error <= TOLERANCE, (drawn.words, event.full_name, event.verdict)
    assert checked >= len(drawn.stack.slots)


def with_biases(drawn: RandomStack, seed: int) -> Weights:
    """Draw initial weights, with biases off 0."""
    dice = np.random.default_rng(seed)
    weights = initial_weights(drawn.report, seed, "lecun", dtype=np.float64)
    for arrays in weights.values():
        if "bias" in arrays:
            arrays["bias"][...] = dice.normal(0, 0.3, arrays["bias"].shape)
    return weights
