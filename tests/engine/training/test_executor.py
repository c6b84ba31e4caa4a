"""Whole networks run by the executor: right, however the work is cut."""

import contextlib
import gc
import itertools
import threading
import weakref

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from numpy.typing import DTypeLike

from engine import blocks as kinds
from engine.array_types import Array, Shape
from engine.compute.pass_context import PassContext
from engine.compute.thread_pool import Pool
from engine.errors import InterruptedWorkError
from engine.model.network import Network, ParameterKey
from engine.model.stack import ShapeReport
from engine.training.executor import Executor
from tests.engine import oracles
from tests.engine.closeness import relative_error
from tests.engine.explain.stacks import stacks
from tests.engine.networks import BLOCKS, MODERN, ArrayBatch, batch, fitting, network, summed
from tests.engine.training_runs import StopAfter, same
from tests.failing import failing

TOLERANCES = [(np.float32, 1e-5), (np.float64, 1e-9)]


class Outcome:
    """What one batch gave, all formed."""

    def __init__(
        self,
        net: Network,
        samples: ArrayBatch,
        loss: str,
        threads: int,
        run: PassContext | None = None,
    ) -> None:
        executor = Executor(net, loss, threads=threads)
        result = executor.gradients(samples, run)
        self.gradients = summed(result)
        self.loss, self.correct = result.loss_sum, result.correct
        self.outputs = executor.outputs(samples)
        executor.close()

    def differences(self, other: "Outcome") -> dict[str, float]:
        """Compare all arrays, each by its largest value.

        In front of a BatchNorm, gradients cancel until only rounding is left of some; so a tenth
        of the network's largest gradient is the least that one is compared by.
        """
        assert self.gradients.keys() == other.gradients.keys()
        largest = {key: float(np.abs(array).max()) for key, array in other.gradients.items()}
        least = 0.1 * max(largest.values(), default=0.0)
        found = {
            str(key): float(np.abs(self.gradients[key] - right).max())
            / (max(largest[key], least) or 1.0)
            for key, right in other.gradients.items()
        }
        found["outputs"] = relative_error(self.outputs, other.outputs)
        found["loss"] = abs(self.loss - other.loss) / (abs(other.loss) or 1.0)
        return found


Made = tuple[ShapeReport, str]
MADE: Made = fitting(MODERN, loss="cross_entropy"), "cross_entropy"


def up_to(side: int) -> st.SearchStrategy[Shape]:
    """Shapes of images of all sizes up to a side."""
    return st.tuples(st.integers(1, 3), st.integers(1, side), st.integers(1, side))


def drawn(made: Made, dtype: DTypeLike, count: int, seed: int) -> tuple[Network, ArrayBatch]:
    """Return a network, and a batch for it."""
    net = network(made[0], dtype, seed)
    return net, batch(count, net.input_shape, seed=seed)


@settings(max_examples=20)
@given(stacks(up_to(7), alone=True), st.integers(1, 9), st.integers(0, 1000))
def test_any_network_agrees_with_the_loops(made: Made, count: int, seed: int) -> None:
    report, loss = made
    net, samples = drawn(made, np.float64, count, seed)
    found = Outcome(net, samples, loss, threads=1)
    right = oracles.differentiate(
        [row.slot.known for row in report.rows],
        [dict(layer.layer.parameters) for layer in net.layers],
        samples.samples,
        samples.wanted,
        loss,
    )
    assert relative_error(found.outputs, right.outputs) <= 1e-9
    assert found.loss / count == pytest.approx(right.loss, rel=1e-9, abs=1e-15)
    assert found.correct == sum(
        int(y.argmax() == t.argmax()) for y, t in zip(right.outputs, samples.wanted, strict=True)
    )
    gradients = {
        ParameterKey(position, name): gradient
        for position, own in enumerate(right.gradients, 1)
        for name, gradient in own.items()
    }
    # Of what a GroupNorm takes away again, such as a bias before it, nothing is left but rounding.
    least = 1e-3 * max(np.abs(gradient).max() for gradient in gradients.values())
    for key, gradient in gradients.items():
        off = np.abs(found.gradients[key] - gradient).max()
        assert off <= 1e-9 * max(np.abs(gradient).max(), least), key


