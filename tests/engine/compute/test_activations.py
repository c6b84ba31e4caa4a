"""The activations, from the middle to the ends of what a number can hold."""

import math

import numpy as np
import pytest
from scipy.special import expit

from engine.array_types import Array
from engine.blocks import LeakyReLU, ReLU, Sigmoid, Softmax, Tanh
from engine.compute.workspace import Workspace
from tests.engine.blocks.cases import run

DTYPES = [np.float32, np.float64]


def sigmoid(values: Array) -> Array:
    layer = Sigmoid().layer(values.shape, {})
    return layer.forward(values[None], Workspace(values.dtype)).reshape(values.shape)


@pytest.mark.parametrize("dtype", DTYPES)
def test_sigmoid_is_finite_and_in_range_everywhere(dtype: type[np.floating]) -> None:
    limit = float(np.finfo(dtype).max)
    inputs = np.array([0, 1e4, -np.inf, limit, -limit, 88.8, -88.8, -103.9, -104.1], dtype)
    outputs = sigmoid(inputs)
    assert np.isfinite(outputs).all()
    assert ((outputs >= 0) & (outputs <= 1)).all()
    assert outputs[:5].tolist() == [0.5, 1.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("dtype", "lowest", "tolerance"), [(np.float32, -87.33, 3e-7), (np.float64, -700.0, 1e-15)]
)
def test_sigmoid_is_right_to_its_last_digits_wherever_it_is_a_normal_number(
    dtype: type[np.floating], lowest: float, tolerance: float
) -> None:
    inputs = np.linspace(lowest, 40.0, 200_003).astype(dtype)
    right = expit(inputs.astype(np.float64))
    errors = np.abs(sigmoid(inputs).astype(np.float64) - right) / right
    assert errors.max() <= tolerance


def test_values_below_the_normal_numbers_are_kept() -> None:
    inputs = np.linspace(-103.0, -87.34, 100_003).astype(np.float32)
    right = expit(inputs.astype(np.float64))
    outputs = sigmoid(inputs)
    assert (outputs > 0).all()
    step = float(np.finfo(np.float32).smallest_subnormal)
    assert np.abs(outputs.astype(np.float64) - right).max() <= 2 * step


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("block", [Sigmoid(), Tanh()], ids=lambda block: block.name)
def test_slopes_vanish_at_the_ends_and_never_break(
    block: Sigmoid | Tanh, dtype: type[np.floating]
) -> None:
    inputs = np.array([[-1e4, -50, 0, 50, 1e4]], dtype)
    found = run(block.layer((5,), {}), inputs, np.ones((1, 5)))
    middle = 0.25 if isinstance(block, Sigmoid) else 1.0
    assert found.inputs[0, [0, 2, 4]].tolist() == [0.0, middle, 0.0]
    assert np.abs(found.inputs[0, [1, 3]]).max() < 1e-16


def test_tanh_of_float32_is_right_to_its_last_digits() -> None:
    ends = np.array([1e-30, 1e-38, 88, 1e4, np.inf, 0.625, 0.62499994], np.float32)
    wide = np.geomspace(1e-7, 20, 200_003).astype(np.float32)
    inputs = np.concatenate([ends, -ends, wide, -wide])
    outputs = Tanh().layer(inputs.shape, {}).forward(inputs[None], Workspace(np.float32))[0]
    assert np.abs(outputs / np.tanh(inputs.astype(np.float64)) - 1).max() <= 3e-7


@pytest.mark.parametrize("block", [Sigmoid(), Tanh()], ids=repr)
def test_what_is_no_number_stays_so(block: Sigmoid | Tanh) -> None:
    inputs = np.array([[np.nan, -np.nan, 0.1] * 11], np.float32)
    outputs = block.layer((33,), {}).forward(inputs, Workspace(np.float32))
    assert np.array_equal(np.isnan(outputs), np.isnan(inputs))


@pytest.mark.parametrize("dtype", DTYPES)
def test_softmax_is_finite_and_adds_up_to_1_everywhere(dtype: type[np.floating]) -> None:
    limit = float(np.finfo(dtype).max)
    inputs = np.array(
        [[1e4, -1e4, 0], [1e4, 1e4, -1e4], [-1e4, -1e4, -1e4], [limit, 0, 0], [-limit, -limit, 0]],
        dtype,
    )
    found = run(Softmax().layer((3,), {}), inputs, np.array([[1.0, -2.0, 3.0]] * 5))
    assert found.outputs.sum(axis=1) == pytest.approx(1, rel=1e-6)
    assert found.outputs[:2].tolist() == [[1, 0, 0], [0.5, 0.5, 0]]
    assert found.outputs[3:].tolist() == [[1, 0, 0], [0, 0, 1]]
    assert np.isfinite(found.inputs).all()
    assert found.inputs[1].tolist() == [0.75, -0.75, 0], "y (g - Σ y g) = 0.5 (1 + 0.5)"


def test_softmax_does_not_mind_a_shift_and_keeps_small_values() -> None:
    layer = Softmax().layer((3,), {})
    inputs = np.array([[0.0, -50.0, -80.0]])
    outputs = layer.forward(inputs, Workspace(np.float64))
    right = [math.exp(value) / (1 + math.exp(-50) + math.exp(-80)) for value in inputs[0].tolist()]
    assert outputs[0] == pytest.approx(right, rel=1e-14, abs=0)
    for shift in (-1e4, 1e4):
        shifted = layer.forward(inputs + shift, Workspace(np.float64))
        assert shifted[0] == pytest.approx(right, rel=1e-9, abs=0)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("block", [ReLU(), LeakyReLU(slope=0.25), LeakyReLU(slope=1.0)], ids=repr)
def test_rectifiers_at_their_kink_and_at_their_ends(
    block: ReLU | LeakyReLU, dtype: type[np.floating]
) -> None:
    slope = block.slope if isinstance(block, LeakyReLU) else 0.0
    inputs = np.array([[-1e4, -2.0, -0.0, 0.0, 2.0, 1e4]], dtype)
    found = run(block.layer((6,), {}), inputs, np.full((1, 6), 3.0))
    assert found.outputs[0].tolist() == [-1e4 * slope, -2 * slope, 0, 0, 2, 1e4]
    # At 0 itself the slope is that of the left side, as in other programs.
    assert found.inputs[0].tolist() == [3 * slope] * 4 + [3, 3]


@pytest.mark.parametrize("block", [ReLU(), LeakyReLU(slope=0.25)], ids=repr)
def test_rectifiers_hide_no_value_that_is_not_finite(block: ReLU | LeakyReLU) -> None:
    """Else a training that has exploded would go on with zeros."""
    inputs = np.array([[np.nan, np.inf, -1.0] * 7])
    found = run(block.layer((21,), {}), inputs, np.ones((1, 21))).outputs[0]
    assert np.isnan(found[::3]).all()
    assert np.isposinf(found[1::3]).all()
