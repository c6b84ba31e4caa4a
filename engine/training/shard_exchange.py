"""ShardExchange: arrays that the shards of a batch, which run at the same time, give each other."""

import threading
from collections.abc import Callable
from itertools import count

import numpy as np

from engine.array_types import Array
from engine.compute.plain_numerics import Numerics
from engine.training.interruption import InterruptedWorkError


class ShardExchange:
    """Gives the shards of a batch that run at the same time arrays of each other.

    Each time has memory of its own: a shard may be ahead of others that still read.
    """

    def __init__(self, parts: int, numerics: Numerics) -> None:
        self.fault: BaseException | None = None
        self._parts, self._numerics = parts, numerics
        self._barrier = numerics.barrier(parts)
        self._joint: list[Array] = []
        self._lock = threading.Lock()

    def of(self, part: int) -> Callable[[Array], Array]:
        """Return the function by which one shard gives an array, waits, and gets those of all."""
        times = count()

        def gather(array: Array) -> Array:
            joint = self._memory(next(times), array)
            self._numerics.copy(array, joint[part])
            try:
                self._barrier.wait()
            except threading.BrokenBarrierError:
                raise InterruptedWorkError from None
            return joint

        return gather

    def give_up(self, error: BaseException) -> None:
        """Release the shards that wait for one that has failed, and remember its error."""
        if self.fault is None and not isinstance(error, InterruptedWorkError):
            self.fault = error
        self._barrier.abort()

    def _memory(self, time: int, array: Array) -> Array:
        """Return the memory (parts, ...) of one time; whoever comes first makes it."""
        with self._lock:
            if time == len(self._joint):
                self._joint.append(np.empty((self._parts, *array.shape), array.dtype))
            return self._joint[time]
