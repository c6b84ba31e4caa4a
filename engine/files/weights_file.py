"""Weights files: `.safetensors` and `.npz`, float32 arrays by name."""

import json
import math
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np

from engine.array_types import Array
from engine.data.images import CHANNELS
from engine.errors import WeightsError, in_one_line
from engine.files import tensors
from engine.files.atomic import ProgressReport, no_report, write_file
from engine.files.naming import assign, named_arrays, with_own_names
from engine.files.network_form import Metadata, read_notes
from engine.files.tensors import checked, read_safetensors, read_safetensors_notes, with_checksums
from engine.files.untrusted_read import DamagedError, ForeignError, read_file
from engine.inputs.scaling import UNIT, Scaling
from engine.model.stack import MAX_PARAMETERS, Row, ShapeReport, Stack
from engine.model.weights import Weights, why_not_whole

MAX_BYTES = MAX_PARAMETERS * 4 + 16_000_000  # room for names and headers

_SCALING = ("input.mean", "input.deviation")


class _Format(NamedTuple):
    write: Callable[[Mapping[str, Array], Mapping[str, str]], bytes]
    read: Callable[[bytes], list[tensors.Entry]]
    read_notes: Callable[[bytes], dict[str, str]]


_FORMATS = {
    ".safetensors": _Format(tensors.write_safetensors, read_safetensors, read_safetensors_notes),
    ".npz": _Format(tensors.write_npz, tensors.read_npz, tensors.read_npz_notes),
}
ENDINGS = tuple(_FORMATS)


def export_weights(
    path: Path,
    stack: Stack,
    weights: Mapping[int, Mapping[str, Array]],
    report: ProgressReport = no_report,
    *,
    scaling: Scaling | None = None,
    class_names: Sequence[str] = (),
) -> None:
    """Write the weights of a whole stack in the format of the file's ending, as `encode_weights`.

    The names of the classes, in the order of the outputs, are in the metadata, as JSON under
    `classes`. `report` is called with the fraction done between the steps; what it raises ends the
    work.
    Raises WeightsError if the ending is unknown, a block has no weights or no finite ones, or the
    file cannot be written.
    """
    _format(path)
    notes = {"classes": json.dumps(list(class_names))} if class_names else {}
    data = encode_weights(
        path.suffix, stack, weights, notes, scaling, lambda fraction: report(0.8 * fraction)
    )
    write_file(path, data, WeightsError, lambda fraction: report(0.8 + 0.2 * fraction))


def encode_weights(
    ending: str,
    stack: Stack,
    weights: Mapping[int, Mapping[str, Array]],
    notes: Mapping[str, str],
    scaling: Scaling | None,
    report: ProgressReport = no_report,
) -> bytes:
    """Return the bytes of a weights file. What was encoded is read back and compared.

    The numbers of a standard scaling, with which they were learned, are written with them, as
    `input.mean` and `input.deviation`.
    Raises WeightsError if a block has no weights or no finite ones.
    """
    kind = _FORMATS[ending.lower()]
    if why := why_not_whole(stack.rows(), weights):
        raise WeightsError(f"The weights were not exported, because {why}")
    arrays = named_arrays(stack.slots, weights)
    if scaling is not None and scaling.is_standard:
        numbers = scaling.mean, scaling.deviation
        arrays |= zip(_SCALING, (np.array(each, np.float32) for each in numbers), strict=True)
    report(0.1)
    data = kind.write(arrays, with_checksums(notes, arrays) if notes else {})
    report(0.5)
    if not tensors.hold(_read(kind, data)[0], arrays):
        raise WeightsError(
            "The weights were not exported: read back, the weights are not those of the network. "
            f"Export in the other format ({' or '.join(ENDINGS)}), and please report this."
        )
    report(1.0)
    return data


def load_weights(path: Path, report: ShapeReport) -> Weights:
    """Read the weights of a stack that fits, as `load_with_scaling` does."""
    return load_with_scaling(path, report)[0]


def load_with_scaling(path: Path, report: ShapeReport) -> tuple[Weights, Scaling | None]:
    """Read the weights of a stack that fits, and the standard scaling they were learned with.

    There is an entry for every slot, empty where nothing learns. Without numbers of a scaling in
    the file it is not known. The arrays may have PyTorch's names (see `torch_names`) too.
    Raises WeightsError if the file is missing, damaged, of an unknown ending, or if names, types
    or shapes are not those of the stack.
    """
    kind = _format(path)
    if report.problem is not None:
        raise WeightsError(
            f"{path} was not loaded, because the network does not fit: {report.problem.text}"
        )
    data = read_file(path, MAX_BYTES, WeightsError)
    with faults_in_words(path):
        return _assigned(_read(kind, data)[0], report.rows)


