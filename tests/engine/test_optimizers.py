"""What one step of each optimizer does to the weights."""

import numpy as np
import pytest

from engine.arrays import Array, Shape
from engine.blocks.base import Gradient, Outer
from engine.network import ParameterKey
from engine.optimizers import OPTIMIZERS
from tests.engine.closeness import relative_error

KEY, OTHER = ParameterKey(1, "weight"), ParameterKey(2, "bias")


def step(weights: Array, parts: list[Gradient], learning_rate: float, optimizer: str) -> Array:
    """Do one step on a copy of the weights; a second parameter without gradient stays."""
    parameters = {KEY: weights.copy(), OTHER: np.ones(3, weights.dtype)}
    OPTIMIZERS[optimizer]().update(parameters, {KEY: parts}, learning_rate)
    assert parameters[OTHER].tolist() == [1, 1, 1]
    assert parameters[KEY].dtype == weights.dtype
    return parameters[KEY]


def test_sgd_takes_the_learning_rate_times_the_gradient_off() -> None:
    found = step(np.array([1.0, 2.0]), [np.array([10.0, -4.0])], 0.25, "sgd")
    assert found.tolist() == [-1.5, 3.0]


@pytest.mark.parametrize("samples", [1, 2, 33])
@pytest.mark.parametrize("shape", [(1, 1), (1, 700), (701, 311), (3, 150_001), (100, 3380)])
def test_a_factored_gradient_is_worth_the_same_as_the_formed_one(
    shape: Shape, samples: int
) -> None:
    rng = np.random.default_rng(7)
    weights = rng.standard_normal(shape)
    left, right = (rng.standard_normal((samples, size)) for size in shape)
    formed = np.einsum("nr,nc->rc", left, right)
    for dtype, tolerance in ((np.float64, 1e-12), (np.float32, 1e-5)):
        factors = Outer(left.astype(dtype), right.astype(dtype))
        found = step(weights.astype(dtype), [factors], 0.3, "sgd")
        assert relative_error(found, weights - 0.3 * formed) <= tolerance
        assert np.array_equal(factors.left, left.astype(dtype)), "factors are not written to"


def test_the_parts_of_a_gradient_are_added_up() -> None:
    ones = np.ones((2, 3))
    parts: list[Gradient] = [2 * ones, Outer(np.ones((4, 2)), np.ones((4, 3))), 10 * ones]
    assert (step(ones, parts, 0.5, "sgd") == 1 - 0.5 * (2 + 4 + 10)).all()


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_goes_downhill(optimizer: str) -> None:
    weights = np.array([[3.0, -2.0]])
    parameters, rule = {KEY: weights.copy()}, OPTIMIZERS[optimizer]()
    for _ in range(50):
        rule.update(parameters, {KEY: [2 * parameters[KEY]]}, 0.1)  # of E = Σ w²
    assert np.abs(parameters[KEY]).sum() < 0.1 * np.abs(weights).sum()
