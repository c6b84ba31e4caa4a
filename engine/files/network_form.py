"""How files write slots, settings and a scaling as JSON, and how these are read without trust.

A weights file has `Metadata`: enough to build its network again, and what it has learned from. Each
field is a note of a safetensors file, in JSON; in an npz file they are one object, `metadata`.

Reading raises DamagedError for what contradicts itself, ProjectError for what a newer version wrote
or an option whose value is refused, and msgspec's ValidationError for what has another form.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from engine.blocks import KnownBlock, UnknownBlock, decode_block, encode_block
from engine.errors import ProjectError, SettingsError
from engine.files.untrusted_read import DamagedError
from engine.inputs.drawings import MOST_BYTES, Drawing
from engine.inputs.scaling import UNIT, Scaling
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, ShapeReport, Stack
from engine.struct_fields import convert
from engine.version import version

DRAWINGS = "drawings.bin"
DRAWINGS_LIMIT = MOST_BYTES


class DrawingForm(msgspec.Struct, forbid_unknown_fields=True):
    """What `project.json` says of a drawing."""

    class_name: str
    shape: tuple[int, int, int]


def write_drawings(drawings: Sequence[Drawing]) -> tuple[list[dict[str, Any]], bytes]:
    """Return what `project.json` says of drawings, and their pixels."""
    forms = [msgspec.to_builtins(DrawingForm(each.class_name, each.shape)) for each in drawings]
    return forms, b"".join(each.pixels for each in drawings)


def read_drawings(described: object, pixels: bytes | None) -> tuple[Drawing, ...]:
    """Make drawings of what `project.json` says of them, and of their pixels if there are any.

    Raises DamagedError if the two do not go together.
    """
    forms = msgspec.convert(described, list[DrawingForm])
    sizes = [math.prod(form.shape) for form in forms]
    if bool(forms) != (pixels is not None) or min(sizes, default=1) < 1:
        raise DamagedError(f"its drawings and its {DRAWINGS} do not go together")
    if pixels is None:
        return ()
    if sum(sizes) != len(pixels):
        raise DamagedError(f"its {DRAWINGS} has not the pixels of its drawings")
    made, start = [], 0
    for form, size in zip(forms, sizes, strict=True):
        one = {**msgspec.structs.asdict(form), "pixels": pixels[start : start + size]}
        made.append(msgspec.convert(one, Drawing, builtin_types=[bytes]))
        start += size
    return tuple(made)


# Settings that format 1 had not from its start. A file holds them only where they say something,
# so that an older version opens all files that do not use them.
LATER_SETTINGS = (
    *("test_split", "copies", "image_size", "colour", "fit", "background", "scaling"),
    *("shift", "rotate", "zoom", "noise", "flip"),
    "drawings",
)
NEWER = "Open it with a newer version of Layerscope."

Count = Annotated[int, Meta(ge=0, le=2**53)]
Share = Annotated[float, Meta(ge=0.0, le=1.0)]
Digest = Annotated[str, Meta(max_length=64, pattern="^[0-9a-f]*$")]
ClassNames = Annotated[tuple[str, ...], Meta(max_length=1000)]

_Size = Annotated[int, Meta(ge=1, le=100_000)]
ImageShape = tuple[_Size, _Size, _Size]
_OfChannels = Annotated[
    tuple[Annotated[float, Meta(ge=0.0, le=1.0)], ...], Meta(min_length=1, max_length=3)
]


class SlotForm(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A slot of the stack, its block in the JSON form of its kind."""

    id: Count
    title: str
    locked: bool
    block: dict[str, Any]
    locked_kernels: tuple[Count, ...] = ()


class ScalingForm(msgspec.Struct, forbid_unknown_fields=True):
    """A standard scaling; that from 0 to 1 needs no numbers."""

    mean: _OfChannels
    deviation: _OfChannels


def write_slots(slots: Iterable[BlockSlot]) -> list[SlotForm]:
    """Return the form of some slots, in order."""
    return [
        SlotForm(slot.id, slot.title, slot.locked, encode_block(slot.block), slot.locked_kernels)
        for slot in slots
    ]


def read_slots(forms: Sequence[SlotForm]) -> tuple[BlockSlot, ...]:
    """Make slots of their forms; a block of an unknown kind is kept as an UnknownBlock."""
    if len({form.id for form in forms}) < len(forms):
        raise DamagedError("two of its blocks have the same id")
    return tuple(_read_slot(index, form) for index, form in enumerate(forms))


