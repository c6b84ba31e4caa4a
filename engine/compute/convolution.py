"""Cross-correlation and convolution of batches of maps, by im2col and a matrix product.

`im2col` in `native/conv_loops.py` lays the windows of one sample out as the columns of a matrix:
one row for each kernel cell, with all the values of the map that this cell meets. At stride 1 such
a row is one contiguous slice of the map, which is fast to copy. The slice also holds k - 1 windows
for each row of the map that begin in this row and end in the next: they are computed, and left out
of the result. The columns of one sample fit into the L2 cache. Where there are several maps, 3×3
and 5×5 kernels are computed by `winograd.py` instead.
"""

from dataclasses import dataclass

import numpy as np

from engine.array_types import Array, Shape, plain
from engine.compute import winograd
from engine.compute.load_loops import conv_loops
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


def prepared(maps: Array, kernels: Array, geometry: Geometry, workspace: Workspace) -> Array:
    """Return maps (n, channels, H, W) as the functions below take them.

    For columns, that is with the geometry's border of zeros around them.
    """
    shape = (*maps.shape[:2], geometry.rows.padded, geometry.columns.padded)
    if shape == maps.shape or winograd.pays(kernels.shape, geometry.stride):
        return plain(maps)
    bordered = workspace.buffer("bordered_maps", shape)
    _without_border(bordered, geometry)[...] = maps
    return bordered


def correlate(
    maps: Array,
    kernels: Array,
    addend: Array,
    out: Array,
    workspace: Workspace,
    geometry: Geometry,
) -> None:
    """Write the cross-correlation Y_i = Σ_j X_j ⋆ K_ij + addend to `out`.

    maps prepared; kernels (depth, channels, k, k); addend (depth, H', W'); out (n, depth, H', W').
    """
    if winograd.pays(kernels.shape, geometry.stride):
        winograd.correlate(maps, kernels, addend, out, workspace, geometry.before)
        return
    depth, _, size, _ = kernels.shape
    columns, products = _column_memory(maps.shape, kernels.shape, geometry.stride, workspace)
    matrix = plain(kernels).reshape(depth, -1)
    conv_loops().correlate(maps, size, geometry.stride, matrix, addend, out, columns, products)


def gradients(
    maps: Array,
    gradient: Array,
    kernels: Array,
    out: Array | None,
    workspace: Workspace,
    geometry: Geometry,
) -> Array:
    """Return ∂E/∂K_ij = X_j ⋆ ∂E/∂Y_i, summed over the batch, and write ∂E/∂X_j to `out` if given.

    ∂E/∂X_j = Σ_i ∂E/∂Y_i ∗ K_ij (full convolution), its border of padding left out.
    maps prepared; gradient (n, depth, H', W'); kernels and the result (depth, channels, k, k);
    out (n, channels, H, W).
    """
    gradient = plain(gradient)
    if winograd.pays(kernels.shape, geometry.stride):
        return winograd.gradients(maps, gradient, kernels, out, workspace, geometry.before)
    bordered = out
    if out is not None and out.shape != maps.shape:
        bordered = workspace.scratch("bordered_out", maps.shape)
    found = _column_gradients(maps, gradient, kernels, bordered, workspace, geometry.stride)
    if out is not None and bordered is not None and bordered is not out:
        np.copyto(out, _without_border(bordered, geometry))
    return found


def _without_border(bordered: Array, geometry: Geometry) -> Array:
    """Return the part of maps with a border of zeros that is the maps."""
    top, left = geometry.before
    rows, columns = geometry.rows.inputs, geometry.columns.inputs
    return bordered[:, :, top : top + rows, left : left + columns]


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
    total = np.zeros((len(columns), depth), maps.dtype)
    conv_loops().gradients(
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
    return np.ascontiguousarray(total.T).reshape(kernels.shape)


def _column_memory(
    maps_shape: Shape, kernels_shape: Shape, stride: int, workspace: Workspace
) -> tuple[Array, Array]:
    """Return memory for one sample's columns and their products with the kernels."""
    depth, channels, size, _ = kernels_shape
    height, width = maps_shape[2:]
    down, across = (height - size) // stride + 1, (width - size) // stride + 1
    length = (down - 1) * width + across if stride == 1 else down * across
    return (
        workspace.scratch("columns", (channels * size * size, length)),
        workspace.scratch("products", (depth, length)),
    )
