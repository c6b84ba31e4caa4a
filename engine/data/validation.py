"""The validation samples: those training samples that are held out of training."""

import numpy as np
from numpy.typing import NDArray

from engine import random_streams
from engine.errors import DataError
from engine.inputs.validation_split import held_out_count

Places = NDArray[np.intp]


def validation_places(count: int, percent: float, seed: int) -> tuple[Places, Places]:
    """Return the places of so many training samples that are kept, and those that are held out.

    Which they are follows from the seed. Raises DataError if no sample would be left on one side.
    """
    if percent == 0.0:
        return np.arange(count), np.empty(0, dtype=np.intp)
    held = held_out_count(count, percent)
    if not 0 < held < count:
        raise DataError(
            f"A validation split of {percent:g} % leaves no sample on one side of {count} training "
            "samples. Choose another split, or more samples per class."
        )
    order = random_streams.stream(seed, "split").permutation(count)
    return np.sort(order[held:]), np.sort(order[:held])
