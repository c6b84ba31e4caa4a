"""Named streams of random numbers: each use has its own, so that none disturbs another.

Types of `numpy.random` stand in quotes, because numpy imports it when it is first used: 10 ms.
"""

from functools import lru_cache
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

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_DRAWS_PER_NUMBER = 4  # of 16 bits

Draws = NDArray[np.uint64]


def stream(
    seed: int, purpose: Purpose, slot: int = 0, epoch: int = 0, step: int = 0
) -> "np.random.Generator":
    """Start the stream of one purpose, slot, epoch and step: the same numbers on every call."""
    return np.random.default_rng(_sequence(seed, purpose, slot, epoch, step))


@lru_cache(maxsize=256)
def key(seed: int, purpose: Purpose, slot: int = 0, epoch: int = 0) -> np.uint64:
    """Return a number that stands for a seed, a purpose, a slot and an epoch: see `draws`."""
    (number,) = _sequence(seed, purpose, slot, epoch, 0).generate_state(1, np.uint64)
    return np.uint64(number)


def draws(key: np.uint64 | Draws, numbers: NDArray[np.int64]) -> Draws:
    """Return random numbers of 64 bits, of a key those with these numbers, from 1 on.

    They are those of SplitMix64 (Steele, Lea and Flood, 2014), which are had without those before.
    """
    state: Draws = key + numbers.astype(np.uint64) * _STEP  # modulo 2⁶⁴, as all that follows
    state = (state ^ (state >> np.uint64(30))) * _FIRST
    state = (state ^ (state >> np.uint64(27))) * _SECOND
    return state ^ (state >> np.uint64(31))


def sample_draws(
    key: np.uint64, counters: NDArray[np.int64], first: int, shape: tuple[int, int]
) -> NDArray[np.uint16]:
    """Draw 0..65535 for each value of some samples of a batch: (samples, values).

    A sample's draws depend on the epoch and the step, which are the counters (2,), and its place in
    the batch, counted from `first`, and not on which samples are drawn with it.
    """
    samples, values = shape
    step = draws(draws(key, counters[:1]), counters[1:])
    keys = draws(step, np.arange(first + 1, first + samples + 1))
    numbers = np.arange(1, -(-values // _DRAWS_PER_NUMBER) + 1)
    raw = draws(keys[:, np.newaxis], numbers)
    return raw.view(np.uint16)[:, :values]


def _sequence(
    seed: int, purpose: Purpose, slot: int, epoch: int, step: int
) -> "np.random.SeedSequence":
    return np.random.SeedSequence(seed, spawn_key=(_NUMBERS[purpose], slot, epoch, step))
