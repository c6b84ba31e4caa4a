"""Named streams of random numbers: each use has its own, so that none disturbs another."""

from typing import Literal

import numpy as np

Purpose = Literal["weights", "shuffle", "dropout"]
_NUMBERS: dict[Purpose, int] = {"weights": 0, "shuffle": 1, "dropout": 2}


def stream(
    seed: int, purpose: Purpose, slot: int = 0, epoch: int = 0, step: int = 0
) -> np.random.Generator:
    """Start the stream of one purpose, slot, epoch and step: the same numbers on every call."""
    key = (_NUMBERS[purpose], slot, epoch, step)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
