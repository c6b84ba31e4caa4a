"""The gradients of random stacks over all kinds of blocks are those of the difference quotients."""

import numpy as np
import pytest

from benchmarks.stacks import RandomStack, random_stack
from engine.array_types import Array
from engine.explain.gradient_check import ArrayCheck, check_gradients
from engine.model.weights import Weights, initial_weights
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas

# Two BatchNorms in a row over a dead unit bend the loss so much that no step is small enough.
TOLERANCE = 1e-4


@pytest.mark.parametrize("number", range(8))
def test_gradients_are_right(number: int) -> None:
    check(random_stack(1, number, most_side=16, most_multiply_adds=1_000_000), number)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(8, 500))
def test_gradients_of_many_are_right(number: int) -> None:
    check(random_stack(1, number, most_side=24, most_multiply_adds=3_000_000), number)


def check(drawn: RandomStack, seed: int) -> None:
    """Compare some gradients of each array with difference quotients."""
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
