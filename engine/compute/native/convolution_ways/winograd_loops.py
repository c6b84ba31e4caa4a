"""Compiled loops of Winograd's convolution; `winograd.py` says what they are for.

A map's values stand beside those of the other maps at the same place, since that makes vectors
that are long enough, and matrix products of the form that BLAS does best. The places of a row are
sorted by x % step, so that the k-th values of all tiles in it lie side by side. Tiles are
(36, tiles · maps): a matrix for every point.
"""

from typing import NamedTuple

import numpy as np

from engine.array_types import Array
from engine.compute.native.convolution_ways.winograd_points import (
    from_points,
    from_points_adjoint,
    to_points,
    to_points_adjoint,
)
from engine.compute.native.machine_code.compiled import compiled
from engine.compute.native.machine_code.transpose import Places, turn


class Side(NamedTuple):
    """How the maps on one side of the convolution are laid out, with memory for their transforms.

    A tile begins `step` rows and columns after the last; there are `down` by `across`. Row y begins
    at rows[y · pitch], and in it the values of place x at places[x]. Map c begins at planes[c]; its
    upper left corner stands in row `top`, and its columns at the places `inside`.
    """

    step: int
    down: int
    across: int
    pitch: int
    top: int
    planes: Places
    places: Places
    inside: Places
    row_begins: Places
    rows: Array
    half: Array


@compiled
def kernel_tiles(kernels: Array, wide: Array, turned: int, cells: Array, tiles: Array) -> None:
    """Write U = G K Gᵀ of kernels (depth, channels, k²) to tiles (36, channels, depth).

    If turned, to tiles (36, depth, channels). wide is the matrix of G K Gᵀ (36, k²); cells
    (k², depth · channels) is memory.
    """
    depth, channels, size = kernels.shape
    for i in range(size):
        row = cells[i]
        for d in range(depth):
            for c in range(channels):
                row[d * channels + c if turned else c * depth + d] = kernels[d, c, i]
    np.dot(wide, cells, tiles.reshape((len(tiles), depth * channels)))


@compiled
def add_kernel_gradient(tiles: Array, wide: Array, cells: Array, total: Array) -> None:
    """Add ∂E/∂K = Gᵀ ∂E/∂U G of tiles ∂E/∂U (36, channels, depth) to total (depth, channels, k²).

    cells (k², depth · channels) is memory.
    """
    depth, channels, size = total.shape
    np.dot(wide.T, tiles.reshape((len(tiles), depth * channels)), cells)
    for d in range(depth):
        for c in range(channels):
            for i in range(size):
                total[d, c, i] += cells[i, c * depth + d]


@compiled
def input_tiles(maps: Array, side: Side, tiles: Array) -> None:
    """Write V = Bᵀ d B of every tile d of maps (n, channels, H, W)."""
    samples, channels, height, width = maps.shape
    pitch, rows, half = side.pitch, side.rows, side.half
    size, all_tiles = side.across * channels, tiles.size // 36
    numbers = maps.reshape(maps.size)
    rows[:] = 0
    for s in range(samples):
        for y in range(height):
            at = s * channels * height * width + y * width
            turn(numbers, at, side.planes, rows, (side.top + y) * pitch, side.inside)
        for t in range(side.down):
            to_points(pitch, rows, t * side.step * pitch, side.row_begins, half, 0, pitch)
            to = (s * side.down + t) * size
            for i in range(6):
                to_points(
                    size, half, i * pitch, side.places, tiles, 6 * i * all_tiles + to, all_tiles
                )


@compiled
def input_tiles_adjoint(tiles: Array, side: Side, out: Array) -> None:
    """Write ∂E/∂X = B ∂E/∂V Bᵀ, overlapping tiles added up, to maps (n, channels, H, W)."""
    samples, channels, height, width = out.shape
    pitch, rows, half = side.pitch, side.rows, side.half
    size, all_tiles = side.across * channels, tiles.size // 36
    numbers = out.reshape(out.size)
    for s in range(samples):
        rows[:] = 0
        for t in range(side.down):
            half[:] = 0
            at = (s * side.down + t) * size
            for i in range(6):
                to_points_adjoint(
                    size, tiles, 6 * i * all_tiles + at, all_tiles, half, i * pitch, side.places
                )
            to_points_adjoint(pitch, half, 0, pitch, rows, t * side.step * pitch, side.row_begins)
        for y in range(height):
            to = s * channels * height * width + y * width
            turn(rows, (side.top + y) * pitch, side.inside, numbers, to, side.planes)


