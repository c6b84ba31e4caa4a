"""Named streams of random numbers: each use has its own, so that none disturbs another.

Types of `numpy.random` stand in quotes, because numpy imports it when it is first used: 10 ms.
"""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

Purpose = Literal["weights", "shuffle", "dropout", "split", "test_split", "augmentation"]
_NUMBERS: dict[Purpose, int] = {
    "weights": 0,
    "shuffle": 1,
    "dropout": 2,
    "split": 3,
    "test_split": 4,
    "augmentation": 5,
}

_DRAWS_PER_COUNT = 16  # of 16 bits; Philox gives 256 bits a count


def stream(
    seed: int, purpose: Purpose, slot: int = 0, epoch: int = 0, step: int = 0
) -> "np.random.Generator":
    """Start the stream of one purpose, slot, epoch and step: the same numbers on every call."""
    return np.random.default_rng(_sequence(seed, purpose, slot, epoch, step))


def sample_draws(
    seed: int,
    purpose: Purpose,
    slot: int,
    epoch: int,
    step: int,
    first: int,
    shape: tuple[int, ...],
) -> NDArray[np.uint16]:
    """Draw 0..65535 for each value of some samples of a batch: (samples, values).

    A sample's draws depend on its place in the batch, counted from `first`, and not on which
    samples are drawn with it.
    """
    samples, values = shape
    per_sample = -(-values // _DRAWS_PER_COUNT)
    source = np.random.Philox(_sequence(seed, purpose, slot, epoch, step))
    source.advance(first * per_sample)
    raw = source.random_raw(samples * per_sample * _DRAWS_PER_COUNT // 4)
    draws: NDArray[np.uint16] = raw.view(np.uint16).reshape(samples, -1)[:, :values]
    return draws


def key(seed: int, purpose: Purpose, epoch: int) -> np.uint64:
    """Return a number that stands for a seed, a purpose and an epoch, to make others of it."""
    (number,) = _sequence(seed, purpose, 0, epoch, 0).generate_state(1, np.uint64)
    return np.uint64(number)


def _sequence(
    seed: int, purpose: Purpose, slot: int, epoch: int, step: int
) -> "np.random.SeedSequence":
    return np.random.SeedSequence(seed, spawn_key=(_NUMBERS[purpose], slot, epoch, step))
