"""Cross-correlation and convolution of batches of maps by matrix products.

The columns of im2col keep the full row pitch of the maps: the values that meet one kernel cell
are then one contiguous slice of the map, at the price of k - 1 columns per row that straddle two
rows and are dropped. The work is cut into blocks of samples whose columns stay in the L2 cache.
"""

import numpy as np

from engine.arrays import Array, Shape
from engine.compute.workspace import Workspace

COLUMN_BYTES = 600_000


def correlate(
    maps: Array,
    kernels: Array,
    out: Array,
    workspace: Workspace,
    *,
    addend: Array | None = None,
) -> None:
    """Write the valid cross-correlation Y_i = Σ_j X_j ⋆ K_ij (+ addend) to `out`.

    maps (n, channels, H, W), C-contiguous; kernels (depth, channels, k, k); out (n, depth, H', W');
    addend broadcasts to (depth, H', W').
    """
    width = maps.shape[3]
    depth, _, size, _ = kernels.shape
    height_out, width_out = out.shape[2:]
    matrix = kernels.reshape(depth, -1)
    for start, stop in _blocks(maps.shape, size, maps.itemsize):
        columns = _columns(maps[start:stop], size, workspace)
        pitched = workspace.scratch("pitched", (stop - start, depth, height_out * width))
        np.matmul(matrix, columns, out=pitched[:, :, : columns.shape[2]])
        valid = pitched.reshape(-1, depth, height_out, width)[..., :width_out]
        if addend is None:
            np.copyto(out[start:stop], valid)
        else:
            np.add(valid, addend, out=out[start:stop])


def convolve_full(gradient: Array, kernels: Array, out: Array, workspace: Workspace) -> None:
    """Write ∂E/∂X_j = Σ_i ∂E/∂Y_i ∗ K_ij (full convolution) to `out`.

    A full convolution is the valid cross-correlation of the zero-bordered gradient with the
    kernels turned by 180° and their two channel axes exchanged.
    gradient (n, depth, H', W'); kernels (depth, channels, k, k); out (n, channels, H, W).
    """
    samples, depth, height, width = gradient.shape
    size = kernels.shape[-1]
    border = size - 1
    turned = np.ascontiguousarray(kernels[:, :, ::-1, ::-1].swapaxes(0, 1))
    padded_shape = (samples, depth, height + 2 * border, width + 2 * border)
    bordered = workspace.buffer("bordered", padded_shape)
    bordered[:, :, border : border + height, border : border + width] = gradient
    correlate(bordered, turned, out, workspace)


def kernel_gradient(
    maps: Array, gradient: Array, kernels_shape: Shape, workspace: Workspace
) -> Array:
    """Compute ∂E/∂K_ij = X_j ⋆ ∂E/∂Y_i, summed over the batch: (depth, channels, k, k).

    maps (n, channels, H, W), C-contiguous; gradient (n, depth, H', W').
    """
    depth, channels, size, _ = kernels_shape
    width = maps.shape[3]
    height_out, width_out = gradient.shape[2:]
    total = np.zeros((depth, channels * size * size), maps.dtype)
    for start, stop in _blocks(maps.shape, size, maps.itemsize):
        columns = _columns(maps[start:stop], size, workspace)
        pitched = workspace.buffer("pitched", (stop - start, depth, height_out, width))
        pitched[..., :width_out] = gradient[start:stop]
        flat = pitched.reshape(stop - start, depth, -1)[:, :, : columns.shape[2]]
        total += np.matmul(flat, columns.swapaxes(1, 2)).sum(axis=0)
    return total.reshape(kernels_shape)


def _columns(maps: Array, size: int, workspace: Workspace) -> Array:
    """Copy the maps' slices, one row per kernel cell: (n, channels·k·k, (H' - 1)·W + W')."""
    samples, channels, height, width = maps.shape
    length = (height - size) * width + width - size + 1
    shape = (samples, channels, size, size, length)
    sample_stride, channel_stride, row_stride, stride = maps.strides
    strides = (sample_stride, channel_stride, row_stride, stride, stride)
    columns = workspace.scratch("columns", shape)
    np.copyto(columns, np.lib.stride_tricks.as_strided(maps, shape, strides, writeable=False))
    return columns.reshape(samples, channels * size * size, length)


def _blocks(maps_shape: Shape, size: int, itemsize: int) -> list[tuple[int, int]]:
    """Cut the batch into blocks whose columns stay in the cache."""
    samples, channels, height, width = maps_shape
    column_bytes = channels * size * size * (height - size + 1) * width * itemsize
    block = max(1, COLUMN_BYTES // column_bytes)
    return [(start, min(start + block, samples)) for start in range(0, samples, block)]
