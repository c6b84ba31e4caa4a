"""How the explanations keep their numbers: in float64, and never written to."""

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from engine.array_types import Array, read_only


def frozen(array: ArrayLike, dtype: DTypeLike = np.float64) -> Array:
    """Copy numbers into an array of a type, read-only."""
    return read_only(np.array(array, dtype, order="C"))


def subscript(*numbers: int) -> str:
    """Write indices, which count from 0, as the equations do, from 1: `21`, or `12,3`."""
    ones = [str(number + 1) for number in numbers]
    return ("," if any(len(one) > 1 for one in ones) else "").join(ones)
