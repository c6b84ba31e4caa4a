"""Winograd's fast convolution with 3×3 and 5×5 kernels: F(4×4, 3×3) and F(2×2, 5×5).

For every 6×6 tile d of a map, the m×m outputs are Aᵀ [(G K Gᵀ) ⊙ (Bᵀ d B)] A. With the sum over the
input maps, each of the 36 points is one matrix product (Lavin and Gray, 2016). So a tile takes 36
multiplications in place of 144 or 100. The gradients are derived from the same formula. This is
faster only with many maps, because the transforms of the tiles take time too.
"""

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.compute.convolution import Geometry
from engine.compute.native.convolution_ways import winograd_loops
from engine.compute.native.convolution_ways.winograd_loops import Side
from engine.compute.native.convolution_ways.winograd_points import A, B
from engine.compute.pass_context import Scratch

Border = tuple[int, int]  # zeros above and to the left of the maps
Places = NDArray[np.int64]
TILE = 6
STEPS = {3: 4, 5: 2}  # from the size of the kernels to that of a tile's outputs
TILE_BYTES = 900_000  # of tiles and products that stay in the L2 cache
TRANSFORM_COST = 900  # of a tile of one map, in multiplications of the direct ways


def pays(kernels_shape: Shape, geometry: Geometry, threads: int) -> bool:
    """Return whether this way is faster for kernels (depth, channels, k, k).

    So many threads would share the work of the other way. What is saved for a tile must be more
    than its transforms take.
    """
    depth, channels, size, _ = kernels_shape
    if size not in STEPS or geometry.stride != 1:
        return False
    down, across = geometry.rows.outputs, geometry.columns.outputs
    tiles = math.prod(-(-length // STEPS[size]) for length in (down, across))
    saved = down * across * size**2 / tiles / threads - TILE**2
    return saved * depth * channels > TRANSFORM_COST * (depth + channels)


def correlate(
    maps: Array,
    kernels: Array,
    addend: Array,
    out: Array,
    workspace: Scratch,
    geometry: Geometry,
) -> None:
    """Write the cross-correlation of maps and kernels plus the addend to `out`.

    maps (n, channels, H, W), plain; kernels (depth, channels, k, k); addend (depth, H', W').
    """
    depth, channels = kernels.shape[:2]
    inputs, outputs = _sides(maps, out, kernels, workspace, geometry.before)
    cells, tiles = _kernel_memory(kernels, workspace)
    tiles = tiles.reshape(-1, channels, depth)
    winograd_loops.kernel_tiles(
        kernels.reshape(depth, channels, -1), _wide_g(kernels), int(False), cells, tiles
    )
    winograd_loops.forward(
        maps,
        tiles,
        addend,
        out,
        inputs,
        outputs,
        *_tile_memory(maps, out, inputs, workspace),
        workspace.scratch("addend_rows", (addend.shape[1] * outputs.pitch,)),
    )


def gradients(
    maps: Array,
    gradient: Array,
    kernels: Array,
    total: Array,
    out: Array | None,
    workspace: Scratch,
    geometry: Geometry,
) -> None:
    """Add ∂E/∂K, summed over the batch, to the total (depth, channels, k, k); write ∂E/∂X.

    maps and out, if that is wanted, (n, channels, H, W); gradient (n, depth, H', W'); all plain.
    """
    depth, channels = kernels.shape[:2]
    inputs, outputs = _sides(maps, gradient, kernels, workspace, geometry.before)
    wide, (cells, tiles) = _wide_g(kernels), _kernel_memory(kernels, workspace)
    tiles = tiles.reshape(-1, depth, channels)
    if out is not None:
        winograd_loops.kernel_tiles(
            kernels.reshape(depth, channels, -1), wide, int(True), cells, tiles
        )
    tile_total = workspace.scratch("tile_total", (TILE * TILE, channels, depth))
    winograd_loops.backward(
        maps,
        gradient,
        tiles,
        maps if out is None else out,  # of the right type, and not written to
        int(out is not None),
        inputs,
        outputs,
        *_tile_memory(maps, gradient, inputs, workspace),
        tile_total,
        workspace.scratch("tile_part", (channels, depth)),
    )
    winograd_loops.add_kernel_gradient(tile_total, wide, cells, total.reshape(depth, channels, -1))


def _wide_g(kernels: Array) -> Array:
    """Return the matrix of G K Gᵀ for kernels of this size and type."""
    return _wide_g_of(kernels.shape[-1], kernels.dtype)


@cache
def _wide_g_of(size: int, dtype: np.dtype[Any]) -> Array:
    """Return the matrix of G K Gᵀ for a kernel that is written as a vector: (36, k²).

    Row i of G holds the powers of point i, over the product of its distances to the others.
    """
    points = (0.0, A, -A, B, -B)
    g = np.zeros((TILE, size))
    for i, point in enumerate(points):
        distances = [point - other for other in points if other != point]
        g[i] = point ** np.arange(size) / np.prod(distances)
    g[-1, -1] = 1.0  # the point ∞
    return np.kron(g, g).astype(dtype)


def _kernel_memory(kernels: Array, workspace: Scratch) -> tuple[Array, Array]:
    """Return memory for the kernels cell by cell, and for their tiles point by point."""
    depth, channels, size, _ = kernels.shape
    return (
        workspace.scratch("kernel_cells", (size * size, depth * channels)),
        workspace.scratch("kernel_tiles", (TILE * TILE, depth * channels)),
    )


def _sides(
    maps: Array, outputs: Array, kernels: Array, workspace: Scratch, before: Border
) -> tuple[Side, Side]:
    """Lay out the inputs and the outputs of a convolution."""
    (depth, channels, size, _), (top, left) = kernels.shape, before
    step = STEPS[size]
    down, across = (-(-length // step) for length in outputs.shape[2:])
    columns = across + (TILE - 1) // step
    pitch, output_pitch = step * columns * channels, step * across * depth
    places, output_places = _places(step, columns, channels), _places(step, across, depth)
    rows = (down - 1) * step + TILE
    return (
        Side(
            step,
            down,
            across,
            pitch,
            top,
            _planes(maps.shape[1:]),
            places,
            places[left : left + maps.shape[3]],
            _row_begins(pitch),
            workspace.scratch("rows", (rows * pitch,)),
            workspace.scratch("half", (TILE * pitch,)),
        ),
        Side(
            step,
            down,
            across,
            output_pitch,
            0,
            _planes(outputs.shape[1:]),
            output_places,
            output_places[: outputs.shape[3]],
            _row_begins(output_pitch),
            workspace.scratch("output_rows", (step * output_pitch,)),
            workspace.scratch("output_half", (TILE * output_pitch,)),
        ),
    )


def _tile_memory(
    maps: Array, outputs: Array, side: Side, workspace: Scratch
) -> tuple[int, Array, Array]:
    """Return the samples of a block, and memory for their tiles and products."""
    values = TILE * TILE * side.down * side.across
    channels, depth = maps.shape[1], outputs.shape[1]
    fitting = TILE_BYTES // (values * (channels + depth) * maps.itemsize)
    block = min(len(maps), max(1, fitting))
    return (
        block,
        workspace.scratch("tiles", (values * channels * block,)),
        workspace.scratch("tile_products", (values * depth * block,)),
    )


@cache
def _places(step: int, columns: int, channels: int) -> Places:
    """Say where the values of every place in a sorted row begin."""
    x = np.arange(step * columns)
    return (x % step * columns + x // step) * channels


@cache
def _planes(shape: Shape) -> Places:
    """Say where each of the maps (channels, H, W) begins."""
    channels, height, width = shape
    return np.arange(channels) * (height * width)


@cache
def _row_begins(pitch: int) -> Places:
    """Say where the rows of a tile begin."""
    return np.arange(TILE) * pitch
