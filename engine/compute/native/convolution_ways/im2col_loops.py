"""Compiled loops of convolution by im2col: windows become columns, then one matrix product.

`im2col` lays the windows out as columns, `col2im` adds columns back to their places. The matrix
products are those of BLAS.
"""

import numpy as np

from engine.array_types import Array
from engine.compute.native.machine_code.compiled import compiled

SMALL_PRODUCTS = 1_000_000
LEAST_ROWS = 8


@compiled
def multiply(left: Array, right: Array, out: Array) -> None:
    """Write the product of two matrices, in parts that are small enough for a faster way of BLAS.

    OpenBLAS copies large matrices into an order of its own first; up to 10⁶ products it does not.
    """
    height = len(left)
    fitting = SMALL_PRODUCTS // (left.shape[1] * right.shape[1])
    rows = height if fitting < LEAST_ROWS else fitting
    for start in range(0, height, rows):
        np.dot(left[start : start + rows], right, out[start : start + rows])


@compiled
def clear(numbers: Array) -> None:
    """Write zeros to a vector."""
    numbers[:] = 0


@compiled
def spread(bias: Array, out: Array) -> None:
    """Write the bias of each map (maps,) to all its places (maps, places)."""
    for m in range(len(bias)):
        row, value = out[m], bias[m]
        for i in range(row.size):
            row[i] = value


@compiled
def crop(kernels: Array, top: int, left: int, out: Array) -> None:
    """Copy a part of each kernel (kernels, k, k), from a row and a column on, to `out`."""
    for n in range(len(out)):
        for i in range(out.shape[1]):
            for j in range(out.shape[2]):
                out[n, i, j] = kernels[n, top + i, left + j]


@compiled
def put_back(parts: Array, top: int, left: int, out: Array) -> None:
    """Write zeros to each kernel (kernels, k, k), and a part from a row and a column on."""
    out[:] = 0
    for n in range(len(out)):
        for i in range(parts.shape[1]):
            for j in range(parts.shape[2]):
                out[n, top + i, left + j] = parts[n, i, j]


@compiled
def im2col(maps: Array, size: int, stride: int, columns: Array) -> None:
    """Lay the windows out as columns (channels·k·k, length): a row for each kernel cell.

    maps (channels, H, W). At stride 1 a row is one contiguous slice of the map, so it also has the
    k - 1 values between the ends of the output rows: length (H' - 1)·W + W'. At other strides it
    is H'·W'.
    """
    channels, height, width = maps.shape
    down, across = (height - size) // stride + 1, (width - size) // stride + 1
    length = columns.shape[1]
    flat = maps.reshape((channels, height * width))
    for c in range(channels):
        for i in range(size):
            for j in range(size):
                cell = (c * size + i) * size + j
                if stride == 1:
                    source, row = flat[c, i * width + j :], columns[cell]
                    for f in range(length):
                        row[f] = source[f]
                else:
                    for y in range(down):
                        for x in range(across):
                            columns[cell, y * across + x] = maps[c, y * stride + i, x * stride + j]


@compiled
def _put_inside(maps: Array, top: int, left: int, bordered: Array) -> None:
    """Write maps (channels, H, W) into larger ones, so many rows and columns from their corner."""
    channels, height, width = maps.shape
    for c in range(channels):
        for y in range(height):
            row, target = maps[c, y], bordered[c, top + y, left:]
            for x in range(width):
                target[x] = row[x]


@compiled
def _take_inside(bordered: Array, top: int, left: int, maps: Array) -> None:
    """Write the part of maps that `_put_inside` fills."""
    channels, height, width = maps.shape
    for c in range(channels):
        for y in range(height):
            row, target = bordered[c, top + y, left:], maps[c, y]
            for x in range(width):
                target[x] = row[x]


@compiled
def correlate(
    maps: Array,
    matrix: Array,
    addend: Array,
    out: Array,
    size: int,
    stride: int,
    top: int,
    left: int,
    bordered: Array,
    columns: Array,
    products: Array,
) -> None:
    """Write Y = K · columns(X) + addend, sample by sample.

    maps (n, channels, H, W); matrix K (depth, channels·k·k); addend (depth, H', W'). Memory for one
    sample: bordered maps, columns (channels·k·k, length) and products (depth, length).
    """
    depth, down, across = out.shape[1:]
    has_border = bordered.size > maps[0].size
    pitch = bordered.shape[2] if stride == 1 else across
    if has_border:
        bordered[:] = 0
    for s in range(maps.shape[0]):
        source = maps[s]
        if has_border:
            _put_inside(maps[s], top, left, bordered)
            source = bordered
        im2col(source, size, stride, columns)
        multiply(matrix, columns, products)
        for d in range(depth):
            for y in range(down):
                row, more, target = products[d, y * pitch :], addend[d, y], out[s, d, y]
                for x in range(across):
                    target[x] = row[x] + more[x]