@compiled
def output_tiles(products: Array, addend: Array, side: Side, out: Array) -> None:
    """Write Y = Aᵀ p A + addend of every tile p to maps (n, depth, H', W').

    The addend consists of H' sorted rows.
    """
    samples, depth, height, width = out.shape
    step, pitch, rows, half = side.step, side.pitch, side.rows, side.half
    size, all_tiles = side.across * depth, products.size // 36
    numbers = out.reshape(out.size)
    for s in range(samples):
        for t in range(side.down):
            at = (s * side.down + t) * size
            for i in range(6):
                start = 6 * i * all_tiles + at
                from_points(size, step, products, start, all_tiles, half, i * pitch, size)
            from_points(pitch, step, half, 0, pitch, rows, 0, pitch)
            for k in range(min(step, height - t * step)):
                y = t * step + k
                row, more = rows[k * pitch :], addend[y * pitch :]
                for e in range(pitch):
                    row[e] += more[e]
                to = s * depth * height * width + y * width
                turn(rows, k * pitch, side.inside, numbers, to, side.planes)


@compiled
def output_tiles_adjoint(gradient: Array, side: Side, products: Array) -> None:
    """Write ∂E/∂p = A g Aᵀ of every tile g of a gradient (n, depth, H', W')."""
    samples, depth, height, width = gradient.shape
    step, pitch, rows, half = side.step, side.pitch, side.rows, side.half
    size, all_tiles = side.across * depth, products.size // 36
    numbers = gradient.reshape(gradient.size)
    rows[:] = 0
    for s in range(samples):
        for t in range(side.down):
            if height < (t + 1) * step:
                rows[:] = 0
            for k in range(min(step, height - t * step)):
                at = (s * depth * height + t * step + k) * width
                turn(numbers, at, side.planes, rows, k * pitch, side.inside)
            from_points_adjoint(pitch, step, rows, 0, pitch, half, 0, pitch)
            to = (s * side.down + t) * size
            for i in range(6):
                from_points_adjoint(
                    size,
                    step,
                    half,
                    i * pitch,
                    size,
                    products,
                    6 * i * all_tiles + to,
                    all_tiles,
                )


@compiled
def forward(
    maps: Array,
    kernels: Array,
    addend: Array,
    out: Array,
    inputs: Side,
    outputs: Side,
    block: int,
    tile_memory: Array,
    product_memory: Array,
    addend_rows: Array,
) -> None:
    """Write Y = Aᵀ [V · U] A + addend, `block` samples at a time.

    kernels U (36, channels, depth).
    """
    samples, channels, depth = len(maps), maps.shape[1], out.shape[1]
    height, width = addend.shape[1:]
    numbers = addend.reshape(addend.size)
    for y in range(height):
        turn(
            numbers,
            y * width,
            outputs.planes,
            addend_rows,
            y * outputs.pitch,
            outputs.places[:width],
        )
    for start in range(0, samples, block):
        stop = min(start + block, samples)
        count = (stop - start) * inputs.down * inputs.across
        tiles = tile_memory[: 36 * count * channels]
        products = product_memory[: 36 * count * depth]
        input_tiles(maps[start:stop], inputs, tiles)
        v = tiles.reshape((36, count, channels))
        p = products.reshape((36, count, depth))
        for i in range(36):
            np.dot(v[i], kernels[i], p[i])
        output_tiles(products, addend_rows, outputs, out[start:stop])


@compiled
def backward(
    maps: Array,
    gradient: Array,
    turned: Array,
    out: Array,
    wants_inputs: int,
    inputs: Side,
    outputs: Side,
    block: int,
    tile_memory: Array,
    product_memory: Array,
    total: Array,
    part: Array,
) -> None:
    """Write ∂E/∂U = Vᵀ · ∂E/∂p to `total`, and ∂E/∂X from ∂E/∂V = ∂E/∂p · Uᵀ if asked.

    turned Uᵀ (36, depth, channels); total (36, channels, depth); part (channels, depth) is memory.
    """
    samples, channels, depth = len(maps), maps.shape[1], gradient.shape[1]
    total[:] = 0
    for start in range(0, samples, block):
        stop = min(start + block, samples)
        count = (stop - start) * inputs.down * inputs.across
        tiles = tile_memory[: 36 * count * channels]
        products = product_memory[: 36 * count * depth]
        input_tiles(maps[start:stop], inputs, tiles)
        output_tiles_adjoint(gradient[start:stop], outputs, products)
        v = tiles.reshape((36, count, channels))
        p = products.reshape((36, count, depth))
        for i in range(36):
            np.dot(v[i].T, p[i], part)
            for c in range(channels):
                for d in range(depth):
                    total[i, c, d] += part[c, d]
            if wants_inputs:
                np.dot(p[i], turned[i], v[i])
        if wants_inputs:
            input_tiles_adjoint(tiles, inputs, out[start:stop])
