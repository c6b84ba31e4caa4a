"""How the tests measure that two arrays agree."""

import numpy as np

from engine.array_types import Array


def relative_error(found: Array, right: Array) -> float:
    """max|a-b| / max|b| as float64; plain max|a-b| where everything ought to be 0."""
    assert found.shape == right.shape
    if right.size == 0:
        return 0.0
    scale = float(np.abs(right).max()) or 1.0
    return float(np.abs(found.astype(np.float64) - right.astype(np.float64)).max()) / scale
