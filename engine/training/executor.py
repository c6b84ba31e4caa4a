"""Executor: runs a network over a mini-batch, forward and by backpropagation.

The batch is split into rounds, a round into shards, one for each thread. In the first layers of the
network, the sharded ones, each thread runs its own shard. The layers after them, the tail, run on
the whole round, and the threads share the work of each layer.
"""

import itertools
import math
import threading
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeVar

import numpy as np

from engine.array_types import Array, Shape, mapped_zeros, quiet_overflow
from engine.blocks import Dense
from engine.blocks.base import Outer, StatefulLayer
from engine.blocks.rules import SKIP_GRADIENT
from engine.compute.pass_context import INFERENCE, PassContext, alone
from engine.compute.plain_numerics import Numerics
from engine.compute.threads import default_threads, hold_blas_to_one_thread
from engine.errors import InterruptedWorkError
from engine.model.losses import LOSSES
from engine.model.network import Network, ParameterKey, run_layers
from engine.model.stack import Row
from engine.training.captured_step import (
    Batch,
    CapturedStep,
    Gradients,
    LazySamples,
    StepResult,
    StepSums,
)


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
        times = itertools.count()

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


# Limits of a chunk, which is the most samples that a shard has.
CHUNK_BYTES = 64_000_000  # of their activations and the gradients of these
CHUNK_SAMPLES = 256
# What a shard must have to be worth a thread, measured over random stacks whose steps are replayed:
# the threads must wait for each other, and read the weights and arrays of each other.
LAYER_WORK = 60_000  # multiplications in each layer, on average
WEIGHT_WORK = 4  # and for each weight, which all threads read, and whose gradients are added up
VALUE_WORK = 10  # multiplications that take as long as one value of any layer
# A Dense of so many weights, and so many inputs for each sample of the batch, is faster in shards
# than shared by the threads. Then these read the values of each other (units · samples), in shards
# the weights that another has changed (units · inputs): from core to core both are slow.
SHARDED_WEIGHTS = 65_536
INPUTS_A_SAMPLE = 8
# Of so few units, more weights may be changed by another: the inputs are many more, and each thread
# reads its own alone.
FEW_UNITS, WEIGHTS_OF_FEW = 16, 200_000
REPLAYED_WORK = 1_000_000_000  # multiplications of a thread: some 50 ms at most


@dataclass(frozen=True)
class ShardedLayers:
    """The first layers of a network, in which each thread runs a shard of the batch.

    They have few weights, for the size of the batch. `length` is their number, `output_shape` that
    of one sample, `writer` the position of the last of them that writes outputs of its own: a view
    does not.
    """

    length: int
    output_shape: Shape
    writer: int | None


