"""Direct convolution: every output is added up in registers, without columns in memory.

The samples are taken in groups. For a group, the maps are laid out so that the numbers of all its
samples stand side by side at each place: so vectors are full however narrow the maps are. The
columns of a row are sorted by x % stride; so all kernels that move over it find their inputs side
by side. The input gradient is a cross-correlation, too, of the gradient with the kernels turned:
for each p < stride, with every stride-th of their columns.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.array_types import Array, Shape
from engine.compute.convolution import Geometry
from engine.compute.native import direct_loops
from engine.compute.native.direct_loops import Layout, Moves, Taps
from engine.compute.native.register_tiles import VECTOR_BYTES
from engine.compute.native.transpose import Places
from engine.compute.workspace import Workspace

GROUPS = (16, 8)  # samples
GROUP_BYTES = 500_000  # of the maps and the gradient of a large group
PART_BYTES = 100_000  # of the rows that are computed before they are put back into maps


def in_groups(samples: int) -> int:
    """Count the samples of a batch that are in whole groups."""
    return samples - samples % GROUPS[-1]


def correlate(
    maps: Array,
    kernels: Array,
    addend: Array,
    out: Array,
    workspace: Workspace,
    geometry: Geometry,
) -> None:
    """Write the cross-correlation of maps and kernels plus the addend to `out`.

    maps (n, channels, H, W); kernels (depth, channels, k, k); addend (depth, H', W'); all plain.
    """
    depth, channels = kernels.shape[:2]
    packed = workspace.scratch("packed", (kernels.size,))
    direct_loops.pack(kernels.reshape(depth, -1), packed)
    for group, part in _groups(maps.shape, out.shape, maps.itemsize):
        plan = _plan(channels, depth, geometry, group, maps.itemsize)
        direct_loops.correlate(
            maps[part],
            packed,
            addend,
            out[part],
            plan.moves,
            plan.inputs,
            plan.offsets,
            plan.outputs,
            workspace.scratch("laid_maps", (plan.input_size,)),
            workspace.scratch("result_rows", (len(kernels) * plan.outputs.plane,)),
        )


def gradients(
    maps: Array,
    gradient: Array,
    kernels: Array,
    out: Array | None,
    workspace: Workspace,
    geometry: Geometry,
) -> Array:
    """Return ∂E/∂K (depth, channels, k, k), summed over the batch; write ∂E/∂X to `out` if given.

    maps and out (n, channels, H, W); gradient (n, depth, H', W'); all plain.
    """
    depth, channels = kernels.shape[:2]
    packed = workspace.scratch("packed", (kernels.size,))
    if out is not None:
        direct_loops.pack_turned(kernels, geometry.stride, packed)
    total = np.zeros(kernels.size, maps.dtype)
    for group, part in _groups(maps.shape, gradient.shape, maps.itemsize):
        plan = _plan(channels, depth, geometry, group, maps.itemsize)
        direct_loops.gradients(
            maps[part],
            gradient[part],
            packed,
            (maps if out is None else out)[part],  # of the right type, and not written to
            out is not None,
            plan.moves,
            plan.inputs,
            plan.offsets,
            plan.gradient,
            plan.begin,
            plan.taps,
            plan.back,
            total,
            workspace.scratch("laid_maps", (plan.input_size,)),
            workspace.scratch("laid_gradient", (plan.gradient_size,)),
            workspace.scratch("result_rows", (channels * plan.back.plane,)),
        )
    return total.reshape(kernels.shape)


@dataclass(frozen=True)
class Plan:
    """How a convolution is laid out for groups of some size, and how much memory that takes."""

    moves: Moves
    inputs: Layout
    offsets: Places
    outputs: Layout
    gradient: Layout
    begin: int
    taps: Taps
    back: Layout
    input_size: int
    gradient_size: int


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
def _plan(channels: int, depth: int, geometry: Geometry, group: int, itemsize: int) -> Plan:
    lanes = VECTOR_BYTES // itemsize
    rows, columns, stride = geometry.rows, geometry.columns, geometry.stride
    size, (top, left) = rows.kernel, geometry.before
    share = -(-columns.padded // stride) * group  # of every stride-th column of a row
    x, cell = np.arange(columns.inputs) + left, np.arange(size)

    def places(x: Places, share: int) -> Places:
        return x % stride * share + x // stride * group

    pitch = stride * share
    plane = rows.padded * pitch
    inputs = Layout(
        group,
        plane,
        pitch,
        np.arange(group) * (channels * rows.inputs * columns.inputs),
        _sums((np.arange(rows.inputs) + top) * pitch, places(x, share)),
    )
    width = _whole(columns.outputs * group, lanes)
    outputs = _few_rows(
        depth, rows.outputs, width, np.arange(columns.outputs) * group, group, itemsize
    )
    reach = _whole(share, lanes)
    back = _few_rows(channels, rows.inputs, stride * reach, places(x, reach), group, itemsize)
    # Zeros before a row of the gradient and after it, where turned kernels reach beyond its ends.
    begin = (-(-size // stride) - 1) * group
    slope_pitch = begin + max(reach, width)
    slope_plane = rows.outputs * slope_pitch
    slopes = Layout(
        group,
        slope_plane,
        slope_pitch,
        outputs.samples,
        _sums(np.arange(rows.outputs) * slope_pitch, begin + np.arange(columns.outputs) * group),
    )
    counts = np.array([len(range(p, size, stride)) for p in range(stride)])
    taps = [
        _sums(
            -(cell // stride * slope_pitch),
            -np.arange(count) * group,
            np.arange(depth) * slope_plane,
        )
        for count in counts
    ]
    return Plan(
        Moves(size, stride, top),
        inputs,
        _sums(np.arange(channels) * plane, cell * pitch, places(cell, share)),
        outputs,
        slopes,
        begin,
        Taps(
            counts, np.cumsum(counts * size * depth) - counts * size * depth, np.concatenate(taps)
        ),
        back,
        channels * plane + lanes,  # the last vector may reach beyond the end
        depth * slope_plane,
    )


def _few_rows(
    maps: int, most: int, pitch: int, columns: Places, group: int, itemsize: int
) -> Layout:
    """Lay out as many rows of all maps as there is memory for."""
    rows = max(1, min(most, PART_BYTES // (maps * pitch * itemsize)))
    samples = np.arange(group) * (maps * most * len(columns))
    return Layout(group, rows * pitch, pitch, samples, _sums(np.arange(rows) * pitch, columns))


def _sums(*numbers: Places) -> Places:
    """Add every number of the first array to every one of the next, and so on."""
    total = numbers[0]
    for each in numbers[1:]:
        total = np.add.outer(total, each)
    return total.ravel()


def _whole(size: int, lanes: int) -> int:
    """Round up to whole vectors."""
    return -(-size // lanes) * lanes
