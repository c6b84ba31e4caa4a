"""Cross-correlation and convolution of batches of maps, by columns and matrix products.

The columns hold, for every kernel cell, all values of a map that meet it. At stride 1 they keep the
full row pitch of the maps, so that each is one contiguous slice, at the price of k - 1 products per
row that straddle two rows and are dropped. One sample's columns stay in the L2 cache. Where there
are many maps, 3×3 kernels go Winograd's way instead.
"""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, Shape, plain
from engine.compute import winograd
from engine.compute.lazy import loops
from engine.compute.workspace import Workspace


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
        """Give the zeros before and after the map; of an odd number, the larger half is after."""
        if not self.same:
            return (0, 0)
        zeros = max(0, (self.outputs - 1) * self.stride + self.kernel - self.inputs)
        return (zeros // 2, zeros - zeros // 2)

    @property
    def padded(self) -> int:
        """Give the size of the map with its zeros."""
        return self.inputs + sum(self.padding)


@dataclass(frozen=True)
class Geometry:
    """How a kernel moves over a map."""

    rows: Axis
    columns: Axis

    @property
    def stride(self) -> int:
        """Give the stride, the same for both axes."""
        return self.rows.stride


def padded(maps: Array, geometry: Geometry, workspace: Workspace) -> Array:
    """Put the geometry's border of zeros around maps (n, channels, H, W), if it has one."""
    top, left = geometry.rows.padding[0], geometry.columns.padding[0]
    samples, channels, height, width = maps.shape
    shape = (samples, channels, geometry.rows.padded, geometry.columns.padded)
    if shape == maps.shape:
        return plain(maps)
    bordered = workspace.buffer("bordered_maps", shape)
    bordered[:, :, top : top + height, left : left + width] = maps
    return bordered


def correlate(
    maps: Array, kernels: Array, addend: Array, out: Array, workspace: Workspace, stride: int = 1
) -> None:
    """Write the valid cross-correlation Y_i = Σ_j X_j ⋆ K_ij + addend to `out`.

    maps (n, channels, H, W), plain; kernels (depth, channels, k, k); addend (depth, H', W'); out
    (n, depth, H', W').
    """
    if winograd.pays(kernels.shape, stride):
        winograd.correlate(maps, kernels, addend, out, workspace)
        return
    depth, _, size, _ = kernels.shape
    columns, products = _column_memory(maps.shape, kernels.shape, stride, workspace)
    matrix = plain(kernels).reshape(depth, -1)
    loops().correlate(maps, size, stride, matrix, addend, out, columns, products)


def gradients(
    maps: Array,
    gradient: Array,
    kernels: Array,
    out: Array | None,
    workspace: Workspace,
    geometry: Geometry,
) -> Array:
    """Give ∂E/∂K_ij = X_j ⋆ ∂E/∂Y_i, summed over the batch, and write ∂E/∂X_j to `out` if given.

    ∂E/∂X_j = Σ_i ∂E/∂Y_i ∗ K_ij (full convolution), its border of padding left out.
    maps (n, channels, H + padding, W + padding), plain; gradient (n, depth, H', W'); kernels and
    the result (depth, channels, k, k); out (n, channels, H, W).
    """
    gradient, bordered = plain(gradient), out
    if out is not None and out.shape != maps.shape:
        bordered = workspace.scratch("bordered_out", maps.shape)
    if winograd.pays(kernels.shape, geometry.stride):
        found = winograd.gradients(maps, gradient, kernels, bordered, workspace)
    else:
        found = _column_gradients(maps, gradient, kernels, bordered, workspace, geometry.stride)
    if out is not None and bordered is not None and bordered is not out:
        top, left = geometry.rows.padding[0], geometry.columns.padding[0]
        np.copyto(out, bordered[:, :, top : top + out.shape[2], left : left + out.shape[3]])
    return found


def _column_gradients(
    maps: Array,
    gradient: Array,
    kernels: Array,
    out: Array | None,
    workspace: Workspace,
    stride: int,
) -> Array:
    depth, _, size, _ = kernels.shape
    columns, pitched = _column_memory(maps.shape, kernels.shape, stride, workspace)
    total = np.zeros((depth, len(columns)), maps.dtype)
    loops().gradients(
        maps,
        size,
        stride,
        gradient,
        np.ascontiguousarray(kernels.reshape(depth, -1).T),
        maps if out is None else out,  # of the right type, and not written to
        out is not None,
        total,
        columns,
        pitched,
        np.empty_like(total),
    )
    return total.reshape(kernels.shape)


def _column_memory(
    maps_shape: Shape, kernels_shape: Shape, stride: int, workspace: Workspace
) -> tuple[Array, Array]:
    """Give memory for one sample's columns and their products with the kernels."""
    depth, channels, size, _ = kernels_shape
    height, width = maps_shape[2:]
    down, across = (height - size) // stride + 1, (width - size) // stride + 1
    length = (down - 1) * width + across if stride == 1 else down * across
    return (
        workspace.scratch("columns", (channels * size * size, length)),
        workspace.scratch("products", (depth, length)),
    )
