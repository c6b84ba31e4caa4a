"""The input of a graph: the samples that it takes, and the images of which they can be made."""

import math

from engine.array_types import Shape, format_shape
from engine.files.onnx_file import Graph, ValueInfo
from engine.imports.onnx.table import RefusedNodeError

_MOST_PIXELS = 3 * 1024 * 1024
_MOST_AT_ONCE = 100_000_000  # values of all images that the file takes at once: 400 MB


def source_of(graph: Graph) -> ValueInfo:
    """Return the only input; raise RefusedNodeError if there are others, or none."""
    if len(graph.inputs) != 1:
        named = ", ".join(repr(each.name[:40]) for each in graph.inputs[:4]) or "none"
        raise RefusedNodeError(f"it must have one input, the images, but has {named}")
    return graph.inputs[0]


def sample_shape(source: ValueInfo) -> tuple[Shape, int]:
    """Return the shape of one sample, and how many the file takes at once, 0 for any number.

    Raises RefusedNodeError for what is no image.
    """
    if source.dtype not in ("float32", "float16", "float64", "uint8"):
        raise RefusedNodeError(f"its input is {source.dtype or 'no tensor'}, but must be images")
    if source.shape is None or not 2 <= len(source.shape) <= 4:
        sizes_said = "×".join(map(str, source.shape or ())) or "of an unknown shape"
        raise RefusedNodeError(
            "its input must be images (samples, channels, height, width) or vectors, but is "
            f"{sizes_said}"
        )
    first, *sizes = source.shape
    if any(isinstance(size, str) or size < 1 for size in sizes):
        raise RefusedNodeError(
            "the size of its images is open. Export it for images of a fixed size"
        )
    shape = tuple(int(size) for size in sizes)
    if math.prod(shape) > _MOST_PIXELS:
        raise RefusedNodeError(f"its images of {format_shape(shape)} are larger than any here")
    batch = first if isinstance(first, int) and first > 0 else 0
    if batch * math.prod(shape) > _MOST_AT_ONCE:
        raise RefusedNodeError(
            f"it takes {batch:,} images at once, which memory may not. Export it for any number"
        )
    return shape, batch


def image_shape(shape: Shape) -> Shape:
    """Return the shape of images of which samples can be made: vectors are taken as grey ones."""
    if len(shape) == 3:
        return shape
    side = math.isqrt(math.prod(shape))
    if len(shape) == 1 and side > 1 and side * side == shape[0]:
        return (1, side, side)
    return (1, *(1,) * (2 - len(shape)), *shape)
