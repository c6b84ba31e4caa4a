"""The format PyTorch: a folder that holds the network as code, its weights, data and training."""

import io
import math
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.exports.export_format import ExportFormat, Files
from engine.exports.pytorch.model_code import model_code
from engine.exports.pytorch.modules import torch_shape
from engine.exports.pytorch.readme import readme, with_proof
from engine.exports.pytorch.training_code import SCRIPTS, training_code
from engine.exports.pytorch.ways import WAYS
from engine.exports.trained_network import TrainedNetwork
from engine.files import tensors
from engine.files.atomic import ProgressReport
from engine.files.torch_names import module_names, torch_names
from engine.proof.prove import images_to_prove
from engine.proof.verdict import Verdict
from engine.runs.run_form import describe_start
from engine.training.samples import split
from engine.version import version

DATA_BYTES = 64_000_000  # of images that the folder takes along
_CHECK_BYTES = 20_000_000  # of outputs that it takes along to be compared
_CHECKED = 20  # images


def _files(network: TrainedNetwork, report: ProgressReport) -> Files:
    arrays = {
        name: network.weights[slot_id][parameter]
        for name, (slot_id, parameter) in torch_names(network.report.rows).items()
    }
    files = {
        "model.py": model_code(network).encode(),
        "weights.safetensors": tensors.write_safetensors(arrays),
        "train.py": training_code(network).encode(),
        "run_folder.py": (SCRIPTS / "run_folder.py").read_bytes(),
        "read_data.py": (SCRIPTS / "read_data.py").read_bytes(),
        "network.json": _described(network),
    }
    report(0.2)
    files["check.npz"] = _check(network)
    report(0.4)
    if network.training is not None and network.test is not None:
        size = sum(math.prod(part.images.shape) for part in (network.training, network.test))
        if size <= DATA_BYTES:
            files["data.npz"] = _data(network.training, network.test, network)
    report(0.9)
    return {"README.md": readme(network, has_data="data.npz" in files).encode(), **files}


def _described(network: TrainedNetwork) -> bytes:
    """Return what a run folder says of the network, and how its modules are called there."""
    named = zip(module_names(network.project.stack), network.project.stack, strict=True)
    form = describe_start(
        *(network.project, network.class_names, network.scaling),
        *(network.data_digest(), version()),
    )
    blocks = {name: f"{place}.{slot.known.kind}" for place, (name, slot) in enumerate(named)}
    described: dict[str, Any] = {"modules": blocks, **msgspec.to_builtins(form)}
    return msgspec.json.format(msgspec.json.encode(described), indent=1) + b"\n"


def _check(network: TrainedNetwork) -> bytes:
    """Return a few images and what each block gives for them, as far as that is not too much."""
    rows = network.report.rows
    size = sum(4 * math.prod(row.output_shape or ()) for row in rows)
    count = max(1, min(_CHECKED, _CHECK_BYTES // size))
    test = network.test.images if network.test is not None else None
    images = images_to_prove(network.network(), test).bytes[:count]
    outputs = network.network().activations(network.scaling.inputs(images))
    names = module_names(row.slot for row in rows)
    arrays: dict[str, NDArray[Any]] = {"images": images.astype(np.float32) / np.float32(255)}
    for place, (name, row) in enumerate(zip(names, rows, strict=True), 1):
        if size <= _CHECK_BYTES or place == len(rows):
            shape = torch_shape(row.output_shape or ())
            arrays[name] = outputs[place - 1].reshape(count, *shape)
    return _npz(arrays)


def _data(training: Dataset, test: Dataset, network: TrainedNetwork) -> bytes:
    """Return the images as bytes, with the numbers of their classes as labels."""
    kept, held = split(training, network.settings)
    parts = {"train": kept, "valid": held, "test": test}
    arrays: dict[str, NDArray[Any]] = {}
    for name, part in parts.items():
        if part is not None:
            arrays[f"x_{name}"] = np.asarray(part.images)
            arrays[f"y_{name}"] = np.array(part.classes)[part.labels]
    return _npz(arrays)


def _npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def _with_verdicts(files: Files, verdicts: Sequence[Verdict]) -> Files:
    return {"README.md": with_proof(files["README.md"].decode(), verdicts).encode()}


PYTORCH = ExportFormat(
    name="pytorch",
    title="PyTorch folder",
    audience="For those who go on with PyTorch, or train on several processes or machines.",
    contents="A folder with the network as readable code, its weights, a script that trains it on, "
    f"and the data if it is no more than {DATA_BYTES // 10**6} MB.",
    ending="",
    files=_files,
    ways=WAYS,
    with_verdicts=_with_verdicts,
)
