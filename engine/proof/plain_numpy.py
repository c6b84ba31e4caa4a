"""The forward pass of nearly every kind of block in plain numpy: short, slow, not the engine's.

It computes in float64, so a difference to what it gives is the rounding of the other side. Maps are
(n, channels, height, width), vectors (n, values) or, as columns, (n, values, 1).
"""

import json
import math
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from engine.array_types import Array
from engine.blocks import KINDS, POINTWISE, Pointwise
from engine.compute.plain_numerics import PlainNumerics
from engine.compute.workspace import Workspace

EPSILON = 1e-5  # of BatchNorm and GroupNorm

Options = Mapping[str, Any]
Parameters = Mapping[str, Array]


def standardised(images: Array, mean: Array, deviation: Array) -> Array:
    """Return (value - mean) / deviation, with a number for each channel.

    The images are (n, channels, height, width) of values from 0 to 1.
    """
    shape = (-1, 1, 1)
    return np.asarray((images - mean.reshape(shape)) / deviation.reshape(shape))


def conv(
    maps: Array, weight: Array, bias: Array, stride: int = 1, pads: Sequence[int] = (0, 0, 0, 0)
) -> Array:
    """Correlate maps with kernels (depth, channels, k, l) and add the bias.

    Of fewer channels than there are maps, these are groups that do not mix.
    The bias is (depth,) or (depth, height', width'); `pads` counts the zeros above, to the left,
    below and to the right, as ONNX does.
    """
    top, left, bottom, right = pads
    maps = np.pad(maps, ((0, 0), (0, 0), (top, bottom), (left, right)))
    depth, channels, rows, columns = weight.shape
    groups = maps.shape[1] // channels
    kernels = weight.reshape(groups, -1, *weight.shape[1:])
    height = (maps.shape[2] - rows) // stride + 1
    width = (maps.shape[3] - columns) // stride + 1
    sums = np.zeros((len(maps), groups, depth // groups, height, width))
    for row in range(rows):
        for column in range(columns):
            seen = _cells(maps, row, column, stride, height, width)
            seen = seen.reshape(len(maps), groups, channels, height, width)
            kernel = kernels[..., row, column]
            sums += np.einsum("gdc,ngchw->ngdhw", kernel, seen, optimize=True)
    sums = sums.reshape(len(maps), depth, height, width)
    return sums + (bias if bias.ndim == 3 else _wide(bias, sums))


def same_pads(height: int, width: int, kernel: int, stride: int) -> tuple[int, int, int, int]:
    """Return the zeros above, left, below and right that keep ⌈size / stride⌉ cells of a map.

    Of an odd number the larger half is below and to the right.
    """
    zeros = [
        max(0, (math.ceil(size / stride) - 1) * stride + kernel - size) for size in (height, width)
    ]
    before = [number // 2 for number in zeros]
    return before[0], before[1], zeros[0] - before[0], zeros[1] - before[1]


def max_pool(maps: Array, size: int, stride: int) -> Array:
    """Keep the largest value of every window."""
    return np.asarray(np.max(_windows(maps, size, stride), axis=0))


def avg_pool(maps: Array, size: int, stride: int) -> Array:
    """Take the mean of every window."""
    return np.asarray(np.mean(_windows(maps, size, stride), axis=0))


def global_avg_pool(maps: Array) -> Array:
    """Take the mean of each whole map: (n, channels)."""
    return np.asarray(maps.mean(axis=(2, 3)))


def dense(vectors: Array, weight: Array, bias: Array) -> Array:
    """Return W x + b; columns stay columns."""
    sums = vectors.reshape(len(vectors), -1) @ weight.T.astype(np.float64) + bias
    return sums.reshape(len(vectors), len(weight), *vectors.shape[2:])


def batch_norm(
    values: Array,
    weight: Array,
    bias: Array,
    mean: Array,
    variance: Array,
    epsilon: float = EPSILON,
) -> Array:
    """Normalise each map, or value of a vector, by its running mean and variance."""
    scale = weight / np.sqrt(variance.astype(np.float64) + epsilon)
    return _wide(scale, values) * (values - _wide(mean, values)) + _wide(bias, values)


def group_norm(
    values: Array, groups: int, weight: Array, bias: Array, epsilon: float = EPSILON
) -> Array:
    """Normalise each group of the maps of a sample; then scale and shift each map, or value."""
    grouped = values.astype(np.float64).reshape(len(values), groups, -1)
    mean, variance = (take(axis=2, keepdims=True) for take in (grouped.mean, grouped.var))
    normal = ((grouped - mean) / np.sqrt(variance + epsilon)).reshape(values.shape)
    return np.asarray(_wide(weight, values) * normal + _wide(bias, values))


def pointwise(kind: str, values: Array, options: Options) -> Array:
    """Apply the function of a kind of block to every value: that by which its curve is drawn.

    Raises KeyError for a kind that has none.
    """
    block = KINDS[kind]
    if not issubclass(block, Pointwise):
        raise KeyError(kind)
    return msgspec.convert({**options, "kind": kind}, block).formula().function(values)


def leaky_relu(values: Array, slope: float) -> Array:
    """Return x where x > 0, else slope · x."""
    return np.where(values > 0, values, slope * values)


def softmax(vectors: Array) -> Array:
    """Return e^x_i / Σ_j e^x_j of vectors or columns."""
    powers = np.exp(vectors - vectors.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def run(slots: Sequence[Options], arrays: Parameters, inputs: Array) -> list[Array]:
    """Return the outputs of each block for inputs (n, channels, height, width), first block first.

    `slots` are the slots in their JSON form, `arrays` those of a weights file, by its names.
    Raises KeyError for a kind that is not known, or an array or a block that is not there.
    """
    found: dict[int, Array] = {}
    values: Array = inputs.astype(np.float64)
    for index, slot in enumerate(slots):
        options = slot["block"]
        kind, of_block = options["kind"], arrays_of(f"{index}.{options['kind']}.", arrays)
        if kind == "add":
            values = values + _added(found[options["source"]], options, of_block)
        else:
            values = _BLOCKS.get(kind, _by_layer)(values, options, of_block)
        found[slot["id"]] = values
    return list(found.values())


def arrays_of(prefix: str, arrays: Parameters) -> dict[str, Array]:
    """Return the arrays whose names begin with a prefix, by the rest of their names."""
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def _conv(maps: Array, options: Options, arrays: Parameters) -> Array:
    stride, same = options["stride"], options["padding"] == "same"
    kernel = options["kernel_size"]
    pads = same_pads(maps.shape[2], maps.shape[3], kernel, stride) if same else (0, 0, 0, 0)
    return conv(maps, arrays["weight"], arrays["bias"], stride, pads)


def _added(earlier: Array, options: Options, arrays: Parameters) -> Array:
    if options["through"] == "identity":
        return earlier
    return conv(earlier, arrays["weight"], arrays["bias"], options["stride"])


def _by_layer(values: Array, options: Options, arrays: Parameters) -> Array:
    block = msgspec.convert(options, KINDS[options["kind"]])
    exact = {name: array.astype(np.float64) for name, array in arrays.items()}
    workspace = Workspace(np.float64, numerics=PlainNumerics)
    return block.layer(values.shape[1:], exact).forward(values, workspace)


# A kind that is not here is computed by its own layer, in plain numpy.
_BLOCKS: dict[str, Callable[[Array, Options, Parameters], Array]] = {
    **dict.fromkeys(POINTWISE, lambda x, o, _: pointwise(o["kind"], x, o)),
    "conv": _conv,
    "depthwise_conv": _conv,
    "max_pool": lambda x, o, _: max_pool(x, o["size"], o["stride"] or o["size"]),
    "avg_pool": lambda x, o, _: avg_pool(x, o["size"], o["stride"] or o["size"]),
    "global_avg_pool": lambda x, _o, _a: global_avg_pool(x),
    "dense": lambda x, _, a: dense(x, a["weight"], a["bias"]),
    "softmax": lambda x, _o, _a: softmax(x),
    "batch_norm": lambda x, _, a: batch_norm(
        x, a["weight"], a["bias"], a["running_mean"], a["running_variance"]
    ),
    "group_norm": lambda x, o, a: group_norm(x, o["groups"], a["weight"], a["bias"]),
}


def _windows(maps: Array, size: int, stride: int) -> list[Array]:
    """Return, for each cell of the window, the values that stand there."""
    height = (maps.shape[2] - size) // stride + 1
    width = (maps.shape[3] - size) // stride + 1
    return [
        _cells(maps, row, column, stride, height, width)
        for row in range(size)
        for column in range(size)
    ]


def _cells(maps: Array, row: int, column: int, stride: int, height: int, width: int) -> Array:
    """Return what one cell of a window stands on, for each place of the window."""
    rows = slice(row, row + (height - 1) * stride + 1, stride)
    return maps[:, :, rows, column : column + (width - 1) * stride + 1 : stride]


def _wide(numbers: Array, values: Array) -> Array:
    """Return one number per map, or value, the axes to be broadcast over a batch."""
    return numbers.reshape(-1, *(1,) * (values.ndim - 2))


def parse_safetensors(data: bytes) -> tuple[dict[str, Array], dict[str, str]]:
    """Return the float32 arrays and the metadata of the bytes of a file that is trusted.

    They are a length in 8 bytes, a header in JSON, and the values one after the other.
    """
    (size,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + size])
    metadata = header.pop("__metadata__", {})
    values = memoryview(data)[8 + size :]
    arrays = {
        name: np.frombuffer(values[slice(*told["data_offsets"])], "<f4").reshape(told["shape"])
        for name, told in header.items()
    }
    return arrays, metadata
