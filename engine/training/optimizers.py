"""Optimizers: how gradients change the weights, by SGD with momentum, Adam or AdamW."""

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Protocol

import numpy as np

from engine.array_types import Array
from engine.blocks.base import Gradient, Outer
from engine.compute.numerics import numerics
from engine.compute.thread_pool import Pool
from engine.model.network import ParameterKey
from engine.model.settings import Settings
from engine.model.training_state import MemoryKey

ROW_BYTES = 400_000  # of a parameter that are changed at a time: they stay in the L2 cache
FEW_SAMPLES = 64
SHARED_WORK = 3_000_000  # multiplications that are worth handing a part to another thread
RULE_WORK = 20  # how many multiplications take as long as the rule for one weight


class Rule(Protocol):
    """How one block of weights follows its gradient.

    `memories` names the arrays, as large as the weights and zero at first, that it keeps from
    step to step.
    """

    memories: tuple[str, ...]

    def apply(
        self, weights: Array, gradient: Array, memories: Sequence[Array], rate: float, step: int
    ) -> None:
        """Change weights and memories in place; steps count from 1."""
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
        self.plain = not momentum and not weight_decay
        self._momentum, self._nesterov, self._decay = momentum, nesterov, weight_decay

    def apply(
        self, weights: Array, gradient: Array, memories: Sequence[Array], rate: float, step: int
    ) -> None:
        """Do one step for a block of weights."""
        numerics().momentum_step(
            weights,
            gradient,
            memories[0] if memories else None,
            rate=rate,
            momentum=self._momentum,
            nesterov=self._nesterov,
            decay=self._decay,
        )


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
        self._decay, self._decoupled = weight_decay, decoupled

    def apply(
        self, weights: Array, gradient: Array, memories: Sequence[Array], rate: float, step: int
    ) -> None:
        """Do one step for a block of weights."""
        numerics().adam_step(
            weights,
            gradient,
            *memories,
            rate=rate,
            betas=self.BETAS,
            epsilon=self.EPSILON,
            step=step,
            decay=self._decay,
            decoupled=self._decoupled,
        )


class Optimizer:
    """Changes all parameters of a network by their gradients, some rows at a time.

    The rows of a factored gradient are formed only when their turn comes; plain gradient descent
    subtracts the factors without forming them at all. Large parameters are shared between the
    threads of the pool. `steps` counts those that were done.
    """

    def __init__(
        self, rule: Rule, parameters: Mapping[ParameterKey, Array], pool: Pool | None = None
    ) -> None:
        self._rule = rule
        self._parameters = parameters
        self._pool = pool or numerics().thread_pool(1)
        self._memories = {
            key: [np.zeros_like(array) for _ in rule.memories] for key, array in parameters.items()
        }
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
        self, gradients: Mapping[ParameterKey, Sequence[Gradient]], learning_rate: float
    ) -> None:
        """Do one step in place. The gradient of a parameter is the sum of its sequence."""
        self.steps += 1
        plain = isinstance(self._rule, SGD) and self._rule.plain
        for key, parts in gradients.items():
            parameter = self._parameters[key]
            if plain:
                self._subtract(parameter, parts, learning_rate)
                continue
            work = parameter.size * (RULE_WORK + sum(map(_depth, parts)))
            if work < SHARED_WORK and parameter.nbytes <= ROW_BYTES:
                gradient, memories = _gradient_rows(parts, slice(None)), self._memories[key]
                self._rule.apply(parameter, gradient, memories, learning_rate, self.steps)
            else:
                job = partial(self._apply_rule, key, parts, learning_rate)
                self._share(job, len(parameter), work)

    def _subtract(self, parameter: Array, parts: Sequence[Gradient], rate: float) -> None:
        """Do W ← W - η Σ ∂E/∂W in place."""
        outers = []
        for part in parts:
            if isinstance(part, Outer):
                outers.append(part)
            else:
                parameter -= parameter.dtype.type(rate) * part
        if not outers:
            return
        if sum(map(_depth, outers)) == 1:
            _subtract_outer(parameter, outers[0], rate)
            return
        for outer in _joined(outers):
            scales = np.array([-rate, 1.0], parameter.dtype)
            numerics().add_product(parameter, outer.left, outer.right, scales, self._pool)

    def _apply_rule(
        self, key: ParameterKey, parts: Sequence[Gradient], rate: float, rows: slice
    ) -> None:
        parameter, memories = self._parameters[key], self._memories[key]
        count = max(1, ROW_BYTES // parameter[0].nbytes)
        for start in range(rows.start, rows.stop, count):
            block = slice(start, min(start + count, rows.stop))
            self._rule.apply(
                parameter[block],
                _gradient_rows(parts, block),
                [memory[block] for memory in memories],
                rate,
                self.steps,
            )

    def _share(self, job: Callable[[slice], None], extent: int, work: int) -> None:
        """Do a job for all of 0..extent, in parts for the threads if it is worth their while."""
        threads = self._pool.threads
        if threads == 1 or work < SHARED_WORK:
            job(slice(0, extent))
            return
        edges = [extent * i // threads for i in range(threads + 1)]
        self._pool.run([partial(job, slice(a, b)) for a, b in pairwise(edges)])


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


def _subtract_outer(parameter: Array, part: Outer, rate: float) -> None:
    left = part.left[0] * parameter.dtype.type(rate)
    numerics().subtract_outer(parameter, left, part.right[0])


def _joined(parts: Sequence[Outer]) -> Sequence[Outer]:
    """Put the factors of a few samples together: going through the weights costs more than that."""
    if len(parts) == 1 or sum(map(_depth, parts)) > FEW_SAMPLES:
        return parts
    lefts, rights = [part.left for part in parts], [part.right for part in parts]
    return [Outer(np.concatenate(lefts), np.concatenate(rights))]


def _depth(part: Gradient) -> int:
    """Count the multiplications that forming one value of a gradient takes."""
    return len(part.left) if isinstance(part, Outer) else 1


def _gradient_rows(parts: Sequence[Gradient], rows: slice) -> Array:
    """Add up some rows of the parts of a gradient."""
    first, *rest = (
        np.matmul(part.left[:, rows].T, part.right) if isinstance(part, Outer) else part[rows]
        for part in parts
    )
    return sum(rest, start=first)
