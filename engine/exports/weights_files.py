"""The formats npz and safetensors: the weights by name, and metadata that tells the network."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from engine.array_types import Array
from engine.exports.export_format import ExportFormat, Files
from engine.exports.trained_network import TrainedNetwork, notes_of
from engine.files.atomic import ProgressReport
from engine.files.weights_file import encode_weights, load_described
from engine.model.network import Network
from engine.proof import plain_numpy
from engine.proof.verdict import BlockOutputs, Way


def _files(ending: str, network: TrainedNetwork, report: ProgressReport) -> Files:
    scaling, stack = network.scaling, network.project.stack
    notes = notes_of(network)
    return {"": encode_weights(ending, stack, network.weights, notes, scaling, report)}


def read_back(path: Path, images: Array) -> BlockOutputs:
    """Load the network that the file describes, and run it."""
    found = load_described(path)
    network = Network(found.report, found.weights)
    return network.activations(found.scaling.of_values(images))


def run_in_plain_numpy(path: Path, images: Array) -> BlockOutputs:
    """Take the file apart without what else reads it here, and run its network in plain numpy."""
    arrays, notes = _PARSERS[path.suffix.lower()](path)
    if "input.mean" in arrays:
        images = plain_numpy.standardised(images, arrays["input.mean"], arrays["input.deviation"])
    return plain_numpy.run(notes["stack"], arrays, images)


_Parsed = tuple[dict[str, Array], dict[str, Any]]


def _parse_npz(path: Path) -> _Parsed:
    with np.load(path, allow_pickle=False) as file:
        arrays = dict(file)
    return arrays, json.loads(str(arrays.pop("metadata")))


def _parse_safetensors(path: Path) -> _Parsed:
    arrays, metadata = plain_numpy.parse_safetensors(path.read_bytes())
    return arrays, {name: json.loads(text) for name, text in metadata.items()}


_PARSERS: dict[str, Callable[[Path], _Parsed]] = {
    ".npz": _parse_npz,
    ".safetensors": _parse_safetensors,
}
_WAYS = (Way("read back", read_back), Way("numpy", run_in_plain_numpy))

NPZ = ExportFormat(
    name="npz",
    title="NumPy weights",
    audience="For those who go on in Python with numpy alone.",
    contents="One file of named arrays, which numpy.load reads, with the network as metadata.",
    ending=".npz",
    files=partial(_files, ".npz"),
    ways=_WAYS,
)
SAFETENSORS = ExportFormat(
    name="safetensors",
    title="Safetensors weights",
    audience="For those who load weights into programs of their own, in any language.",
    contents="One file of named arrays in the format that model hubs use, with the network as "
    "metadata.",
    ending=".safetensors",
    files=partial(_files, ".safetensors"),
    ways=_WAYS,
)
