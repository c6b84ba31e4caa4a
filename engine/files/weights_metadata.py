"""What a weights file says of its network: enough to build it again, and what it has learned from.

Each field is a note of a safetensors file, as JSON; in an npz file they are one JSON object, the
member `metadata`.
"""

from collections.abc import Mapping

import msgspec

from engine.files.network_form import (
    ClassNames,
    Count,
    Digest,
    ImageShape,
    ScalingForm,
    SlotForm,
    read_scaling,
    read_slots,
    write_scaling,
    write_slots,
)
from engine.files.untrusted_read import DamagedError
from engine.inputs.scaling import UNIT, Scaling
from engine.model.stack import ShapeReport, Stack
from engine.version import version

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
