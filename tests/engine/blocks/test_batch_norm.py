"""BatchNorm while training: the statistics of the whole batch, and what is remembered of them."""

import math
from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

from engine.array_types import Array, Shape
from engine.blocks import BatchNorm, Conv, Dense, KnownBlock, ReLU, Reshape, Softmax
from engine.compute.pass_context import PassContext
from engine.compute.workspace import Workspace
from engine.errors import InterruptedWorkError
from engine.model.network import Network, ParameterKey
from engine.training.executor import Executor
from tests.engine.blocks.cases import Case, Pass, run
from tests.engine.closeness import relative_error
from tests.engine.networks import batch, fitting, network, predict
from tests.engine.training_runs import StopAfter

SHAPES: list[Shape] = [(1,), (5,), (6, 1), (3, 4, 2), (9, 1, 1)]
each_shape = pytest.mark.parametrize("shape", SHAPES, ids=str)


def train(case: Case, inputs: Array, gradient: Array) -> Pass:
    """Run a pass of a training step over a whole batch."""
    workspace = Workspace(inputs.dtype)
    workspace.run = PassContext(training=True, samples=len(inputs))
    return run(case.layer(inputs.dtype), inputs, gradient, workspace)


def by_hand(case: Case, inputs: Array) -> Array:
    """Normalise each map by sums over all its values, one map after the other."""
    outputs = np.zeros(inputs.shape)
    weight, bias = case.parameters().values()
    for c in range(inputs.shape[1]):
        values = inputs[:, c].ravel().tolist()
        mean = math.fsum(values) / len(values)
        variance = math.fsum((value - mean) ** 2 for value in values) / len(values)
        outputs[:, c] = weight[c] * (inputs[:, c] - mean) / math.sqrt(variance + 1e-5) + bias[c]
    return outputs


@each_shape
@pytest.mark.parametrize("samples", [2, 65])
def test_a_batch_is_normalised_by_its_own_statistics(shape: Shape, samples: int) -> None:
    case = Case(BatchNorm(), shape)
    inputs = 3 * case.inputs(samples) + 2
    found = train(case, inputs, case.output_gradient(samples))
    assert relative_error(found.outputs, by_hand(case, inputs)) <= 1e-9


@each_shape
@pytest.mark.parametrize("samples", [2, 65])
def test_backward_agrees_with_autograd(shape: Shape, samples: int) -> None:
    case = Case(BatchNorm(), shape)
    inputs, gradient = 3 * case.inputs(samples) + 2, case.output_gradient(samples)
    axes = (0, *range(2, inputs.ndim))
    wide = (1, -1, *(1,) * (inputs.ndim - 2))

    def error(x: Any, weight: Any, bias: Any) -> Any:
        mean = anp.mean(x, axis=axes, keepdims=True)
        variance = anp.mean((x - mean) ** 2, axis=axes, keepdims=True)
        y = weight.reshape(wide) * (x - mean) / anp.sqrt(variance + 1e-5) + bias.reshape(wide)
        return anp.sum(y * gradient)

    weight, bias = case.parameters().values()
    differentiate: Callable[..., Callable[..., Any]] = autograd.grad
    right = differentiate(error, (0, 1, 2))(inputs, weight, bias)
    found = train(case, inputs, gradient)
    # With two samples, x̂ is ±1 and next to nothing is left of ∂E/∂x: compare with its terms.
    scale = float(np.abs(weight).max() * np.abs(gradient).max())
    assert np.abs(found.inputs - right[0]).max() <= 1e-9 * scale
    assert relative_error(found.parameters["weight"], right[1]) <= 1e-9
    assert relative_error(found.parameters["bias"], right[2]) <= 1e-9


def test_one_sample_alone_becomes_the_shift_and_stays_finite() -> None:
    case = Case(BatchNorm(), (4,))
    found = train(case, case.inputs(1), case.output_gradient(1))
    assert np.array_equal(found.outputs[0], case.parameters()["bias"])
    assert not found.inputs.any()


# Whole networks

BLOCKS: list[KnownBlock] = [
    Conv(depth=3, kernel_size=2),
    BatchNorm(),
    ReLU(),
    Reshape(),
    Dense(units=5),
    BatchNorm(),
    Dense(units=3),
    Softmax(),
]


def made(dtype: type[np.floating] = np.float64) -> Network:
    return network(fitting(BLOCKS, loss="cross_entropy"), dtype)


def remembered(net: Network) -> dict[ParameterKey, Array]:
    """Copies of all that is not learned."""
    return {key: a.copy() for key, a in net.arrays.items() if key not in net.parameters}


def unchanged(net: Network, before: dict[ParameterKey, Array]) -> bool:
    return all(np.array_equal(array, before[key]) for key, array in remembered(net).items())


@pytest.mark.parametrize("threads", [1, 2, 3])
def test_the_statistics_of_a_step_are_those_of_the_whole_batch(threads: int) -> None:
    net, drawn = made(), batch(40)
    before = remembered(net)
    executor = Executor(net, "cross_entropy", threads=threads)
    executor.gradients(drawn)
    assert unchanged(net, before)
    executor.settle()
    executor.close()
    first = net.layers[0].layer.forward(drawn.samples, Workspace(np.float64))
    values = first.swapaxes(0, 1).reshape(3, -1)
    for name, newest in (
        ("running_mean", values.mean(axis=1)),
        ("running_variance", values.var(axis=1, ddof=1)),
    ):
        old = before[ParameterKey(2, name)]
        right = 0.9 * old + 0.1 * newest
        assert relative_error(net.arrays[ParameterKey(2, name)], right) <= 1e-12
        assert not np.array_equal(net.arrays[ParameterKey(6, name)], before[ParameterKey(6, name)])


@pytest.mark.parametrize("threads", [1, 2])
def test_prediction_remembers_nothing_and_depends_on_no_other_sample(threads: int) -> None:
    net, drawn = made(), batch(40)
    executor = Executor(net, "cross_entropy", threads=threads)
    executor.gradients(drawn)
    before = remembered(net)
    together = executor.outputs(drawn)
    predict(net, drawn.samples)
    executor.close()
    assert unchanged(net, before)
    for i in (0, 17, 39):
        alone = predict(net, drawn.samples[i : i + 1])
        assert relative_error(alone, together[i : i + 1]) <= 1e-12


@pytest.mark.parametrize(("asked", "threads"), [(1, 2), (5, 1), (9, 3), (12, 1), (15, 3)])
def test_an_interrupted_step_remembers_nothing_and_holds_no_thread(
    asked: int, threads: int
) -> None:
    net, right, drawn = made(np.float32), made(np.float32), batch(60)
    before = remembered(net)
    executor = Executor(net, "cross_entropy", threads=threads, interrupted=StopAfter(asked))
    with pytest.raises(InterruptedWorkError):
        executor.gradients(drawn)
    assert unchanged(net, before)
    calm = Executor(right, "cross_entropy", threads=threads)
    for each in (executor, calm):
        each.gradients(drawn)
        each.settle()
        each.close()
    assert unchanged(net, remembered(right))
    assert not unchanged(net, before)


def test_what_is_remembered_is_named_in_words_when_it_is_not_finite() -> None:
    net = made()
    net.arrays[ParameterKey(6, "running_variance")][0] = np.inf
    assert net.find_non_finite(batch(2).samples) == "the running variance of block 6 (BatchNorm)"
