"""Convolution of single samples by im2col and matrix products of BLAS.

`im2col` in `conv_loops.py` lays the windows of one sample out as the columns of a matrix:
one row for each kernel cell, with all the values of the map that this cell meets. At stride 1 such
a row is one contiguous slice of the map, which is fast to copy. The slice also holds k - 1 windows
for each row of the map that begin in this row and end in the next: they are computed, and left out
of the result. The columns of one sample fit into the L2 cache.
"""

import numpy as np

from engine.array_types import Array, Shape
from engine.compute.convolution import Geometry, without_border
from engine.compute.native import conv_loops
from engine.compute.workspace import Workspace


def correlate(
    maps: Array,
    kernels: Array,
    addend: Array,
    out: Array,
    workspace: Workspace,
    geometry: Geometry,
) -> None:
    """Write the cross-correlation of maps and kernels plus the addend to `out`.

    maps (n, channels, H, W); kernels (depth, channels, k, k); addend (depth, H', W'); all plain.
    """
    depth, _, size, _ = kernels.shape
    maps = _bordered(maps, geometry, workspace)
    columns, products = _column_memory(maps.shape, kernels.shape, geometry.stride, workspace)
    matrix = kernels.reshape(depth, -1)
    conv_loops.correlate(maps, size, geometry.stride, matrix, addend, out, columns, products)


def gradients(
    maps: Array,
    gradient: Array,
    kernels: Array,
    out: Array | None,
    workspace: Workspace,
    geometry: Geometry,
) -> Array:
    """Return ∂E/∂K (depth, channels, k, k), summed over the batch; write ∂E/∂X to `out` if given.

    maps and out (n, channels, H, W); gradient (n, depth, H', W'); all plain.
    """
    depth, _, size, _ = kernels.shape
    maps = _bordered(maps, geometry, workspace)
    bordered = out
    if out is not None and out.shape != maps.shape:
        bordered = workspace.scratch("bordered_out", maps.shape)
    columns, pitched = _column_memory(maps.shape, kernels.shape, geometry.stride, workspace)
    total = np.zeros((len(columns), depth), maps.dtype)
    conv_loops.gradients(
        maps,
        size,
        geometry.stride,
        gradient,
        np.ascontiguousarray(kernels.reshape(depth, -1).T),
        maps if bordered is None else bordered,  # of the right type, and not written to
        out is not None,
        total,
        columns,
        pitched,
        np.empty_like(total),
    )
    if out is not None and bordered is not None and bordered is not out:
        np.copyto(out, without_border(bordered, geometry))
    return np.ascontiguousarray(total.T).reshape(kernels.shape)


def _bordered(maps: Array, geometry: Geometry, workspace: Workspace) -> Array:
    """Return maps with the geometry's border of zeros around them."""
    shape = (*maps.shape[:2], geometry.rows.padded, geometry.columns.padded)
    if shape == maps.shape:
        return maps
    bordered = workspace.scratch("bordered_maps", shape)
    bordered[...] = 0
    without_border(bordered, geometry)[...] = maps
    return bordered


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
