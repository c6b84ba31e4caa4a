"""The two words that every signature of the engine uses, and how a shape is written for people."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Shape = tuple[int, ...]


def format_shape(shape: Shape) -> str:
    """Write a shape as people do: `5×26×26` for maps, `100` for a vector."""
    return "×".join(str(size) for size in shape)


def count(shape: Shape) -> int:
    """Count the values in an array of this shape."""
    product = 1
    for size in shape:
        product *= size
    return product
