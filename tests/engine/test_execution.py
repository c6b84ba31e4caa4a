"""Whole networks run by the executor: right, however the work is cut, and right after a Stop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.arrays import Array, Shape
from engine.blocks import Conv, Dense, KnownBlock, Reshape, Sigmoid, Tanh
from engine.execution import Executor, InterruptedWorkError
from engine.network import Network, ParameterKey
from tests.engine import oracles
from tests.engine.closeness import relative_error
from tests.engine.networks import ArrayBatch, batch, fitting, network, summed
from tests.engine.runs import StopAfter

TOLERANCES = [(np.float32, 1e-5), (np.float64, 1e-9)]


class Outcome:
    """What one batch gave, all formed."""

    def __init__(self, net: Network, samples: ArrayBatch, loss: str, threads: int) -> None:
        executor = Executor(net, loss, threads=threads)
        result = executor.gradients(samples)
        self.gradients = summed(result)
        self.loss, self.correct = result.loss_sum, result.correct
        self.outputs = executor.outputs(samples)
        executor.close()

    def differences(self, other: "Outcome") -> dict[str, float]:
        assert self.gradients.keys() == other.gradients.keys()
        found = {
            str(key): relative_error(self.gradients[key], other.gradients[key])
            for key in other.gradients
        }
        found["outputs"] = relative_error(self.outputs, other.outputs)
        found["loss"] = abs(self.loss / other.loss - 1)
        return found


@st.composite
def networks(draw: st.DrawFn) -> tuple[list[KnownBlock], Shape, int]:
    """Give the blocks of a small network of any make, its input shape and number of classes."""
    shape = (draw(st.integers(1, 3)), draw(st.integers(3, 7)), draw(st.integers(3, 7)))
    input_shape = shape
    blocks: list[KnownBlock] = []
    choices: tuple[tuple[KnownBlock, ...], ...] = ((Sigmoid(),), (Tanh(),), ())
    activation = st.sampled_from(choices)
    for _ in range(draw(st.integers(0, 2))):
        conv = Conv(
            depth=draw(st.integers(1, 3)),
            kernel_size=draw(st.integers(1, min(shape[1:]))),
            bias=draw(st.sampled_from(("position", "channel"))),
        )
        blocks += [conv, *draw(activation)]
        shape = conv.output_shape(shape)  # type: ignore[assignment]
    blocks.append(Reshape(target_shape=draw(st.sampled_from([(-1,), (-1, 1)]))))
    if draw(st.booleans()):
        blocks += [Dense(units=draw(st.integers(1, 5))), *draw(activation)]
    classes = draw(st.integers(1, 4))
    return [*blocks, Dense(units=classes), Sigmoid()], input_shape, classes


@given(networks(), st.integers(1, 9), st.sampled_from(["bce", "mse"]), st.integers(0, 1000))
def test_any_network_agrees_with_the_loops(
    made: tuple[list[KnownBlock], Shape, int], count: int, loss: str, seed: int
) -> None:
    blocks, input_shape, classes = made
    net = network(fitting(blocks, input_shape, classes, loss), seed=seed)
    samples = batch(count, input_shape, classes, seed)
    found = Outcome(net, samples, loss, threads=1)
    right = oracles.differentiate(
        blocks,
        [dict(layer.layer.parameters) for layer in net.layers],
        samples.samples,
        samples.wanted,
        loss,
    )
    assert relative_error(found.outputs, right.outputs) <= 1e-9
    assert found.loss / count == pytest.approx(right.loss, rel=1e-9)
    assert found.correct == sum(
        int(y.argmax() == t.argmax()) for y, t in zip(right.outputs, samples.wanted, strict=True)
    )
    for position, gradients in enumerate(right.gradients):
        for name, gradient in gradients.items():
            own = found.gradients[ParameterKey(position + 1, name)]
            assert relative_error(own, gradient) <= 1e-9, (position, name)


@pytest.mark.parametrize("loss", ["bce", "mse"])
@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("samples", [1, 2, 17, 64, 65, 300])
def test_one_thread_and_many_agree(
    samples: int, dtype: type[np.floating], tolerance: float, loss: str
) -> None:
    net, drawn = network(fitting(loss=loss), dtype), batch(samples)
    one = Outcome(net, drawn, loss, threads=1)
    for threads in (2, 5):
        many = Outcome(net, drawn, loss, threads=threads)
        assert max(many.differences(one).values()) <= tolerance, many.differences(one)
        assert many.correct == one.correct


@pytest.mark.parametrize(("dtype", "tolerance"), TOLERANCES)
@pytest.mark.parametrize("threads", [1, 3])
def test_a_batch_that_needs_several_chunks_is_the_mean_of_its_parts(
    threads: int, dtype: type[np.floating], tolerance: float
) -> None:
    net, drawn = network(fitting(), dtype), batch(1900)
    whole = Outcome(net, drawn, "bce", threads)
    parts = [drawn.part(slice(start, start + 50)) for start in range(0, 1900, 50)]
    each = [Outcome(net, part, "bce", threads=1) for part in parts]
    assert whole.loss == pytest.approx(sum(part.loss for part in each), rel=tolerance)
    assert whole.correct == sum(part.correct for part in each)
    outputs = np.concatenate([part.outputs for part in each])
    assert relative_error(whole.outputs, outputs) <= tolerance
    for key, gradient in whole.gradients.items():
        mean: Array = np.mean([part.gradients[key] for part in each], axis=0, dtype=np.float64)
        assert relative_error(gradient, mean) <= tolerance, key


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_same_batch_gives_the_same_bits(threads: int) -> None:
    net, drawn = network(fitting(), np.float32), batch(700)
    first = Outcome(net, drawn, "bce", threads)
    for _ in range(3):
        again = Outcome(net, drawn, "bce", threads)
        assert again.loss == first.loss
        assert np.array_equal(again.outputs, first.outputs)
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


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("asked", [1, 2, 9, 10, 15, 30])
def test_an_interruption_changes_nothing_and_the_work_can_be_done_again(
    asked: int, threads: int
) -> None:
    net, drawn = network(fitting(), np.float32), batch(600)
    before, right = net.copy_weights(), Outcome(net, drawn, "bce", threads)
    executor = Executor(net, "bce", threads=threads, interrupted=StopAfter(asked))
    with pytest.raises(InterruptedWorkError):
        executor.gradients(drawn)
    for slot, arrays in net.copy_weights().items():
        for name, array in arrays.items():
            assert np.array_equal(array, before[slot][name]), "bit for bit"
    for key, gradient in summed(executor.gradients(drawn)).items():
        assert np.array_equal(gradient, right.gradients[key])
    executor.close()


def test_prediction_can_be_interrupted_too() -> None:
    executor = Executor(network(fitting()), "bce", threads=1, interrupted=StopAfter(12))
    with pytest.raises(InterruptedWorkError):
        executor.outputs(batch(600))
    assert executor.outputs(batch(600)).shape == (600, 3)
    executor.close()


class FailingBatch(ArrayBatch):
    """Cannot be read behind its middle."""

    def inputs(self, part: slice, dtype: object) -> Array:
        if part.start:
            raise OSError("the disk is gone")
        return self.samples[part]


def test_a_fault_in_another_thread_reaches_the_caller() -> None:
    executor = Executor(network(fitting()), "bce", threads=2)
    drawn = batch(40)
    with pytest.raises(OSError, match="the disk is gone"):
        executor.gradients(FailingBatch(drawn.samples, drawn.wanted))
    assert executor.gradients(drawn).correct >= 0
    executor.close()


def test_a_network_in_which_nothing_learns_has_a_loss_and_no_gradients() -> None:
    net = network(fitting([Reshape(), Sigmoid()], (1, 1, 3), 3))
    result = Outcome(net, batch(5, (1, 1, 3)), "bce", threads=1)
    assert result.gradients == {}
    assert result.loss > 0
