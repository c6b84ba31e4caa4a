"""What can be imported, told by the ending of a file or by what is in a folder."""

import os
from pathlib import Path
from typing import Literal

from engine.data.readers.npz import holds_images
from engine.errors import NetworkFileError
from engine.files.weights_file import ENDINGS
from engine.runs.run_folder import DESCRIPTION, is_run_folder

Kind = Literal["weights", "onnx", "run"]

_BY_ENDING: dict[str, Kind] = {**dict.fromkeys(ENDINGS, "weights"), ".onnx": "onnx"}
_PROGRAMS = (".pt", ".pth", ".bin", ".ckpt", ".pkl")
IMPORTED = (*_BY_ENDING, DESCRIPTION)  # what the names of files end in


def kind_of(path: Path) -> Kind:
    """Return what a file or folder is; its content is not looked at.

    Raises NetworkFileError if nothing like it can be imported.
    """
    if os.path.isdir(path) or path.name == DESCRIPTION:
        return "run"
    ending = path.suffix.lower()
    kind = _BY_ENDING.get(ending)
    if kind is None:
        raise NetworkFileError(f"{path} cannot be imported. {_remedy(ending)}")
    return kind


def is_import(path: Path) -> bool:
    """Return whether a file or folder is a network or weights, and no data or anything else."""
    if os.path.isdir(path):
        return is_run_folder(path)
    if path.suffix.lower() == ".npz":
        return not holds_images(path)
    return path.name == DESCRIPTION or path.suffix.lower() in _BY_ENDING


def _remedy(ending: str) -> str:
    if ending in _PROGRAMS:
        return (
            "Such files can hold any program, so they are not opened. Write the weights with "
            "safetensors.torch.save_file(model.state_dict(), 'model.safetensors'), and import that."
        )
    return f"Choose a file that ends in {', '.join(_BY_ENDING)}, or the folder of a run."
