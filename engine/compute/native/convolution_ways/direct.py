"""Direct convolution: every output is added up in registers, without columns in memory.

The samples are taken in groups. For a group, the maps are laid out so that the numbers of all its
samples stand side by side at each place: so vectors are full however narrow the maps are. The
columns of a row are sorted by x % stride; so all kernels that move over it find their inputs side
by side. The input gradient is a cross-correlation, too, of the gradient with the kernels turned: at
a stride of 2, each quarter of its places with a quarter of their cells. The kernel gradient is the
dot products of the gradient with the maps. Per multiplication this is twice as fast as columns and
BLAS, and at strides, with few maps or with large kernels up to ten times.
"""

import math
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.compute.convolution import Geometry
from engine.compute.native.machine_code.compiled import compiled
from engine.compute.native.machine_code.register_tiles import (
    MOST_COLUMNS,
    MOST_ROWS,
    RESULTS,
    VECTOR_BYTES,
    add_dot_products,
    ceil_div,
    inlined,
    multiply_tile,
)
from engine.compute.native.machine_code.transpose import Places, turn
from engine.compute.pass_context import Scratch

GROUPS = (16, 8, 4, 2, 1)  # samples; the first only if there is room for it
GROUP_BYTES = 500_000  # of maps and gradient, up to which large groups stay in the L2 cache
PART_BYTES = 64_000  # of the rows that are computed before they are put back into maps

