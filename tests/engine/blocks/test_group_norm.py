"""GroupNorm by worked-out numbers, and in training: cut into shards, and in replayed steps."""

import numpy as np
import pytest
from numpy.typing import DTypeLike

from engine.array_types import Array
from engine.blocks import Conv, Dense, GroupNorm, KnownBlock, ReLU, Reshape, Sigmoid
from engine.compute.workspace import Workspace
from engine.errors import ShapeError
from engine.model.network import ParameterKey
from engine.training.executor import Executor
from tests.engine.closeness import relative_error
from tests.engine.networks import batch, fitting, network, summed

STACK: tuple[KnownBlock, ...] = (
    Conv(depth=6, padding="same", bias="channel"),
    GroupNorm(groups=3),
    ReLU(),
    Conv(depth=4, bias="channel"),
    GroupNorm(),
    Reshape(),
    Dense(units=8),
    GroupNorm(groups=2),
    Dense(units=3),
    Sigmoid(),
)


def test_large_means_cost_no_digits() -> None:
    values = np.random.default_rng(1).standard_normal((2, 4, 7, 7))
    one = np.ones(4, np.float32)
    layer = GroupNorm(groups=2).layer((4, 7, 7), {"weight": one, "bias": 0 * one})
    found = layer.forward((values + 1000).astype(np.float32), Workspace(np.float32))
    groups = (values + 1000).astype(np.float32).astype(np.float64).reshape(2, 2, -1)
    away = groups - groups.mean(axis=2, keepdims=True)
    right = away / np.sqrt((away**2).mean(axis=2, keepdims=True) + 1e-5)
    assert relative_error(found, right.reshape(found.shape)) < 1e-5


def gradients(
    samples: int, threads: int, steps: int, dtype: DTypeLike
) -> dict[ParameterKey, Array]:
    """Return what the last of so many steps gives for the same batch."""
    executor = Executor(network(fitting(STACK), dtype), "bce", threads=threads)
    try:
        for _ in range(steps):
            result = executor.gradients(batch(samples))
        found: dict[ParameterKey, Array] = summed(result)
        return {key: array.copy() for key, array in found.items()}
    finally:
        executor.close()


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-12)])
@pytest.mark.parametrize(("samples", "threads"), [(1, 1), (9, 1), (9, 2), (24, 3)])
def test_shards_and_replayed_steps_give_what_one_batch_gives(
    samples: int, threads: int, dtype: DTypeLike, tolerance: float
) -> None:
    whole = gradients(samples, 1, 1, np.float64)
    for steps in (1, 4):
        found = gradients(samples, threads, steps, dtype)
        for key, right in whole.items():
            assert relative_error(found[key], right) <= tolerance, key


@pytest.mark.parametrize(
    ("groups", "shape", "remedy"),
    [
        (4, (6, 3, 3), "Set the groups to 3."),
        (512, (6, 1, 1), "Set the groups to 3."),
        (5, (7,), "Set the groups to 1."),
        (1, (1, 1, 1), "Remove it."),
    ],
)
def test_groups_that_do_not_fit_are_refused_with_a_remedy(
    groups: int, shape: tuple[int, ...], remedy: str
) -> None:
    with pytest.raises(ShapeError, match="equal groups of more than one value") as refusal:
        GroupNorm(groups=groups).output_shape(shape)
    assert refusal.value.remedy == remedy
