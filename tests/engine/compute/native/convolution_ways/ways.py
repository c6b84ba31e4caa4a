"""One way of convolving, called by itself, against scipy.signal."""

import numpy as np

from engine.array_types import Array
from engine.compute.convolution import Axis, Geometry
from engine.compute.native.convolution import ConvolutionWay
from engine.compute.workspace import Workspace
from tests.engine.closeness import relative_error
from tests.engine.compute.test_convolution import Setting, by_loops


class UsedWorkspace(Workspace):
    """A workspace whose memory another layer has left full of NaN."""

    def scratch(self, name: str, shape: tuple[int, ...]) -> Array:
        """Return memory full of NaN."""
        held = super().scratch(name, shape)
        held[...] = np.nan
        return held


def geometry_of(setting: Setting) -> Geometry:
    """Return how the kernels of a setting move."""
    rows, columns = (
        Axis(length, setting.kernel_size, setting.stride, setting.padding == "same")
        for length in (setting.height, setting.width)
    )
    return Geometry(rows, columns)


def check_way(way: ConvolutionWay, setting: Setting) -> None:
    """Compare the outputs and gradients of a way in both types with the loops in float64."""
    _, inputs, parameters, gradient = setting.draw()
    compare(way, setting, (inputs, parameters["weight"], gradient), np.float64, 1e-9)
    # Sums whose terms cancel have no digits left in any float32, so the terms have one sign here.
    positive = (np.abs(inputs), np.abs(parameters["weight"]), np.abs(gradient))
    compare(way, setting, positive, np.float32, 1e-5)


def compare(
    way: ConvolutionWay,
    setting: Setting,
    arrays: tuple[Array, Array, Array],
    dtype: type[np.floating],
    tolerance: float,
) -> None:
    """Compare a way in one type, to its tolerance."""
    block = setting.draw()[0]
    inputs, kernels, gradient = arrays
    addend = np.random.default_rng(setting.seed).random(gradient.shape[1:])
    right = by_loops(block, inputs, {"weight": kernels, "bias": addend}, gradient)
    maps, weights, more, slopes = (
        array.astype(dtype) for array in (inputs, kernels, addend, gradient)
    )
    geometry, workspace = geometry_of(setting), UsedWorkspace(dtype)
    outputs, found = np.full_like(slopes, np.nan), np.full_like(maps, np.nan)
    way.correlate(maps, weights, more, outputs, workspace, geometry)
    both, alone = np.ones_like(weights), np.zeros_like(weights)
    way.gradients(maps, slopes, weights, both, found, workspace, geometry)
    way.gradients(maps, slopes, weights, alone, None, workspace, geometry)
    assert right.inputs is not None
    assert relative_error(outputs, right.outputs) <= tolerance
    assert relative_error(found, right.inputs) <= tolerance
    assert relative_error(both - 1, right.parameters["weight"]) <= tolerance
    assert relative_error(alone, right.parameters["weight"]) <= tolerance
