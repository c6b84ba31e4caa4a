"""Direct convolution of single samples, in which each map is one long row.

Every output is added up in registers, as in `direct.py`. There, the numbers of several samples
stand side by side so that vectors are full however narrow the maps are. With one sample, vectors go
over the ends of the rows instead: a plane is the rows of a map one after the other, each of the
same pitch. So a few outputs between the rows are computed in vain. At a stride, rows and columns
are sorted by their residues, into a plane for each pair of them: then the stride is 1 in all.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.array_types import Array
from engine.compute.convolution import Geometry
from engine.compute.native.convolution_ways import single_sample_loops
from engine.compute.native.convolution_ways.single_sample_loops import Planes, PlaneSweep
from engine.compute.native.machine_code.tile_code import MOST_ROWS
from engine.compute.native.machine_code.transpose import Places
from engine.compute.native.machine_code.vector_code import VECTOR_BYTES
from engine.compute.native.threads.sharing import in_parts
from engine.compute.pass_context import Scratch
from engine.compute.thread_pool import Pool

SHARED_WORK = 200_000  # multiplications that are worth a handoff, when replayed


def pays(geometry: Geometry) -> bool:
    """Return whether this way is faster than columns: kernels meet all places, more than once."""
    outputs = geometry.rows.outputs * geometry.columns.outputs
    return geometry.rows.kernel >= geometry.stride and outputs > 1


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
    plan, weights = _plan(channels, depth, geometry, maps.itemsize), kernels.reshape(-1)
    nothing, threads = (
        weights[:0],
        sharing_threads(len(maps), kernels, workspace.run.pool, geometry),
    )
    laid = _memory("laid_maps", threads, channels, plan.maps, workspace)
    results = _memory("result_planes", threads, MOST_ROWS, plan.outputs, workspace)

    def convolve(share: int, shares: int) -> None:
        single_sample_loops.convolve(
            maps,
            plan.maps,
            weights,
            plan.forward,
            int(True),
            out,
            plan.outputs,
            addend,
            maps,
            plan.forward.offsets,
            nothing,
            laid[share],
            nothing,
            results[share],
            share,
            shares,
        )

    in_parts(convolve, workspace.run.pool, threads)


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
    plan = _plan(channels, depth, geometry, maps.itemsize)
    threads = sharing_threads(len(maps), kernels, workspace.run.pool, geometry)
    laid = _memory("laid_gradient", threads, depth, plan.gradient, workspace)
    laid_maps = _memory("laid_maps", threads, channels, plan.maps, workspace)
    results = _memory("result_planes", threads, MOST_ROWS, plan.maps, workspace)
    no_addend = np.empty((0, 0, 0), maps.dtype)

    def convolve(share: int, shares: int) -> None:
        single_sample_loops.convolve(
            gradient,
            plan.gradient,
            kernels.reshape(-1),
            plan.back,
            int(out is not None),
            maps if out is None else out,  # of the right type, and not written to
            plan.maps,
            no_addend,
            maps,
            plan.forward.offsets,
            total.reshape(-1),
            laid[share],
            laid_maps[share],
            results[share],
            share,
            shares,
        )

    in_parts(convolve, workspace.run.pool, threads)


def sharing_threads(samples: int, kernels: Array, pool: Pool | None, geometry: Geometry) -> int:
    """Return how many threads of a pool share the kernels, if the work is worth it."""
    outputs = geometry.rows.outputs * geometry.columns.outputs
    work = samples * kernels.size * outputs
    return pool.threads if pool is not None and work >= SHARED_WORK else 1


def _memory(name: str, threads: int, maps: int, planes: Planes, workspace: Scratch) -> Array:
    """Return memory for the planes of so many maps, for each thread."""
    return workspace.scratch(name, (threads, maps * planes.stride**2 * planes.plane))


class SingleSamplePlan(NamedTuple):
    """How the planes of one sample lie, and how the kernels sweep over them, forward and back."""

    maps: Planes
    outputs: Planes
    gradient: Planes
    forward: PlaneSweep
    back: PlaneSweep


@lru_cache(maxsize=256)
def _plan(channels: int, depth: int, geometry: Geometry, itemsize: int) -> SingleSamplePlan:
    """Lay out both sides of a convolution, each as a source and as a target."""
    stride, size, (top, left) = geometry.stride, geometry.rows.kernel, geometry.before
    rows, pitch = (-(-axis.padded // stride) for axis in (geometry.rows, geometry.columns))
    plane = rows * pitch + VECTOR_BYTES // itemsize  # the last vector may reach beyond the end
    x, cell = np.arange(geometry.columns.inputs) + left, np.arange(size)
    offsets = _sums(
        np.arange(channels) * (stride * stride * plane),
        cell % stride * (stride * plane) + cell // stride * pitch,
        cell % stride * plane + cell // stride,
    )
    forward = PlaneSweep(
        phases=np.array([[size, size, 0, 0, top]]),
        offsets=offsets,
        weights=np.arange(len(offsets)),
        weights_pitch=len(offsets),
        step=stride,
    )
    more = -(-size // stride) - 1  # rows and columns by which the turned kernels reach beyond
    outputs = Planes(1, 0, 0, pitch, plane, np.arange(geometry.columns.outputs))
    gradient = Planes(1, more, more, pitch, plane + more * pitch + more, outputs.columns)
    return SingleSamplePlan(
        maps=Planes(stride, top, left, pitch, plane, x % stride * plane + x // stride),
        outputs=outputs,
        gradient=gradient,
        forward=forward,
        back=_back(channels, depth, size, stride, gradient),
    )


def _back(channels: int, depth: int, size: int, stride: int, gradient: Planes) -> PlaneSweep:
    """Let the turned kernels sweep over the gradient, a part of them for each pair of residues."""
    cell, phases, offsets, weights, entries = np.arange(size), [], [], [], 0
    for p, q in np.ndindex(stride, stride):
        # The kernel rows and columns that meet these places, the last ones first.
        own_rows, own_columns = (cell[each::stride][::-1] for each in (p, q))
        down, across = len(own_rows), len(own_columns)
        begin = (gradient.top - down + 1) * gradient.pitch + gradient.left - across + 1
        phases.append([down, across, entries, begin, down - 1])
        source = np.arange(depth)
        places = source * gradient.plane, np.arange(down) * gradient.pitch, np.arange(across)
        offsets.append(_sums(*places))
        weights.append(_sums(source * (channels * size * size), own_rows * size, own_columns))
        entries += len(offsets[-1])
    return PlaneSweep(
        phases=np.array(phases),
        offsets=np.concatenate(offsets),
        weights=np.concatenate(weights),
        weights_pitch=size * size,
        step=1,
    )


def _sums(*numbers: Places) -> Places:
    """Add every number of the first array to every one of the next, and so on."""
    total = numbers[0]
    for each in numbers[1:]:
        total = np.add.outer(total, each)
    return total.ravel()
