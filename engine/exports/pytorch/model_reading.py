"""Read the text of `model.py` without running it, and compute what its model gives in plain numpy.

It is read as Python's own parser sees it: the modules in the list that `build_model` returns, their
sizes and options as numbers. So what is proved is the text itself.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.array_types import Array
from engine.exports.model_text import listed_parts
from engine.proof import plain_numpy


@dataclass(frozen=True)
class ReadModule:
    """A module as the text has it: its name, its class, and what this is called with."""

    name: str
    kind: str
    sizes: tuple[Any, ...]
    options: Mapping[str, Any]

    def option(self, name: str, place: int, default: Any) -> Any:
        """Return an option that may be given by its place or by its name."""
        return self.sizes[place] if len(self.sizes) > place else self.options.get(name, default)


def read_modules(text: str) -> list[ReadModule]:
    """Return the modules that `build_model` lists.

    Raises ValueError or what the parser raises if the text has another form.
    """
    return [_read(element) for element in listed_parts(text)]


def _read(element: ast.expr) -> ReadModule:
    if not (isinstance(element, ast.Tuple) and isinstance(element.elts[1], ast.Call)):
        raise ValueError("a line of build_model is no name with a module")
    name, call = element.elts
    assert isinstance(call, ast.Call)
    kind = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
    return ReadModule(
        str(ast.literal_eval(name)),
        kind,
        tuple(ast.literal_eval(each) for each in call.args),
        {each.arg or "": ast.literal_eval(each.value) for each in call.keywords},
    )


def run(
    modules: Sequence[ReadModule], arrays: Mapping[str, Array], images: Array
) -> dict[str, Array]:
    """Return the outputs of each module by its name, for images of values from 0 to 1.

    `arrays` are by PyTorch's names.
    """
    found: dict[str, Array] = {}
    values: Array = images.astype(np.float64)
    for module in modules:
        own = plain_numpy.arrays_of(f"{module.name}.", arrays)
        values = found[module.name] = _KINDS[module.kind](values, module, own)
    return found


def _conv(maps: Array, module: ReadModule, arrays: Mapping[str, Array]) -> Array:
    stride, kernel = module.options.get("stride", 1), module.options["kernel_size"]
    pads: Sequence[int] = (0, 0, 0, 0)
    if module.options.get("padding") == "same":
        before, after = (kernel - 1) // 2, kernel - 1 - (kernel - 1) // 2
        pads = (before, before, after, after)
    if arrays["weight"].shape[:2] != (module.sizes[1], module.sizes[0]):
        raise ValueError(f"{module.name} has weights of other sizes")
    bias = arrays["bias_map" if module.kind == "BiasMapConv2d" else "bias"]
    if bias.ndim == 3 and bias.shape[1:] != module.options["map_size"]:
        raise ValueError(f"{module.name} has a map of biases of another size")
    return plain_numpy.conv(maps, arrays["weight"], bias, stride, pads)


def _zero_pad(maps: Array, module: ReadModule, _arrays: Mapping[str, Array]) -> Array:
    left, right, top, bottom = module.sizes[0]
    return np.pad(maps, ((0, 0), (0, 0), (top, bottom), (left, right)))


def _pool(
    pool: Callable[[Array, int, int], Array],
) -> Callable[[Array, ReadModule, Mapping[str, Array]], Array]:
    return lambda x, m, _: pool(x, m.sizes[0], m.option("stride", 1, m.sizes[0]))


def _linear(vectors: Array, module: ReadModule, arrays: Mapping[str, Array]) -> Array:
    if arrays["weight"].shape != module.sizes[::-1]:
        raise ValueError(f"{module.name} has weights of other sizes")
    return plain_numpy.dense(vectors, arrays["weight"], arrays["bias"])


def _batch_norm(values: Array, module: ReadModule, arrays: Mapping[str, Array]) -> Array:
    mean, variance = arrays["running_mean"], arrays["running_var"]
    return plain_numpy.batch_norm(values, arrays["weight"], arrays["bias"], mean, variance)


def _standardise(images: Array, module: ReadModule, _arrays: Mapping[str, Array]) -> Array:
    return plain_numpy.standardised(images, *(np.array(numbers) for numbers in module.sizes))


_KINDS: dict[str, Callable[[Array, ReadModule, Mapping[str, Array]], Array]] = {
    "Standardise": _standardise,
    "ZeroPad2d": _zero_pad,
    "Conv2d": _conv,
    "BiasMapConv2d": _conv,
    "MaxPool2d": _pool(plain_numpy.max_pool),
    "AvgPool2d": _pool(plain_numpy.avg_pool),
    "AdaptiveAvgPool2d": lambda x, _m, _a: x.mean(axis=(2, 3), keepdims=True),
    "Flatten": lambda x, _m, _a: x.reshape(len(x), -1),
    "Reshape": lambda x, m, _: x.reshape(len(x), *m.sizes[0]),
    "Linear": _linear,
    "BatchNorm2d": _batch_norm,
    "BatchNorm1d": _batch_norm,
    "Sigmoid": lambda x, _m, _a: plain_numpy.sigmoid(x),
    "Tanh": lambda x, _m, _a: np.tanh(x),
    "ReLU": lambda x, _m, _a: np.maximum(x, 0.0),
    "LeakyReLU": lambda x, m, _: plain_numpy.leaky_relu(x, m.sizes[0]),
    "Softmax": lambda x, _m, _a: plain_numpy.softmax(x),
    "Dropout": lambda x, _m, _a: x,  # leaves values out in training only
}
