"""Project files: a zip of `project.json` and, once something is learned, `weights.safetensors`.

The pixels of one's own drawings are in `drawings.bin`.
What an optimizer remembers is in `optimizer.safetensors`, and the run it belongs to in the field
`training`; both of the same moment as the weights.

Whatever this version would lose on saving is refused on reading: members and fields that it does
not know. Unknown kinds of blocks alone are kept as they are. So a later version that changes
anything else raises FORMAT; a field or member that is only written where it says something, as
`locked_kernels`, `training`, its `shapes`, `origin` or `trained_part`, needs no new one: an older
version refuses just the files that use it, in words.
"""

import io
import logging
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import numpy as np

from engine.array_types import Array
from engine.errors import LayerscopeError, ProjectError, in_one_line
from engine.files import tensors
from engine.files.atomic import ProgressReport, no_report, write_file
from engine.files.naming import assign, named_arrays
from engine.files.network_form import (
    DRAWINGS,
    DRAWINGS_LIMIT,
    NEWER,
    ClassNames,
    Count,
    Digest,
    ImageShape,
    ScalingForm,
    Share,
    SlotForm,
    read_scaling,
    read_settings,
    read_slots,
    write_drawings,
    write_scaling,
    write_settings,
    write_slots,
)
from engine.files.state_form import StateForm, named_memories, read_state, write_state
from engine.files.tensors import read_safetensors
from engine.files.untrusted_read import (
    DamagedError,
    ForeignError,
    digest_file,
    digest_of,
    open_zip,
    read_file,
)
from engine.model.project import CheckpointRef, Project
from engine.model.stack import MAX_PARAMETERS, Stack
from engine.model.weights import find_non_finite

_logger = logging.getLogger(__name__)
T = TypeVar("T")

PROJECT_ENDING = ".layerscope"

FORMAT = 1
_PROGRAM = "layerscope"
_DESCRIPTION = "project.json"
_WEIGHTS = "weights.safetensors"
_OPTIMIZER = "optimizer.safetensors"
# A block takes some 300 bytes, and 10 for each locked kernel: this is room for 10,000 blocks. To
# decode the worst JSON of this size takes 110 MB.
_LIMITS = {
    _DESCRIPTION: 4_000_000,
    _WEIGHTS: MAX_PARAMETERS * 4 + 16_000_000,
    _OPTIMIZER: 2 * MAX_PARAMETERS * 4 + 16_000_000,  # Adam's mean and square
    DRAWINGS: DRAWINGS_LIMIT,
}
MAX_BYTES = sum(_LIMITS.values()) + 1_000_000  # with what the zip adds
_BACKUP = "Use a backup copy of the file."


