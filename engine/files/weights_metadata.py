"""What a weights file says of its network: enough to build it again, and what it has learned from.

Each field is a note of a safetensors file, as JSON; in an npz file they are one JSON object, the
member `metadata`.
"""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from engine.array_types import Shape
from engine.blocks import decode_block, encode_block
from engine.files.untrusted_read import DamagedError
from engine.inputs.scaling import Scaling
from engine.model.stack import BlockSlot, Stack
from engine.version import version

_Size = Annotated[int, Meta(ge=1, le=100_000)]


class SlotNote(msgspec.Struct, frozen=True):
    """A block in its JSON form, and its title, empty if the user gave none."""

    block: dict[str, Any]
    title: str = ""


class DataNote(msgspec.Struct, frozen=True):
    """The data that a network has learned from: its name, without folders, and its fingerprint."""

    name: str
    sha256: str = ""
    samples: int = 0


class Metadata(msgspec.Struct, frozen=True):
    """The stack, what its outputs are called, and what it has learned from.

    `scaling` is empty where inputs are the values of the pixels from 0 to 1, else it has the `mean`
    and the `deviation` of each channel, by which these are standardised.
    """

    input_shape: tuple[_Size, _Size, _Size]
    stack: tuple[SlotNote, ...]
    classes: tuple[str, ...]
    scaling: dict[str, tuple[float, ...]] = {}
    data: DataNote | None = None
    epochs: int = 0
    version: str = ""


def describe(
    stack: Stack,
    classes: tuple[str, ...],
    scaling: Scaling,
    data: DataNote | None,
    epochs: int,
) -> Metadata:
    """Return what a file says of a network."""
    channels, height, width = stack.input_shape
    standard = {"mean": scaling.mean, "deviation": scaling.deviation}
    return Metadata(
        (channels, height, width),
        tuple(SlotNote(encode_block(slot.block), slot.title) for slot in stack),
        classes,
        standard if scaling.is_standard else {},
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
    if "stack" not in notes:
        return None
    try:
        known = {name: notes[name] for name in Metadata.__struct_fields__ if name in notes}
        raw = {name: msgspec.json.decode(text) for name, text in known.items()}
        return msgspec.convert(raw, Metadata)
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError) as fault:
        raise DamagedError(f"its metadata is wrong ({fault})") from fault


def stack_of(metadata: Metadata) -> Stack:
    """Build the stack that metadata describes, with ids from 1.

    Raises SettingsError for an option that is refused.
    """
    slots = enumerate(metadata.stack, 1)
    shape: Shape = metadata.input_shape
    made = (BlockSlot(number, decode_block(slot.block), slot.title) for number, slot in slots)
    return Stack(tuple(made), shape)
