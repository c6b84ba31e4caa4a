"""Optimizers: how gradients change the weights, by SGD with momentum, Adam or AdamW."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from engine.array_types import Array, Shape, mapped_zeros, quiet_overflow
from engine.blocks.base import Gradient, Outer
from engine.compute.numerics import numerics as usual_numerics
from engine.compute.plain_numerics import Numerics
from engine.compute.thread_pool import Capture, Pool
from engine.model.network import Network, ParameterKey
from engine.model.settings import Settings
from engine.model.stack import BlockSlot
from engine.model.training_state import MemoryKey


class GradientRows:
    """Memory for the rows of gradients that one thread forms, which the next ones are put into."""

    def __init__(self, dtype: DTypeLike, numerics: Numerics) -> None:
        self._memory: Array = np.zeros(0, dtype)
        self._numerics = numerics
        self._added = np.array([1, 1], dtype)

    def sum(self, parts: Sequence[Gradient], rows: slice, shape: Shape) -> Array:
        """Return the sum of some rows of the parts of a gradient, which have this shape.

        It is good until the next one is asked for.
        """
        first, *others = parts
        if not others and not isinstance(first, Outer):
            return first[rows]
        size = math.prod(shape)
        if self._memory.size < size:
            self._memory = mapped_zeros((size,), self._memory.dtype)
        out = self._memory[:size].reshape(shape)
        if isinstance(first, Outer):
            self._numerics.write_product(out, first.left, first.right, rows.start or 0)
        else:
            self._numerics.copy(first[rows], out)
        for part in others:
            if isinstance(part, Outer):
                start = rows.start or 0
                self._numerics.add_product(out, part.left, part.right, self._added, None, start)
            else:
                self._numerics.add_scaled(out, part[rows], self._added)
        return out


MOST_CAPTURED = 4  # that are kept: full batches, the smaller one at an epoch's end, and few others

Given = Mapping[Any, Any]


class CapturedUpdates:
    """Updates by what they are given: each is done as ever twice, noted the second time."""

    def __init__(self, pool: Pool, numerics: Numerics) -> None:
        self._pool, self._numerics = pool, numerics
        # By identity; what an update was given is held, so that nothing else gets its identity.
        self._held: dict[int, tuple[Given, Capture | None]] = {}

    def update(self, given: Given, work: Callable[[Given], None]) -> None:
        """Do an update by what is given, whose arrays are the same each time that it is."""
        held = self._held.get(id(given))
        if held is None:
            if len(self._held) == MOST_CAPTURED:
                del self._held[next(iter(self._held))]
            self._held[id(given)] = given, None
            work(given)
            return
        _, captured = held
        if captured is not None:
            captured.replay()
            return
        capture = self._numerics.capture(self._pool)
        if capture is None:
            work(given)
            return
        with capture.recording():
            work(given)
        self._held[id(given)] = given, capture


ROW_BYTES = 400_000  # of a parameter that are changed at a time: they stay in the L2 cache
LEAST_ROWS = 64  # formed together of as many samples: for each piece all of them are read
SHARED_WORK = 400_000  # multiplications that are worth handing a part to another thread
RULE_WORK = 20  # how many multiplications take as long as the rule for one weight


class SGD:
    """Stochastic gradient descent with momentum.

    g ← ∂E/∂W + λ W; v ← μ v + g; W ← W - η v, or with Nesterov's look ahead W ← W - η (g + μ v)
    (Sutskever et al., 2013, in the form that PyTorch has). `memories` names the arrays, as large as
    the weights and zero at first, that are kept from step to step.
    """

    def __init__(
        self, momentum: float = 0.0, *, nesterov: bool = False, weight_decay: float = 0.0
    ) -> None:
        self.memories: tuple[str, ...] = ("velocity",) if momentum else ()
        self._momentum, self.nesterov, self._decay = momentum, nesterov, weight_decay

    def numbers(self, rate: float, step: int) -> tuple[float, ...]:
        """Return what a step counts with: η, μ, λ."""
        return rate, self._momentum, self._decay


class Adam:
    """Adam (Kingma and Ba, 2015); decoupled, its weight decay is that of AdamW.

    m ← β₁ m + (1 - β₁) g; v ← β₂ v + (1 - β₂) g²;
    W ← W - η m̂ / (√v̂ + ε) with m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ). Decay: g ← g + λ W, or
    decoupled W ← W - η λ W (Loshchilov and Hutter, 2019).
    """

    BETAS = (0.9, 0.999)
    EPSILON = 1e-8

    def __init__(self, *, weight_decay: float = 0.0, decoupled: bool = False) -> None:
        self.memories: tuple[str, ...] = ("mean", "square")
        self._decays = (0.0, weight_decay) if decoupled else (weight_decay, 0.0)

    def numbers(self, rate: float, step: int) -> tuple[float, ...]:
        """Return η, β₁, β₂, ε, 1 - β₁ᵗ, 1 - β₂ᵗ, λ, λ of AdamW; steps count from 1."""
        mean, square = self.BETAS
        corrections = 1.0 - mean**step, 1.0 - square**step
        return rate, mean, square, self.EPSILON, *corrections, *self._decays


Rule = SGD | Adam  # how one block of weights follows its gradient


class Optimizer:
    """Changes all parameters of a network by their gradients, some rows at a time.

    The rows of a factored gradient are formed only when their turn comes, and not at all for one
    sample. Large parameters are shared between the threads of the pool. `steps` counts those that
    were done.
    """

    def __init__(
        self,
        rule: Rule,
        parameters: Mapping[ParameterKey, Array],
        pool: Pool | None = None,
        numerics: Numerics | None = None,
    ) -> None:
        self._rule = rule
        self._parameters = parameters
        dtype = np.result_type(np.float32, *parameters.values())
        self._numerics = numerics or usual_numerics(dtype)
        self._pool = pool or self._numerics.thread_pool(1)
        self._memories = {
            key: [np.zeros_like(array) for _ in rule.memories] for key, array in parameters.items()
        }
        # What changes from step to step stands in arrays, where a captured update finds it.
        self._numbers = np.array(rule.numbers(0.0, 1))
        self._formed = [GradientRows(dtype, self._numerics) for _ in range(self._pool.threads)]
        self._captured = CapturedUpdates(self._pool, self._numerics)
        self.steps = 0

    def memories(self) -> dict[MemoryKey, Array]:
        """Copy what is remembered of the steps so far."""
        return {
            MemoryKey(*key, name): memory.copy()
            for key, held in self._memories.items()
            for name, memory in zip(self._rule.memories, held, strict=True)
        }

    def recall(self, steps: int, memories: Mapping[MemoryKey, Array]) -> None:
        """Go on from the memories of an optimizer of the same kind after so many steps."""
        self.steps = steps
        for key, held in self._memories.items():
            for name, memory in zip(self._rule.memories, held, strict=True):
                np.copyto(memory, memories[MemoryKey(*key, name)])

    def update(
        self,
        gradients: Mapping[ParameterKey, Sequence[Gradient]],
        learning_rate: float,
        *,
        steady: bool = False,
    ) -> None:
        """Do one step in place. The gradient of a parameter is the sum of its sequence.

        `steady` says that the same mapping comes with the same arrays each time, so that its update
        may be captured.
        """
        self.steps += 1
        self._numbers[:] = self._rule.numbers(learning_rate, self.steps)
        if steady:
            self._captured.update(gradients, self._change)
        else:
            self._change(gradients)

    def _change(self, gradients: Mapping[ParameterKey, Sequence[Gradient]]) -> None:
        with quiet_overflow():  # the guard speaks, not numpy
            for key, parts in gradients.items():
                self._change_one(key, parts)

    def _change_one(self, key: ParameterKey, parts: Sequence[Gradient]) -> None:
        parameter = self._parameters[key]
        work = parameter.size * (RULE_WORK + sum(map(_depth, parts)))
        if work < SHARED_WORK and parameter.nbytes <= ROW_BYTES:
            self._apply_rule(key, parts, slice(None), self._formed[0])
        else:
            self._share(partial(self._apply_to_rows, key, parts), len(parameter), work)

    def _apply_to_rows(
        self, key: ParameterKey, parts: Sequence[Gradient], rows: slice, thread: int
    ) -> None:
        least = LEAST_ROWS if max(map(_depth, parts)) >= LEAST_ROWS else 1
        count = max(least, ROW_BYTES // self._parameters[key][0].nbytes)
        for start in range(rows.start, rows.stop, count):
            block = slice(start, min(start + count, rows.stop))
            self._apply_rule(key, parts, block, self._formed[thread])

    def _apply_rule(
        self, key: ParameterKey, parts: Sequence[Gradient], rows: slice, formed: GradientRows
    ) -> None:
        weights = self._parameters[key][rows]
        memories = [memory[rows] for memory in self._memories[key]]
        slopes, first = None, parts[0]
        if len(parts) == 1 and isinstance(first, Outer) and len(first.left) == 1:
            slopes, gradient = first.left[0, rows], first.right[0]
        else:
            gradient = formed.sum(parts, rows, weights.shape)
        if isinstance(self._rule, Adam):
            mean, square = memories
            self._numerics.adam_step(weights, gradient, slopes, mean, square, self._numbers)
            return
        velocity = memories[0] if memories else None
        self._numerics.momentum_step(
            weights, gradient, slopes, velocity, self._numbers, self._rule.nesterov
        )

    def _share(self, job: Callable[[slice, int], None], extent: int, work: int) -> None:
        """Do a job for all of 0..extent, in parts for the threads if it is worth their while."""
        threads = self._pool.threads if work >= SHARED_WORK else 1
        edges = [extent * i // threads for i in range(threads + 1)]
        parts = [slice(a, b) for a, b in pairwise(edges)]
        self._pool.run([partial(job, part, thread) for thread, part in enumerate(parts)])


def make_rule(settings: Settings) -> Rule:
    """Make the rule that the settings name."""
    if settings.optimizer == "sgd":
        return SGD(
            settings.momentum, nesterov=settings.nesterov, weight_decay=settings.weight_decay
        )
    return Adam(weight_decay=settings.weight_decay, decoupled=settings.optimizer == "adamw")


def learning_rate_factor(settings: Settings, epochs_gone: float, epochs: int) -> float:
    """Return what the schedule multiplies the learning rate with.

    `epochs_gone` counts the epochs gone, parts included. Step: the factor of the settings for every
    `step_epochs` gone; cosine: from 1 to 0 over so many `epochs` (Loshchilov and Hutter, 2017).
    """
    if settings.schedule == "step":
        return float(settings.step_factor ** int(epochs_gone // settings.step_epochs))
    if settings.schedule == "cosine":
        return 0.5 * (1.0 + math.cos(math.pi * min(1.0, epochs_gone / epochs)))
    return 1.0


def _depth(part: Gradient) -> int:
    """Count the multiplications that forming one value of a gradient takes."""
    return len(part.left) if isinstance(part, Outer) else 1


class Locks:
    """The locked blocks and kernels of a network.

    A locked block learns nothing: its parameters get no update, and what it remembers of batches
    stays too. A locked kernel shares its arrays with others that learn; it is put back after the
    update, for even without a gradient momentum or weight decay would move it.
    """

    def __init__(self, network: Network, slots: Iterable[BlockSlot]) -> None:
        slots = list(slots)
        self.blocks = frozenset(slot.id for slot in slots if slot.locked)
        kernels = {slot.id: list(slot.locked_kernels) for slot in slots if slot.locked_kernels}
        self._shared = [
            (array, kernels[key.slot_id])
            for key, array in network.parameters.items()
            if key.slot_id in kernels and key.slot_id not in self.blocks
        ]

    def update(
        self,
        optimizer: Optimizer,
        gradients: Mapping[ParameterKey, Sequence[Gradient]],
        rate: float,
        *,
        steady: bool = False,
    ) -> None:
        """Let an optimizer do its step on everything but the locked kernels."""
        held = [(array, kernels, array[kernels]) for array, kernels in self._shared]
        optimizer.update(gradients, rate, steady=steady)
        for array, kernels, values in held:
            array[kernels] = values