@settings(max_examples=12)
@given(stacks(up_to(40)), st.integers(1, 65), st.integers(2, 5), st.integers(0, 1000))
@example(MADE, 65, 2, 0)
def test_any_network_gives_the_same_by_one_thread_and_by_several(
    made: Made, count: int, threads: int, seed: int
) -> None:
    run = PassContext(seed=seed, counters=np.array([1, 2]))
    norms = kinds.BatchNorm | kinds.GroupNorm
    has_norm = any(isinstance(row.slot.block, norms) for row in made[0].rows)
    for dtype, tolerance in TOLERANCES:
        # A norm spreads values that hardly differ, and their rounding with them: float64 is the
        # proof then, and float32 is tried on the example, whose values do differ.
        if dtype is np.float32 and made is not MADE and has_norm:
            continue
        net, samples = drawn(made, dtype, count, seed)
        one, several = (Outcome(net, samples, made[1], each, run) for each in (1, threads))
        assert max(several.differences(one).values()) <= tolerance, several.differences(one)


@settings(max_examples=10)
@given(stacks(up_to(9)), st.integers(2, 12), st.integers(0, 1000))
@example(MADE, 17, 0)
def test_the_gradients_of_any_network_agree_with_central_differences(
    made: Made, count: int, seed: int
) -> None:
    net, samples = drawn(made, np.float64, count, seed)
    run = PassContext(seed=seed, counters=np.array([1, 2]))
    executor = Executor(net, made[1], threads=1)
    gradients = summed(executor.gradients(samples, run))
    scale = max(float(np.abs(gradient).max()) for gradient in gradients.values())

    def slope(weights: Array, place: int, step: float) -> float:
        kept, losses = weights.flat[place], []
        for moved in (kept + step, kept - step):
            weights.flat[place] = moved
            losses.append(executor.gradients(samples, run).loss_sum / count)
        weights.flat[place] = kept
        return (losses[0] - losses[1]) / (2 * step)

    rng = np.random.default_rng(seed)
    for key, gradient in gradients.items():
        place = int(rng.integers(gradient.size))
        narrow, tolerance = slope(net.parameters[key], place, 1e-6), 1e-5 * scale + 1e-9
        if abs(gradient.flat[place] - narrow) > tolerance:
            wide = slope(net.parameters[key], place, 1e-5)
            # If two widths disagree, a kink of ReLU or MaxPool is between: there is no slope.
            assert abs(wide - narrow) > tolerance / 2, key
    executor.close()


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("threads", [1, 3])
def test_a_batch_that_needs_several_chunks_is_the_mean_of_its_parts(
    threads: int, dtype: type[np.floating], tolerance: float
) -> None:
    net, drawn = network(fitting(), dtype), batch(1100)
    whole = Outcome(net, drawn, "bce", threads)
    parts = [drawn.part(slice(start, start + 100)) for start in range(0, 1100, 100)]
    each = [Outcome(net, part, "bce", threads=1) for part in parts]
    assert whole.loss == pytest.approx(sum(part.loss for part in each), rel=tolerance)
    assert whole.correct == sum(part.correct for part in each)
    outputs = np.concatenate([part.outputs for part in each])
    assert relative_error(whole.outputs, outputs) <= tolerance
    for key, gradient in whole.gradients.items():
        mean: Array = np.mean([part.gradients[key] for part in each], axis=0, dtype=np.float64)
        assert relative_error(gradient, mean) <= tolerance, key


LARGE: tuple[kinds.KnownBlock, ...] = (
    kinds.Conv(depth=5, kernel_size=3),
    kinds.ReLU(),
    kinds.Dropout(rate=0.0),  # which gives what it is given
    kinds.Reshape(),
    kinds.Dense(units=100),  # so many weights that the threads share them
    kinds.Sigmoid(),
    kinds.Dense(units=3),
    kinds.Sigmoid(),
)


@pytest.mark.parametrize("samples", [1, 32])
def test_threads_that_share_large_weights_give_what_one_gives_and_always_the_same_bits(
    samples: int,
) -> None:
    for dtype, tolerance in TOLERANCES:
        net = network(fitting(LARGE, (1, 20, 20), 3, "bce"), dtype)
        drawn = batch(samples, (1, 20, 20))
        one = Outcome(net, drawn, "bce", threads=1)
        for threads in (2, 3):
            first, again = (Outcome(net, drawn, "bce", threads) for _ in range(2))
            assert max(first.differences(one).values()) <= tolerance, first.differences(one)
            assert again.loss == first.loss
            for key, gradient in first.gradients.items():
                assert np.array_equal(again.gradients[key], gradient), key


def test_an_executor_serves_batches_of_any_size_in_any_order() -> None:
    net = network(fitting())
    executor = Executor(net, "bce", threads=2)
    for step, size in enumerate((30, 7, 1, 600, 8, 30)):
        drawn = batch(size, seed=step)
        right = Outcome(net, drawn, "bce", threads=1)
        for key, gradient in summed(executor.gradients(drawn)).items():
            assert relative_error(gradient, right.gradients[key]) <= 1e-12
        assert relative_error(executor.outputs(drawn), right.outputs) <= 1e-12
    executor.close()


