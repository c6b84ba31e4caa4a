"""Run an ONNX file in onnxruntime, which must be installed: for a process of its own."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from engine.array_types import Array

_FOLDER = "session.model_external_initializers_file_folder_path"
_TYPES = {"tensor(float16)": "float16", "tensor(double)": "float64", "tensor(uint8)": "uint8"}


def run_model(
    model: bytes, inputs: Mapping[str, Array], outputs: Sequence[str], folder: Path | None = None
) -> list[Array]:
    """Return some outputs of a model, of the bytes of its file.

    The inputs are brought to the types that the model wants. `folder` is where files with numbers
    of the model are.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3  # errors
    if folder is not None:
        options.add_session_config_entry(_FOLDER, str(folder.absolute()))
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    types = {each.name: _TYPES.get(each.type, "float32") for each in session.get_inputs()}
    given = {name: _of_type(array, types[name]) for name, array in inputs.items()}
    found: list[Array] = session.run(list(outputs), given)
    return found


def _of_type(array: Array, dtype: str) -> Array:
    return (np.rint(array) if dtype == "uint8" else array).astype(dtype)
