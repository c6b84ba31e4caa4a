"""The ways in which a Keras folder is proved: read back here, in plain numpy, and by Keras."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from engine.array_types import Array
from engine.exports.generated_model import (
    SHARED,
    Arrays,
    Forward,
    ModelPart,
    read_parts,
    run,
    run_module,
)
from engine.proof import plain_numpy
from engine.proof.verdict import BlockOutputs, Way

_BACKENDS = ("tensorflow", "torch", "jax")
_BLOCK = re.compile(r"[a-z]+[0-9]+")  # the names of layers that only move axes have a "_"


def read_back(path: Path, images: Array) -> BlockOutputs:
    """Load the network that the notes in the file of weights describe, and run it."""
    from engine.exports.keras.model_code import stored_arrays
    from engine.files.weights_file import read_content
    from engine.model.network import Network
    from engine.model.weights import Weights

    content = read_content(path / "weights.npz")
    metadata = content.metadata
    if metadata is None:
        raise ValueError("weights.npz does not say which network its weights are of")
    report = metadata.read_report()
    weights: Weights = {row.slot.id: {} for row in report.rows}
    entries = {entry.name: entry for entry in content.arrays}
    for name, stored in stored_arrays(report).items():
        weights[stored.slot_id][stored.parameter] = stored.from_keras(entries[name].read())
    return Network(report, weights).activations(metadata.read_scaling().of_values(images))


def run_in_plain_numpy(path: Path, images: Array) -> BlockOutputs:
    """Read the text of `model.py` and the arrays as numpy does, and compute in plain numpy."""
    layers = read_parts((path / "model.py").read_text("utf-8"))
    with np.load(path / "weights.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files if name != "metadata"}
    return _of_blocks(run(layers, _KINDS, arrays, images))


def run_in_keras(path: Path, images: Array) -> BlockOutputs:
    """Run `model.py` itself, in the process that is there for it."""
    found = (name for name in _BACKENDS if find_spec(name) is not None)
    os.environ.setdefault("KERAS_BACKEND", next(found, "numpy"))
    from keras import ops

    values, outputs = images, {}
    for layer in run_module(path).load_model().layers:
        values = layer(values)
        outputs[layer.name] = np.asarray(ops.convert_to_numpy(values))
    return _of_blocks(outputs)


def _of_blocks(outputs: Mapping[str, Array]) -> BlockOutputs:
    """Return the outputs of the layers that are called as blocks are, with channels first."""
    found = (array for name, array in outputs.items() if _BLOCK.fullmatch(name))
    return [array.transpose(0, 3, 1, 2) if array.ndim == 4 else array for array in found]


def _conv(maps: Array, layer: ModelPart, arrays: Arrays) -> Array:
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
) -> Forward:
    def run_pool(maps: Array, layer: ModelPart, _arrays: Arrays) -> Array:
        (size,) = layer.numbers
        return _last(pool(_first(maps), size, layer.options.get("strides", size)))

    return run_pool


def _dense(vectors: Array, layer: ModelPart, arrays: Arrays) -> Array:
    if arrays["kernel"].shape != (vectors.shape[1], layer.numbers[0]):
        raise ValueError(f"{layer.name} has weights of other sizes")
    return plain_numpy.dense(vectors, arrays["kernel"].T, arrays["bias"])


def _batch_norm(values: Array, layer: ModelPart, arrays: Arrays) -> Array:
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


def _normalise(maps: Array, layer: ModelPart, _arrays: Arrays) -> Array:
    mean, variance = (np.array(layer.options[name]) for name in ("mean", "variance"))
    return np.asarray((maps - mean) / np.sqrt(variance))


def _permute(values: Array, layer: ModelPart, _arrays: Arrays) -> Array:
    return values.transpose(0, *layer.numbers[0])


def _first(maps: Array) -> Array:
    return maps.transpose(0, 3, 1, 2)


def _last(maps: Array) -> Array:
    return maps.transpose(0, 2, 3, 1)


_KINDS: dict[str, Forward] = {
    **SHARED,
    "Permute": _permute,
    "Normalization": _normalise,
    "Conv2D": _conv,
    "BiasMap": lambda x, _l, a: x + a["bias_map"],
    "MaxPooling2D": _pool(plain_numpy.max_pool),
    "AveragePooling2D": _pool(plain_numpy.avg_pool),
    "GlobalAveragePooling2D": lambda x, _l, _a: x.mean(axis=(1, 2)),
    "Dense": _dense,
    "BatchNormalization": _batch_norm,
    "LeakyReLU": lambda x, layer, _: plain_numpy.leaky_relu(x, layer.options["negative_slope"]),
    "Activation": lambda x, layer, _: plain_numpy.pointwise(layer.numbers[0], x, {}),
}


WAYS = (
    Way("read back", read_back),
    Way("numpy", run_in_plain_numpy),
    Way("keras", run_in_keras, ("keras",)),
)
