"""Cross-correlation and convolution of batches of maps, each in the fastest way.

Where there are many maps, 3×3 and 5×5 kernels are computed by Winograd's way (`winograd.py`), of
whose multiplications there are fewer; kernels that are each for a map of its own have a way of
theirs (`depthwise.py`); all else is convolved directly (`direct.py`). The rule depends on shapes
alone; the numbers in it were measured.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from engine.array_types import Array, Shape, plain
from engine.compute.convolution import Geometry
from engine.compute.native import copying
from engine.compute.native.convolution_ways import depthwise, direct, winograd
from engine.compute.pass_context import Scratch


class ConvolutionWay(NamedTuple):
    """One way to convolve: two functions that take the same as those below, all plain.

    The first takes a bias for every position, the second a total to add the kernel gradient to.
    """

    correlate: Callable[[Array, Array, Array, Array, Scratch, Geometry], None]
    gradients: Callable[[Array, Array, Array, Array, Array | None, Scratch, Geometry], None]


DEPTHWISE = ConvolutionWay(depthwise.correlate, depthwise.gradients)
DIRECT = ConvolutionWay(direct.correlate, direct.gradients)
WINOGRAD = ConvolutionWay(winograd.correlate, winograd.gradients)


def correlate(
    maps: Array,
    kernels: Array,
    bias: Array,
    out: Array,
    workspace: Scratch,
    geometry: Geometry,
) -> None:
    addend = plain(bias)
    if bias.ndim == 1:
        addend = workspace.scratch("addend", out.shape[1:])
        copying.spread(bias, addend.reshape(len(bias), -1))
    way = fastest_way(maps.shape[1], kernels.shape, geometry)
    way.correlate(plain(maps), plain(kernels), addend, out, workspace, geometry)


def correlation_gradients(
    maps: Array,
    gradient: Array,
    kernels: Array,
    out: Array | None,
    workspace: Scratch,
    geometry: Geometry,
) -> Array:
    total = np.empty(kernels.shape, kernels.dtype)
    copying.clear(total.reshape(-1))
    way = fastest_way(maps.shape[1], kernels.shape, geometry)
    way.gradients(plain(maps), plain(gradient), plain(kernels), total, out, workspace, geometry)
    return total


def fastest_way(maps: int, kernels_shape: Shape, geometry: Geometry) -> ConvolutionWay:
    """Choose the way for so many maps and kernels (depth, channels, k, k)."""
    if kernels_shape[1] != maps:
        return DEPTHWISE
    return WINOGRAD if winograd.pays(kernels_shape, geometry) else DIRECT
