"""Executor: runs a network over a mini-batch, forward and by backpropagation.

The batch is split into shards, one for each thread: see `batch_splitting.py`.
"""

import math
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np

from engine.array_types import Array, Shape, mapped_zeros, quiet_overflow
from engine.blocks.base import Outer, StatefulLayer
from engine.compute.pass_context import INFERENCE, PassContext, alone
from engine.compute.threads import default_threads, hold_blas_to_one_thread
from engine.model.losses import LOSSES
from engine.model.network import Network, ParameterKey, run_layers
from engine.training.batch_splitting import (
    ShardedLayers,
    chunk_samples,
    cut_rounds,
    layers_in_place,
    least_samples,
    may_replay,
    passing_layers,
    sharded_layers,
)
from engine.training.captured_step import Batch, CapturedStep, LazySamples
from engine.training.interruption import InterruptedWorkError
from engine.training.shard_exchange import ShardExchange
from engine.training.step_result import Gradients, StepResult, StepSums

T = TypeVar("T")


@dataclass(frozen=True)
class BackwardStep:
    """One layer of the backward pass: its position, its parameters' keys, and what it computes."""

    position: int
    keys: dict[str, ParameterKey]
    wants_inputs: bool


@dataclass(frozen=True)
class BatchPlan:
    """How batches of one size go through a network.

    Shards have at least so many samples. The backward steps go with the two parts of the network.
    """

    sharded: ShardedLayers
    least: int
    tail_steps: list[BackwardStep]
    sharded_steps: list[BackwardStep]


