"""The ways in which a PyTorch folder is proved: read back here, in plain numpy, and by PyTorch."""

import json
from pathlib import Path
from typing import Any

from engine.array_types import Array
from engine.proof.way import BlockOutputs, Way


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
    from engine.exports.pytorch.model_reading import read_modules, run
    from engine.proof.plain_safetensors import parse_safetensors

    modules = read_modules((path / "model.py").read_text("utf-8"))
    arrays, _ = parse_safetensors((path / "weights.safetensors").read_bytes())
    outputs = run(modules, arrays, images)
    return [outputs[name] for name in _block_modules(path)]


def run_in_torch(path: Path, images: Array) -> BlockOutputs:
    """Run `model.py` itself, in the process that is there for it."""
    import torch

    from engine.exports.model_text import run_module

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


WAYS = (
    Way("read back", read_back),
    Way("numpy", run_in_plain_numpy),
    Way("torch", run_in_torch, ("torch", "safetensors")),
)