def write_settings(settings: Settings) -> dict[str, Any]:
    """Return the JSON form of settings; the pixels of drawings have their place elsewhere."""
    default = Settings()
    written = {
        name: value
        for name, value in msgspec.to_builtins(
            msgspec.structs.replace(settings, drawings=())
        ).items()
        if name not in LATER_SETTINGS or getattr(settings, name) != getattr(default, name)
    }
    if settings.drawings:
        written["drawings"] = write_drawings(settings.drawings)[0]
    return written


def read_settings(raw: dict[str, Any], pixels: bytes | None = None) -> Settings:
    """Make settings of their JSON form, and of the pixels of their drawings if there are any."""
    if strange := sorted(raw.keys() - set(Settings.__struct_fields__)):
        raise ProjectError(f"This version does not know its setting {strange[0][:60]!r}. {NEWER}")
    drawings = read_drawings(raw.pop("drawings", []), pixels)
    settings = convert(Settings, raw, "Training settings")
    return settings if not drawings else msgspec.structs.replace(settings, drawings=drawings)


def write_scaling(scaling: Scaling | None) -> ScalingForm | None:
    """Return the form of a scaling if it says anything."""
    if scaling is None or not scaling.is_standard:
        return None
    return ScalingForm(scaling.mean, scaling.deviation)


def read_scaling(form: ScalingForm | None) -> Scaling | None:
    """Make a scaling of its form, if there is one."""
    if form is None:
        return None
    scaling = Scaling(form.mean, form.deviation)
    if len(scaling.mean) != len(scaling.deviation) or 0.0 in scaling.deviation:
        raise DamagedError("the scaling of its images contradicts itself")
    return scaling


def _read_slot(index: int, form: SlotForm) -> BlockSlot:
    block = _read_block(index, form.block)
    slot = BlockSlot(form.id, block, form.title, form.locked, form.locked_kernels)
    if slot.locked_kernels != form.locked_kernels:
        raise DamagedError(f"block {index + 1} has not the kernels that it locks")
    return slot


def _read_block(index: int, raw: dict[str, Any]) -> KnownBlock | UnknownBlock:
    try:
        return decode_block(raw)
    except SettingsError as fault:
        name, _, refusal = str(fault).partition(": ")
        raise ProjectError(f"Block {index + 1} ({name}): {refusal}") from fault


_REQUIRED = {"stack", "input_shape", "classes"}


class DataNote(msgspec.Struct, frozen=True):
    """The data that a network has learned from: its name, without folders, and its fingerprint."""

    name: str
    digest: Digest = ""
    samples: Count = 0


class Metadata(msgspec.Struct, frozen=True):
    """The stack, what its outputs are called, and what it has learned from.

    `scaling` says how the values of the pixels, from 0 to 1, are standardised; None if they are
    not.
    """

    input_shape: ImageShape
    stack: list[SlotForm]
    classes: ClassNames
    scaling: ScalingForm | None = None
    data: DataNote | None = None
    epochs: Count = 0
    version: str = ""

    def read_stack(self) -> Stack:
        """Build the stack. Raises ProjectError for an option that is refused."""
        return Stack(read_slots(self.stack), self.input_shape)

    def read_report(self) -> ShapeReport:
        """Build the stack and check it. Raises DamagedError if it does not fit, errors as above."""
        stack = self.read_stack()
        report = stack.check(len(self.classes), "mse").front()
        if report.problem is not None or len(report.rows) != len(stack):
            raise DamagedError("the network that it describes does not fit together")
        return report

    def read_scaling(self) -> Scaling:
        """Return the scaling of the inputs. Raises DamagedError if it contradicts itself."""
        return read_scaling(self.scaling) or UNIT


def describe(
    stack: Stack, classes: tuple[str, ...], scaling: Scaling, data: DataNote | None, epochs: int
) -> Metadata:
    """Return what a file says of a network."""
    channels, height, width = stack.input_shape
    return Metadata(
        (channels, height, width),
        write_slots(stack),
        classes,
        write_scaling(scaling),
        data,
        epochs,
        version(),
    )


def write_notes(metadata: Metadata) -> dict[str, str]:
    """Return the fields as notes, each in JSON."""
    return {
        name: msgspec.json.encode(getattr(metadata, name)).decode()
        for name in metadata.__struct_fields__
    }


def read_notes(notes: Mapping[str, str]) -> Metadata | None:
    """Make metadata of the notes of a file; None if they do not tell the stack.

    Raises DamagedError if they are not what they should be.
    """
    if not notes.keys() >= _REQUIRED:
        return None
    try:
        known = {name: notes[name] for name in Metadata.__struct_fields__ if name in notes}
        raw = {name: msgspec.json.decode(text) for name, text in known.items()}
        return msgspec.convert(raw, Metadata)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as fault:
        raise DamagedError(f"its metadata is wrong ({fault})") from fault
