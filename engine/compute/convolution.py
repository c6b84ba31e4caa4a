"""Convolution layers: the cross-correlation of batches of maps, and its gradients, by im2col.

Y_i = B_i + Σ_j X_j ⋆ K_ij sums the products of a kernel with every window of the maps. With the
windows of one sample laid out as the columns of a matrix, one row for each kernel cell, all these
sums are one matrix product: Y = K · columns(X), or one for each group of maps. Its gradients are
∂E/∂K = ∂E/∂Y · columns(X)ᵀ and ∂E/∂columns(X) = Kᵀ · ∂E/∂Y, of which every value is added to the
place in X that it came from.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from engine.array_types import Array
from engine.compute.pass_context import Scratch


@dataclass(frozen=True)
class Axis:
    """How a kernel moves along one axis of a map: sizes in values."""

    inputs: int
    kernel: int
    stride: int = 1
    same: bool = False

    @property
    def outputs(self) -> int:
        """Count the places where the kernel stops."""
        if self.same:
            return -(-self.inputs // self.stride)
        return (self.inputs - self.kernel) // self.stride + 1

    @property
    def padding(self) -> tuple[int, int]:
        """Return the zeros before and after the map; of an odd number, the larger half is after."""
        if not self.same:
            return (0, 0)
        zeros = max(0, (self.outputs - 1) * self.stride + self.kernel - self.inputs)
        return (zeros // 2, zeros - zeros // 2)

    @property
    def padded(self) -> int:
        """Return the size of the map with its zeros."""
        return self.inputs + sum(self.padding)


@dataclass(frozen=True)
class Geometry:
    """How a kernel moves over a map."""

    rows: Axis
    columns: Axis

    @property
    def stride(self) -> int:
        """Return the stride, the same for both axes."""
        return self.rows.stride

    @property
    def before(self) -> tuple[int, int]:
        """Return the zeros above and to the left of a map."""
        return (self.rows.padding[0], self.columns.padding[0])


def correlate(
    maps: Array,
    kernels: Array,
    bias: Array,
    out: Array,
    workspace: Scratch,
    geometry: Geometry,
) -> None:
    """Write Y_i = B_i + Σ_j X_j ⋆ K_ij: for each sample, K · columns(X) + B.

    maps (n, channels, H, W); kernels (depth, channels, k, k); bias (depth, H', W'), or (depth,) for
    one number a map; out (n, depth, H', W'). Kernels of fewer channels than there are maps make
    groups, each for so many maps of its own.
    """
    matrix = _matrices(kernels, maps)
    bordered = _border(maps, geometry)
    inside, windows = without_border(bordered, geometry), _windows(bordered, geometry)
    for sample, result in zip(maps, out, strict=True):
        inside[...] = sample
        result[...] = (matrix @ _columns(windows, len(matrix))).reshape(result.shape)
    out += bias if bias.ndim == 3 else bias[:, np.newaxis, np.newaxis]


def correlation_gradients(
    maps: Array,
    gradient: Array,
    kernels: Array,
    out: Array | None,
    workspace: Scratch,
    geometry: Geometry,
) -> Array:
    """Return ∂E/∂K_ij = X_j ⋆ ∂E/∂Y_i, summed over the batch; write ∂E/∂X_j if wanted.

    ∂E/∂X_j = Σ_i ∂E/∂Y_i ∗ K_ij (full convolution), without the border.
    maps and out (n, channels, H, W); gradient (n, depth, H', W'); kernels and the result
    (depth, channels, k, k), in groups as above.
    """
    matrix = _matrices(kernels, maps)
    total = np.zeros_like(matrix)
    bordered, slopes = _border(maps, geometry), _border(maps, geometry)
    inside, windows = without_border(bordered, geometry), _windows(bordered, geometry)
    for s, sample in enumerate(maps):
        inside[...] = sample
        slope = gradient[s].reshape(*matrix.shape[:2], -1)
        total += slope @ _columns(windows, len(matrix)).transpose(0, 2, 1)
        if out is not None:
            slopes[...] = 0
            _add_columns(matrix.transpose(0, 2, 1) @ slope, slopes, geometry)
            out[s] = without_border(slopes, geometry)
    return total.reshape(kernels.shape)


def without_border(bordered: Array, geometry: Geometry) -> Array:
    """Return the part of maps (..., H, W) with a border of zeros that is the maps."""
    top, left = geometry.before
    rows, columns = geometry.rows.inputs, geometry.columns.inputs
    return bordered[..., top : top + rows, left : left + columns]


def _border(maps: Array, geometry: Geometry) -> Array:
    """Make the border of zeros for one sample of maps (n, channels, H, W), with zeros in it."""
    return np.zeros((maps.shape[1], geometry.rows.padded, geometry.columns.padded), maps.dtype)


def _windows(maps: Array, geometry: Geometry) -> Array:
    """Return the windows of maps (channels, H, W) as a view: (channels, k, k, H', W')."""
    size, step = geometry.rows.kernel, geometry.stride
    windows = sliding_window_view(maps, (size, size), axis=(1, 2))[:, ::step, ::step]
    return windows.transpose(0, 3, 4, 1, 2)


def _matrices(kernels: Array, maps: Array) -> Array:
    """Lay kernels out as a matrix for each group of maps: (groups, depth, channels · k · k)."""
    groups = maps.shape[1] // kernels.shape[1]
    return kernels.reshape(groups, len(kernels) // groups, -1)


def _columns(windows: Array, groups: int) -> Array:
    """Lay windows (channels, k, k, H', W') out as columns: (groups, channels · k · k, H' · W')."""
    return windows.reshape(groups, math.prod(windows.shape[:3]) // groups, -1)


def _add_columns(columns: Array, maps: Array, geometry: Geometry) -> None:
    """Add every value of columns to the place in maps (channels, H, W) that it was taken from."""
    size, step = geometry.rows.kernel, geometry.stride
    down, across = geometry.rows.outputs, geometry.columns.outputs
    cells = columns.reshape(len(maps), size, size, down, across)
    for row, column in np.ndindex(size, size):
        maps[
            :,
            row : row + (down - 1) * step + 1 : step,
            column : column + (across - 1) * step + 1 : step,
        ] += cells[:, row, column]
