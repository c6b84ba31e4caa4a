"""PassMemory: one piece of memory for the outputs and gradients of a pass through some layers."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from engine.array_types import CACHE_LINE, Array, Shape, mapped_zeros


class PassMemory:
    """Memory of the first layers of a network, in one shard.

    The outputs of each layer lie behind those of the layers before it. On the way back they are
    needed no more once the layer behind them has its gradients: the gradients that the layers pass
    on are laid over them. A gradient is good until the layer before has written its own. The last
    outputs stay: the next layer keeps them as a factor of its weight gradient. `sizes` says how
    many outputs of one sample each layer has at most.
    """

    def __init__(self, sizes: Sequence[int], dtype: DTypeLike) -> None:
        # A gradient ends at most three of the largest behind all outputs: it begins behind some
        # outputs, or behind the gradient it is made of, where both would overlap.
        self._sample = sum(sizes) + 3 * max(sizes, default=0)
        self._memory: Array = np.zeros(0, dtype)
        self._line = CACHE_LINE // self._memory.itemsize
        self._edges = (len(sizes) + 3) * self._line
        self._outputs: list[tuple[int, int, int]] = []  # place of the layer, start and end
        self._gradient = 0, 0

    def outputs(self, place: int, shape: Shape) -> Array:
        """Return memory for the outputs of the layer at a place."""
        self._drop(place)
        self._make_room(shape[0])
        start = self._outputs[-1][2] if self._outputs else 0
        end = start + math.prod(shape)
        self._outputs.append((place, start, self._whole(end)))
        self._gradient = 0, 0
        return self._memory[start:end].reshape(shape)

    def write_over(self, place: int) -> None:
        """Let the newest outputs be those of the layer at a place: it has written over them."""
        self._drop(place)
        if self._outputs:
            self._outputs[-1] = place, *self._outputs[-1][1:]

    def gradient(self, place: int, shape: Shape, *, own: bool) -> Array:
        """Return memory for the gradient of the inputs of the layer at a place.

        `own` says whether the layer's own outputs are still needed.
        """
        self._make_room(shape[0])
        size = math.prod(shape)
        start, kept = 0, [self._gradient, *(each[1:] for each in self._outputs[-1:])]
        for each, _, end in self._outputs:
            if each < place + own:
                start = end
        for begin, end in sorted(kept):
            if start < end and begin < start + size:
                start = end
        self._gradient = start, self._whole(start + size)
        return self._memory[start : start + size].reshape(shape)

    def holds_gradient(self, gradient: Array) -> bool:
        """Return whether this is the gradient that was passed on last."""
        return np.may_share_memory(gradient, self._memory[slice(*self._gradient)])

    def _drop(self, place: int) -> None:
        """Forget the outputs from a place on, which are those of the pass before."""
        while self._outputs and self._outputs[-1][0] >= place:
            self._outputs.pop()

    def _make_room(self, samples: int) -> None:
        size = samples * self._sample + self._edges
        if self._memory.size < size:
            self._memory = mapped_zeros((size,), self._memory.dtype)

    def _whole(self, end: int) -> int:
        """Round up to whole cache lines."""
        return -(-end // self._line) * self._line


@dataclass(frozen=True)
class LayerMemory:
    """What one layer has of the memory of a pass.

    `place` is its position in the network. Its own outputs are needed on its way back, or not.
    """

    memory: PassMemory
    place: int
    needs_outputs: bool

    def outputs(self, shape: Shape) -> Array:
        """Return memory for the outputs."""
        return self.memory.outputs(self.place, shape)

    def write_over(self) -> None:
        """Say that the outputs are written over the inputs."""
        self.memory.write_over(self.place)

    def gradient(self, shape: Shape) -> Array:
        """Return memory for the gradient of the inputs."""
        return self.memory.gradient(self.place, shape, own=self.needs_outputs)
