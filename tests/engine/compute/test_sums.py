"""Sums over a batch, against sums in float64."""

import numpy as np
import pytest

from engine.array_types import Array, Shape
from engine.compute.numerics import numerics
from tests.engine.closeness import relative_error

each_shape = pytest.mark.parametrize(
    "shape",
    [(1, 3, 4, 5), (2, 1, 1, 1), (5, 7, 3, 2), (8, 2, 50, 60), (64, 10, 1, 1), (1001, 2, 9, 4)],
)
each_type = pytest.mark.parametrize(
    ("dtype", "tolerance"), [(np.float32, 5e-6), (np.float64, 1e-14)]
)


def drawn(shape: Shape, dtype: type[np.floating]) -> Array:
    """Numbers of one sign: of sums whose terms cancel, no digits are left in any float32."""
    return np.random.default_rng(3).random(shape).astype(dtype)


@each_shape
@each_type
def test_samples(shape: Shape, dtype: type[np.floating], tolerance: float) -> None:
    values = drawn(shape, dtype)
    found = numerics().sample_sums(values)
    assert found.shape == shape[1:]
    assert found.dtype == dtype
    assert relative_error(found, np.einsum("nmhw->mhw", values.astype(np.float64))) <= tolerance


@each_shape
@each_type
def test_maps(shape: Shape, dtype: type[np.floating], tolerance: float) -> None:
    values = drawn(shape, dtype)
    found = numerics().map_sums(values)
    assert found.shape == shape[1:2]
    assert found.dtype == dtype
    assert relative_error(found, np.einsum("nmhw->m", values.astype(np.float64))) <= tolerance


def test_the_sums_of_vectors_are_memory_of_their_own() -> None:
    values = drawn((1, 4), np.float32)
    found = numerics().sample_sums(values)
    values[...] = 0
    assert found.all()