@pytest.mark.parametrize("weights", [0, 36 * 5, 5 * 40])
def test_it_is_the_same_wherever_the_tail_begins(
    weights: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.training.executor.SHARDED_WEIGHTS", weights)
    dense = (kinds.Dense(units=units) for units in (5, 40, 3))
    net = network(fitting((kinds.Reshape(target_shape=(-1, 1)), *dense, kinds.Sigmoid())))
    differences = Outcome(net, batch(8), "bce", 2).differences(Outcome(net, batch(8), "bce", 1))
    assert max(differences.values()) <= 1e-12


@pytest.mark.parametrize(
    ("blocks", "shared"),
    [
        ((kinds.GlobalAvgPool(), kinds.Dense(units=3)), False),  # which one thread does alone
        ((kinds.Reshape(), kinds.Dense(units=600), kinds.Dense(units=3)), True),
    ],
)
def test_the_threads_that_make_the_inputs_are_those_that_read_them(
    blocks: tuple[kinds.KnownBlock, ...], shared: bool
) -> None:
    asked: list[Pool | None] = []

    class Asked(ArrayBatch):
        def inputs(self, part: slice, dtype: DTypeLike, pool: Pool | None = None) -> Array:
            asked.append(pool)
            return super().inputs(part, dtype, pool)

    drawn = batch(1, (1, 20, 20))
    executor = Executor(
        network(fitting((*blocks, kinds.Sigmoid()), (1, 20, 20), 3)), "bce", threads=2
    )
    executor.gradients(Asked(drawn.samples, drawn.wanted))
    executor.close()
    assert asked == [executor.pool if shared else None]


# An executor that is interrupted, or whose threads fail: nothing changes and nothing waits.


@pytest.mark.parametrize(("asked", "threads"), [(1, 1), (9, 2), (30, 1), (30, 2)])
def test_an_interruption_changes_nothing_and_the_work_can_be_done_again(
    asked: int, threads: int
) -> None:
    net, drawn = network(fitting(), np.float32), batch(600)
    whole = Executor(net, "bce", threads=threads)
    before, right = net.copy_weights(), summed(whole.gradients(drawn))
    whole.close()
    executor = Executor(net, "bce", threads=threads, interrupted=StopAfter(asked))
    with pytest.raises(InterruptedWorkError):
        executor.gradients(drawn)
    assert same(before, net.copy_weights())
    for key, gradient in summed(executor.gradients(drawn)).items():
        assert np.array_equal(gradient, right[key])
    executor.close()


@pytest.mark.parametrize(("looks", "threads"), [(1, 1), (9, 2), (30, 2), (10_000, 1), (10_000, 2)])
def test_the_memory_of_an_executor_goes_with_it_also_after_an_interruption(
    looks: int, threads: int
) -> None:
    """Without a search for garbage, which would come late, and find some GB in one go."""
    looked = itertools.count(1)
    net = network(fitting(MODERN, loss="cross_entropy"), np.float32)
    executor = Executor(
        net, "cross_entropy", threads=threads, interrupted=lambda: next(looked) >= looks
    )
    was_on = gc.isenabled()  # a process with a window has it off
    gc.disable()
    try:
        with contextlib.suppress(InterruptedWorkError):
            executor.gradients(batch(600))
        held = [weakref.ref(each) for part in executor._workspaces for each in part]
        executor.close()
        del executor
        assert not any(each() for each in held)
    finally:
        if was_on:
            gc.enable()


class FailingBatch(ArrayBatch):
    """Cannot be read behind its middle."""

    def inputs(self, part: slice, dtype: object, pool: object = None) -> Array:
        if part.start:
            raise OSError("the disk is gone")
        return self.samples[part]


@pytest.mark.parametrize(
    ("blocks", "loss"),
    [
        (BLOCKS, "bce"),
        (MODERN, "cross_entropy"),
    ],
)
def test_a_fault_in_another_thread_reaches_the_caller(
    blocks: tuple[kinds.KnownBlock, ...], loss: str
) -> None:
    executor = Executor(network(fitting(blocks, loss=loss)), loss, threads=2)
    drawn = batch(40)
    with pytest.raises(OSError, match="the disk is gone"):
        executor.gradients(FailingBatch(drawn.samples, drawn.wanted))
    assert executor.gradients(drawn).correct >= 0
    executor.close()


def test_an_executor_that_cannot_be_made_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    before = threading.active_count()
    monkeypatch.setattr(Executor, "lock", failing(MemoryError()))
    with pytest.raises(MemoryError):
        Executor(network(fitting()), "bce", threads=3)
    assert threading.active_count() == before
