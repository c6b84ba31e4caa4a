"""Winograd's fast convolution with 3×3 and 5×5 kernels: F(4×4, 3×3) and F(2×2, 5×5).

For every 6×6 tile d of a map, the m×m outputs are Aᵀ [(G K Gᵀ) ⊙ (Bᵀ d B)] A. With the sum over the
input maps, each of the 36 points is one matrix product (Lavin and Gray, 2016). So a tile takes 36
multiplications in place of 144 or 100. The gradients are derived from the same formula. This is
faster only with many maps, because the transforms of the tiles take time too.
"""

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from engine.array_types import Array, Shape
from engine.compute.convolution import Geometry
from engine.compute.native.machine_code.compiled import compiled
from engine.compute.native.machine_code.transpose import Places, turn
from engine.compute.pass_context import Scratch

Border = tuple[int, int]  # zeros above and to the left of the maps
TILE = 6
STEPS = {3: 4, 5: 2}  # from the size of the kernels to that of a tile's outputs
TILE_BYTES = 900_000  # of tiles and products that stay in the L2 cache
TRANSFORM_COST = 900  # of a tile of one map, in multiplications of the direct way

# In one dimension, y_k = Σ_j d_(k+j) K_j with m outputs and r kernel values, m + r = 7, is
# Aᵀ [(G K) ⊙ (Bᵀ d)]: the product of two polynomials, taken at the points 0, a, -a, b, -b and ∞.
# Rows of A and G hold powers of the points; each row of Bᵀ holds the polynomial that has its zeros
# at all the other points. With a = 3/4 and b = 3/2 all of Aᵀ and Bᵀ is exact in float32, and the
# rounding errors are about a third of those with the usual 1 and 2.
A, B = 0.75, 1.5

# The transforms are of many sixes of numbers at the same time. All their arrays are flat; the
# values of point p begin `pitch` after those of point p - 1. Slices are made here, since one that
# is handed to another function costs a reference count.


@compiled
def to_points(
    size: int, source: Array, start: int, steps: Places, target: Array, to: int, pitch: int
) -> None:
    """Write v = Bᵀ d of `size` sixes; their k-th numbers begin at source[start + steps[k]]."""
    number = source.dtype.type
    a, b, a2, b2 = number(A), number(B), number(A * A), number(B * B)
    both, product = a2 + b2, a2 * b2
    d0, d1, d2 = source[start:], source[start + steps[1] :], source[start + steps[2] :]
    d3, d4 = source[start + steps[3] :], source[start + steps[4] :]
    d5 = source[start + steps[5] :]
    v0, v1, v2 = target[to:], target[to + pitch :], target[to + 2 * pitch :]
    v3, v4, v5 = target[to + 3 * pitch :], target[to + 4 * pitch :], target[to + 5 * pitch :]
    for e in range(size):
        x0, x1, x2, x3, x4, x5 = d0[e], d1[e], d2[e], d3[e], d4[e], d5[e]
        even_a, odd_a = x4 - b2 * x2, a * (x3 - b2 * x1)
        even_b, odd_b = x4 - a2 * x2, b * (x3 - a2 * x1)
        v0[e] = x4 - both * x2 + product * x0
        v1[e] = even_a + odd_a
        v2[e] = even_a - odd_a
        v3[e] = even_b + odd_b
        v4[e] = even_b - odd_b
        v5[e] = x5 - both * x3 + product * x1


@compiled
def to_points_adjoint(
    size: int, source: Array, start: int, pitch: int, target: Array, to: int, steps: Places
) -> None:
    """Add d = B v of `size` sixes to where `to_points` takes them from.

    Numbers that lie side by side are added one pair of k after the other, since those of several
    sixes may share a place.
    """
    number = source.dtype.type
    a, b, a2, b2 = number(A), number(B), number(A * A), number(B * B)
    both, product = a2 + b2, a2 * b2
    v0, v1, v2 = source[start:], source[start + pitch :], source[start + 2 * pitch :]
    v3, v4 = source[start + 3 * pitch :], source[start + 4 * pitch :]
    v5 = source[start + 5 * pitch :]
    d0, d1 = target[to + steps[0] :], target[to + steps[1] :]
    for e in range(size):
        odd_a, odd_b = a * (v1[e] - v2[e]), b * (v3[e] - v4[e])
        d0[e] += product * v0[e]
        d1[e] += product * v5[e] - b2 * odd_a - a2 * odd_b
    d2, d3 = target[to + steps[2] :], target[to + steps[3] :]
    for e in range(size):
        x1, x2, x3, x4 = v1[e], v2[e], v3[e], v4[e]
        d2[e] -= both * v0[e] + b2 * (x1 + x2) + a2 * (x3 + x4)
        d3[e] += a * (x1 - x2) + b * (x3 - x4) - both * v5[e]
    d4, d5 = target[to + steps[4] :], target[to + steps[5] :]
    for e in range(size):
        d4[e] += v0[e] + (v1[e] + v2[e]) + (v3[e] + v4[e])
        d5[e] += v5[e]


