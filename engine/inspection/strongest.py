"""Strongest samples: a search through many samples for the largest value of each map."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.model.network import Network

BLOCK_SAMPLES = 32


@dataclass(frozen=True)
class Peak:
    """The largest value that a map takes for one sample, and where in the map it is."""

    sample: int
    value: float
    row: int
    column: int


def strongest(
    network: Network,
    samples: Dataset,
    position: int,
    count: int,
    report: Callable[[float], None] = lambda _fraction: None,
) -> list[list[Peak]]:
    """Find, for every map of the block at a position, the samples that excite it most.

    Gives up to `count` peaks a map, strongest first; of equal ones the earlier sample comes first.
    `report` is told the share of the samples gone through, and may raise to end the search.
    """
    values, places = [], []
    width = network.layers[position].output_shape[-1]
    for start in range(0, len(samples), BLOCK_SAMPLES):
        report(start / len(samples))
        part = slice(start, start + BLOCK_SAMPLES)
        maps = network.activations(samples.batch_inputs(part, network.dtype), position + 1)[-1]
        flat = maps.reshape(*maps.shape[:2], -1)
        values.append(flat.max(axis=2))
        places.append(flat.argmax(axis=2))
    largest, where = np.concatenate(values), np.concatenate(places)
    return [
        [
            Peak(int(i), float(largest[i, n]), *divmod(int(where[i, n]), width))
            for i in _first(largest[:, n], count)
        ]
        for n in range(largest.shape[1])
    ]


def _first(values: Array, count: int) -> NDArray[np.intp]:
    """Return the places of the largest values, largest first."""
    return np.argsort(-values, kind="stable")[:count]
