"""Sums over a batch, against sums in float64."""

import numpy as np
import pytest

from engine.array_types import Shape
from engine.compute.numerics import numerics
from tests.engine.closeness import relative_error


@pytest.mark.parametrize(
    "shape",
    [(1, 3, 4, 5), (2, 1, 1, 1), (5, 7, 3, 2), (8, 2, 50, 60), (64, 10, 1, 1), (1001, 2, 9, 4)],
)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 5e-6), (np.float64, 1e-14)])
def test_sums(shape: Shape, dtype: type[np.floating], tolerance: float) -> None:
    """Of numbers of one sign: of sums whose terms cancel, no digits are left in any float32."""
    values = np.random.default_rng(3).random(shape).astype(dtype)
    for add, axes in ((numerics().sample_sums, "mhw"), (numerics().map_sums, "m")):
        found, right = add(values), np.einsum(f"nmhw->{axes}", values.astype(np.float64))
        assert (found.shape, found.dtype) == (right.shape, np.dtype(dtype))
        assert relative_error(found, right) <= tolerance
        assert not np.may_share_memory(found, values)
