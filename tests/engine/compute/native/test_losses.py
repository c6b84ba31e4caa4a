"""Losses in a captured step."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.compute.native.native_numerics import NativeNumerics
from tests.engine.compute.native.replaying import assert_replays


def drawn(*shape: int) -> NDArray[np.float32]:
    return np.random.default_rng(1).random(shape, np.float32)


@pytest.mark.parametrize("samples", [1, 9])
@pytest.mark.parametrize("name", ["binary_cross_entropy", "cross_entropy"])
def test_losses_and_their_gradients_replay(name: str, samples: int) -> None:
    outputs, targets = drawn(samples, 5), drawn(samples, 5)
    values, gradient = drawn(samples), drawn(samples, 5)
    twin: Any = NativeNumerics

    def work() -> None:
        getattr(twin, name)(outputs, targets, values)
        getattr(twin, f"{name}_gradient")(outputs, targets, gradient)

    assert_replays(work, (outputs, targets), (values, gradient))


def test_squared_errors_and_differences_replay() -> None:
    outputs, targets, values, gradient = drawn(9, 5), drawn(9, 5), drawn(9), drawn(9, 5)

    def work() -> None:
        NativeNumerics.squared_error(outputs, targets, values)
        NativeNumerics.scaled_difference(outputs, targets, 2, 5, gradient)

    assert_replays(work, (outputs, targets), (values, gradient))


def test_tally_and_scale_replay() -> None:
    values, outputs, targets, sums = drawn(9), drawn(9, 5), drawn(9, 5), np.empty(2)
    factors = np.array([0.3], np.float32)

    def work() -> None:
        NativeNumerics.scale(values, factors)
        NativeNumerics.tally(values, outputs, targets, sums)

    assert_replays(work, (values, outputs, targets), (values, sums))


def test_targets_replay() -> None:
    labels, places, targets = np.arange(20) % 5, np.arange(9), drawn(9, 5)
    assert_replays(
        lambda: NativeNumerics.one_hot(labels, places, targets), (labels, places), (targets,)
    )
