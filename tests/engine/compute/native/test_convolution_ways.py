"""Each way of convolving, called by itself, against plain loops, and when which is taken."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.array_types import Array
from engine.blocks import Conv
from engine.compute.convolution import Axis, Geometry
from engine.compute.native.convolution import DIRECT, WINOGRAD, ConvolutionWay, fastest_way
from engine.compute.workspace import Workspace
from tests.engine.blocks.cases import Case, convolutions
from tests.engine.closeness import relative_error
from tests.engine.compute.test_convolution import by_loops, convolution, passes
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas


class UsedWorkspace(Workspace):
    """A workspace whose memory another layer has left full of NaN."""

    def scratch(self, name: str, shape: tuple[int, ...]) -> Array:
        """Return memory full of NaN."""
        held = super().scratch(name, shape)
        held[...] = np.nan
        return held


def check_way(way: ConvolutionWay, case: Case, samples: int) -> None:
    """Compare the outputs and gradients of a way in both types with the loops in float64."""
    block = case.block
    assert isinstance(block, Conv)
    for dtype, tolerance, inputs, parameters, gradient in passes(case, samples):
        addend = np.random.default_rng(0).random(gradient.shape[1:])
        right = by_loops(case, inputs, {**parameters, "bias": addend}, gradient)
        maps, weights, more, slopes = (
            array.astype(dtype) for array in (inputs, parameters["weight"], addend, gradient)
        )
        rows, columns = (
            Axis(length, block.kernel_size, block.stride, block.padding == "same")
            for length in case.input_shape[1:]
        )
        geometry, workspace = Geometry(rows, columns), UsedWorkspace(dtype)
        outputs, found = np.full_like(slopes, np.nan), np.full_like(maps, np.nan)
        way.correlate(maps, weights, more, outputs, workspace, geometry)
        both, alone = np.ones_like(weights), np.zeros_like(weights)
        way.gradients(maps, slopes, weights, both, found, workspace, geometry)
        way.gradients(maps, slopes, weights, alone, None, workspace, geometry)
        assert relative_error(outputs, right.outputs) <= tolerance
        assert relative_error(found, right.inputs) <= tolerance
        assert relative_error(both - 1, right.parameters["weight"]) <= tolerance
        assert relative_error(alone, right.parameters["weight"]) <= tolerance


groups = st.sampled_from((1, 2, 3, 7, 8, 16, 25))  # samples for groups of all sizes


@settings(max_examples=15)
@given(convolutions(range(1, 7), 4, (7, 14), 20), groups)
@example(convolution(1, 40, 41, 20, 3, padding="same"), 8)  # more rows than are computed at once
@example(convolution(1, 40, 41, 20, 3, padding="same"), 1)
@example(convolution(1, 2, 2, 3, 1, stride=3), 9)  # columns that no kernel meets
@example(convolution(2, 3, 3, 2, 7, padding="same", stride=2), 18)  # a kernel larger than the maps
@example(convolution(4, 15, 6, 13, 5), 24)
@example(convolution(9, 6, 7, 5, 4, stride=4), 3)  # one place
def test_the_direct_way(case: Case, samples: int) -> None:
    check_way(DIRECT, case, samples)


@settings(max_examples=8)
@given(convolutions((3, 5), 1, (15, 30), 20), groups)
@example(convolution(16, 14, 14, 32, 5), 2)
@example(convolution(4, 1, 1, 24, 3, padding="same"), 1)
@example(convolution(8, 26, 26, 16, 3), 9)  # more than one block of tiles
@example(convolution(128, 9, 9, 4, 3), 1)  # sums over very many maps
@example(convolution(4, 9, 9, 128, 5), 1)
def test_winograds_way(case: Case, samples: int) -> None:
    check_way(WINOGRAD, case, samples)


@pytest.mark.parametrize(
    ("maps", "side", "size", "stride", "right"),
    [
        ((32, 32), 14, 3, 1, WINOGRAD),
        ((32, 64), 14, 5, 1, WINOGRAD),
        ((32, 64), 14, 5, 2, DIRECT),
        ((32, 64), 14, 7, 1, DIRECT),
        ((64, 1), 14, 3, 1, DIRECT),
        ((24, 24), 28, 3, 1, WINOGRAD),
        ((24, 24), 9, 3, 1, DIRECT),  # of nine tiles, most reach over the edge
    ],
)
def test_winograds_way_is_taken_where_it_saves_enough(
    maps: tuple[int, int], side: int, size: int, stride: int, right: ConvolutionWay
) -> None:
    axis = Axis(side, size, stride, same=True)
    assert fastest_way(maps[1], (*maps, size, size), Geometry(axis, axis)) is right
