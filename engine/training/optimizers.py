"""Optimizers: how gradients change the weights, by SGD with momentum, Adam or AdamW."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Protocol

import numpy as np

from engine.array_types import Array, quiet_overflow
from engine.blocks.base import Gradient, Outer
from engine.compute.copies import Copies
from engine.compute.numerics import numerics as usual_numerics
from engine.compute.plain_numerics import Numerics
from engine.compute.thread_pool import Pool
from engine.model.network import ParameterKey
from engine.model.settings import Settings
from engine.model.training_state import MemoryKey
from engine.training.captured_updates import CapturedUpdates
from engine.training.gradient_rows import GradientRows

ROW_BYTES = 400_000  # of a parameter that are changed at a time: they stay in the L2 cache
LEAST_ROWS = 64  # formed together of as many samples: for each piece all of them are read
SHARED_WORK = 400_000  # multiplications that are worth handing a part to another thread
RULE_WORK = 20  # how many multiplications take as long as the rule for one weight


class Rule(Protocol):
    """How one block of weights follows its gradient.

    `memories` names the arrays, as large as the weights and zero at first, that it keeps from
    step to step.
    """

    memories: tuple[str, ...]

    def numbers(self, rate: float, step: int) -> tuple[float, ...]:
        """Return what a step counts with, at a learning rate; steps count from 1."""
        ...

    def apply(
        self,
        weights: Array,
        gradient: Array,
        slopes: Array | None,
        memories: Sequence[Array],
        numbers: Array,
        numerics: Numerics,
    ) -> None:
        """Change weights and memories in place.

        With slopes (rows,), the gradient is a row (columns,), which they multiply.
        """
        ...


class SGD:
    """Stochastic gradient descent with momentum.

    g ← ∂E/∂W + λ W; v ← μ v + g; W ← W - η v, or with Nesterov's look ahead W ← W - η (g + μ v)
    (Sutskever et al., 2013, in the form that PyTorch has).
    """

    def __init__(
        self, momentum: float = 0.0, *, nesterov: bool = False, weight_decay: float = 0.0
    ) -> None:
        self.memories: tuple[str, ...] = ("velocity",) if momentum else ()
        self._momentum, self._nesterov, self._decay = momentum, nesterov, weight_decay

    def numbers(self, rate: float, step: int) -> tuple[float, ...]:
        """Return η, μ, λ."""
        return rate, self._momentum, self._decay

    def apply(
        self,
        weights: Array,
        gradient: Array,
        slopes: Array | None,
        memories: Sequence[Array],
        numbers: Array,
        numerics: Numerics,
    ) -> None:
        """Do one step for a block of weights."""
        velocity = memories[0] if memories else None
        numerics.momentum_step(weights, gradient, slopes, velocity, numbers, self._nesterov)


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
        """Return η, β₁, β₂, ε, 1 - β₁ᵗ, 1 - β₂ᵗ, λ, λ of AdamW."""
        mean, square = self.BETAS
        corrections = 1.0 - mean**step, 1.0 - square**step
        return rate, mean, square, self.EPSILON, *corrections, *self._decays

    def apply(
        self,
        weights: Array,
        gradient: Array,
        slopes: Array | None,
        memories: Sequence[Array],
        numbers: Array,
        numerics: Numerics,
    ) -> None:
        """Do one step for a block of weights."""
        mean, square = memories
        numerics.adam_step(weights, gradient, slopes, mean, square, numbers)


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
        self._copies = Copies[MemoryKey]()
        self.steps = 0

    def memories(self) -> dict[MemoryKey, Array]:
        """Copy what is remembered of the steps so far."""
        found = {
            MemoryKey(*key, name): memory
            for key, held in self._memories.items()
            for name, memory in zip(self._rule.memories, held, strict=True)
        }
        return self._copies.copy(found)

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
        self._rule.apply(weights, gradient, slopes, memories, self._numbers, self._numerics)

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
