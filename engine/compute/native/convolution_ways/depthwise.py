"""Depthwise convolution: each map by one kernel of its own.

A map is copied into a border of zeros first, as (rows, stride, columns): the columns that a kernel
meets in its steps side by side, so that inner loops go through memory in order.
"""

from engine.array_types import Array
from engine.compute.convolution import Geometry
from engine.compute.native.machine_code.compiled import compiled
from engine.compute.pass_context import Scratch


@compiled
def _outputs(
    maps: Array,
    kernels: Array,
    addend: Array,
    stride: int,
    before: tuple[int, int],
    border: Array,
    out: Array,
) -> None:
    """Write Y_c = B_c + X_c ⋆ K_c."""
    border[:] = 0
    for n in range(len(maps)):
        for c in range(len(kernels)):
            _lay_out(maps[n, c], before, border)
            out[n, c] = addend[c]
            _correlate(border, kernels[c, 0], stride, out[n, c])


@compiled
def _kernel_gradient(
    maps: Array, gradient: Array, stride: int, before: tuple[int, int], border: Array, total: Array
) -> None:
    """Add ∂E/∂K_c = X_c ⋆ ∂E/∂Y_c, summed over the batch."""
    border[:] = 0
    size = total.shape[2]
    for n in range(len(maps)):
        for c in range(len(total)):
            _lay_out(maps[n, c], before, border)
            for y in range(gradient.shape[2]):
                slopes = gradient[n, c, y]
                for i in range(size):
                    for j in range(size):
                        row = border[y * stride + i, j % stride, j // stride :]
                        found = total.dtype.type(0)
                        for x in range(slopes.size):
                            found += slopes[x] * row[x]
                        total[c, 0, i, j] += found


@compiled
def _input_gradient(
    gradient: Array, kernels: Array, stride: int, before: tuple[int, int], border: Array, out: Array
) -> None:
    """Write ∂E/∂X_c = ∂E/∂Y_c ∗ K_c; between the gradients stand the zeros of the stride.

    border (rows, 1, columns).
    """
    border[:] = 0
    size = kernels.shape[2]
    top, left = size - 1 - before[0], size - 1 - before[1]
    for n in range(len(out)):
        for c in range(len(kernels)):
            for y in range(gradient.shape[2]):
                slopes, row = gradient[n, c, y], border[top + y * stride, 0, left:]
                for x in range(slopes.size):
                    row[x * stride] = slopes[x]
            out[n, c] = 0
            _correlate(border, kernels[c, 0, ::-1, ::-1].copy(), 1, out[n, c])


@compiled
def _lay_out(values: Array, before: tuple[int, int], border: Array) -> None:
    """Copy a map (H, W) into its border."""
    (top, left), steps = before, border.shape[1]
    for y in range(len(values)):
        for p in range(steps):
            first = max(0, -((p - left) // steps))
            last = (values.shape[1] + left - p + steps - 1) // steps
            row, target, start = values[y], border[top + y, p], p - left
            for q in range(first, last):
                target[q] = row[q * steps + start]


@compiled
def _correlate(border: Array, kernel: Array, stride: int, out: Array) -> None:
    """Add the sum of the products of a kernel (k, k) with each window to a map."""
    size = len(kernel)
    for y in range(len(out)):
        sums = out[y]
        for i in range(size):
            rows, weights = border[y * stride + i], kernel[i]
            for j in range(0, size - 2, 3):  # by threes, so that sums are read and written less
                a, b, c = weights[j], weights[j + 1], weights[j + 2]
                first = rows[j % stride, j // stride :]
                second = rows[(j + 1) % stride, (j + 1) // stride :]
                third = rows[(j + 2) % stride, (j + 2) // stride :]
                for x in range(sums.size):
                    sums[x] += a * first[x] + b * second[x] + c * third[x]
            for j in range(size - size % 3, size):
                weight, row = weights[j], rows[j % stride, j // stride :]
                for x in range(sums.size):
                    sums[x] += weight * row[x]


def correlate(
    maps: Array, kernels: Array, addend: Array, out: Array, workspace: Scratch, geometry: Geometry
) -> None:
    """Write Y_c = B_c + X_c ⋆ K_c.

    maps (n, channels, H, W); kernels (channels, 1, k, k); addend (channels, H', W'); all plain.
    """
    border = _border(workspace, geometry)
    _outputs(maps, kernels, addend, geometry.stride, geometry.before, border, out)


def gradients(
    maps: Array,
    gradient: Array,
    kernels: Array,
    total: Array,
    out: Array | None,
    workspace: Scratch,
    geometry: Geometry,
) -> None:
    """Add ∂E/∂K, summed over the batch, to the total (channels, 1, k, k); write ∂E/∂X.

    maps and out, if that is wanted, (n, channels, H, W); gradient (n, channels, H', W'); all plain.
    """
    stride, before = geometry.stride, geometry.before
    _kernel_gradient(maps, gradient, stride, before, _border(workspace, geometry), total)
    if out is not None:
        size = geometry.rows.kernel - 1
        shape = (geometry.rows.inputs + size, 1, geometry.columns.inputs + size)
        _input_gradient(gradient, kernels, stride, before, workspace.scratch("spread", shape), out)


def _border(workspace: Scratch, geometry: Geometry) -> Array:
    stride = geometry.stride
    columns = -(-geometry.columns.padded // stride)
    return workspace.scratch("bordered", (geometry.rows.padded, stride, columns))
