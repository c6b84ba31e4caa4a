"""Convolution of single samples by im2col and matrix products of BLAS.

`im2col` in `im2col_loops.py` lays the windows of one sample out as the columns of a matrix:
one row for each kernel cell, with all the values of the map that this cell meets. At stride 1 such
a row is one contiguous slice of the map, which is fast to copy. The slice also holds k - 1 windows
for each row of the map that begin in this row and end in the next: they are computed, and left out
of the result. The columns of one sample fit into the L2 cache.
"""

from engine.array_types import Array
from engine.compute.convolution import Geometry
from engine.compute.native.convolution_ways import im2col_loops
from engine.compute.pass_context import Scratch


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
    matrix = kernels.reshape(len(kernels), -1)
    im2col_loops.correlate(maps, matrix, addend, out, *_steps(kernels, workspace, geometry))


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
    matrix = kernels.reshape(len(kernels), -1)
    own = maps if out is None else out  # of the right type, and not written to
    size, stride, top, left, bordered, columns, products = _steps(kernels, workspace, geometry)
    given = (maps, matrix, gradient, total.reshape(matrix.shape), own, int(out is not None))
    if geometry.rows.outputs * geometry.columns.outputs == 1:
        im2col_loops.gradients_at_one_place(*given, size, stride, top, left, bordered, columns)
        return
    turned = matrix.shape[::-1]
    im2col_loops.gradients(
        *given,
        *(size, stride, top, left),
        *(bordered, columns, products),
        workspace.scratch("turned_kernels", turned),
        workspace.scratch("turned_total", turned),
        workspace.scratch("turned_part", turned),
    )


def _steps(
    kernels: Array, workspace: Scratch, geometry: Geometry
) -> tuple[int, int, int, int, Array, Array, Array]:
    """Say how the kernels move: their size and stride, the border above and to the left.

    Return memory too: for the maps of one sample with their border, the columns of these, and the
    products of columns with kernels.
    """
    depth, channels, size, _ = kernels.shape
    rows, columns, stride = geometry.rows, geometry.columns, geometry.stride
    down, across = rows.outputs, columns.outputs
    length = (down - 1) * columns.padded + across if stride == 1 else down * across
    return (
        size,
        stride,
        *geometry.before,
        workspace.scratch("bordered", (channels, rows.padded, columns.padded)),
        workspace.scratch("columns", (channels * size * size, length)),
        workspace.scratch("products", (depth, length)),
    )
