"""Compiled loops of the direct convolution; `direct.py` says how the maps are laid out.

Arrays without a shape are flat. A row is what stands at one height of a map: all its places, at
each place one number for every sample of the group.
"""

from typing import NamedTuple

from engine.array_types import Array
from engine.compute.native.compiled import compiled
from engine.compute.native.register_tiles import (
    MOST_COLUMNS,
    MOST_ROWS,
    RESULTS,
    VECTOR_BYTES,
    dot_tile,
    multiply_tile,
)
from engine.compute.native.transpose import Places, turn

GRADIENT_ROWS = 4  # of a tile of the kernel gradient


class Layout(NamedTuple):
    """How maps are laid out for a group of samples.

    Map c begins at c · plane, row y of its border of zeros at y · pitch. `places` says where the
    numbers of each value of a map begin, `samples` where the maps of each sample begin before.
    """

    group: int
    plane: int
    pitch: int
    samples: Places
    places: Places


class Moves(NamedTuple):
    """How the kernel moves: its size and stride, and the zeros above and to the left of a map."""

    size: int
    stride: int
    top: int


class Taps(NamedTuple):
    """For every p < stride, the kernel columns p, p + stride, ..., which meet the same columns.

    `counts` of them; where their entries begin, and how far from the first row and column of a map
    each entry (kernel row, column, output map) finds the gradient that it is multiplied with.
    """

    counts: Places
    begins: Places
    offsets: Places


@compiled
def _share(whole: int, parts: int) -> int:
    """Return how much the next of so many nearly equal parts gets."""
    return (whole + parts - 1) // parts


@compiled
def pack(kernels: Array, packed: Array) -> None:
    """Write kernels (depth, entries) for `multiply_tile`: blocks of rows, entry by entry."""
    depth, entries = kernels.shape
    blocks, done = _share(depth, MOST_ROWS), 0
    for block in range(blocks):
        rows = _share(depth - done, blocks - block)
        for r in range(rows):
            row, target = kernels[done + r], packed[done * entries + r :]
            for e in range(entries):
                target[e * rows] = row[e]
        done += rows


@compiled
def pack_turned(kernels: Array, stride: int, packed: Array) -> None:
    """Write kernels (depth, channels, k, k) the same way for the input gradient: see `Taps`."""
    depth, channels, size, _ = kernels.shape
    blocks, at = _share(channels, MOST_ROWS), 0
    for p in range(stride):
        done = 0
        for block in range(blocks):
            rows = _share(channels - done, blocks - block)
            for i in range(size):
                for j in range(p, size, stride):
                    for d in range(depth):
                        for r in range(rows):
                            packed[at] = kernels[d, done + r, i, j]
                            at += 1
            done += rows


@compiled
def _lay_out(maps: Array, start: int, count: int, width: int, layout: Layout, out: Array) -> None:
    """Write `count` maps of `width` columns of a group, the first of which begins at `start`."""
    size = len(layout.places)
    for c in range(count):
        at, to = start + c * size, c * layout.plane
        if layout.group > 1:
            turn(maps, at, layout.samples, out, to, layout.places)
            continue
        for y in range(0, size, width):
            row, places = maps[at + y :], layout.places[y : y + width]
            if width > 1 and places[1] == places[0] + 1:
                target = out[to + places[0] :]
                for x in range(width):
                    target[x] = row[x]
            else:
                for x in range(width):
                    out[to + places[x]] = row[x]


@compiled
def _take_back(
    laid: Array, start: int, places: Places, width: int, maps: Array, to: int, samples: Places
) -> None:
    """Write rows of `width` columns of one map of a group back to the maps."""
    if len(samples) > 1:
        turn(laid, start, places, maps, to, samples)
        return
    for y in range(0, len(places), width):
        target, row_places = maps[to + y :], places[y : y + width]
        if width > 1 and row_places[1] == row_places[0] + 1:
            row = laid[start + row_places[0] :]
            for x in range(width):
                target[x] = row[x]
        else:
            for x in range(width):
                target[x] = laid[start + row_places[x]]


