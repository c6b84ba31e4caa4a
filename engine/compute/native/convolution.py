"""Cross-correlation and convolution of batches of maps, by im2col and a matrix product.

`im2col` in `conv_loops.py` lays the windows of one sample out as the columns of a matrix:
one row for each kernel cell, with all the values of the map that this cell meets. At stride 1 such
a row is one contiguous slice of the map, which is fast to copy. The slice also holds k - 1 windows
for each row of the map that begin in this row and end in the next: they are computed, and left out
of the result. The columns of one sample fit into the L2 cache. Where there are several maps, 3×3
and 5×5 kernels are computed by `winograd.py` instead.
"""

import numpy as np

from engine.array_types import Array, Shape, plain
from engine.compute.convolution import Geometry, without_border
from engine.compute.native import conv_loops, winograd
from engine.compute.workspace import Workspace


def prepared(maps: Array, kernels: Array, geometry: Geometry, workspace: Workspace) -> Array:
    """Return maps (n, channels, H, W) as the functions below take them.

    For columns, that is with the geometry's border of zeros around them.
    """
    shape = (*maps.shape[:2], geometry.rows.padded, geometry.columns.padded)
    if shape == maps.shape or winograd.pays(kernels.shape, geometry.stride):
        return plain(maps)
    bordered = workspace.buffer("bordered_maps", shape)
    without_border(bordered, geometry)[...] = maps
    return bordered


def correlate(
    maps: Array,
    kernels: Array,
    bias: Array,
    out: Array,
    workspace: Workspace,
    geometry: Geometry,
) -> None:
    """Write the cross-correlation Y_i = B_i + Σ_j X_j ⋆ K_ij.

    maps prepared; kernels (depth, channels, k, k); bias (depth, H', W'), or (depth,) for one number
    a map; out (n, depth, H', W').
    """
    addend = bias
    if bias.ndim == 1:
        addend = workspace.buffer("addend", out.shape[1:])
        addend[...] = bias[:, np.newaxis, np.newaxis]
    if winograd.pays(kernels.shape, geometry.stride):
        winograd.correlate(maps, kernels, addend, out, workspace, geometry.before)
        return
    depth, _, size, _ = kernels.shape
    columns, products = _column_memory(maps.shape, kernels.shape, geometry.stride, workspace)
    matrix = plain(kernels).reshape(depth, -1)
    conv_loops.correlate(maps, size, geometry.stride, matrix, addend, out, columns, products)


def correlation_gradients(
    maps: Array,
    gradient: Array,
    kernels: Array,
    out: Array | None,
    workspace: Workspace,
    geometry: Geometry,
) -> Array:
    """Return ∂E/∂K_ij = X_j ⋆ ∂E/∂Y_i, summed over the batch; write ∂E/∂X_j if wanted.

    ∂E/∂X_j = Σ_i ∂E/∂Y_i ∗ K_ij (full convolution), without the border.
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
        np.copyto(out, without_border(bordered, geometry))
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
    total = np.zeros((len(columns), depth), maps.dtype)
    conv_loops.gradients(
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