class Executor:
    """Runs forward and backward passes of one network; each thread has workspaces of its own.

    How a batch is split depends only on its size, the shapes and the number of threads, and sums
    are taken in a fixed order, so the same batch gives the same bits. BLAS is held to one thread in
    the whole process: on matrices this small its own threads cost more than they bring.
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
        self.network, self.numerics = network, network.numerics
        self.loss = LOSSES[loss]
        self.threads = threads or default_threads()
        self._interrupted = interrupted
        passing = passing_layers(network)
        self._workspaces = [network.workspaces(passing) for _ in range(self.threads)]
        for workspaces in self._workspaces:
            for position in layers_in_place(network):
                workspaces[position].in_place = True
        self._chunk = chunk_samples(network)
        last = network.layers[-1].slot.block
        self._fused = self.loss.fuses_with == last.kind
        self._joint = np.zeros(0, network.dtype)
        self._plus = np.ones(2, network.dtype)  # to add a product as it is
        self._least_tested = least_samples(network, len(network.layers))
        self.lock(())
        # The last: after a fault its threads would not end.
        self.pool = self.numerics.thread_pool(self.threads)

    def lock(self, slot_ids: Collection[int]) -> None:
        """Lock some blocks: they get no gradients, and their running statistics stay as they are.

        A locked BatchNorm does in training what it does in testing.
        """
        # Captured steps by source and size of the batch, and seed; None: it cannot be captured.
        self._steps: dict[tuple[Hashable, int, int], CapturedStep | None] = {}
        self._last: CapturedStep | None = None  # that did the last batch; None: Python did
        self._locked = frozenset(slot_ids)
        self._stateful = [
            (position, each.layer)
            for position, each in enumerate(self.network.layers)
            if isinstance(each.layer, StatefulLayer) and each.slot.id not in self._locked
        ]
        self._plans: dict[int, BatchPlan] = {}  # by size

    def close(self) -> None:
        """End the threads."""
        self.pool.close()

    def gradients(self, batch: Batch, run: PassContext | None = None) -> StepResult:
        """Compute the loss of a batch and its gradients; `run` says which step it is.

        Raises InterruptedWorkError if the caller wishes so before the end.
        """
        run = run or PassContext()
        kind = batch.source, len(batch), run.seed
        step = self._last = self._steps.get(kind)
        if step is not None and step.recorded:
            self._check_interrupted()
            return step.replay(batch, run)
        # The caller checks the result for values that are not finite. numpy's own warnings are not
        # reliable here: OpenBLAS sometimes sets the flag although all values are finite.
        with quiet_overflow():
            if step is not None:
                return step.record(batch, run, self._differentiate)
            if kind not in self._steps:  # the first step makes the memory that stays
                self._steps[kind] = self._new_step(batch, run)
            return self._differentiate(batch, run).result()

    def _new_step(self, batch: Batch, run: PassContext) -> CapturedStep | None:
        """Make a step to be captured, if this one can be."""
        rounds, sharded = self._rounds(len(batch)), self._plan(len(batch)).sharded.length
        if not may_replay(self.network, rounds, sharded, self.threads):
            return None
        capture = self.numerics.capture(self.pool)
        if capture is None:
            return None
        return CapturedStep(capture, batch.held(self.network.dtype), run)

    def _rounds(self, samples: int) -> list[list[slice]]:
        # Statistics of the whole batch need the whole batch in memory.
        chunk = samples if self._stateful else self._chunk
        return cut_rounds(samples, chunk, self.threads, self._plan(samples).least)

    def _plan(self, samples: int) -> BatchPlan:
        """Return how a batch of so many samples goes through the network."""
        if samples not in self._plans:
            sharded, steps = sharded_layers(self.network, samples), self._plan_backward()
            self._plans[samples] = BatchPlan(
                sharded,
                least_samples(self.network, sharded.length),
                [step for step in steps if step.position >= sharded.length],
                [step for step in steps if step.position < sharded.length],
            )
        return self._plans[samples]

    def _differentiate(self, batch: LazySamples, run: PassContext) -> StepSums:
        """Differentiate a batch, round by round."""
        rounds = self._rounds(len(batch))
        if len(rounds) == 1:
            return self._differentiate_round(batch, run, rounds[0])
        total = StepSums()
        for parts in rounds:
            self._add(total, self._differentiate_round(batch, run, parts))
        return total

    def settle(self) -> None:
        """Update the running statistics of the layers that have them with the last batch."""
        if not self._stateful:
            return
        if self._last is not None:
            self._last.settle(self._settle, self.pool, self.numerics)
        else:
            self._settle()

    def _settle(self) -> None:
        with quiet_overflow():
            for position, layer in self._stateful:
                layer.settle(self._workspaces[0][position])

    def outputs(self, batch: LazySamples) -> Array:
        """Compute the outputs (n, classes) of a batch of any size.

        Raises InterruptedWorkError if the caller wishes so before the end.
        """
        width = math.prod(self.network.layers[-1].output_shape)
        outputs = np.empty((len(batch), width), self.network.dtype)

        def run(shard: int, part: slice) -> None:
            inputs = batch.inputs(part, self.network.dtype)
            values = self._forward(inputs, shard, INFERENCE, range(len(self.network.layers)))
            outputs[part] = values.reshape(len(inputs), -1)

        with quiet_overflow():
            for parts in cut_rounds(len(batch), self._chunk, self.threads, self._least_tested):
                self._in_threads(run, parts)
        return outputs

    def _differentiate_round(
        self, batch: LazySamples, run: PassContext, parts: list[slice]
    ) -> StepSums:
        """Differentiate one round: the sharded layers by shards, the tail as a whole."""
        samples, dtype, plan = len(batch), self.network.dtype, self._plan(len(batch))
        cut = plan.sharded.length
        whole = slice(parts[0].start, parts[-1].stop)
        single = len(parts) == 1
        exchange = (
            ShardExchange(len(parts), self.numerics) if self._stateful and not single else None
        )
        runs = [
            PassContext(
                training=True,
                seed=run.seed,
                counters=run.counters,
                first=part.start,
                samples=samples,
                gather=exchange.of(shard) if exchange is not None else alone,
                pool=self.pool if single else None,
                may_stop=self._check_interrupted,
            )
            for shard, part in enumerate(parts)
        ]
        if single:
            # Before the tail, one thread reads them: it takes long to get what another has made.
            makers = self.pool if plan.sharded.writer is None else None
            inputs = batch.inputs(whole, dtype, makers)
            inputs = self._forward(inputs, 0, runs[0], range(cut))
        else:
            inputs = self._joint_rows(whole.stop - whole.start, plan.sharded.output_shape)
            job = partial(self._run_sharded, batch, runs, inputs, whole.start)
            self._in_threads(job, parts, exchange)
        tail = runs[0] if single else replace(runs[0], gather=alone, pool=self.pool)
        outputs = self._forward(inputs, 0, tail, range(cut, len(self.network.layers)))
        sums, gradient = self._compare(outputs, batch.targets(whole, dtype), samples)
        gradient = self._backward(gradient, 0, plan.tail_steps, sums.gradients)
        if plan.sharded_steps:
            backward = partial(self._sharded_gradients, plan.sharded_steps, gradient, whole.start)
            for found in self._in_threads(backward, parts, exchange):
                for key, each in found.items():
                    sums.gradients.setdefault(key, []).extend(each)
        return sums

    def _compare(self, outputs: Array, targets: Array, samples: int) -> tuple[StepSums, Array]:
        """Return the loss of outputs, and its gradient as a part of the mean over all samples."""
        outputs = outputs.reshape(len(outputs), -1)
        sums = StepSums()
        values = self.loss.values(outputs, targets, self.numerics)
        self.numerics.tally(values, outputs, targets, sums.tally)
        if self._fused:
            gradient = self.loss.fused_gradient(outputs, targets, self.numerics)
        else:
            gradient = self.loss.gradient(outputs, targets, self.numerics)
        self.numerics.scale(gradient, np.array([1.0 / samples], gradient.dtype))
        return sums, gradient

    def _run_sharded(
        self,
        batch: LazySamples,
        runs: list[PassContext],
        joint: Array,
        first: int,
        shard: int,
        part: slice,
    ) -> None:
        """Run the sharded layers over a shard, into its rows of the round's joint memory."""
        own = joint[part.start - first : part.stop - first]
        inputs = batch.inputs(part, self.network.dtype)
        sharded = self._plan(len(batch)).sharded
        workspaces, writer = self._workspaces[shard], sharded.writer
        if writer is not None:
            shape = self.network.layers[writer].output_shape
            workspaces[writer].given = own.reshape(len(own), *shape)
        try:
            outputs = self._forward(inputs, shard, runs[shard], range(sharded.length))
        finally:
            if writer is not None:
                workspaces[writer].given = None
        if not np.may_share_memory(outputs, own):  # a Dropout of rate 0 gives what it was given
            self.numerics.copy(outputs, own)

    def _sharded_gradients(
        self, steps: list[BackwardStep], gradient: Array, first: int, shard: int, part: slice
    ) -> Gradients:
        found: Gradients = {}
        own = gradient[part.start - first : part.stop - first]
        self._backward(own, shard, steps, found)
        return found

    def _backward(
        self, gradient: Array, shard: int, steps: list[BackwardStep], gradients: Gradients
    ) -> Array:
        """Go back through some layers; return the gradient of their input, and add those found."""
        samples, workspaces = len(gradient), self._workspaces[shard]
        for step in steps:
            self._check_interrupted()
            layer = self.network.layers[step.position]
            backward = layer.layer.backward(
                gradient.reshape(samples, *layer.output_shape),
                workspaces[step.position],
                wants_inputs=step.wants_inputs,
            )
            for name, key in step.keys.items():
                gradients[key] = [backward.parameters[name]]
            if backward.inputs is not None:
                gradient = backward.inputs
        return gradient

    def _joint_rows(self, samples: int, output_shape: Shape) -> Array:
        """Return memory for the outputs of the sharded layers, for all shards of a round."""
        shape = (samples, *output_shape)
        size = math.prod(shape)
        if self._joint.size < size:
            self._joint = mapped_zeros((size,), self.network.dtype)
        return self._joint[:size].reshape(shape)

    def _add(self, total: StepSums, found: StepSums) -> None:
        """Add what a round has found to the total.

        A gradient that came as two factors is multiplied out here, because the next round reuses
        the memory of the factors.
        """
        total.tally += found.tally
        for key, parts in found.gradients.items():
            if key not in total.gradients:
                total.gradients[key] = [np.zeros_like(self.network.parameters[key])]
            held = total.gradients[key][0]
            assert isinstance(held, np.ndarray)
            for each in parts:
                if isinstance(each, Outer):
                    self.numerics.add_product(held, each.left, each.right, self._plus, self.pool)
                else:
                    held += each

    def _plan_backward(self) -> list[BackwardStep]:
        """List the layers to differentiate, last first: none before the first that learns."""
        layers = self.network.layers
        learning = [
            i
            for i, layer in enumerate(layers)
            if layer.layer.parameters and layer.slot.id not in self._locked
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
                    if layers[i].slot.id not in self._locked
                },
                wants_inputs=i > learning[0],
            )
            for i in reversed(range(learning[0], end))
        ]

    def _forward(self, values: Array, shard: int, run: PassContext, positions: range) -> Array:
        """Run some layers."""
        outputs = run_layers(
            self.network.layers[positions.start : positions.stop],
            self._workspaces[shard][positions.start : positions.stop],
            values,
            run,
            locked=self._locked,
            before_layer=self._check_interrupted,
        )
        return outputs[-1] if outputs else values

    def _check_interrupted(self) -> None:
        if self._interrupted():
            raise InterruptedWorkError

    def _in_threads(
        self,
        run: Callable[[int, slice], T],
        parts: list[slice],
        exchange: ShardExchange | None = None,
    ) -> list[T]:
        jobs = [partial(run, shard, part) for shard, part in enumerate(parts)]
        if exchange is None:
            return self.pool.run(jobs)
        try:
            return self.pool.run(jobs, exchange.give_up)
        except InterruptedWorkError:
            if exchange.fault is not None:
                raise exchange.fault from None  # the others only gave up because of it
            raise
