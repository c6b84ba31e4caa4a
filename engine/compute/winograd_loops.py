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
        at, end = s * count, (s + 1) * count
        for d in range(depth):
            for t in range(down):
                left, right = t * pitch, (t + 1) * pitch
                row0, row1 = rows[0, left:right], rows[1, left:right]
                row2, row3 = rows[2, left:right], rows[3, left:right]
                upper, lower = gradient[s, d, 2 * t], gradient[s, d, 2 * t + 1]
                for x in range(width):
                    high, low = upper[x], lower[x]
                    row0[x] = high
                    row1[x] = high + low
                    row2[x] = high - low
                    row3[x] = -low
            for i in range(4):
                row = rows[i]
                first, second = tiles[4 * i, d, at:end], tiles[4 * i + 1, d, at:end]
                third, fourth = tiles[4 * i + 2, d, at:end], tiles[4 * i + 3, d, at:end]
                for f in range(count):
                    even, odd = row[2 * f], row[2 * f + 1]
                    first[f] = even
                    second[f] = even + odd
                    third[f] = even - odd
                    fourth[f] = -odd


@compiled
def join_rows(out: Array, rows: Array, down: int, width: int) -> None:
    """Write Bᵀ's other half: each pair of rows of a map takes from the tiles above and below it."""
    upper, lower = out[0], out[1]
    row0, row1 = rows[0, :width], rows[1, :width]
    row2, row3 = rows[2, :width], rows[3, :width]
    for x in range(width):
        upper[x] = row0[x]
        lower[x] = row1[x] - row2[x] + row3[x]
    for t in range(1, down):
        upper, lower = out[2 * t], out[2 * t + 1]
        at, end = t * width, (t + 1) * width
        row0, row1, row2, row3 = rows[0, at:end], rows[1, at:end], rows[2, at:end], rows[3, at:end]
        at, end = at - width, at
        above0, above1 = rows[0, at:end], rows[1, at:end]
        above2, above3 = rows[2, at:end], rows[3, at:end]
        for x in range(width):
            upper[x] = row0[x] - above0[x] + above1[x] + above2[x]
            lower[x] = row1[x] - row2[x] + row3[x] - above3[x]
    upper, lower = out[2 * down], out[2 * down + 1]
    at, end = (down - 1) * width, down * width
    row0, row1, row2, row3 = rows[0, at:end], rows[1, at:end], rows[2, at:end], rows[3, at:end]
    for x in range(width):
        upper[x] = row1[x] + row2[x] - row0[x]
        lower[x] = -row3[x]


@compiled
def input_tiles_adjoint(tiles: Array, out: Array, rows: Array) -> None:
    """Write ∂E/∂X = B ∂E/∂V Bᵀ, overlapping tiles added up. Unused tiles must hold 0."""
    samples, channels, height, width = out.shape
    down = height // 2 - 1
    count = down * (width // 2)
    for s in range(samples):
        at, end = s * count, (s + 1) * count
        for c in range(channels):
            for i in range(4):
                row = rows[i]
                first, second = tiles[4 * i, c, at:end], tiles[4 * i + 1, c, at:end]
                third, fourth = tiles[4 * i + 2, c, at:end], tiles[4 * i + 3, c, at:end]
                row[0] = first[0]
                row[1] = second[0] - third[0] + fourth[0]
                for f in range(1, count):
                    row[2 * f] = first[f] - first[f - 1] + second[f - 1] + third[f - 1]
                    row[2 * f + 1] = second[f] - third[f] + fourth[f] - fourth[f - 1]
            join_rows(out[s, c], rows, down, width)


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
