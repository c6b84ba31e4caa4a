"""Executor: runs a network over a batch, cut into shards for threads and chunks for the cache."""

import itertools
import math
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import DTypeLike

from engine.arrays import Array
from engine.blocks.base import Gradient, Outer, StatefulLayer
from engine.compute.crew import Crew
from engine.compute.threads import default_threads, hold_blas_to_one_thread
from engine.compute.workspace import Run, Workspace, alone
from engine.losses import LOSSES
from engine.network import Network, ParameterKey

CHUNK_BYTES = 64_000_000  # of one shard's activations
CHUNK_MULTIPLY_ADDS = 2_000_000_000  # well under 100 ms, so that Stop answers at once
CHUNK_SAMPLES = 256
SHARD_SAMPLES = 8  # fewer are not worth a thread


T = TypeVar("T")


class InterruptedWorkError(Exception):
    """The work was given up on the caller's wish; nothing has changed."""


class Batch(Protocol):
    """Samples that are made into arrays only when their turn comes."""

    def __len__(self) -> int: ...

    def inputs(self, part: slice, dtype: DTypeLike) -> Array:
        """Give the inputs (n, C, H, W) of a part of the batch."""
        ...

    def targets(self, part: slice, dtype: DTypeLike) -> Array:
        """Give the targets (n, classes) of a part of the batch."""
        ...


Gradients = dict[ParameterKey, list[Gradient]]


@dataclass
class StepResult:
    """What one batch gave: losses and hits added up, outputs, and gradients to be added up.

    The gradients are those of the batch's mean loss.
    """

    loss_sum: float = 0.0
    correct: int = 0
    gradients: Gradients = field(default_factory=dict)


@dataclass(frozen=True)
class BackwardStep:
    """One layer on the way back: its position, its parameters' keys, and what is asked of it."""

    position: int
    keys: dict[str, ParameterKey]
    wants_inputs: bool


class SharedSum:
    """Adds arrays up over the parts of a batch that run at the same time, in a fixed order."""

    def __init__(self, parts: int) -> None:
        self.fault: BaseException | None = None
        self._barrier = threading.Barrier(parts)
        self._arrays: list[Array] = [np.zeros(0)] * parts

    def of(self, part: int) -> Callable[[Array], Array]:
        """Give one part its way to add: it waits for the others, and all get the same sum."""

        def total(array: Array) -> Array:
            self._arrays[part] = array
            try:
                self._barrier.wait()
                added = sum(self._arrays[1:], start=self._arrays[0])
                self._barrier.wait()
            except threading.BrokenBarrierError:
                raise InterruptedWorkError from None
            return added

        return total

    def give_up(self, error: BaseException) -> None:
        """Let nobody wait for a part that will not come, and remember why it does not."""
        if self.fault is None and not isinstance(error, InterruptedWorkError):
            self.fault = error
        self._barrier.abort()


