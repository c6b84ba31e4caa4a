"""Which way of convolving takes which samples of a batch."""

import numpy as np
import pytest

from engine.array_types import Shape
from engine.compute.convolution import Axis, Geometry
from engine.compute.native.convolution import COLUMNS, DIRECT, WINOGRAD, Way, chosen_ways


@pytest.mark.parametrize(
    ("samples", "kernels", "right"),
    [
        (19, (4, 4, 3, 3), [(DIRECT, slice(16)), (COLUMNS, slice(16, 19))]),
        (8, (4, 4, 3, 3), [(DIRECT, slice(8))]),
        (7, (4, 4, 3, 3), [(COLUMNS, slice(0, 7))]),
        (19, (48, 48, 3, 3), [(WINOGRAD, slice(19))]),
        (1, (24, 24, 3, 3), [(WINOGRAD, slice(1))]),
    ],
)
def test_each_sample_is_taken_by_one_way(
    samples: int, kernels: Shape, right: list[tuple[Way, slice]]
) -> None:
    axis = Axis(14, kernels[-1], same=True)
    assert list(chosen_ways(samples, np.zeros(kernels), Geometry(axis, axis))) == right
