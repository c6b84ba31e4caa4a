"""How a project file writes drawings: classes and shapes in `project.json`, pixels in a member.

The member holds the pixels of all drawings, one after the other.
"""

import math
from collections.abc import Sequence
from typing import Any

import msgspec

from engine.files.untrusted_read import DamagedError
from engine.inputs.drawings import MOST_BYTES, Drawing

DRAWINGS = "drawings.bin"
LIMIT = MOST_BYTES


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
