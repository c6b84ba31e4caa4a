"""Strongest samples: a search through many samples for the largest value of each map."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

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
    maps_count = network.layers[position].output_shape[0]
    width = network.layers[position].output_shape[-1]
    held = np.empty((3, 0, maps_count))  # values, samples, places in the map; strongest first
    for start in range(0, len(samples), BLOCK_SAMPLES):
        report(start / len(samples))
        part = slice(start, start + BLOCK_SAMPLES)
        maps = network.activations(samples.batch_inputs(part, network.dtype), position + 1)[-1]
        flat = maps.reshape(*maps.shape[:2], -1)
        numbers = np.broadcast_to(
            np.arange(start, start + len(flat))[:, np.newaxis], flat.shape[:2]
        )
        found = np.stack([flat.max(axis=2), numbers, flat.argmax(axis=2)])
        both = np.concatenate([held, found], axis=1)
        order = np.argsort(-both[0], axis=0, kind="stable")[:count]
        held = np.take_along_axis(both, order[np.newaxis], axis=1)
    return [
        [
            Peak(int(sample), float(value), *divmod(int(place), width))
            for value, sample, place in held[:, :, n].T
        ]
        for n in range(maps_count)
    ]
