"""Which way of convolving takes which samples of a batch."""

import numpy as np
import pytest

from engine.array_types import Shape
from engine.compute.convolution import Axis, Geometry
from engine.compute.native.convolution import (
    COLUMNS,
    DIRECT,
    PLANES,
    WINOGRAD,
    ConvolutionWay,
    chosen_ways,
)


@pytest.mark.parametrize(
    ("samples", "kernels", "stride", "right"),
    [
        (19, (4, 4, 3, 3), 1, [(DIRECT, slice(16)), (PLANES, slice(16, 19))]),
        (8, (4, 4, 3, 3), 1, [(DIRECT, slice(8))]),
        (7, (4, 4, 3, 3), 3, [(PLANES, slice(0, 7))]),
        (9, (4, 4, 2, 2), 3, [(DIRECT, slice(8)), (COLUMNS, slice(8, 9))]),
        (1, (4, 4, 3, 3), 14, [(COLUMNS, slice(0, 1))]),
        (19, (48, 48, 3, 3), 1, [(WINOGRAD, slice(19))]),
        (1, (24, 24, 3, 3), 1, [(PLANES, slice(0, 1))]),
    ],
)
def test_each_sample_is_taken_by_one_way(
    samples: int, kernels: Shape, stride: int, right: list[tuple[ConvolutionWay, slice]]
) -> None:
    axis = Axis(14, kernels[-1], stride, same=True)
    assert list(chosen_ways(samples, np.zeros(kernels), Geometry(axis, axis), None)) == right