class Executor:
    """Runs forward and backward passes of one network; each thread has workspaces of its own.

    Where the work is cut depends only on the batch and the shapes, and sums run in a fixed order,
    so the same batch gives the same bits. BLAS is held to one thread in the whole process: on
    matrices this small its own threads cost more than they bring.
    """

    def __init__(
        self,
        network: Network,
        loss: str,
        *,
        threads: int | None = None,
        interrupted: Callable[[], bool] = lambda: False,
    ) -> None:
        hold_blas_to_one_thread()
        self.network = network
        self.loss = LOSSES[loss]
        self.threads = threads or default_threads()
        self._interrupted = interrupted
        self._workspaces = [network.workspaces() for _ in range(self.threads)]
        self.crew = Crew(self.threads)
        self._chunk = _chunk_samples(network)
        last = network.layers[-1].slot.block
        self._fused = self.loss.fuses_with == last.kind
        self.lock(())

    def lock(self, slot_ids: Collection[int]) -> None:
        """Let some blocks learn nothing: no gradients, and statistics as they are remembered.

        So a locked BatchNorm does while training what it does when it is tested.
        """
        layers = list(enumerate(self.network.layers))
        self._locked = {i for i, layer in layers if layer.slot.id in slot_ids}
        stateful = [(i, each.layer) for i, each in layers if isinstance(each.layer, StatefulLayer)]
        self._stateful = [(i, layer) for i, layer in stateful if i not in self._locked]
        self._resting = {i for i, _ in stateful if i in self._locked}
        self._backward_steps = self._plan_backward()

    def close(self) -> None:
        """End the threads."""
        self.crew.close()

    def gradients(self, batch: Batch, run: Run | None = None) -> StepResult:
        """Compute the loss of a batch and its gradients; `run` says which step it is.

        Raises InterruptedWorkError if the caller wishes so before the end.
        """
        run, samples = run or Run(), len(batch)
        # Statistics of the whole batch need the whole batch in memory.
        rounds = self._rounds(samples, samples if self._stateful else self._chunk)
        total = StepResult()
        # Whoever asked looks for values that are not finite. Besides, OpenBLAS now and then raises
        # the flag without any.
        with np.errstate(over="ignore", invalid="ignore"):
            for parts in rounds:
                sums = SharedSum(len(parts)) if self._stateful else None
                runs = [
                    Run(
                        training=True,
                        seed=run.seed,
                        epoch=run.epoch,
                        step=run.step,
                        first=part.start,
                        samples=samples,
                        total=sums.of(shard) if sums is not None else alone,
                    )
                    for shard, part in enumerate(parts)
                ]
                for result in self._in_threads(
                    partial(self._differentiate, batch, runs), parts, sums
                ):
                    _add(total, result, keep_factors=len(rounds) == 1)
        return total

    def settle(self) -> None:
        """Let the layers that remember statistics take in the last batch."""
        for position, layer in self._stateful:
            layer.settle(self._workspaces[0][position])

    def outputs(self, batch: Batch) -> Array:
        """Compute the outputs (n, classes) of a batch of any size.

        Raises InterruptedWorkError if the caller wishes so before the end.
        """
        width = math.prod(self.network.layers[-1].output_shape)
        outputs = np.empty((len(batch), width), self.network.dtype)

        def run(shard: int, part: slice) -> None:
            inputs = batch.inputs(part, self.network.dtype)
            outputs[part] = self._forward(inputs, self._workspaces[shard], Run())

        with np.errstate(over="ignore", invalid="ignore"):
            for parts in self._rounds(len(batch), self._chunk):
                self._in_threads(run, parts)
        return outputs

    def _differentiate(self, batch: Batch, runs: list[Run], shard: int, part: slice) -> StepResult:
        workspaces = self._workspaces[shard]
        targets = batch.targets(part, self.network.dtype)
        outputs = self._forward(batch.inputs(part, self.network.dtype), workspaces, runs[shard])
        result = StepResult(
            float(self.loss.values(outputs, targets).sum(dtype=np.float64)),
            int((outputs.argmax(axis=1) == targets.argmax(axis=1)).sum()),
        )
        if self._fused:
            gradient = self.loss.fused_gradient(outputs, targets)
        else:
            gradient = self.loss.gradient(outputs, targets)
        gradient *= 1.0 / len(batch)
        for step in self._backward_steps:
            self._check_interrupted()
            layer = self.network.layers[step.position]
            backward = layer.layer.backward(
                gradient.reshape(len(outputs), *layer.output_shape),
                workspaces[step.position],
                wants_inputs=step.wants_inputs,
            )
            for name, key in step.keys.items():
                result.gradients[key] = [backward.parameters[name]]
            if backward.inputs is not None:
                gradient = backward.inputs
        return result

    def _plan_backward(self) -> list[BackwardStep]:
        """List the layers to differentiate, last first: none before the first that learns."""
        layers = self.network.layers
        learning = [
            i for i, layer in enumerate(layers) if layer.layer.parameters and i not in self._locked
        ]
        if not learning:
            return []
        end = len(layers) - 1 if self._fused else len(layers)
        return [
            BackwardStep(
                i,
                {
                    name: ParameterKey(layers[i].slot.id, name)
                    for name in layers[i].layer.parameters
                    if i not in self._locked
                },
                wants_inputs=i > learning[0],
            )
            for i in reversed(range(learning[0], end))
        ]

    def _forward(self, inputs: Array, workspaces: list[Workspace], run: Run) -> Array:
        values = inputs
        layers = zip(self.network.layers, workspaces, strict=True)
        for position, (layer, workspace) in enumerate(layers):
            self._check_interrupted()
            workspace.run = Run() if position in self._resting else run
            values = layer.layer.forward(values, workspace)
        return values.reshape(len(inputs), -1)

    def _check_interrupted(self) -> None:
        if self._interrupted():
            raise InterruptedWorkError

    def _rounds(self, samples: int, chunk: int) -> list[list[slice]]:
        """Cut a batch into rounds; the parts of one round run at the same time."""
        step = chunk * self.threads
        rounds = []
        for start in range(0, samples, step):
            stop = min(start + step, samples)
            shards = max(1, min(self.threads, (stop - start) // SHARD_SAMPLES))
            edges = [start + (stop - start) * i // shards for i in range(shards + 1)]
            rounds.append([slice(a, b) for a, b in itertools.pairwise(edges)])
        return rounds

    def _in_threads(
        self,
        run: Callable[[int, slice], T],
        parts: list[slice],
        sums: SharedSum | None = None,
    ) -> list[T]:
        if sums is None:
            return self.crew.run([partial(run, shard, part) for shard, part in enumerate(parts)])

        def summing(shard: int, part: slice) -> T:
            try:
                return run(shard, part)
            except BaseException as error:
                sums.give_up(error)
                raise

        try:
            return self.crew.run(
                [partial(summing, shard, part) for shard, part in enumerate(parts)]
            )
        except InterruptedWorkError:
            if sums.fault is not None:
                raise sums.fault from None  # the others only gave up because of it
            raise


def _chunk_samples(network: Network) -> int:
    """Give the samples that one thread takes at a time."""
    sample_bytes = sum(math.prod(layer.output_shape) for layer in network.layers)
    sample_bytes *= 2 * network.dtype.itemsize
    work = max(row.multiply_adds or 1 for row in network.report.rows)
    fitting = min(CHUNK_BYTES // max(sample_bytes, 1), CHUNK_MULTIPLY_ADDS // max(work, 1))
    return max(1, min(CHUNK_SAMPLES, fitting))


def _add(total: StepResult, result: StepResult, *, keep_factors: bool) -> None:
    """Add a part's result. Factors live in the part's workspaces: form them if those are reused."""
    total.loss_sum += result.loss_sum
    total.correct += result.correct
    for key, found in result.gradients.items():
        if keep_factors:
            total.gradients.setdefault(key, []).extend(found)
            continue
        formed = [g.formed() if isinstance(g, Outer) else g for g in found]
        if key in total.gradients:
            held = total.gradients[key][0]
            assert isinstance(held, np.ndarray)
            for array in formed:
                held += array
        else:
            total.gradients[key] = [sum(formed[1:], start=formed[0])]