@compiled
def col2im(columns: Array, size: int, stride: int, out: Array) -> None:
    """Add every column back to where `im2col` takes it from. out (channels, H, W)."""
    channels, height, width = out.shape
    down, across = (height - size) // stride + 1, (width - size) // stride + 1
    length = columns.shape[1]
    flat = out.reshape((channels, height * width))
    for c in range(channels):
        for i in range(size):
            for j in range(size):
                cell = (c * size + i) * size + j
                if stride == 1:
                    target, row = flat[c, i * width + j :], columns[cell]
                    for f in range(length):
                        target[f] += row[f]
                else:
                    for y in range(down):
                        for x in range(across):
                            out[c, y * stride + i, x * stride + j] += columns[cell, y * across + x]


@compiled
def _turn(matrix: Array, turned: Array) -> None:
    """Write the transpose of a matrix."""
    for i in range(matrix.shape[0]):
        for j in range(matrix.shape[1]):
            turned[j, i] = matrix[i, j]


@compiled
def gradients(
    maps: Array,
    matrix: Array,
    gradient: Array,
    total: Array,
    out: Array,
    wants_inputs: int,
    size: int,
    stride: int,
    top: int,
    left: int,
    bordered: Array,
    columns: Array,
    products: Array,
    turned: Array,
    turned_total: Array,
    part: Array,
) -> None:
    """Add ∂E/∂K = ∂E/∂Y · columns(X)ᵀ of every sample to `total`; write ∂E/∂X if asked.

    ∂E/∂columns(X) is Kᵀ · ∂E/∂Y, and each of its values belongs to the place in X that it was taken
    from: added up there, they are the full convolution of ∂E/∂Y with K.
    gradient (n, depth, H', W'); matrix K and total (depth, channels·k·k). Memory, besides that of
    `correlate`: three transposed matrices of this size.
    """
    depth, down, across = gradient.shape[1:]
    has_border = bordered.size > maps[0].size
    pitch = bordered.shape[2] if stride == 1 else across
    _turn(matrix, turned)
    products[:] = 0
    turned_total[:] = 0
    for s in range(maps.shape[0]):
        source = maps[s]
        if has_border:
            bordered[:] = 0
            _put_inside(maps[s], top, left, bordered)
            source = bordered
        im2col(source, size, stride, columns)
        for d in range(depth):
            for y in range(down):
                row, target = gradient[s, d, y], products[d, y * pitch :]
                for x in range(across):
                    target[x] = row[x]
        np.dot(columns, products.T, part)
        for k in range(len(part)):
            for d in range(depth):
                turned_total[k, d] += part[k, d]
        if wants_inputs:
            multiply(turned, products, columns)
            slopes = bordered if has_border else out[s]
            slopes[:] = 0
            col2im(columns, size, stride, slopes)
            if has_border:
                _take_inside(bordered, top, left, out[s])
    for k in range(len(turned_total)):
        for d in range(depth):
            total[d, k] += turned_total[k, d]


@compiled
def gradients_at_one_place(
    maps: Array,
    matrix: Array,
    gradient: Array,
    total: Array,
    out: Array,
    wants_inputs: int,
    size: int,
    stride: int,
    top: int,
    left: int,
    bordered: Array,
    columns: Array,
) -> None:
    """Do what `gradients` does where kernels stop at one place of the maps only: H' = W' = 1.

    Then the columns are one vector, and both products go through the rows of K and of the total.
    """
    has_border = bordered.size > maps[0].size
    window = columns.reshape(-1)
    for s in range(maps.shape[0]):
        source = maps[s]
        if has_border:
            bordered[:] = 0
            _put_inside(maps[s], top, left, bordered)
            source = bordered
        im2col(source, size, stride, columns)
        for d in range(len(total)):
            row, slope = total[d], gradient[s, d, 0, 0]
            for k in range(len(window)):
                row[k] += slope * window[k]
        if wants_inputs:
            window[:] = 0
            for d in range(len(matrix)):
                row, slope = matrix[d], gradient[s, d, 0, 0]
                for k in range(len(window)):
                    window[k] += slope * row[k]
            slopes = bordered if has_border else out[s]
            slopes[:] = 0
            col2im(columns, size, stride, slopes)
            if has_border:
                _take_inside(bordered, top, left, out[s])
