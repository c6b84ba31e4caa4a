"""PassContext: what a pass through a network is for; and the scratch memory of its layers."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.array_types import Array, Shape, mapped_zeros
from engine.compute.thread_pool import Pool


def alone(array: Array) -> Array:
    """Gather the arrays of all parts of a batch where there is only one."""
    return array[np.newaxis]


@dataclass(frozen=True)
class PassContext:
    """What a pass over a part of a batch is for.

    `counters` holds the numbers of the epoch and of the step, from 1 on: whoever trains writes the
    next ones into the same array, for a step that is replayed reads them there.
    `first` is the position of the part's first sample in the batch, `samples` the size of the whole
    batch. `gather` puts the arrays together that all parts which run at the same time give it, in
    the order of the parts: (parts, ...). Where no other part runs at the same time, a layer may
    share its work between the threads of the `pool`. A layer that works long calls `may_stop`
    meanwhile, which raises InterruptedWorkError once the pass is no longer wanted.
    """

    training: bool = False
    seed: int = 0
    counters: NDArray[np.int64] = field(default_factory=lambda: np.zeros(2, np.int64))
    first: int = 0
    samples: int = 1
    gather: Callable[[Array], Array] = alone
    pool: Pool | None = None
    may_stop: Callable[[], None] = lambda: None


INFERENCE = PassContext()


class Scratch:
    """Memory that the layers of one shard share. `run` is set by whoever starts a pass."""

    def __init__(self, dtype: DTypeLike, scratch: dict[str, Array] | None = None) -> None:
        self.dtype = np.dtype(dtype)
        self.run = INFERENCE
        self._scratch = {} if scratch is None else scratch

    def scratch(self, name: str, shape: Shape) -> Array:
        """Return memory that other layers of the shard use too: good within one call only."""
        size = math.prod(shape)
        held = self._scratch.get(name)
        if held is None or held.size < size:
            held = self._scratch[name] = mapped_zeros((size,), self.dtype)
        return held[:size].reshape(shape)
