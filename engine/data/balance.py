"""Whether the classes of some samples are so unequal in number that accuracy misleads."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

UNBALANCED = 3  # times as many samples in the largest class as in the smallest


def is_unbalanced(counts: NDArray[np.integer[Any]]) -> bool:
    """Return whether numbers of samples per class (classes,) are clearly unequal.

    Classes without samples do not count: no accuracy speaks of them.
    """
    there = counts[counts > 0]
    return len(there) > 1 and int(there.max()) >= UNBALANCED * int(there.min())
