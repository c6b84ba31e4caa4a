"""What tests of captured work share."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.native.threads.capture import capture
from engine.compute.native.threads.thread_pool import ThreadPool


def assert_replays(
    work: Callable[[], None],
    inputs: Sequence[NDArray[Any]],
    results: Sequence[Array],
    threads: int = 1,
) -> None:
    """Check that work which was captured gives, replayed on other inputs, what it gives itself.

    All of its inputs and results lie in the arrays given.
    """
    pool, dice = ThreadPool(threads), np.random.default_rng(0)
    try:
        captured = capture(pool)
        with captured.recording():
            work()
        for array in inputs:
            array[...] = dice.permutation(array.reshape(-1)).reshape(array.shape)
        before = [array.copy() for array in (*inputs, *results)]
        captured.replay()  # first: memory that the work fills would hold what it needs
        found = [array.copy() for array in results]
        for array, held in zip((*inputs, *results), before, strict=True):
            array[...] = held
        work()
        for array, given in zip(results, found, strict=True):
            np.testing.assert_array_equal(given, array)
    finally:
        pool.close()
