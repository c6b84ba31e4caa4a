"""The format PyTorch: a folder that holds the network as code, its weights, data and training."""

import math
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, format_shape
from engine.data.dataset import Dataset
from engine.data.names import LISTED, listed
from engine.exports.check_file import check_file, write_arrays
from engine.exports.export_format import UNPROVED, ExportFormat, Files, resource, with_proof
from engine.exports.pytorch.model_code import model_code, torch_shape
from engine.exports.pytorch.training_code import SCRIPTS, training_code
from engine.exports.pytorch.ways import WAYS
from engine.exports.trained_network import TrainedNetwork
from engine.exports.user_words import markdown_text
from engine.files import tensors
from engine.files.atomic import ProgressReport
from engine.files.naming import module_names, named_arrays, torch_names
from engine.files.tensors import with_checksums
from engine.runs.run_form import describe_start
from engine.training.samples import split
from engine.version import version


def readme(network: TrainedNetwork, *, has_data: bool) -> str:
    """Return the text, before the proof."""
    names = network.class_names
    shown = listed([*map(markdown_text, names)], LISTED)
    standard = " It standardises them itself." if network.scaling.is_standard else ""
    data = "| `data.npz` | the images and labels to train and to test with |\n"
    if not has_data:
        data = (
            "\nThe data is too large for this folder, or was not there. Give it with `--data`: an "
            f".npz file with images of bytes (n, {', '.join(map(str, _shape(network)))}) in "
            "`x_train` and `x_test`, and the numbers of their classes in `y_train` and `y_test`.\n"
        )
    return resource("pytorch-readme.md").format(
        version=version(),
        shape=format_shape(_shape(network)),
        scaling=standard,
        classes=len(names),
        names=shown,
        data=data,
        batch=network.settings.batch_size,
        more=" (own drawings are in data.npz)" if network.settings.drawings else "",
        proof=UNPROVED,
    )


def _shape(network: TrainedNetwork) -> tuple[int, ...]:
    return network.report.rows[0].input_shape or ()


DATA_BYTES = 64_000_000  # of images that the folder takes along


def _files(network: TrainedNetwork, report: ProgressReport) -> Files:
    own = named_arrays(network.project.stack, network.weights)
    arrays = {name: own[ours] for name, ours in torch_names(network.report.rows).items()}
    files = {
        "model.py": model_code(network).encode(),
        "weights.safetensors": tensors.write_safetensors(arrays, with_checksums({}, arrays)),
        "train.py": training_code(network).encode(),
        "run_folder.py": (SCRIPTS / "run_folder.py").read_bytes(),
        "read_data.py": (SCRIPTS / "read_data.py").read_bytes(),
        "network.json": _described(network),
    }
    report(0.2)
    files["check.npz"] = check_file(network, _in_torch)
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


def _in_torch(outputs: Array) -> Array:
    return outputs.reshape(len(outputs), *torch_shape(outputs.shape[1:]))


def _data(training: Dataset, test: Dataset, network: TrainedNetwork) -> bytes:
    """Return the images as bytes, with the numbers of their classes as labels."""
    kept, held = split(training, network.settings)
    parts = {"train": kept, "valid": held, "test": test}
    arrays: dict[str, NDArray[Any]] = {}
    for name, part in parts.items():
        if part is not None:
            arrays[f"x_{name}"] = np.asarray(part.images)
            arrays[f"y_{name}"] = np.array(part.classes)[part.labels]
    return write_arrays(arrays)


PYTORCH = ExportFormat(
    name="pytorch",
    title="PyTorch folder",
    audience="For those who go on with PyTorch, or train on several processes or machines.",
    contents="A folder with the network as readable code, its weights, a script that trains it on, "
    f"and the data if it is no more than {DATA_BYTES // 10**6} MB.",
    ending="",
    files=_files,
    ways=WAYS,
    with_verdicts=with_proof,
)
