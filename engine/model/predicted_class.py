"""What a network answers: the class with the largest output, if its outputs are numbers."""

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array

NO_ANSWER = -1


def answers(outputs: Array) -> NDArray[np.intp]:
    """Return the class with the largest of outputs (..., classes): (...).

    It is `NO_ANSWER` where the largest is not finite, and so no class is larger than another.
    """
    said = outputs.argmax(axis=-1)
    largest = np.take_along_axis(outputs, said[..., np.newaxis], axis=-1)[..., 0]
    return np.where(np.isfinite(largest), said, NO_ANSWER)
