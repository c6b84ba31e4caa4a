"""GroupNorm far from zero, and groups that do not fit."""

import numpy as np
import pytest

from engine.blocks import GroupNorm
from engine.compute.workspace import Workspace
from engine.errors import ShapeError
from tests.engine.closeness import relative_error


def test_large_means_cost_no_digits() -> None:
    values = np.random.default_rng(1).standard_normal((2, 4, 7, 7))
    one = np.ones(4, np.float32)
    layer = GroupNorm(groups=2).layer((4, 7, 7), {"weight": one, "bias": 0 * one})
    found = layer.forward((values + 1000).astype(np.float32), Workspace(np.float32))
    groups = (values + 1000).astype(np.float32).astype(np.float64).reshape(2, 2, -1)
    away = groups - groups.mean(axis=2, keepdims=True)
    right = away / np.sqrt((away**2).mean(axis=2, keepdims=True) + 1e-5)
    assert relative_error(found, right.reshape(found.shape)) < 1e-5


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