# Arrays without a shape are flat. A row is what stands at one height of a map: all its places, at
# each place one number for every sample of the group.

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
def _pack(kernels: Array, packed: Array) -> None:
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
def _pack_turned(kernels: Array, stride: int, turned: Array, packed: Array) -> None:
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
            _pack(part, packed[at : at + channels * entries])
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
def _convolve(
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


def correlate(
    maps: Array,
    kernels: Array,
    addend: Array,
    out: Array,
    workspace: Scratch,
    geometry: Geometry,
) -> None:
    """Write the cross-correlation of maps and kernels plus the addend to `out`.

    maps (n, channels, H, W); kernels (depth, channels, k, k); addend (depth, H', W'); all plain.
    """
    depth, channels = kernels.shape[:2]
    packed = workspace.scratch("packed", (kernels.size,))
    _pack(kernels.reshape(depth, -1), packed)
    nothing = packed[:0]
    for group, part in _groups(maps.shape, out.shape, maps.itemsize):
        plan = _plan(channels, depth, geometry, group, maps.itemsize)
        _convolve(
            maps[part],
            plan.forward,
            packed,
            int(True),
            out[part],
            addend,
            maps,
            plan.forward.source,
            plan.forward.offsets,
            geometry.stride,
            nothing,
            workspace.scratch("laid_maps", (channels * plan.forward.source.plane,)),
            nothing,
            workspace.scratch("result_rows", (MOST_ROWS * plan.forward.target.plane,)),
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
    packed = workspace.scratch("packed", (kernels.size,))
    if out is not None:
        turned = workspace.scratch("turned", (kernels.size,))
        _pack_turned(kernels, geometry.stride, turned, packed)
    no_addend = np.empty((0, 0, 0), maps.dtype)
    for group, part in _groups(maps.shape, gradient.shape, maps.itemsize):
        plan = _plan(channels, depth, geometry, group, maps.itemsize)
        _convolve(
            gradient[part],
            plan.back,
            packed,
            int(out is not None),
            (maps if out is None else out)[part],  # of the right type, and not written to
            no_addend,
            maps[part],
            plan.forward.source,
            plan.forward.offsets,
            geometry.stride,
            total.reshape(-1),
            workspace.scratch("laid_gradient", (depth * plan.back.source.plane,)),
            workspace.scratch("laid_maps", (channels * plan.forward.source.plane,)),
            workspace.scratch("result_rows", (MOST_ROWS * plan.back.target.plane,)),
        )


class DirectPlan(NamedTuple):
    """How the kernels sweep over the maps of a group of samples, and back over their gradient."""

    forward: GroupSweep
    back: GroupSweep


def _groups(maps_shape: Shape, outputs_shape: Shape, itemsize: int) -> Iterator[tuple[int, slice]]:
    """Cut a batch into parts that are whole groups of some size."""
    samples, start = maps_shape[0], 0
    sample_bytes = (math.prod(maps_shape[1:]) + math.prod(outputs_shape[1:])) * itemsize
    for group in GROUPS:
        if group == GROUPS[0] and group * sample_bytes > GROUP_BYTES:
            continue
        stop = samples - (samples - start) % group
        if stop > start:
            yield group, slice(start, stop)
        start = stop


@lru_cache(maxsize=256)
def _plan(channels: int, depth: int, geometry: Geometry, group: int, itemsize: int) -> DirectPlan:
    """Lay out both sides of a convolution, each as a source and as a target."""
    lanes = VECTOR_BYTES // itemsize
    rows, columns, stride = geometry.rows, geometry.columns, geometry.stride
    size, (top, left) = rows.kernel, geometry.before
    share = -(-columns.padded // stride) * group  # of every stride-th column of a row
    x, cell = np.arange(columns.inputs) + left, np.arange(size)

    def places(x: Places, share: int) -> Places:
        return x % stride * share + x // stride * group

    pitch = stride * share
    plane = rows.padded * pitch + lanes  # the last vector may reach beyond the end
    reach, width = _whole(share, lanes), _whole(columns.outputs * group, lanes)
    side_by_side = np.arange(columns.outputs) * group
    outputs = _few_rows(depth, rows.outputs, 1, width, side_by_side, group, itemsize)
    inputs = _few_rows(
        channels, rows.inputs, stride, stride * reach, places(x, reach), group, itemsize
    )
    forward = GroupSweep(
        source=GroupLayout(
            group,
            plane,
            pitch,
            inputs.samples,
            _sums((np.arange(rows.inputs) + top) * pitch, places(x, share)),
        ),
        source_maps=channels,
        height=rows.inputs,
        width=columns.inputs,
        step=stride,
        residues=1,
        offset=0,
        phases=np.array([[size, size, 0, 0, 0, top, left]]),
        offsets=_sums(np.arange(channels) * plane, cell * pitch, places(cell, share)),
        target=outputs,
    )
    return DirectPlan(
        forward, _back(channels, depth, geometry, max(reach, width), lanes, outputs, inputs)
    )


def _back(
    channels: int,
    depth: int,
    geometry: Geometry,
    reach: int,
    lanes: int,
    outputs: GroupLayout,
    inputs: GroupLayout,
) -> GroupSweep:
    """Lay out the gradient as a source, of whose rows `reach` numbers are met by every column.

    There are zeros around it, where the turned kernels reach beyond its ends.
    """
    rows, stride, group = geometry.rows, geometry.stride, outputs.group
    taps = -(-rows.kernel // stride)
    last = (rows.inputs - 1 + geometry.before[0]) // stride
    above, below = (min(each, MOST_COLUMNS - 1) for each in (taps - 1, last + 1 - rows.outputs))
    pitch = (taps - 1) * group + reach
    plane = (above + rows.outputs + below) * pitch + lanes
    places = _sums(
        (above + np.arange(rows.outputs)) * pitch,
        (taps - 1 + np.arange(geometry.columns.outputs)) * group,
    )
    phases, offsets, entries = [], [], 0
    for p, q in np.ndindex(stride, stride):
        down, across = (len(range(each, rows.kernel, stride)) for each in (p, q))
        begin = (above - down + 1) * pitch + (taps - across) * group
        sizes = down, across, entries, entries * channels
        phases.append([*sizes, begin, down - 1, across - 1])
        offsets.append(
            _sums(np.arange(depth) * plane, np.arange(down) * pitch, np.arange(across) * group)
        )
        entries += len(offsets[-1])
    return GroupSweep(
        source=GroupLayout(group, plane, pitch, outputs.samples, places),
        source_maps=depth,
        height=rows.outputs,
        width=geometry.columns.outputs,
        step=1,
        residues=stride,
        offset=geometry.before[0],
        phases=np.array(phases),
        offsets=np.concatenate(offsets),
        target=inputs,
    )


def _few_rows(
    maps: int,
    most: int,
    stride: int,
    pitch: int,
    columns: Places,
    group: int,
    itemsize: int,
) -> GroupLayout:
    """Lay out some rows of as many maps as are computed at once, for full tiles at least."""
    rows = max(MOST_COLUMNS * stride, PART_BYTES // (MOST_ROWS * pitch * itemsize))
    samples = np.arange(group) * (maps * most * len(columns))
    some = np.arange(min(rows, most)) * pitch
    return GroupLayout(group, len(some) * pitch, pitch, samples, _sums(some, columns))


def _sums(*numbers: Places) -> Places:
    """Add every number of the first array to every one of the next, and so on."""
    total = numbers[0]
    for each in numbers[1:]:
        total = np.add.outer(total, each)
    return total.ravel()


def _whole(size: int, lanes: int) -> int:
    """Round up to whole vectors."""
    return -(-size // lanes) * lanes
