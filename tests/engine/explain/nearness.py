"""How far a layer map keeps near what is near."""

import numpy as np
from scipy.spatial.distance import cdist

from engine.array_types import Array


def trustworthiness(values: Array, points: Array, neighbours: int = 10) -> float:
    """Return how far near points are near in their values, too: 1 if all of them are.

    1 - 2 / (n k (2n - 3k - 1)) · Σ of the ranks by which one of the k nearest points is not one of
    the k nearest in values (Venna and Kaski, 2001).
    """
    count = len(values)
    ranks = cdist(values, values).argsort(axis=1, kind="stable").argsort(axis=1)  # 0: itself
    nearest = cdist(points, points).argsort(axis=1, kind="stable")[:, 1 : neighbours + 1]
    missed = np.take_along_axis(ranks, nearest, axis=1) - neighbours
    worst = count * neighbours * (2 * count - 3 * neighbours - 1)
    return 1 - 2 / worst * float(np.maximum(missed, 0).sum())
