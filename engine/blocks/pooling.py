"""What the two pooling blocks have in common: their options, shape rule, and windows."""

from collections.abc import Iterator
from typing import Annotated

from msgspec import Meta

from engine.arrays import Array, Shape, format_shape
from engine.blocks.rules import require_maps
from engine.errors import ShapeError

Size = Annotated[
    int,
    Meta(
        ge=1,
        le=31,
        title="Size",
        description="Width and height of the window.",
        extra={"unit": "px"},
    ),
]
Stride = Annotated[
    int,
    Meta(
        ge=0,
        le=31,
        title="Stride",
        description="How far the window moves each time; 0 moves it by its own size.",
        extra={"unit": "px", "zero": "as the size"},
    ),
]


def summary(name: str, size: int, stride: int) -> str:
    """Name a pooling block with its key numbers."""
    moved = f", stride {stride}" if stride not in (0, size) else ""
    return f"{name} {size}×{size}{moved}"


def output_shape(input_shape: Shape, size: int, stride: int) -> Shape:
    """Shape of the pooled maps: (channels, (H - size) // stride + 1, the same for W).

    Raises ShapeError if the input is no stack of maps or is smaller than the window.
    """
    channels, height, width = require_maps(input_shape)
    if min(height, width) < size:
        raise ShapeError(
            f"needs maps of at least {size}×{size} for its window",
            input_shape,
            f"Make the window {min(height, width)}×{min(height, width)} or smaller.",
        )
    return (channels, (height - size) // stride + 1, (width - size) // stride + 1)


def equation(words: str, input_shape: Shape, size: int, stride: int) -> str:
    """Write a pooling block's equation with the size of its window and of the maps."""
    _, height, width = output_shape(input_shape, size, stride)
    before = format_shape(input_shape[1:])
    return f"{words} {size}×{size}, moved by {stride}:  maps of {before} → {height}×{width}"


def window_views(maps: Array, size: int, stride: int, shape: Shape) -> Iterator[Array]:
    """Give, for each cell of the window, the values that stand there: views (n, *shape)."""
    _, height, width = shape
    for row in range(size):
        for column in range(size):
            yield maps[
                :,
                :,
                row : row + (height - 1) * stride + 1 : stride,
                column : column + (width - 1) * stride + 1 : stride,
            ]