@compiled
def _multiply_row(
    source: Array,
    start: int,
    offsets: Places,
    sums: tuple[int, int, int, int],
    packed: Array,
    maps: int,
    entries: int,
    width: int,
    target: Array,
    to: int,
    pitch: int,
) -> None:
    """Write a row of `width` numbers of all maps; sums (first, runs, step, length of a run)."""
    lanes = VECTOR_BYTES // source.itemsize
    first, runs, step, length = sums
    blocks, done = _share(maps, MOST_ROWS), 0
    for block in range(blocks):
        rows = _share(maps - done, blocks - block)
        vectors, at = _share(width, lanes), 0
        tiles = _share(vectors, min(MOST_COLUMNS, RESULTS // rows))
        for tile in range(tiles):
            count = _share(vectors - at, tiles - tile)
            multiply_tile(
                source,
                start + at * lanes,
                offsets,
                first,
                runs,
                step,
                length,
                packed,
                done * entries,
                target,
                to + done * pitch + at * lanes,
                pitch,
                rows,
                count,
            )
            at += count
        done += rows


@compiled
def correlate(
    maps: Array,
    packed: Array,
    addend: Array,
    out: Array,
    moves: Moves,
    inputs: Layout,
    offsets: Places,
    outputs: Layout,
    laid: Array,
    part: Array,
) -> None:
    """Write the cross-correlation plus the addend (depth, H', W') of whole groups of samples.

    maps (n, channels, H, W); out (n, depth, H', W'); offsets of the entries (channel, kernel row,
    column) from the first row and column; outputs lays out the few rows that `part` has room for.
    """
    samples, channels, height, width = maps.shape
    depth, down, across = out.shape[1:]
    size, group, entries = moves.size, inputs.group, len(offsets)
    numbers, results, more = (
        maps.reshape(maps.size),
        out.reshape(out.size),
        addend.reshape(addend.size),
    )
    most = len(outputs.places) // across
    laid[:] = 0
    for start in range(0, samples, group):
        _lay_out(numbers, start * channels * height * width, channels, width, inputs, laid)
        for y in range(0, down, most):
            rows = min(most, down - y)
            for r in range(rows):
                at = (y + r) * moves.stride
                begin, end = max(0, moves.top - at), min(size, height + moves.top - at)
                sums = (0, 1, entries, entries)
                if end - begin < size:
                    sums = (begin * size, channels, size * size, max(0, end - begin) * size)
                _multiply_row(
                    laid,
                    at * inputs.pitch,
                    offsets,
                    sums,
                    packed,
                    depth,
                    entries,
                    across * group,
                    part,
                    r * outputs.pitch,
                    outputs.plane,
                )
            for d in range(depth):
                places, to = outputs.places[: rows * across], (d * down + y) * across
                first = start * depth * down * across + to
                _take_back(part, d * outputs.plane, places, across, results, first, outputs.samples)
                for s in range(group):
                    target, row = results[first + outputs.samples[s] :], more[to:]
                    for e in range(rows * across):
                        target[e] += row[e]


@compiled
def _add_kernel_gradient(
    slopes: Array,
    gradient: Layout,
    begin: int,
    laid: Array,
    inputs: Layout,
    offsets: Places,
    stride: int,
    shape: tuple[int, int, int],
    total: Array,
) -> None:
    """Add the kernel gradient of one group; shape (depth, H', W') is that of the gradient."""
    depth, down, across = shape
    vectors = _share(across * inputs.group, VECTOR_BYTES // laid.itemsize)
    entries, done = len(offsets), 0
    blocks = _share(depth, GRADIENT_ROWS)
    for block in range(blocks):
        rows = _share(depth - done, blocks - block)
        tiles, at = _share(entries, min(MOST_COLUMNS, RESULTS // rows)), 0
        for tile in range(tiles):
            columns = _share(entries - at, tiles - tile)
            dot_tile(
                slopes,
                done * gradient.plane + begin,
                gradient.plane,
                gradient.pitch,
                laid,
                0,
                offsets,
                at,
                stride * inputs.pitch,
                down,
                vectors,
                total,
                done * entries + at,
                entries,
                rows,
                columns,
            )
            at += columns
        done += rows


@compiled
def _write_input_gradient(
    slopes: Array,
    gradient: Layout,
    begin: int,
    packed: Array,
    moves: Moves,
    taps: Taps,
    rows_of_gradient: int,
    depth: int,
    outputs: Layout,
    part: Array,
    shape: tuple[int, int, int],
    results: Array,
    start: int,
) -> None:
    """Write the input gradient of one group; shape (channels, H, W) is that of the maps."""
    channels, height, width = shape
    size, stride = moves.size, moves.stride
    most, reach = len(outputs.places) // width, outputs.pitch // stride
    for y in range(0, height, most):
        rows = min(most, height - y)
        for r in range(rows):
            row, first = divmod(y + r + moves.top, stride)  # kernel rows first, first + stride, ...
            begin_row = max(0, row - rows_of_gradient + 1)
            end_row = min(_share(max(0, size - first), stride), row + 1)
            for p in range(stride):
                run = taps.counts[p] * depth
                _multiply_row(
                    slopes,
                    begin + row * gradient.pitch,
                    taps.offsets[taps.begins[p] :],
                    (
                        (first + begin_row * stride) * run,
                        max(0, end_row - begin_row),
                        stride * run,
                        run,
                    ),
                    packed[taps.begins[p] * channels :],
                    channels,
                    size * run,
                    reach,
                    part,
                    r * outputs.pitch + p * reach,
                    outputs.plane,
                )
        places = outputs.places[: rows * width]
        for c in range(channels):
            to = start + (c * height + y) * width
            _take_back(part, c * outputs.plane, places, width, results, to, outputs.samples)


@compiled
def gradients(
    maps: Array,
    gradient: Array,
    packed: Array,
    out: Array,
    wants_inputs: bool,
    moves: Moves,
    inputs: Layout,
    offsets: Places,
    slopes: Layout,
    begin: int,
    taps: Taps,
    outputs: Layout,
    total: Array,
    laid: Array,
    laid_gradient: Array,
    part: Array,
) -> None:
    """Add ∂E/∂K of whole groups of samples to `total`, and write ∂E/∂X if asked.

    gradient (n, depth, H', W'), of which each laid out row begins at `begin` after its zeros;
    total (depth · channels · k · k).
    """
    samples, channels, height, width = maps.shape
    depth, down, across = gradient.shape[1:]
    numbers, results = maps.reshape(maps.size), out.reshape(out.size)
    given = gradient.reshape(gradient.size)
    shape, gradient_shape = (channels, height, width), (depth, down, across)
    laid[:] = 0
    laid_gradient[:] = 0
    for start in range(0, samples, inputs.group):
        first = start * channels * height * width
        _lay_out(numbers, first, channels, width, inputs, laid)
        _lay_out(given, start * depth * down * across, depth, across, slopes, laid_gradient)
        _add_kernel_gradient(
            laid_gradient,
            slopes,
            begin,
            laid,
            inputs,
            offsets,
            moves.stride,
            gradient_shape,
            total,
        )
        if wants_inputs:
            _write_input_gradient(
                laid_gradient,
                slopes,
                begin,
                packed,
                moves,
                taps,
                down,
                depth,
                outputs,
                part,
                shape,
                results,
                first,
            )
