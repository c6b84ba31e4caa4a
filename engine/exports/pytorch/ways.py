"""The ways in which a PyTorch folder is proved: read back here, in plain numpy, and by PyTorch."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

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


def read_back(path: Path, images: Array) -> BlockOutputs:
    """Load the network that `network.json` and the weights are, and run it."""
    from engine.files.weights_file import load_weights
    from engine.inputs.scaling import UNIT
    from engine.model.network import Network
    from engine.runs.run_form import read_description

    description = read_description((path / "network.json").read_bytes())
    project = description.project
    report = project.check()
    network = Network(report, load_weights(path / "weights.safetensors", report))
    return network.activations((project.scaling or UNIT).of_values(images))


def run_in_plain_numpy(path: Path, images: Array) -> BlockOutputs:
    """Read the text of `model.py` and the bytes of the weights, and compute in plain numpy."""
    modules = read_parts((path / "model.py").read_text("utf-8"))
    arrays, _ = plain_numpy.parse_safetensors((path / "weights.safetensors").read_bytes())
    outputs = run(modules, _KINDS, arrays, images)
    return [outputs[name] for name in _block_modules(path)]


def run_in_torch(path: Path, images: Array) -> BlockOutputs:
    """Run `model.py` itself, in the process that is there for it."""
    import torch

    values, outputs = torch.from_numpy(images), {}
    with torch.no_grad():
        for name, module in run_module(path).load_model().named_children():
            values = module(values)
            outputs[name] = values.numpy()
    return [outputs[name] for name in _block_modules(path)]


def _block_modules(path: Path) -> list[str]:
    """Return the names of the modules whose outputs are those of the blocks."""
    network: dict[str, Any] = json.loads((path / "network.json").read_text("utf-8"))
    return list(network["modules"])


def _conv(maps: Array, module: ModelPart, arrays: Arrays) -> Array:
    stride, kernel = module.options.get("stride", 1), module.options["kernel_size"]
    pads: Sequence[int] = (0, 0, 0, 0)
    if module.options.get("padding") == "same":
        before, after = (kernel - 1) // 2, kernel - 1 - (kernel - 1) // 2
        pads = (before, before, after, after)
    if arrays["weight"].shape[:2] != (module.numbers[1], module.numbers[0]):
        raise ValueError(f"{module.name} has weights of other sizes")
    bias = arrays["bias_map" if module.kind == "BiasMapConv2d" else "bias"]
    if bias.ndim == 3 and bias.shape[1:] != module.options["map_size"]:
        raise ValueError(f"{module.name} has a map of biases of another size")
    return plain_numpy.conv(maps, arrays["weight"], bias, stride, pads)


def _zero_pad(maps: Array, module: ModelPart, _arrays: Arrays) -> Array:
    left, right, top, bottom = module.numbers[0]
    return np.pad(maps, ((0, 0), (0, 0), (top, bottom), (left, right)))


def _pool(
    pool: Callable[[Array, int, int], Array],
) -> Forward:
    return lambda x, m, _: pool(x, m.numbers[0], m.options.get("stride", m.numbers[0]))


def _linear(vectors: Array, module: ModelPart, arrays: Arrays) -> Array:
    if arrays["weight"].shape != module.numbers[::-1]:
        raise ValueError(f"{module.name} has weights of other sizes")
    return plain_numpy.dense(vectors, arrays["weight"], arrays["bias"])


def _batch_norm(values: Array, module: ModelPart, arrays: Arrays) -> Array:
    mean, variance = arrays["running_mean"], arrays["running_var"]
    return plain_numpy.batch_norm(values, arrays["weight"], arrays["bias"], mean, variance)


def _standardise(images: Array, module: ModelPart, _arrays: Arrays) -> Array:
    return plain_numpy.standardised(images, *(np.array(numbers) for numbers in module.numbers))


_KINDS: dict[str, Forward] = {
    **SHARED,
    "Standardise": _standardise,
    "ZeroPad2d": _zero_pad,
    "Conv2d": _conv,
    "BiasMapConv2d": _conv,
    "MaxPool2d": _pool(plain_numpy.max_pool),
    "AvgPool2d": _pool(plain_numpy.avg_pool),
    "AdaptiveAvgPool2d": lambda x, _m, _a: x.mean(axis=(2, 3), keepdims=True),
    "Linear": _linear,
    "BatchNorm2d": _batch_norm,
    "BatchNorm1d": _batch_norm,
}


WAYS = (
    Way("read back", read_back),
    Way("numpy", run_in_plain_numpy),
    Way("torch", run_in_torch, ("torch", "safetensors")),
)
