"""Compiled loops of the direct convolution of single samples; see `single_samples.py`.

Arrays without a shape are flat.
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
    multiply_run,
)
from engine.compute.native.machine_code.tile_code import MOST_COLUMNS, MOST_ROWS
from engine.compute.native.machine_code.transpose import Places
from engine.compute.native.machine_code.vector_code import RESULTS, VECTOR_BYTES

ROWS, COLUMNS, ENTRIES, BEGIN, TOP = range(5)  # of a phase


class Planes(NamedTuple):
    """How maps lie in planes of so many numbers, stride² for each map, one after the other.

    A map has `top` rows and `left` columns of zeros before it. Its rows and columns are sorted by
    their residues modulo the stride, to a plane for each pair of residues (p, q). In a plane, each
    row begins `pitch` after the last. `columns` says where in its row the number of each column of
    a map stands, from the plane of q = 0 on.
    """

    stride: int
    top: int
    left: int
    pitch: int
    plane: int
    columns: Places


class PlaneSweep(NamedTuple):
    """How kernels sweep over source planes, to write target planes.

    Each pair of residues of the target has a phase. It meets kernels of so many ROWS and COLUMNS,
    whose entries (source map, row, column) stand from ENTRIES on in `offsets`, which says where
    the source of an entry begins after BEGIN, and in `weights`, which says where its weight is for
    the first target map; that of each next one is weights_pitch further on. Row y finds row
    y · step - TOP of a source map under the first row of the kernel.
    """

    phases: NDArray[np.int64]
    offsets: Places
    weights: Places
    weights_pitch: int
    step: int


@compiled
def _lay_out(
    maps: Array, start: int, shape: tuple[int, int, int], planes: Planes, laid: Array
) -> None:
    """Write the maps (channels, H, W) from `start` on to planes."""
    channels, height, width = shape
    stride, pitch, columns = planes.stride, planes.pitch, planes.columns
    for c in range(channels):
        own, begin = start + c * height * width, c * stride * stride * planes.plane
        if stride == 1 and pitch == width:
            _copy_row(maps, own, laid, begin + planes.top * pitch, height * width)
            continue
        for y in range(height):
            below, p = (y + planes.top) // stride, (y + planes.top) % stride
            row, to = own + y * width, begin + p * stride * planes.plane + below * pitch
            if stride == 1:
                _copy_row(maps, row, laid, to + planes.left, width)
            else:
                source, target = maps[row:], laid[to:]
                for x in range(width):
                    target[columns[x]] = source[x]


@compiled
def _copy_row(source: Array, start: int, target: Array, to: int, count: int) -> None:
    """Write `count` numbers from source[start] on to target[to] and the next ones."""
    row, out = source[start:], target[to:]
    for x in range(count):
        out[x] = row[x]


@compiled
def _add_row(
    source: Array, start: int, addend: Array, first: int, target: Array, to: int, count: int
) -> None:
    """Write `count` sums of the numbers from source[start] and addend[first] on to target[to]."""
    row, more, out = source[start:], addend[first:], target[to:]
    for x in range(count):
        out[x] = row[x] + more[x]


@inlined
def _multiply_plane(
    laid: Array,
    maps: int,
    height: int,
    kernels: Array,
    sweep: PlaneSweep,
    which: int,
    planes: Planes,
    done: int,
    held: int,
    first: int,
    length: int,
    part: Array,
    to: int,
) -> None:
    """Write `length` numbers from place `first` on of a plane of some target maps.

    Those before are done. Kernel rows that meet no row of the source, which has so many rows, are
    left out.
    """
    phase, lanes = sweep.phases[which], VECTOR_BYTES // laid.itemsize
    area, vectors, at = phase[ROWS] * phase[COLUMNS], ceil_div(length, lanes), 0
    tiles = ceil_div(vectors, min(MOST_COLUMNS, RESULTS // held))
    for tile in range(tiles):
        count = ceil_div(vectors - at, tiles - tile)
        start = first + at * lanes
        top_row, last_row = start // planes.pitch, (start + count * lanes - 1) // planes.pitch
        begin = max(0, phase[TOP] - last_row * sweep.step)
        end = min(phase[ROWS], height + phase[TOP] - top_row * sweep.step)
        runs, run = 1, area * maps
        if end - begin < phase[ROWS]:
            runs, run = maps, max(0, end - begin) * phase[COLUMNS]
        multiply_run(
            laid,
            phase[BEGIN] + start,
            sweep.offsets,
            phase[ENTRIES] + begin * phase[COLUMNS],
            runs,
            area,
            run,
            kernels,
            done * sweep.weights_pitch,
            sweep.weights_pitch,
            sweep.weights,
            part,
            to + at * lanes,
            planes.stride * planes.plane,
            held,
            count,
            0,
        )
        at += count


@inlined
def _put_back(
    part: Array,
    planes: Planes,
    out: Array,
    start: int,
    shape: tuple[int, int, int],
    y: int,
    addend: Array,
    first: int,
) -> None:
    """Write rows y, y + stride, ... of the maps from out[start] on, which stand in planes.

    An addend, if there is one, begins at addend[first].
    """
    held, height, width = shape
    columns, step = planes.columns, planes.stride
    for m in range(held):
        for r in range(ceil_div(height - y, step)):
            own = m * step * planes.plane + r * planes.pitch
            to = (m * height + y + r * step) * width
            if addend.size > 0:
                _add_row(part, own, addend, first + to, out, start + to, width)
            elif step == 1:
                _copy_row(part, own + planes.left, out, start + to, width)
            else:
                row, target = part[own:], out[start + to :]
                for x in range(width):
                    target[x] = row[columns[x]]


@compiled
def convolve(
    source: Array,
    inner: Planes,
    kernels: Array,
    sweep: PlaneSweep,
    wants_out: int,
    out: Array,
    outer: Planes,
    addend: Array,
    maps: Array,
    cells: Places,
    total: Array,
    laid: Array,
    laid_maps: Array,
    part: Array,
    share: int,
    shares: int,
) -> None:
    """Correlate each sample of a source (n, maps, H, W), and write that if asked.

    Of several nearly equal shares of the maps written and of the kernels, one is done.

    The source lies in inner planes, the result in outer ones. addend (maps of `out`, rows, columns)
    may be empty. If `total` is not, source is the gradient of a correlation of `maps`, and its
    products with them, at the places of the cells, are added there: the kernel gradient. laid,
    laid_maps and part are memory for one sample's planes, the last of MOST_ROWS maps.
    """
    samples, count, height, width = source.shape
    depth, down, across = out.shape[1:]
    shape, maps_shape = (count, height, width), (maps.shape[1], maps.shape[2], maps.shape[3])
    numbers, results = source.reshape(source.size), out.reshape(out.size)
    given, more = maps.reshape(maps.size), addend.reshape(addend.size)
    residues, wide = outer.stride, (outer.left + across - 1) // outer.stride + 1
    laid[:] = 0
    laid_maps[:] = 0
    for s in range(samples):
        _lay_out(numbers, s * source[0].size, shape, inner, laid)
        if total.size > 0:
            _lay_out(given, s * maps[0].size, maps_shape, outer, laid_maps)
            corner = inner.top * inner.pitch + inner.left
            length = (height - 1) * inner.pitch + width
            first, end = count * share // shares, count * (share + 1) // shares
            add_dot_products(
                laid,
                corner,
                inner.plane,
                0,
                laid_maps,
                cells,
                0,
                1,
                length,
                total,
                first,
                end,
            )
        done, end = depth * share // shares, depth * (share + 1) // shares
        blocks = ceil_div(end - done, MOST_ROWS)
        for block in range(blocks if wants_out else 0):
            held, first = ceil_div(end - done, blocks - block), done * down * across
            for p in range(residues):
                first_row = ceil_div(outer.top - p, residues)
                y = first_row * residues + p - outer.top
                for q in range(residues if y < down else 0):
                    _multiply_plane(
                        laid,
                        count,
                        height,
                        kernels,
                        sweep,
                        p * residues + q,
                        outer,
                        done,
                        held,
                        first_row * outer.pitch,
                        (ceil_div(down - y, residues) - 1) * outer.pitch + wide,
                        part,
                        q * outer.plane,
                    )
                start = s * out[0].size + first
                _put_back(part, outer, results, start, (held, down, across), y, more, first)
            done += held
