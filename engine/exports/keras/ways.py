"""The ways in which a Keras folder is proved: read back here, in plain numpy, and by Keras."""

import os
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from engine.array_types import Array
from engine.proof.way import BlockOutputs, Way

_BACKENDS = ("tensorflow", "torch", "jax")
_BLOCK = re.compile(r"[a-z]+[0-9]+")  # the names of layers that only move axes have a "_"


def read_back(path: Path, images: Array) -> BlockOutputs:
    """Load the network that the notes in the file of weights describe, and run it."""
    from engine.exports.keras.layers import stored_arrays
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
    from engine.exports.keras.model_reading import read_layers, run

    layers = read_layers((path / "model.py").read_text("utf-8"))
    with np.load(path / "weights.npz", allow_pickle=False) as file:
        arrays = {name: file[name] for name in file.files if name != "metadata"}
    return _of_blocks(run(layers, arrays, images))


def run_in_keras(path: Path, images: Array) -> BlockOutputs:
    """Run `model.py` itself, in the process that is there for it."""
    found = (name for name in _BACKENDS if find_spec(name) is not None)
    os.environ.setdefault("KERAS_BACKEND", next(found, "numpy"))
    from keras import ops

    from engine.exports.model_text import run_module

    values, outputs = images, {}
    for layer in run_module(path).load_model().layers:
        values = layer(values)
        outputs[layer.name] = np.asarray(ops.convert_to_numpy(values))
    return _of_blocks(outputs)


def _of_blocks(outputs: Mapping[str, Array]) -> BlockOutputs:
    """Return the outputs of the layers that are called as blocks are, with channels first."""
    found = (array for name, array in outputs.items() if _BLOCK.fullmatch(name))
    return [array.transpose(0, 3, 1, 2) if array.ndim == 4 else array for array in found]


WAYS = (
    Way("read back", read_back),
    Way("numpy", run_in_plain_numpy),
    Way("keras", run_in_keras, ("keras",)),
)
