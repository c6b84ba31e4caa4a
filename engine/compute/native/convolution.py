"""Cross-correlation and convolution of batches of maps, each part of a batch in its fastest way.

The ways are in `convolution_ways/`. Groups of samples are convolved directly (`direct.py`); what is
left of a batch, and a batch of few samples, one sample at a time (`single_samples.py`), or by
columns (`im2col.py`) where kernels do not meet all places of the maps. Where there are many maps,
3×3 and 5×5 kernels are computed by Winograd's way (`winograd.py`), of whose multiplications there
are fewer. The rules depend on shapes alone; the numbers in them were measured.

Of large kernels over small maps, cells that meet nothing but the border are left out first.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from engine.array_types import Array, plain
from engine.compute.convolution import Geometry
from engine.compute.native.convolution_ways import (
    direct,
    im2col,
    im2col_loops,
    single_samples,
    winograd,
)
from engine.compute.pass_context import Scratch
from engine.compute.thread_pool import Pool


class ConvolutionWay(NamedTuple):
    """One way to convolve: two functions that take the same as those below, all plain.

    The first takes a bias for every position, the second a total to add the kernel gradient to.
    """

    correlate: Callable[[Array, Array, Array, Array, Scratch, Geometry], None]
    gradients: Callable[[Array, Array, Array, Array, Array | None, Scratch, Geometry], None]


COLUMNS = ConvolutionWay(im2col.correlate, im2col.gradients)
DIRECT = ConvolutionWay(direct.correlate, direct.gradients)
PLANES = ConvolutionWay(single_samples.correlate, single_samples.gradients)
WINOGRAD = ConvolutionWay(winograd.correlate, winograd.gradients)


def correlate(
    maps: Array,
    kernels: Array,
    bias: Array,
    out: Array,
    workspace: Scratch,
    geometry: Geometry,
) -> None:
    """Write the cross-correlation Y_i = B_i + Σ_j X_j ⋆ K_ij.

    maps (n, channels, H, W); kernels (depth, channels, k, k); bias (depth, H', W'), or (depth,) for
    one number a map; out (n, depth, H', W').
    """
    maps, kernels = plain(maps), plain(kernels)
    addend = plain(bias)
    if bias.ndim == 1:
        addend = workspace.scratch("addend", out.shape[1:])
        im2col_loops.spread(bias, addend.reshape(len(bias), -1))
    cut = _cut(geometry)
    kernels, geometry = _cropped(kernels, cut, workspace), cut.geometry
    for way, part in chosen_ways(len(maps), kernels, geometry, workspace.run.pool):
        way.correlate(maps[part], kernels, addend, out[part], workspace, geometry)


def correlation_gradients(
    maps: Array,
    gradient: Array,
    kernels: Array,
    out: Array | None,
    workspace: Scratch,
    geometry: Geometry,
) -> Array:
    """Return ∂E/∂K_ij = X_j ⋆ ∂E/∂Y_i, summed over the batch; write ∂E/∂X_j if wanted.

    ∂E/∂X_j = Σ_i ∂E/∂Y_i ∗ K_ij (full convolution), without the border.
    maps and out (n, channels, H, W); gradient (n, depth, H', W'); kernels and the result
    (depth, channels, k, k).
    """
    maps, gradient, whole = plain(maps), plain(gradient), plain(kernels)
    cut = _cut(geometry)
    kernels = _cropped(whole, cut, workspace)
    total = np.empty(kernels.shape, kernels.dtype)
    im2col_loops.clear(total.reshape(-1))
    for way, part in chosen_ways(len(maps), kernels, cut.geometry, workspace.run.pool):
        own = None if out is None else out[part]
        way.gradients(maps[part], gradient[part], kernels, total, own, workspace, cut.geometry)
    return total if kernels is whole else _put_back(total, cut, whole)


class _Cut(NamedTuple):
    """The part of the kernels that meets the maps, and how it moves."""

    geometry: Geometry
    top: int
    left: int


@lru_cache(maxsize=256)
def _cut(geometry: Geometry) -> _Cut:
    """Leave out cells of square kernels that meet only the border, in all places."""
    axes = geometry.rows, geometry.columns
    size = max(axis.met for axis in axes)
    inner = Geometry(*(replace(axis, kernel=size) for axis in axes))
    top, left = (a - b for a, b in zip(geometry.before, inner.before, strict=True))
    return _Cut(inner, top, left)


def _cropped(kernels: Array, cut: _Cut, workspace: Scratch) -> Array:
    """Copy the part that is cut out of kernels (depth, channels, k, k), unless it is all."""
    size = cut.geometry.rows.kernel
    if size == kernels.shape[-1]:
        return kernels
    parts = workspace.scratch("cropped_kernels", (*kernels.shape[:2], size, size))
    im2col_loops.crop(_in_a_row(kernels), cut.top, cut.left, _in_a_row(parts))
    return parts


def _put_back(parts: Array, cut: _Cut, kernels: Array) -> Array:
    """Return the gradient of kernels from that of parts of them; that of the border is 0."""
    out = np.empty(kernels.shape, kernels.dtype)
    im2col_loops.put_back(_in_a_row(parts), cut.top, cut.left, _in_a_row(out))
    return out


def _in_a_row(kernels: Array) -> Array:
    """Return kernels (depth, channels, k, k) as (depth · channels, k, k)."""
    return kernels.reshape(-1, *kernels.shape[2:])


def chosen_ways(
    samples: int, kernels: Array, geometry: Geometry, pool: Pool | None
) -> Iterator[tuple[ConvolutionWay, slice]]:
    """Choose the ways, and say which samples each takes."""
    grouped = direct.in_groups(samples)
    threads = 1 if grouped else single_samples.sharing_threads(samples, kernels, pool, geometry)
    if winograd.pays(kernels.shape, geometry, threads):
        yield WINOGRAD, slice(samples)
        return
    if grouped:
        yield DIRECT, slice(grouped)
    if grouped < samples:
        yield PLANES if single_samples.pays(geometry) else COLUMNS, slice(grouped, samples)