class DescribedWeights(NamedTuple):
    """A network as a weights file describes it: all that is needed to run it."""

    metadata: Metadata
    report: ShapeReport
    weights: Weights
    scaling: Scaling


def load_described(path: Path) -> DescribedWeights:
    """Read the network that a weights file holds, by nothing but the file.

    Raises WeightsError as `load_weights` does, and if the file does not describe its network.
    """
    kind = _format(path)
    data = read_file(path, MAX_BYTES, WeightsError)
    with faults_in_words(path):
        entries, notes = _read(kind, data)
        metadata = read_notes(notes)
        if metadata is None:
            raise DamagedError("it does not say which network its weights are of")
        report = metadata.read_report()
        weights, numbers = _assigned(entries, report.rows)
        scaling = numbers or UNIT
        if scaling != metadata.read_scaling():
            raise DamagedError("the scaling of its images contradicts its metadata")
    return DescribedWeights(metadata, report, weights, scaling)


class WeightsContent(NamedTuple):
    """What is in a weights file, whatever network it is of; the arrays are not read yet."""

    arrays: list[tensors.Entry]
    scaling: Scaling | None
    metadata: Metadata | None


def read_content(path: Path) -> WeightsContent:
    """List the arrays of a weights file, and read what else it says.

    Raises WeightsError if the file is missing, damaged or of an unknown ending.
    """
    kind = _format(path)
    data = read_file(path, MAX_BYTES, WeightsError)
    with faults_in_words(path):
        entries, notes = _read(kind, data)
        return WeightsContent(_without_scaling(entries), _read_scaling(entries), read_notes(notes))


def _read(kind: _Format, data: bytes) -> tuple[list[tensors.Entry], dict[str, str]]:
    """List the arrays of a file, with what its metadata says; its checksums are compared."""
    notes = kind.read_notes(data)
    arrays = [entry for entry in kind.read(data) if entry.name != tensors.METADATA]
    return checked(arrays, notes), notes


def _without_scaling(entries: Sequence[tensors.Entry]) -> list[tensors.Entry]:
    return [entry for entry in entries if entry.name not in _SCALING]


def _assigned(
    entries: Sequence[tensors.Entry], rows: Sequence[Row]
) -> tuple[Weights, Scaling | None]:
    arrays = with_own_names(_without_scaling(entries), rows)
    return assign(arrays, rows, complete=True), _read_scaling(entries)


@contextmanager
def faults_in_words(path: Path) -> Iterator[None]:
    """Raise a WeightsError that names the file in place of whatever reading it raises."""
    try:
        yield
    except ForeignError as fault:
        raise WeightsError(
            f"{path} belongs to another network: {fault}. Choose weights that were exported from "
            "this network, or open the project they came from."
        ) from fault
    except DamagedError as fault:
        raise WeightsError(f"{path} is damaged: {fault}. Export it again.") from fault
    except Exception as fault:  # a damaged file makes the libraries raise nearly anything
        raise WeightsError(
            f"{path} is damaged or no {path.suffix} file ({_reason(fault)}). Export it again."
        ) from fault


def _read_scaling(entries: Sequence[tensors.Entry]) -> Scaling | None:
    found = {entry.name: entry for entry in entries if entry.name in _SCALING}
    if not found:
        return None
    if found.keys() != set(_SCALING) or len({entry.shape for entry in found.values()}) > 1:
        raise DamagedError("the scaling of its images is not whole")
    if any(
        entry.dtype not in tensors.FLOATS or math.prod(entry.shape) not in CHANNELS
        for entry in found.values()
    ):
        raise DamagedError("the scaling of its images is that of no image")
    mean, deviation = (tuple(map(float, found[name].read().reshape(-1))) for name in _SCALING)
    if not (np.isfinite([*mean, *deviation]).all() and min(deviation) > 0):
        raise DamagedError("the scaling of its images contradicts itself")
    return Scaling(mean, deviation)


def require_known_ending(path: Path) -> None:
    """Raise WeightsError if no format goes with the ending of a file's name."""
    _format(path)


def _format(path: Path) -> _Format:
    kind = _FORMATS.get(path.suffix.lower())
    if kind is None:
        ending = repr(path.suffix) if path.suffix else "no ending"
        raise WeightsError(
            f"{path} has {ending}, which names no format of weights. End it in "
            f"{' or '.join(ENDINGS)}."
        )
    return kind


def _reason(fault: Exception) -> str:
    if isinstance(fault, zipfile.BadZipFile | EOFError):
        return "it is cut off or no zip file"
    return in_one_line(fault)
