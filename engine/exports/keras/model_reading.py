"""Read the text of `model.py` without running it, and compute what its model gives in plain numpy.

It is read as Python's own parser sees it: the layers in the list that `build_model` returns, with
the options as numbers. So what is proved is the text itself, and the order of axes in the file.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.array_types import Array
from engine.exports.model_text import listed_parts
from engine.proof import plain_numpy

Arrays = Mapping[str, Array]


@dataclass(frozen=True)
class ReadLayer:
    """A layer as the text has it: its class, and what this is called with."""

    kind: str
    numbers: tuple[Any, ...]
    options: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What the layer is called."""
        return str(self.options["name"])


def read_layers(text: str) -> list[ReadLayer]:
    """Return the layers that `build_model` lists, without its input.

    Raises ValueError or what the parser raises if the text has another form.
    """
    return [_read(element) for element in listed_parts(text)[1:]]


def run(layers: Sequence[ReadLayer], arrays: Arrays, images: Array) -> dict[str, Array]:
    """Return the outputs of each layer by its name, for images of values from 0 to 1.

    `arrays` are by Keras's names, maps are (n, height, width, channels).
    """
    found: dict[str, Array] = {}
    values: Array = images.astype(np.float64)
    for layer in layers:
        own = plain_numpy.arrays_of(f"{layer.name}.", arrays)
        values = found[layer.name] = _KINDS[layer.kind](values, layer, own)
    return found


def _read(element: ast.expr) -> ReadLayer:
    if not isinstance(element, ast.Call):
        raise ValueError("a line of build_model is no layer")
    kind = element.func.attr if isinstance(element.func, ast.Attribute) else None
    return ReadLayer(
        kind or ast.unparse(element.func),
        tuple(_number(each) for each in element.args),
        {each.arg or "": _number(each.value) for each in element.keywords},
    )


def _number(node: ast.expr) -> Any:
    """Return what is written: a literal, or a tuple of these, of which some are squared."""
    if isinstance(node, ast.Tuple):
        return tuple(map(_number, node.elts))
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        return _number(node.left) ** 2
    return ast.literal_eval(node)


def _conv(maps: Array, layer: ReadLayer, arrays: Arrays) -> Array:
    _, size = layer.numbers
    stride = layer.options.get("strides", 1)
    pads: Sequence[int] = (0, 0, 0, 0)
    if layer.options.get("padding") == "same":
        pads = plain_numpy.same_pads(maps.shape[1], maps.shape[2], size, stride)
    kernel, depth = arrays["kernel"], layer.numbers[0]
    if kernel.shape != (size, size, maps.shape[3], depth):
        raise ValueError(f"{layer.name} has weights of other sizes")
    bias = arrays["bias"] if layer.options.get("use_bias", True) else np.zeros(depth)
    return _last(plain_numpy.conv(_first(maps), kernel.transpose(3, 2, 0, 1), bias, stride, pads))


def _pool(
    pool: Callable[[Array, int, int], Array],
) -> Callable[[Array, ReadLayer, Arrays], Array]:
    def run_pool(maps: Array, layer: ReadLayer, _arrays: Arrays) -> Array:
        (size,) = layer.numbers
        return _last(pool(_first(maps), size, layer.options.get("strides", size)))

    return run_pool


def _dense(vectors: Array, layer: ReadLayer, arrays: Arrays) -> Array:
    if arrays["kernel"].shape != (vectors.shape[1], layer.numbers[0]):
        raise ValueError(f"{layer.name} has weights of other sizes")
    return plain_numpy.dense(vectors, arrays["kernel"].T, arrays["bias"])


def _batch_norm(values: Array, layer: ReadLayer, arrays: Arrays) -> Array:
    axis = layer.options["axis"]
    normal = plain_numpy.batch_norm(
        np.moveaxis(values, axis, 1),
        arrays["gamma"],
        arrays["beta"],
        arrays["moving_mean"],
        arrays["moving_variance"],
        layer.options["epsilon"],
    )
    return np.moveaxis(normal, 1, axis)


def _normalise(maps: Array, layer: ReadLayer, _arrays: Arrays) -> Array:
    mean, variance = (np.array(layer.options[name]) for name in ("mean", "variance"))
    return np.asarray((maps - mean) / np.sqrt(variance))


def _permute(values: Array, layer: ReadLayer, _arrays: Arrays) -> Array:
    return values.transpose(0, *layer.numbers[0])


def _first(maps: Array) -> Array:
    return maps.transpose(0, 3, 1, 2)


def _last(maps: Array) -> Array:
    return maps.transpose(0, 2, 3, 1)


_ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "sigmoid": plain_numpy.sigmoid,
    "tanh": lambda x: np.tanh(x),
    "relu": lambda x: np.maximum(x, 0.0),
}
_KINDS: dict[str, Callable[[Array, ReadLayer, Arrays], Array]] = {
    "Permute": _permute,
    "Normalization": _normalise,
    "Conv2D": _conv,
    "BiasMap": lambda x, _l, a: x + a["bias_map"],
    "MaxPooling2D": _pool(plain_numpy.max_pool),
    "AveragePooling2D": _pool(plain_numpy.avg_pool),
    "GlobalAveragePooling2D": lambda x, _l, _a: x.mean(axis=(1, 2)),
    "Flatten": lambda x, _l, _a: x.reshape(len(x), -1),
    "Reshape": lambda x, layer, _: x.reshape(len(x), *layer.numbers[0]),
    "Dense": _dense,
    "BatchNormalization": _batch_norm,
    "LeakyReLU": lambda x, layer, _: plain_numpy.leaky_relu(x, layer.options["negative_slope"]),
    "Activation": lambda x, layer, _: _ACTIVATIONS[layer.numbers[0]](x),
    "Softmax": lambda x, _l, _a: plain_numpy.softmax(x),
    "Dropout": lambda x, _l, _a: x,  # leaves values out in training only
}