@compiled
def from_points(
    size: int,
    step: int,
    source: Array,
    start: int,
    pitch: int,
    target: Array,
    to: int,
    spacing: int,
) -> None:
    """Write the `step` (2 or 4) numbers y = Aᵀ p of `size` sixes, `spacing` apart."""
    number = source.dtype.type
    a, b, a2, b2 = number(A), number(B), number(A * A), number(B * B)
    a3, b3 = a2 * a, b2 * b
    p0, p1, p2 = source[start:], source[start + pitch :], source[start + 2 * pitch :]
    p3, p4 = source[start + 3 * pitch :], source[start + 4 * pitch :]
    p5 = source[start + 5 * pitch :]
    y0, y1 = target[to:], target[to + spacing :]
    if step == 2:
        for e in range(size):
            x1, x2, x3, x4 = p1[e], p2[e], p3[e], p4[e]
            y0[e] = p0[e] + (x1 + x2) + (x3 + x4)
            y1[e] = a * (x1 - x2) + b * (x3 - x4) + p5[e]
        return
    y2, y3 = target[to + 2 * spacing :], target[to + 3 * spacing :]
    for e in range(size):
        x0, x1, x2, x3, x4, x5 = p0[e], p1[e], p2[e], p3[e], p4[e], p5[e]
        even_a, odd_a = x1 + x2, x1 - x2
        even_b, odd_b = x3 + x4, x3 - x4
        y0[e] = x0 + even_a + even_b
        y1[e] = a * odd_a + b * odd_b
        y2[e] = a2 * even_a + b2 * even_b
        y3[e] = a3 * odd_a + b3 * odd_b + x5


@compiled
def from_points_adjoint(
    size: int,
    step: int,
    source: Array,
    start: int,
    spacing: int,
    target: Array,
    to: int,
    pitch: int,
) -> None:
    """Write p = A g of the `step` (2 or 4) numbers of `size` gradients, `spacing` apart."""
    number = source.dtype.type
    a, b, a2, b2 = number(A), number(B), number(A * A), number(B * B)
    a3, b3 = a2 * a, b2 * b
    g0, g1 = source[start:], source[start + spacing :]
    p0, p1, p2 = target[to:], target[to + pitch :], target[to + 2 * pitch :]
    p3, p4, p5 = target[to + 3 * pitch :], target[to + 4 * pitch :], target[to + 5 * pitch :]
    if step == 2:
        for e in range(size):
            x0, x1 = g0[e], g1[e]
            p0[e] = x0
            p1[e] = x0 + a * x1
            p2[e] = x0 - a * x1
            p3[e] = x0 + b * x1
            p4[e] = x0 - b * x1
            p5[e] = x1
        return
    g2, g3 = source[start + 2 * spacing :], source[start + 3 * spacing :]
    for e in range(size):
        x0, x1, x2, x3 = g0[e], g1[e], g2[e], g3[e]
        even_a, odd_a = x0 + a2 * x2, a * x1 + a3 * x3
        even_b, odd_b = x0 + b2 * x2, b * x1 + b3 * x3
        p0[e] = x0
        p1[e] = even_a + odd_a
        p2[e] = even_a - odd_a
        p3[e] = even_b + odd_b
        p4[e] = even_b - odd_b
        p5[e] = x3


# A map's values stand beside those of the other maps at the same place, since that makes vectors
# that are long enough, and matrix products of the form that BLAS does best. The places of a row are
# sorted by x % step, so that the k-th values of all tiles in it lie side by side. Tiles are
# (36, tiles · maps): a matrix for every point.


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
def _kernel_tiles(kernels: Array, wide: Array, turned: int, cells: Array, tiles: Array) -> None:
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
def _add_kernel_gradient(tiles: Array, wide: Array, cells: Array, total: Array) -> None:
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
def _input_tiles(maps: Array, side: Side, tiles: Array) -> None:
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
def _input_tiles_adjoint(tiles: Array, side: Side, out: Array) -> None:
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
def _output_tiles(products: Array, addend: Array, side: Side, out: Array) -> None:
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
def _output_tiles_adjoint(gradient: Array, side: Side, products: Array) -> None:
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
def _forward(
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
        _input_tiles(maps[start:stop], inputs, tiles)
        v = tiles.reshape((36, count, channels))
        p = products.reshape((36, count, depth))
        for i in range(36):
            np.dot(v[i], kernels[i], p[i])
        _output_tiles(products, addend_rows, outputs, out[start:stop])


@compiled
def _backward(
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
        _input_tiles(maps[start:stop], inputs, tiles)
        _output_tiles_adjoint(gradient[start:stop], outputs, products)
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
            _input_tiles_adjoint(tiles, inputs, out[start:stop])


def pays(kernels_shape: Shape, geometry: Geometry) -> bool:
    """Return whether this way is faster for kernels (depth, channels, k, k).

    What is saved for a tile must be more than its transforms take.
    """
    depth, channels, size, _ = kernels_shape
    if size not in STEPS or geometry.stride != 1:
        return False
    down, across = geometry.rows.outputs, geometry.columns.outputs
    tiles = math.prod(-(-length // STEPS[size]) for length in (down, across))
    saved = down * across * size**2 / tiles - TILE**2
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
    _kernel_tiles(kernels.reshape(depth, channels, -1), _wide_g(kernels), int(False), cells, tiles)
    _forward(
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
        _kernel_tiles(kernels.reshape(depth, channels, -1), wide, int(True), cells, tiles)
    tile_total = workspace.scratch("tile_total", (TILE * TILE, channels, depth))
    _backward(
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
    _add_kernel_gradient(tile_total, wide, cells, total.reshape(depth, channels, -1))


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
