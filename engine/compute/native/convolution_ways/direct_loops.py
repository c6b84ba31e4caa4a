"""Compiled loops of the direct convolution; `direct.py` says how the maps are laid out.

Arrays without a shape are flat. A row is what stands at one height of a map: all its places, at
each place one number for every sample of the group.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled
from engine.compute.native.machine_code.register_tiles import (
    add_dot_products,
    ceil_div,
    inlined,
    multiply_tile,
)
from engine.compute.native.machine_code.tile_code import MOST_COLUMNS, MOST_ROWS
from engine.compute.native.machine_code.transpose import Places, turn
from engine.compute.native.machine_code.vector_code import RESULTS, VECTOR_BYTES

PHASE_FIELDS = 7
(ROWS, COLUMNS, ENTRIES, PACKED, BEGIN, TOP, LEFT) = range(PHASE_FIELDS)


class GroupLayout(NamedTuple):
    """How maps are laid out for a group of samples.

    Map c begins at c · plane, row y of its border of zeros at y · pitch. `places` says where the
    numbers of each value of a map begin, `samples` where the maps of each sample begin before.
    """

    group: int
    plane: int
    pitch: int
    samples: Places
    places: Places


class GroupSweep(NamedTuple):
    """How kernels sweep over source maps of some height and width, to write target maps.

    Target rows and columns are taken by their residues modulo `residues`, after `offset` rows of a
    border; each pair of residues has a phase. A phase meets a kernel of so many ROWS and COLUMNS,
    whose entries (source map, row, column) stand in `offsets` from ENTRIES on, and its weights from
    PACKED on; it begins at BEGIN of the source. Its row y finds row y · step - TOP of a source map
    under the first row of the kernel, and its columns likewise by LEFT. Kernel rows and columns
    beyond the map are left out.
    """

    source: GroupLayout
    source_maps: int
    height: int
    width: int
    step: int
    residues: int
    offset: int
    phases: NDArray[np.int64]
    offsets: Places
    target: GroupLayout


@compiled
def pack(kernels: Array, packed: Array) -> None:
    """Write kernels (depth, entries) for `multiply_tile`: blocks of rows, entry by entry."""
    depth, entries = kernels.shape
    blocks, done = ceil_div(depth, MOST_ROWS), 0
    for block in range(blocks):
        rows = ceil_div(depth - done, blocks - block)
        for r in range(rows):
            row, target = kernels[done + r], packed[done * entries + r :]
            for e in range(entries):
                target[e * rows] = row[e]
        done += rows


@compiled
def pack_turned(kernels: Array, stride: int, turned: Array, packed: Array) -> None:
    """Write kernels (depth, channels, k, k) the same way for the input gradient.

    For each pair (p, q) of rows and columns modulo the stride it takes the kernel rows
    p, p + stride, ... and columns q, q + stride, ..., last ones first.
    """
    depth, channels, size, _ = kernels.shape
    at = 0
    for p in range(stride):
        for q in range(stride):
            rows, columns = ceil_div(size - p, stride), ceil_div(size - q, stride)
            entries = depth * rows * columns
            part = turned[: channels * entries].reshape((channels, entries))
            for c in range(channels):
                e = 0
                for d in range(depth):
                    for i in range(p + (rows - 1) * stride, -1, -stride):
                        for j in range(q + (columns - 1) * stride, -1, -stride):
                            part[c, e] = kernels[d, c, i, j]
                            e += 1
            pack(part, packed[at : at + channels * entries])
            at += channels * entries


@compiled
def _lay_out(maps: Array, start: int, count: int, layout: GroupLayout, out: Array) -> None:
    """Write `count` maps of a group, the first of which begins at `start`."""
    samples, places, plane = layout.samples, layout.places, layout.plane
    size = len(places)
    for c in range(count):
        turn(maps, start + c * size, samples, out, c * plane, places)


@inlined
def _multiply_rows(
    source: Array,
    sweep: GroupSweep,
    phase: NDArray[np.int64],
    packed: Array,
    y: int,
    count: int,
    done: int,
    maps: int,
    width: int,
    target: Array,
    to: int,
) -> None:
    """Write rows y, y + 1, ... of `width` numbers of some maps for a phase; others are done."""
    lanes, spacing = VECTOR_BYTES // source.itemsize, sweep.step * sweep.source.pitch
    group = sweep.source.group
    area = phase[ROWS] * phase[COLUMNS]
    entries, row_pitch = area * sweep.source_maps, sweep.residues * sweep.target.pitch
    tiles, r = ceil_div(count, min(MOST_COLUMNS, RESULTS // maps)), 0
    for tile in range(tiles):
        rows = ceil_div(count - r, tiles - tile)
        begin = max(0, phase[TOP] - (y + r + rows - 1) * sweep.step)
        end = min(phase[ROWS], sweep.height + phase[TOP] - (y + r) * sweep.step)
        for v in range(0, width, lanes):
            blocks, runs, length = 1, 1, entries
            left = max(0, phase[LEFT] - (v + lanes - 1) // group * sweep.step)
            right = min(phase[COLUMNS], sweep.width + phase[LEFT] - v // group * sweep.step)
            if right - left < phase[COLUMNS]:
                blocks, runs, length = sweep.source_maps, end - begin, right - left
            elif end - begin < phase[ROWS]:
                blocks, length = sweep.source_maps, max(0, end - begin) * phase[COLUMNS]
            multiply_tile(
                source,
                phase[BEGIN] + (y + r) * spacing + v,
                spacing,
                sweep.offsets,
                phase[ENTRIES] + begin * phase[COLUMNS] + left,
                blocks,
                area,
                runs,
                phase[COLUMNS],
                length,
                packed,
                phase[PACKED] + done * entries - phase[ENTRIES] * maps,
                target,
                to + r * row_pitch + v,
                sweep.target.plane,
                row_pitch,
                maps,
                rows,
            )
        r += rows


@compiled
def convolve(
    source: Array,
    sweep: GroupSweep,
    packed: Array,
    wants_out: int,
    out: Array,
    addend: Array,
    maps: Array,
    inputs: GroupLayout,
    cells: Places,
    step: int,
    total: Array,
    laid: Array,
    laid_maps: Array,
    part: Array,
) -> None:
    """Correlate whole groups of samples of a source (n, maps, H, W), and write that if asked.

    addend (maps of `out`, rows, columns), or empty; `part` is memory for some rows of some maps.
    If `total` is not empty, source is the gradient of a correlation of `maps` that moved by `step`,
    and its products with them, at the places of the cells, are added there: the kernel gradient.
    """
    samples, count, height, width = source.shape
    depth, down, across = out.shape[1:]
    numbers, results = source.reshape(source.size), out.reshape(out.size)
    given, more = maps.reshape(maps.size), addend.reshape(addend.size)
    target, group, residues = sweep.target, sweep.source.group, sweep.residues
    most, share = len(target.places) // across, target.pitch // residues
    laid[:] = 0
    laid_maps[:] = 0
    for start in range(0, samples, group):
        _lay_out(numbers, start * source[0].size, count, sweep.source, laid)
        if total.size > 0:
            _lay_out(given, start * maps[0].size, maps.shape[1], inputs, laid_maps)
            add_dot_products(
                laid,
                sweep.source.places[0],
                sweep.source.plane,
                sweep.source.pitch,
                laid_maps,
                cells,
                step * inputs.pitch,
                height,
                width * group,
                total,
                0,
                count,
            )
        for y in range(0, down if wants_out else 0, most):
            rows, blocks, done = min(most, down - y), ceil_div(depth, MOST_ROWS), 0
            for block in range(blocks):
                held = ceil_div(depth - done, blocks - block)
                for p in range(residues):
                    begin = (p - y - sweep.offset) % residues
                    for q in range(residues if begin < rows else 0):
                        _multiply_rows(
                            laid,
                            sweep,
                            sweep.phases[p * residues + q],
                            packed,
                            (y + begin + sweep.offset) // residues,
                            ceil_div(rows - begin, residues),
                            done,
                            held,
                            share,
                            part,
                            begin * target.pitch + q * share,
                        )
                places = target.places[: rows * across]
                for m in range(held):
                    to = ((done + m) * down + y) * across
                    first = start * depth * down * across + to
                    turn(part, m * target.plane, places, results, first, target.samples)
                    for s in range(group if more.size > 0 else 0):
                        own, row = results[first + target.samples[s] :], more[to:]
                        for e in range(rows * across):
                            own[e] += row[e]
                done += held
