"""The formats of exports, in the order in which they are offered, and which one a path means."""

from pathlib import Path

from engine.errors import ExportError
from engine.exports.export_format import ExportFormat
from engine.exports.keras.folder import KERAS
from engine.exports.notebook.notebook_file import NOTEBOOK
from engine.exports.onnx import ONNX
from engine.exports.pytorch.folder import PYTORCH
from engine.exports.report.report_format import REPORT
from engine.exports.weights_files import NPZ, SAFETENSORS

FORMATS: dict[str, ExportFormat] = {
    each.name: each for each in (NPZ, SAFETENSORS, ONNX, PYTORCH, KERAS, NOTEBOOK, REPORT)
}


def format_for(path: Path, name: str | None = None) -> ExportFormat:
    """Return the format of a name, or without one that of a path's ending.

    Raises ExportError if the two do not go together, or there is no such format.
    """
    if name is None:
        return _by_ending(path)
    kind = FORMATS.get(name)
    if kind is None:
        raise ExportError(f"{name!r} is no format of exports. Choose one of {', '.join(FORMATS)}.")
    if kind.ending and path.suffix.lower() != kind.ending:
        raise ExportError(
            f"{path} must end in {kind.ending} for the format {name}. Choose another name, or "
            "another format."
        )
    return kind


def _by_ending(path: Path) -> ExportFormat:
    ending = path.suffix.lower()
    for kind in FORMATS.values():
        if kind.ending and kind.ending == ending:
            return kind
    endings = ", ".join(kind.ending for kind in FORMATS.values() if kind.ending)
    folders = ", ".join(kind.name for kind in FORMATS.values() if kind.is_folder)
    named = repr(path.suffix) if path.suffix else "no ending"
    raise ExportError(
        f"{path} has {named}, which names no format. End it in one of {endings}"
        + (f", or choose a format that is a folder ({folders})." if folders else ".")
    )
