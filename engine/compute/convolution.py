"""Cross-correlation and convolution of batches of maps by matrix products.

The columns of im2col keep the full row pitch of the maps at stride 1: the values that meet one
kernel cell are then one contiguous slice of the map, at the price of k - 1 columns per row that
straddle two rows and are dropped. The work is cut into blocks of samples whose columns stay in the
L2 cache.
"""

from dataclasses import dataclass

import numpy as np

from engine.arrays import Array, Shape
from engine.compute.workspace import Workspace

COLUMN_BYTES = 600_000


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
        return np.ascontiguousarray(maps)
    bordered = workspace.buffer("bordered_maps", shape)
    bordered[:, :, top : top + height, left : left + width] = maps
    return bordered


def correlate(
    maps: Array,
    kernels: Array,
    out: Array,
    workspace: Workspace,
    stride: int = 1,
    *,
    addend: Array | None = None,
) -> None:
    """Write the valid cross-correlation Y_i = Σ_j X_j ⋆ K_ij (+ addend) to `out`.

    maps (n, channels, H, W), C-contiguous; kernels (depth, channels, k, k); out (n, depth, H', W');
    addend broadcasts to (depth, H', W').
    """
    depth, _, size, _ = kernels.shape
    height_out, width_out = out.shape[2:]
    matrix = kernels.reshape(depth, -1)
    for start, stop in _blocks(maps.shape, size, stride, maps.itemsize):
        columns, pitch = _columns(maps[start:stop], size, stride, workspace)
        product = workspace.scratch("product", (stop - start, depth, height_out * pitch))
        np.matmul(matrix, columns, out=product[:, :, : columns.shape[2]])
        valid = product.reshape(-1, depth, height_out, pitch)[..., :width_out]
        if addend is None:
            np.copyto(out[start:stop], valid)
        else:
            np.add(valid, addend, out=out[start:stop])


def convolve_full(
    gradient: Array, kernels: Array, out: Array, workspace: Workspace, geometry: Geometry
) -> None:
    """Write ∂E/∂X_j = Σ_i ∂E/∂Y_i ∗ K_ij (full convolution) to `out`.

    A full convolution is the valid cross-correlation of the zero-bordered gradient with the
    kernels turned by 180° and their two channel axes exchanged. The border of the inputs is left
    out, and the values of the gradient stand a stride apart.
    gradient (n, depth, H', W'); kernels (depth, channels, k, k); out (n, channels, H, W).
    """
    samples, depth, height, width = gradient.shape
    size, stride = kernels.shape[-1], geometry.stride
    turned = np.ascontiguousarray(kernels[:, :, ::-1, ::-1].swapaxes(0, 1))
    top, left = (size - 1 - axis.padding[0] for axis in (geometry.rows, geometry.columns))
    bordered = workspace.buffer(
        "bordered_gradient",
        (samples, depth, geometry.rows.inputs + size - 1, geometry.columns.inputs + size - 1),
    )
    bordered[
        :,
        :,
        top : top + (height - 1) * stride + 1 : stride,
        left : left + (width - 1) * stride + 1 : stride,
    ] = gradient
    correlate(bordered, turned, out, workspace)


def kernel_gradient(
    maps: Array, gradient: Array, kernels_shape: Shape, workspace: Workspace, stride: int = 1
) -> Array:
    """Compute ∂E/∂K_ij = X_j ⋆ ∂E/∂Y_i, summed over the batch: (depth, channels, k, k).

    maps (n, channels, H, W), C-contiguous; gradient (n, depth, H', W').
    """
    depth, channels, size, _ = kernels_shape
    height_out, width_out = gradient.shape[2:]
    total = np.zeros((depth, channels * size * size), maps.dtype)
    for start, stop in _blocks(maps.shape, size, stride, maps.itemsize):
        columns, pitch = _columns(maps[start:stop], size, stride, workspace)
        pitched = workspace.buffer("pitched", (stop - start, depth, height_out, pitch))
        pitched[..., :width_out] = gradient[start:stop]
        flat = pitched.reshape(stop - start, depth, -1)[:, :, : columns.shape[2]]
        total += np.matmul(flat, columns.swapaxes(1, 2)).sum(axis=0)
    return total.reshape(kernels_shape)


def _columns(maps: Array, size: int, stride: int, workspace: Workspace) -> tuple[Array, int]:
    """Copy the maps' slices, one row per kernel cell: (n, channels·k·k, length), and the row pitch.

    At stride 1 the length is (H' - 1)·W + W', at others H'·W'.
    """
    samples, channels, height, width = maps.shape
    height_out, width_out = (height - size) // stride + 1, (width - size) // stride + 1
    sample_step, channel_step, row_step, step = maps.strides
    cells = (samples, channels, size, size)
    steps = (sample_step, channel_step, row_step, step)
    if stride == 1:
        pitch = width
        places: Shape = ((height_out - 1) * width + width_out,)
        place_steps: Shape = (step,)
    else:
        pitch = width_out
        places, place_steps = (height_out, width_out), (row_step * stride, step * stride)
    columns = workspace.scratch("columns", cells + places)
    slices = np.lib.stride_tricks.as_strided(
        maps, cells + places, steps + place_steps, writeable=False
    )
    np.copyto(columns, slices)
    return columns.reshape(samples, channels * size * size, -1), pitch


def _blocks(maps_shape: Shape, size: int, stride: int, itemsize: int) -> list[tuple[int, int]]:
    """Cut the batch into blocks whose columns stay in the cache."""
    samples, channels, height, width = maps_shape
    places = ((height - size) // stride + 1) * (width // stride)
    block = max(1, COLUMN_BYTES // (channels * size * size * max(places, 1) * itemsize))
    return [(start, min(start + block, samples)) for start in range(0, samples, block)]
