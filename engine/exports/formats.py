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

    Raises ExportError if the two do not go together, or the ending names no format.
    """
    ending = path.suffix.lower()
    if name is not None:
        kind = FORMATS[name]
        if kind.ending and ending != kind.ending:
            raise ExportError(
                f"{path} must end in {kind.ending} for the format {name}. Choose another name, or "
                "another format."
            )
        return kind
    by_ending = {kind.ending: kind for kind in FORMATS.values() if kind.ending}
    if ending in by_ending:
        return by_ending[ending]
    folders = ", ".join(kind.name for kind in FORMATS.values() if kind.is_folder)
    named = repr(path.suffix) if path.suffix else "no ending"
    raise ExportError(
        f"{path} has {named}, which names no format. End it in one of {', '.join(by_ending)}, or "
        f"choose a format that is a folder ({folders})."
    )