class _ProjectForm(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    format: int
    program: str
    input_shape: ImageShape
    slots: list[SlotForm]
    settings: dict[str, Any]
    trained_epochs: Count
    has_weights: bool  # a damaged directory of the zip must not make a trained network a new one
    training: StateForm | None = None
    scaling: ScalingForm | None = None
    data_digest: Digest = ""
    class_names: ClassNames = ()
    origin: CheckpointRef | None = None
    trained_part: Share = 0.0  # where `training` does not say it


def save_project(project: Project, path: Path) -> None:
    """Write a project file, whole or not at all.

    Raises ProjectError if the weights are not finite or the file cannot be written.
    """
    write_file(path, encode_project(project, path), ProjectError)
    _logger.info("Saved %s", path)


def encode_project(project: Project, path: Path, report: ProgressReport = no_report) -> bytes:
    """Return the bytes of a project file. What was encoded is read back and compared.

    `report` is called with the fraction done between the steps; what it raises ends the work.
    Raises ProjectError, about the file that was to be written, if the weights are not finite.
    """
    slots, project = project.stack.slots, _without_void_state(project)
    if named := find_non_finite(slots, project.weights):
        raise ProjectError(
            f"{path} was not written: {named} holds values that are not finite numbers. Reset the "
            "training, then save."
        )
    report(0.05)
    data = _tried(lambda: _encode(project), path)
    report(0.4)
    found = _tried(lambda: _decode(data), path) if data is not None else None
    report(0.9)
    same = _tried(lambda: _are_equal(found, project), path) if found is not None else False
    if data is None or not same:
        raise ProjectError(
            f"{path} was not written: read back, the project is not the same. Export the weights "
            "to keep them, and please report this."
        )
    return data


def open_project(path: Path) -> Project:
    """Read a project file.

    A block of an unknown kind is kept as an UnknownBlock, and saved back as it was.
    Raises ProjectError if the file is missing, damaged, from a newer version, or refused for the
    value of an option.
    """
    return open_with_digest(path)[0]


def open_with_digest(path: Path, report: ProgressReport = no_report) -> tuple[Project, str]:
    """Read a project file as `open_project` does; return the digest of the same bytes with it.

    `report` is called with the fraction done between the steps; what it raises ends the work.
    """
    report(0.0)
    data = read_file(path, MAX_BYTES, ProjectError)
    report(0.3)
    digest = digest_of(data)
    report(0.4)
    project = _decoded(data, path)
    _logger.info("Opened %s", path)
    return project, digest


def digest_project(path: Path) -> str | None:
    """Return the fingerprint of a project file; None if there is no regular file to be read."""
    return digest_file(path, MAX_BYTES)


def _decoded(data: bytes, path: Path) -> Project:
    try:
        return _decode(data)
    except LayerscopeError as fault:
        raise ProjectError(f"{path} cannot be opened. {fault}") from fault
    except DamagedError as fault:
        raise ProjectError(f"{path} is damaged: {fault}. {_BACKUP}") from fault
    except Exception as fault:  # a damaged file makes the libraries raise nearly anything
        raise ProjectError(f"{path} is damaged ({in_one_line(fault)}). {_BACKUP}") from fault


def _tried(work: Callable[[], T], path: Path) -> T | None:
    """Do a part of the encoding or of its check; None if it fails."""
    try:
        return work()
    except MemoryError:
        raise ProjectError(
            f"{path} was not written: there is not enough memory for it. Close other programs, "
            "then save again."
        ) from None
    except Exception:  # whatever else the reason, the old file must stay
        return None


def _encode(project: Project) -> bytes:
    arrays = named_arrays(project.stack, project.weights)
    form = _ProjectForm(
        format=FORMAT,
        program=_PROGRAM,
        input_shape=project.stack.input_shape,  # type: ignore[arg-type]  # checked on reading back
        slots=write_slots(project.stack),
        settings=write_settings(project.settings),
        trained_epochs=project.trained_epochs,
        has_weights=bool(arrays),
        training=write_state(project),
        scaling=write_scaling(project.scaling),
        data_digest=project.data_digest,
        class_names=project.class_names,
        origin=project.origin,
        trained_part=_untold_part(project),
    )
    members = {_DESCRIPTION: msgspec.json.format(msgspec.json.encode(form), indent=1)}
    if arrays:
        members[_WEIGHTS] = tensors.write_safetensors(arrays)
    if drawings := project.settings.drawings:
        members[DRAWINGS] = write_drawings(drawings)[1]
    if memories := named_memories(project):
        members[_OPTIMIZER] = tensors.write_safetensors(memories)
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in members.items():
            # A fixed date: the same project gives the same bytes.
            archive.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


def _decode(data: bytes) -> Project:
    members = _read_members(data)
    form = _read_description(members[_DESCRIPTION])
    settings = read_settings(form.settings, members.get(DRAWINGS))
    if form.class_names and len(form.class_names) != len(settings.classes):
        raise DamagedError("it names another number of classes than it has")
    project = Project(
        Stack(read_slots(form.slots), form.input_shape),
        settings,
        {},
        form.trained_epochs,
        scaling=read_scaling(form.scaling),
        data_digest=form.data_digest,
        class_names=form.class_names,
        origin=form.origin,
        trained_part=form.trained_part,
    )
    if form.has_weights != (_WEIGHTS in members):
        raise DamagedError(f"its {_DESCRIPTION} and its {_WEIGHTS} do not go together")
    if form.has_weights:
        entries = read_safetensors(members[_WEIGHTS])
        if not entries:  # nothing learned is said by no such member
            raise DamagedError(f"its {_WEIGHTS} holds no weights")
        try:
            weights = assign(entries, project.check().rows, complete=False)
        except ForeignError as fault:
            raise DamagedError(f"its weights do not go with its blocks: {fault}") from fault
        project = replace(project, weights=weights)
    memories = read_safetensors(members[_OPTIMIZER]) if _OPTIMIZER in members else []
    if _OPTIMIZER in members and (form.training is None or not memories):
        raise DamagedError(f"its {_DESCRIPTION} and its {_OPTIMIZER} do not go together")
    if form.training is None:
        return project
    state = read_state(form.training, memories, project)
    return replace(project, state=state, trained_part=form.trained_part or state.trained_part)


def _without_void_state(project: Project) -> Project:
    """Drop of a project's state what does not hold for its network, settings and weights."""
    state = project.state
    if state is not None and (
        state.epochs_done != project.trained_epochs
        or not all(np.isfinite(memory).all() for memory in state.memories.values())
    ):
        state = None
    if state is not None:
        state = state.kept(project.check(), project.settings)
    return replace(project, state=state)


def _untold_part(project: Project) -> float:
    """Return the share of an epoch behind the weights, unless the state says the same."""
    told = 0.0 if project.state is None else project.state.trained_part
    return 0.0 if project.trained_part == told else project.trained_part


def _read_members(data: bytes) -> dict[str, bytes]:
    """Read the known members of the zip; refuse any other, and whatever could be a trap."""
    try:
        archive = open_zip(data)
    except zipfile.BadZipFile:
        raise DamagedError("it is cut off, or is no project file at all") from None
    found: dict[str, bytes] = {}
    for member in archive.infolist():
        name = member.filename
        if name not in _LIMITS:
            raise ProjectError(f"It holds {name[:60]!r}, which this version does not know. {NEWER}")
        if name in found:
            raise DamagedError(f"{name} is in it twice")
        if member.compress_type != zipfile.ZIP_STORED:
            raise DamagedError(f"{name} is compressed, but must be stored as it is")
        if member.file_size > _LIMITS[name]:
            raise DamagedError(f"{name} is larger than any network needs")
        found[name] = archive.read(member)
    if _DESCRIPTION not in found:
        raise DamagedError(f"it has no {_DESCRIPTION}")
    return found


def _read_description(content: bytes) -> _ProjectForm:
    raw = msgspec.json.decode(content)
    if not isinstance(raw, dict) or raw.get("program") != _PROGRAM:
        raise DamagedError(f"its {_DESCRIPTION} does not describe a project of Layerscope")
    number = raw.get("format")
    if isinstance(number, int) and number > FORMAT:
        raise ProjectError(
            f"It was written by a newer version of Layerscope (file format {number}; this version "
            f"knows {FORMAT}). {NEWER}"
        )
    if type(number) is not int or number != FORMAT:
        raise DamagedError(f"its {_DESCRIPTION} names no file format that there ever was")
    try:
        return msgspec.convert(raw, _ProjectForm)
    except msgspec.ValidationError as fault:
        if "unknown field" in str(fault):
            raise ProjectError(
                f"This version does not know all of it ({fault}). {NEWER}"
            ) from fault
        raise DamagedError(f"its {_DESCRIPTION} is wrong ({fault})") from fault


def _are_equal(one: Project, other: Project) -> bool:
    return (
        _described(one) == _described(other)
        and _same_arrays(*(named_arrays(each.stack, each.weights) for each in (one, other)))
        and _same_arrays(named_memories(one), named_memories(other))
    )


def _described(project: Project) -> tuple[object, ...]:
    """Return what of a project is not in arrays, as a file holds it."""
    numbers = project.trained_epochs, write_state(project), write_scaling(project.scaling)
    data = project.data_digest, project.class_names, project.origin
    return project.stack, project.settings, *numbers, *data, _untold_part(project)


def _same_arrays(one: Mapping[str, Array], other: Mapping[str, Array]) -> bool:
    return one.keys() == other.keys() and all(
        np.array_equal(array, other[name]) for name, array in one.items()
    )