def cut_rounds(samples: int, chunk: int, threads: int, least: int = 1) -> list[list[slice]]:
    """Cut a batch into rounds, and each round into shards of at most `chunk` samples.

    Shards have at least so many samples, unless the chunk is smaller still.
    """
    step = chunk * threads
    rounds = []
    for start in range(0, samples, step):
        stop = min(start + step, samples)
        needed = math.ceil((stop - start) / chunk)
        shards = max(needed, min(threads, (stop - start) // least))
        edges = [start + (stop - start) * i // shards for i in range(shards + 1)]
        rounds.append([slice(a, b) for a, b in itertools.pairwise(edges)])
    return rounds


def chunk_samples(network: Network) -> int:
    """Return the most samples that a shard may have."""
    sample_bytes = sum(math.prod(layer.output_shape) for layer in network.layers)
    sample_bytes *= 2 * network.dtype.itemsize
    work = max(row.multiply_adds or 1 for row in network.report.rows)
    at_once = network.numerics.MULTIPLY_ADDS_AT_ONCE
    fitting = min(CHUNK_BYTES // max(sample_bytes, 1), at_once // max(work, 1))
    return max(1, min(CHUNK_SAMPLES, fitting))


def least_samples(network: Network, layers: int) -> int:
    """Return how many samples are worth a thread of their own in the first so many layers."""
    rows = [row for row in network.report.rows[:layers] if not row.slot.known.is_view]
    work, weights = _work(rows), sum(row.parameters or 0 for row in rows)
    needed = LAYER_WORK * len(rows) + WEIGHT_WORK * weights
    return max(1, math.ceil(needed / work)) if work else CHUNK_SAMPLES


def may_replay(
    network: Network, rounds: Sequence[Sequence[slice]], sharded: int, threads: int
) -> bool:
    """Return whether steps in these rounds may be replayed: Stop is not looked at meanwhile.

    The first so many layers are sharded. A later round takes the memory of the one before, and
    numpy adds up what both have found.
    """
    if len(rounds) > 1 or network.dtype != np.float32:  # of float64, numpy does a part
        return False
    rows, sizes = network.report.rows, [shard.stop - shard.start for shard in rounds[0]]
    work = max(sizes) * _work(rows[:sharded]) + sum(sizes) * _work(rows[sharded:]) / threads
    return bool(3 * work <= REPLAYED_WORK)  # forward, and back to both factors


def sharded_layers(network: Network, samples: int) -> ShardedLayers:
    """Return the layers that are sharded in batches of so many samples.

    They are those before the first Dense that the threads share better, and behind which all values
    are vectors and no layer takes what one of them gives.
    """
    layers, found = network.layers, len(network.layers)
    for position in reversed(range(len(layers))):
        row = network.report.rows[position]
        if row.input_shape is None or len(row.input_shape) > 2:
            break
        if layers[position].slot.block.kind == Dense.kind and not _is_sharded(row, samples):
            found = position
    for taker, source in network.skips.items():
        if source < found <= taker:  # what it takes would lie in shards
            found = taker + 1
    sharded = layers[:found]
    writers = [i for i, layer in enumerate(sharded) if not layer.slot.known.is_view]
    return ShardedLayers(
        found,
        sharded[-1].output_shape if sharded else network.input_shape,
        writers[-1] if writers else None,
    )


def _is_sharded(dense: Row, samples: int) -> bool:
    """Return whether a Dense is faster in shards of so many samples."""
    inputs, units = math.prod(dense.input_shape or ()), math.prod(dense.output_shape or ())
    if units <= FEW_UNITS:
        return inputs * units <= WEIGHTS_OF_FEW
    return inputs <= INPUTS_A_SAMPLE * samples and inputs * units <= SHARDED_WEIGHTS


def passing_layers(network: Network) -> int:
    """Count the first layers that need gradients only until the layer before has its own.

    They are those before the first that keeps the gradient of its outputs, as Dense does.
    """
    keeping = (i for i, each in enumerate(network.layers) if each.slot.known.keeps_gradient)
    return next(keeping, len(network.layers))


def layers_in_place(network: Network) -> list[int]:
    """Return the positions of the layers that may write over their inputs.

    They work value by value, and neither the layers before them need what they gave nor later ones.
    """
    blocks = [layer.slot.known for layer in network.layers]
    return [
        position
        for position, (before, block) in enumerate(itertools.pairwise(blocks), 1)
        if block.by_value
        and not before.needs_outputs
        and position - 1 not in network.skips.values()
    ]


def _work(rows: Iterable[Row]) -> int:
    """Count the multiplications of a sample's forward pass, values counted as some of them.

    The values are those that a layer makes; of one that multiplies nothing, such as pooling, those
    that it goes through.
    """
    work = 0
    for row in rows:
        products = row.multiply_adds or 0
        values = row.output_shape if products else row.input_shape
        work += products + VALUE_WORK * math.prod(values or ())
    return work


def _check(interrupted: Callable[[], bool]) -> None:
    if interrupted():
        raise InterruptedWorkError


T = TypeVar("T")


@dataclass(frozen=True)
class BackwardStep:
    """One layer of the backward pass: its position, its parameters' keys, and what it computes.

    `takers` are the positions of later layers that take its outputs, beside the next.
    """

    position: int
    keys: dict[str, ParameterKey]
    wants_inputs: bool
    takers: list[int]


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
        self._check_interrupted = partial(_check, interrupted)  # which workspaces hold, and not us
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
            shape = (whole.stop - whole.start, *plan.sharded.output_shape)
            size = math.prod(shape)
            if self._joint.size < size:
                self._joint = mapped_zeros((size,), dtype)
            inputs = self._joint[:size].reshape(shape)  # of all shards of the round
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
            for taker in step.takers:
                given = workspaces[taker].kept(SKIP_GRADIENT)
                self.numerics.add_scaled(gradient, given, self._plus)
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
                takers=[taker for taker, source in self.network.skips.items() if source == i],
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
