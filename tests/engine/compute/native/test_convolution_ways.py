"""Each way of convolving, called by itself, against scipy.signal, and when which is taken."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.array_types import Array
from engine.compute.convolution import Axis, Geometry
from engine.compute.native.convolution import DIRECT, WINOGRAD, ConvolutionWay, faster_way
from engine.compute.workspace import Workspace
from tests.engine.closeness import relative_error
from tests.engine.compute.test_convolution import Setting, by_loops
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas


class UsedWorkspace(Workspace):
    """A workspace whose memory another layer has left full of NaN."""

    def scratch(self, name: str, shape: tuple[int, ...]) -> Array:
        """Return memory full of NaN."""
        held = super().scratch(name, shape)
        held[...] = np.nan
        return held


def check_way(way: ConvolutionWay, setting: Setting) -> None:
    """Compare the outputs and gradients of a way in both types with the loops in float64."""
    _, inputs, parameters, gradient = setting.draw()
    arrays = inputs, parameters["weight"], gradient
    compare(way, setting, arrays, np.float64, 1e-9)
    # Sums whose terms cancel have no digits left in any float32, so the terms have one sign here.
    compare(way, setting, tuple(map(np.abs, arrays)), np.float32, 1e-5)


def compare(
    way: ConvolutionWay,
    setting: Setting,
    arrays: tuple[Array, ...],
    dtype: type[np.floating],
    tolerance: float,
) -> None:
    """Compare a way in one type, to its tolerance."""
    inputs, kernels, gradient = arrays
    addend = np.random.default_rng(setting.seed).random(gradient.shape[1:])
    right = by_loops(setting.draw()[0], inputs, {"weight": kernels, "bias": addend}, gradient)
    maps, weights, more, slopes = (
        array.astype(dtype) for array in (inputs, kernels, addend, gradient)
    )
    rows, columns = (
        Axis(length, setting.kernel_size, setting.stride, setting.padding == "same")
        for length in (setting.height, setting.width)
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


@st.composite
def drawn_settings(draw: st.DrawFn, kernels: tuple[int, ...], strides: int, maps: int) -> Setting:
    """Groups of all sizes, rows shorter and longer than vectors, maps for several blocks."""
    kernel_size = draw(st.sampled_from(kernels))
    padding: Literal["valid", "same"] = draw(st.sampled_from(("valid", "same")))
    sides = st.integers(kernel_size if padding == "valid" else 1, 20)
    return Setting(
        samples=draw(st.sampled_from((1, 2, 3, 7, 8, 16, 25))),
        channels=draw(st.integers(1, maps // 2)),
        height=draw(sides),
        width=draw(sides),
        depth=draw(st.integers(1, maps)),
        kernel_size=kernel_size,
        padding=padding,
        stride=draw(st.integers(1, strides)),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


@settings(max_examples=30)
@given(drawn_settings((1, 2, 3, 4, 5, 6), 4, 14))
@example(Setting(8, 1, 40, 41, 20, 3, padding="same"))  # more rows than are computed at once
@example(Setting(1, 1, 40, 41, 20, 3, padding="same"))
@example(Setting(9, 1, 2, 2, 3, 1, stride=3))  # columns that no kernel meets
@example(Setting(18, 2, 3, 3, 2, 7, padding="same", stride=2))  # a kernel larger than the maps
@example(Setting(24, 4, 15, 6, 13, 5))
@example(Setting(3, 9, 6, 7, 5, 4, stride=4))  # one place
def test_the_direct_way(setting: Setting) -> None:
    check_way(DIRECT, setting)


@settings(max_examples=20)
@given(drawn_settings((3, 5), 1, 30))
@example(Setting(2, 16, 14, 14, 32, 5))
@example(Setting(1, 4, 1, 1, 24, 3, padding="same"))
@example(Setting(9, 8, 26, 26, 16, 3))  # more than one block of tiles
@example(Setting(1, 128, 9, 9, 4, 3))  # sums over very many maps
@example(Setting(1, 4, 9, 9, 128, 5))
def test_winograds_way(setting: Setting) -> None:
    check_way(WINOGRAD, setting)


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
    assert faster_way((*maps, size, size), Geometry(axis, axis)) is right
