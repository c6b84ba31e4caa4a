"""Drawings: images of one's own that are trained on, each with the class that it shows."""

import math
from typing import Annotated

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.array_types import Shape

MOST = 1_000  # drawings of a project
LONGEST_NAME = 500  # letters of a class
MOST_BYTES = 16_000_000  # of all their pixels together


class Drawing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An image as the network sees it: the bytes of its pixels, channel by channel, row by row."""

    class_name: Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]
    shape: tuple[
        Annotated[int, Meta(ge=1, le=3)],
        Annotated[int, Meta(ge=1, le=1024)],
        Annotated[int, Meta(ge=1, le=1024)],
    ]
    pixels: bytes

    def __post_init__(self) -> None:
        """Refuse pixels that are no image of the shape, and a name that no file can keep."""
        try:
            self.class_name.encode()
        except UnicodeEncodeError:
            raise ValueError("the name of the class is not in UTF-8. Rename it.") from None
        if self.shape[0] == 2 or len(self.pixels) != math.prod(self.shape):
            raise ValueError("a drawing has not the pixels that its shape says.")

    @classmethod
    def of(cls, image: NDArray[np.uint8], class_name: str) -> "Drawing":
        """Keep an image (channels, height, width) as one of a class."""
        channels, height, width = image.shape
        return cls(class_name, (channels, height, width), image.tobytes())

    @property
    def image(self) -> NDArray[np.uint8]:
        """The image (channels, height, width), which is not to be written to."""
        return np.frombuffer(self.pixels, np.uint8).reshape(self.shape)


def why_too_many(drawings: tuple[Drawing, ...]) -> str:
    """Say why a project cannot keep so many drawings; empty if it can."""
    if len(drawings) > MOST:
        return f"a project keeps at most {MOST:,} drawings. Remove some first."
    if sum(len(drawing.pixels) for drawing in drawings) > MOST_BYTES:
        return (
            f"a project keeps drawings of {MOST_BYTES // 1_000_000} MB at most. Remove some first, "
            "or choose a smaller image size."
        )
    return ""


def fits(drawing: Drawing, images: Shape) -> bool:
    """Return whether a drawing has the shape of images, or can be brought to it."""
    return drawing.shape == images or images[1] == images[2]
