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

from engine.array_types import Array, Shape
from engine.compute.convolution import Geometry
from engine.compute.native.convolution_ways import direct_loops
from engine.compute.native.convolution_ways.direct_loops import GroupLayout, GroupSweep
from engine.compute.native.machine_code.tile_code import MOST_COLUMNS, MOST_ROWS
from engine.compute.native.machine_code.transpose import Places
from engine.compute.native.machine_code.vector_code import VECTOR_BYTES
from engine.compute.pass_context import Scratch

GROUPS = (16, 8)  # samples; the first only if there is room for it
GROUP_BYTES = 500_000  # of maps and gradient, up to which large groups stay in the L2 cache
PART_BYTES = 64_000  # of the rows that are computed before they are put back into maps


def in_groups(samples: int) -> int:
    """Count the samples of a batch that are in whole groups."""
    return samples - samples % GROUPS[-1]


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
    direct_loops.pack(kernels.reshape(depth, -1), packed)
    nothing = packed[:0]
    for group, part in _groups(maps.shape, out.shape, maps.itemsize):
        plan = _plan(channels, depth, geometry, group, maps.itemsize)
        direct_loops.convolve(
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
        direct_loops.pack_turned(kernels, geometry.stride, turned, packed)
    no_addend = np.empty((0, 0, 0), maps.dtype)
    for group, part in _groups(maps.shape, gradient.shape, maps.itemsize):
        plan = _plan(channels, depth, geometry, group, maps.itemsize)
        direct_loops.convolve(
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
