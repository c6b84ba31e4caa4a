"""CapturedStep: the step for batches of one size, done once as ever and then replayed."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import DTypeLike, NDArray

from engine.array_types import Array
from engine.blocks.base import Gradient
from engine.compute.pass_context import PassContext
from engine.compute.plain_numerics import Numerics
from engine.compute.thread_pool import Capture, Pool
from engine.model.network import ParameterKey

Gradients = dict[ParameterKey, list[Gradient]]


class StepResult(msgspec.Struct, frozen=True, eq=False):
    """The result of one batch: the sum of its losses, its correct answers, and its gradients.

    The gradients are those of the batch's mean loss; those of a key are to be added up. `steady`
    says that all steps for batches of this size have them in the same arrays, so that they hold
    until the next step only.
    """

    loss_sum: float
    correct: int
    gradients: Gradients
    steady: bool = False


@dataclass
class StepSums:
    """What is found of a batch, round by round. `tally` has both numbers of the result."""

    tally: NDArray[np.float64] = field(default_factory=lambda: np.zeros(2))
    gradients: Gradients = field(default_factory=dict)

    def result(self, *, steady: bool = False) -> StepResult:
        """Return the result of the batch."""
        loss_sum, correct = self.tally.tolist()
        return StepResult(loss_sum, int(correct), self.gradients, steady)


class LazySamples(Protocol):
    """Samples that are made into arrays only when their turn comes."""

    def __len__(self) -> int: ...

    def inputs(self, part: slice, dtype: DTypeLike, pool: Pool | None = None) -> Array:
        """Return the inputs (n, C, H, W) of some samples; the threads of a pool may share it."""

    def targets(self, part: slice, dtype: DTypeLike) -> Array:
        """Return the targets (n, classes) of some samples."""


class Batch(LazySamples, Protocol):
    """The samples of a step."""

    @property
    def source(self) -> Hashable:
        """Say what the samples are of: memory for batches takes no samples of another source."""

    def held(self, dtype: DTypeLike) -> "HeldBatch":
        """Make memory for batches of this size and source."""


class HeldBatch(LazySamples, Protocol):
    """Samples whose arrays stay where they are, whatever batch is put into them."""

    def load(self, batch: Batch) -> None:
        """Take the samples of a batch of this size and source."""


class CapturedStep:
    """A step whose compiled loops are noted, to be called again without Python."""

    def __init__(self, capture: Capture, batch: HeldBatch, run: PassContext) -> None:
        self._capture, self._batch = capture, batch
        self._run = PassContext(seed=run.seed)
        self._sums = StepSums()
        self._settling: Capture | None = None
        self.recorded = False

    def record(
        self, batch: Batch, run: PassContext, step: Callable[[LazySamples, PassContext], StepSums]
    ) -> StepResult:
        """Do a step as ever, and note what it does."""
        self._load(batch, run)
        with self._capture.recording():
            self._sums = step(self._batch, self._run)
        self.recorded = True
        return self._sums.result(steady=True)

    def replay(self, batch: Batch, run: PassContext) -> StepResult:
        """Do the step with other samples. The gradients are in the same arrays each time."""
        self._load(batch, run)
        self._capture.replay()
        return self._sums.result(steady=True)

    def settle(self, settle: Callable[[], None], pool: Pool, numerics: Numerics) -> None:
        """Do what follows a step that was done whole: the first time as ever, then replayed."""
        if self._settling is not None:
            self._settling.replay()
            return
        capture = numerics.capture(pool)
        assert capture is not None, "this twin has captured the step"
        with capture.recording():
            settle()
        self._settling = capture

    def _load(self, batch: Batch, run: PassContext) -> None:
        self._batch.load(batch)
        self._run.counters[...] = run.counters
