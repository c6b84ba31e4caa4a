"""Statistics of a training step: how large its gradients are, how far it moves the weights."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Array, quiet_overflow
from engine.blocks.base import Gradient, Group, Outer
from engine.compute.histogram import Histogram, count_sizes, counted
from engine.model.network import Network, ParameterKey

SQUARES = (1e-25, 1e35)  # a sum of squares that float32 holds without loss
PIECE = 65_536  # values of which float64 copies are made at a time: they stay in the cache


@dataclass(frozen=True, slots=True)
class Norms:
    """Euclidean norms of the gradient, of the weights before the update, and of the update.

    The gradient of a locked block is not known: NaN.
    """

    gradient: float
    weights: float
    update: float

    @property
    def relative_update(self) -> float:
        """The update as a share of the weights; NaN where these are all zero."""
        return self.update / self.weights if self.weights else math.nan


@dataclass(frozen=True, slots=True)
class BlockNorms:
    """What a step did to one block: to each of its parameters by name, and to all together.

    `number` is its place in the stack, counted from 1. `gradients` are the sizes of those of its
    weights, if they were asked for and are known.
    """

    slot_id: int
    number: int
    label: str
    group: Group
    parameters: Mapping[str, Norms]
    gradients: Histogram | None = None

    @property
    def norms(self) -> Norms:
        """The norms over all parameters of the block as one long vector."""
        found = list(self.parameters.values())
        return Norms(
            math.hypot(*(norms.gradient for norms in found)),
            math.hypot(*(norms.weights for norms in found)),
            math.hypot(*(norms.update for norms in found)),
        )


@dataclass(frozen=True, slots=True)
class StepStatistics:
    """What a step did, block by block.

    `seconds` of this thread's time were taken to find out, and others to count gradients.
    """

    blocks: tuple[BlockNorms, ...]
    seconds: float
    counting_seconds: float = 0.0


class StepWatch:
    """Watches one step: made between the backward pass and the update, finished after the update.

    It reads and never writes, so the step is the same bit for bit. With `counts`, the gradients of
    the weights are counted by their size.
    """

    def __init__(
        self,
        network: Network,
        gradients: Mapping[ParameterKey, Sequence[Gradient]],
        *,
        counts: bool = False,
    ) -> None:
        started = time.thread_time()
        self._network = network
        self._before = {key: array.copy() for key, array in network.parameters.items()}
        with quiet_overflow():
            self._gradients = {key: gradient_norm(parts) for key, parts in gradients.items()}
            self._seconds = time.thread_time() - started
            self._counted = {
                key.slot_id: count_gradient(parts)
                for key, parts in gradients.items()
                if counts and key.name == "weight"
            }
        self._counting_seconds = time.thread_time() - started - self._seconds

    def finish(self) -> StepStatistics:
        """Compare the weights with those before the update."""
        started = time.thread_time()
        blocks = []
        for position, layer in enumerate(self._network.layers):
            slot, parameters = layer.slot, layer.layer.parameters
            norms = {name: self._norms(ParameterKey(slot.id, name)) for name in parameters}
            if norms:
                group, found = slot.block.group, self._counted.get(slot.id)
                blocks.append(BlockNorms(slot.id, position + 1, slot.label, group, norms, found))
        seconds = self._seconds + time.thread_time() - started
        return StepStatistics(tuple(blocks), seconds, self._counting_seconds)

    def _norms(self, key: ParameterKey) -> Norms:
        before = self._before[key]
        with quiet_overflow():
            update = self._network.parameters[key] - before
            return Norms(self._gradients.get(key, math.nan), norm(before), norm(update))


def gradient_norm(parts: Sequence[Gradient]) -> float:
    """Return the Euclidean norm of the sum of the parts of a gradient.

    Factors of few samples are not formed: ‖Lᵀ R‖² = Σ_ab (L Lᵀ)_ab (R Rᵀ)_ab over the samples a, b.
    """
    outers = [part for part in parts if isinstance(part, Outer)]
    if outers and len(outers) == len(parts):
        left = np.concatenate([part.left for part in outers])
        right = np.concatenate([part.right for part in outers])
        samples, rows, columns = len(left), left.shape[1], right.shape[1]
        if samples * (rows + columns) < rows * columns:
            left, right = left.astype(np.float64), right.astype(np.float64)
            square = float(np.sum((left @ left.T) * (right @ right.T)))
            return math.sqrt(max(0.0, square)) if math.isfinite(square) else square
        return norm(left.T @ right)
    formed = [part.formed() if isinstance(part, Outer) else part for part in parts]
    return norm(sum(formed[1:], start=formed[0]))


def count_gradient(parts: Sequence[Gradient]) -> Histogram:
    """Return how often which sizes occur in the sum of the parts of a gradient.

    Factors are multiplied only where the product is counted.
    """
    chosen = [_counted_values(part) for part in parts]
    return count_sizes(sum(chosen[1:], start=chosen[0]))


def _counted_values(part: Gradient) -> Array:
    """Return those values of a part of a gradient that a histogram counts."""
    if not isinstance(part, Outer):
        return part.reshape(-1)[counted(part.size)]
    left, right = (np.ascontiguousarray(factor.T) for factor in (part.left, part.right))
    size = len(left) * len(right)
    places = np.arange(0, size, counted(size).step)
    at = max(1, PIECE // left.shape[1])
    pieces = (np.divmod(places[i : i + at], len(right)) for i in range(0, len(places), at))
    products = [np.einsum("kn,kn->k", left[r], right[c]) for r, c in pieces]
    return np.concatenate(products)


def norm(array: Array) -> float:
    """Return the Euclidean norm of all values, also where their squares do not fit into their type.

    It is right to about six figures.
    """
    flat = array.reshape(-1)
    with np.errstate(over="ignore"):
        square = float(np.dot(flat, flat))
    if SQUARES[0] < square < SQUARES[1]:
        return math.sqrt(square)
    pieces = (flat[i : i + PIECE].astype(np.float64) for i in range(0, flat.size, PIECE))
    return math.sqrt(sum(float(np.dot(piece, piece)) for piece in pieces))
