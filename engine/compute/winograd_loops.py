"""Compiled loops of Winograd's convolution; `winograd.py` says what they are for.

Tiles of 4×4 values lie two apart and are kept as (16, channels, samples·tiles), so that each of the
16 positions in a tile is one matrix. A row of a map with W values has W/2 tiles of which the last
straddles two rows and is not used: this keeps the loops flat over the whole map.
"""

import numpy as np

from engine.arrays import Array
from engine.compute.compiled import compiled


@compiled
def input_tiles(maps: Array, tiles: Array, row: Array) -> None:
    """Write V = Bᵀ d B of every tile d. maps (n, channels, H, W), H and W even."""
    samples, channels, height, width = maps.shape
    down = height // 2 - 1
    count = down * (width // 2)
    for x in range(4):  # which the last tile of all reads, and multiplies with 0 later
        row[down * width + x] = 0
    for s in range(samples):
        at = s * count
        for c in range(channels):
            for i in range(4):
                u = 0 if i == 0 else (2 if i == 2 else 1)
                v = 3 if i == 3 else (1 if i == 2 else 2)
                sign = maps.dtype.type(1 if i == 1 else -1)
                for t in range(down):
                    for x in range(width):
                        row[t * width + x] = (
                            maps[s, c, 2 * t + u, x] + sign * maps[s, c, 2 * t + v, x]
                        )
                for f in range(count):
                    tiles[4 * i, c, at + f] = row[2 * f] - row[2 * f + 2]
                    tiles[4 * i + 1, c, at + f] = row[2 * f + 1] + row[2 * f + 2]
                    tiles[4 * i + 2, c, at + f] = row[2 * f + 2] - row[2 * f + 1]
                    tiles[4 * i + 3, c, at + f] = row[2 * f + 1] - row[2 * f + 3]


@compiled
def output_tiles(tiles: Array, addend: Array, out: Array, rows: Array) -> None:
    """Write Y = Aᵀ m A + addend of every tile m. out (n, depth, H', W'), H' and W' even."""
    samples, depth, height, width = out.shape
    down, pitch = height // 2, width + 2
    count = down * (pitch // 2)
    for s in range(samples):
        at = s * count
        for d in range(depth):
            for i in range(4):
                for f in range(count):
                    middle = tiles[4 * i + 1, d, at + f]
                    third = tiles[4 * i + 2, d, at + f]
                    rows[i, 2 * f] = tiles[4 * i, d, at + f] + middle + third
                    rows[i, 2 * f + 1] = middle - third - tiles[4 * i + 3, d, at + f]
            for t in range(down):
                row = t * pitch
                for x in range(width):
                    out[s, d, 2 * t, x] = (
                        addend[d, 2 * t, x] + rows[0, row + x] + rows[1, row + x] + rows[2, row + x]
                    )
                for x in range(width):
                    out[s, d, 2 * t + 1, x] = (
                        addend[d, 2 * t + 1, x]
                        + rows[1, row + x]
                        - rows[2, row + x]
                        - rows[3, row + x]
                    )


@compiled
def output_tiles_adjoint(gradient: Array, tiles: Array, rows: Array) -> None:
    """Write ∂E/∂m = A g Aᵀ of every tile; the tiles that straddle two rows get 0."""
    samples, depth, height, width = gradient.shape
    down, pitch = height // 2, width + 2
    count = down * (pitch // 2)
    for i in range(4):
        for t in range(down):
            rows[i, t * pitch + width] = 0
            rows[i, t * pitch + width + 1] = 0
    for s in range(samples):
        at = s * count
        for d in range(depth):
            for t in range(down):
                row = t * pitch
                for x in range(width):
                    upper, lower = gradient[s, d, 2 * t, x], gradient[s, d, 2 * t + 1, x]
                    rows[0, row + x] = upper
                    rows[1, row + x] = upper + lower
                    rows[2, row + x] = upper - lower
                    rows[3, row + x] = -lower
            for i in range(4):
                for f in range(count):
                    left, right = rows[i, 2 * f], rows[i, 2 * f + 1]
                    tiles[4 * i, d, at + f] = left
                    tiles[4 * i + 1, d, at + f] = left + right
                    tiles[4 * i + 2, d, at + f] = left - right
                    tiles[4 * i + 3, d, at + f] = -right


@compiled
def input_tiles_adjoint(tiles: Array, out: Array, rows: Array) -> None:
    """Write ∂E/∂X = B ∂E/∂V Bᵀ, overlapping tiles added up. Unused tiles must hold 0."""
    samples, channels, height, width = out.shape
    down = height // 2 - 1
    count = down * (width // 2)
    for s in range(samples):
        at = s * count
        for c in range(channels):
            for i in range(4):
                first, second, third, fourth = 4 * i, 4 * i + 1, 4 * i + 2, 4 * i + 3
                rows[i, 0] = tiles[first, c, at]
                rows[i, 1] = tiles[second, c, at] - tiles[third, c, at] + tiles[fourth, c, at]
                for f in range(1, count):
                    rows[i, 2 * f] = (
                        tiles[first, c, at + f]
                        - tiles[first, c, at + f - 1]
                        + tiles[second, c, at + f - 1]
                        + tiles[third, c, at + f - 1]
                    )
                    rows[i, 2 * f + 1] = (
                        tiles[second, c, at + f]
                        - tiles[third, c, at + f]
                        + tiles[fourth, c, at + f]
                        - tiles[fourth, c, at + f - 1]
                    )
            for x in range(width):
                out[s, c, 0, x] = rows[0, x]
                out[s, c, 1, x] = rows[1, x] - rows[2, x] + rows[3, x]
            for t in range(1, down):
                row, above = t * width, (t - 1) * width
                for x in range(width):
                    out[s, c, 2 * t, x] = (
                        rows[0, row + x]
                        - rows[0, above + x]
                        + rows[1, above + x]
                        + rows[2, above + x]
                    )
                for x in range(width):
                    out[s, c, 2 * t + 1, x] = (
                        rows[1, row + x] - rows[2, row + x] + rows[3, row + x] - rows[3, above + x]
                    )
            above = (down - 1) * width
            for x in range(width):
                out[s, c, 2 * down, x] = (
                    rows[1, above + x] + rows[2, above + x] - rows[0, above + x]
                )
                out[s, c, 2 * down + 1, x] = -rows[3, above + x]


@compiled
def forward(
    maps: Array,
    kernels: Array,
    addend: Array,
    out: Array,
    block: int,
    tile_memory: Array,
    product_memory: Array,
    rows: Array,
) -> None:
    """Write Y = Aᵀ [U · V] A + addend, `block` samples at a time.

    kernels U (16, depth, channels).
    """
    samples, channels, height, width = maps.shape
    depth = kernels.shape[1]
    per_sample = (height // 2 - 1) * (width // 2)
    for start in range(0, samples, block):
        stop = min(start + block, samples)
        count = (stop - start) * per_sample
        tiles = tile_memory[: 16 * channels * count].reshape((16, channels, count))
        products = product_memory[: 16 * depth * count].reshape((16, depth, count))
        input_tiles(maps[start:stop], tiles, rows[0])
        for p in range(16):
            np.dot(kernels[p], tiles[p], products[p])
        output_tiles(products, addend, out[start:stop], rows)


@compiled
def backward(
    maps: Array,
    gradient: Array,
    turned: Array,
    out: Array,
    wants_inputs: bool,
    block: int,
    tile_memory: Array,
    product_memory: Array,
    rows: Array,
    total: Array,
    part: Array,
) -> None:
    """Add ∂E/∂U = ∂E/∂m · Vᵀ to `total`, and write ∂E/∂X from ∂E/∂V = Uᵀ · ∂E/∂m if asked.

    turned Uᵀ (16, channels, depth); total (16, depth, channels); part (depth, channels) is memory.
    """
    samples, channels, height, width = maps.shape
    depth = turned.shape[2]
    per_sample = (height // 2 - 1) * (width // 2)
    for start in range(0, samples, block):
        stop = min(start + block, samples)
        count = (stop - start) * per_sample
        tiles = tile_memory[: 16 * channels * count].reshape((16, channels, count))
        products = product_memory[: 16 * depth * count].reshape((16, depth, count))
        input_tiles(maps[start:stop], tiles, rows[0])
        output_tiles_adjoint(gradient[start:stop], products, rows)
        for p in range(16):
            np.dot(products[p], tiles[p].T, part)
            for d in range(depth):
                for c in range(channels):
                    total[p, d, c] += part[d, c]
        if wants_inputs:
            for p in range(16):
                np.dot(turned[p], products[p], tiles[p])
            input_tiles_adjoint(tiles, out[start:stop], rows)
