"""The losses against formulas in plain Python, and at the ends of what they must bear."""

import math

import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import KINDS, Sigmoid, Softmax
from engine.compute.workspace import Workspace
from engine.model.losses import LOSSES, Loss
from tests.engine import oracles
from tests.engine.blocks.cases import run
from tests.engine.closeness import relative_error

each_loss = pytest.mark.parametrize("name", LOSSES)
DTYPES = [np.float32, np.float64]


def drawn(samples: int = 6, classes: int = 3) -> tuple[Array, Array]:
    """Outputs inside 0..1 and one-hot targets."""
    rng = np.random.default_rng(4)
    outputs = rng.uniform(0.01, 0.99, (samples, classes))
    return outputs, np.eye(classes)[rng.integers(0, classes, samples)]


@each_loss
@pytest.mark.parametrize("soft", [False, True])
def test_values_and_gradients_agree_with_plain_python(name: str, soft: bool) -> None:
    outputs, targets = drawn()
    if soft:
        targets = np.random.default_rng(5).uniform(0, 1, targets.shape)
    value, slope = oracles.LOSSES[name]
    loss = LOSSES[name]
    pairs = list(zip(outputs, targets, strict=True))
    values = loss.values(outputs, targets)
    assert values.shape == (6,)
    assert relative_error(values, np.array([value(y, t) for y, t in pairs])) <= 1e-13
    right = np.array([slope(y, t) for y, t in pairs])
    assert relative_error(loss.gradient(outputs, targets), right) <= 1e-12


@pytest.mark.parametrize("dtype", DTYPES)
def test_categorical_cross_entropy_at_exact_0_and_1(dtype: type[np.floating]) -> None:
    outputs = np.array([[0, 1, 0], [1, 0, 0], [0.5, 0.25, 0.25]], dtype)
    targets = np.array([[0, 1, 0], [0, 1, 0], [0, 0, 1]], dtype)
    loss = LOSSES["cross_entropy"]
    values = loss.values(outputs, targets)
    # Right costs nothing, wrong costs 100: the logarithm ends at -100.
    assert values[:2].tolist() == [0.0, 100.0]
    assert values[2] == pytest.approx(math.log(4), rel=1e-6)
    gradient = loss.gradient(outputs, targets)
    assert np.isfinite(gradient).all()
    assert gradient[0].tolist() == [0.0, -1.0, 0.0]
    assert gradient[1, 1] < -1e11
    assert gradient[2].tolist() == [0.0, 0.0, -4.0]
    fused = loss.fused_gradient(outputs, targets)
    assert fused.tolist() == [[0, 0, 0], [1, -1, 0], [0.5, 0.25, -0.75]]


@pytest.mark.parametrize("dtype", DTYPES)
def test_binary_cross_entropy_at_exact_0_and_1(dtype: type[np.floating]) -> None:
    outputs = np.array([[0, 1], [1, 0], [0, 0.5]], dtype)
    targets = np.array([[0, 1], [0, 1], [1, 1]], dtype)
    values = LOSSES["bce"].values(outputs, targets)
    # Right costs nothing, wrong costs 100 a class: the logarithm ends at -100.
    assert values[:2].tolist() == [0.0, 100.0]
    assert values[2] == pytest.approx((100 + math.log(2)) / 2, rel=1e-6)
    gradient = LOSSES["bce"].gradient(outputs, targets)
    assert np.isfinite(gradient).all()
    assert gradient[0].tolist() == [0.0, 0.0]
    assert np.sign(gradient[1]).tolist() == [1.0, -1.0]


def test_logarithms_end_at_minus_100_and_not_before() -> None:
    outputs = np.array([[1e-43], [1e-44], [1e-300]])
    values = LOSSES["bce"].values(outputs, np.ones((3, 1)))
    assert LOSSES["cross_entropy"].values(outputs, np.ones((3, 1))).tolist() == values.tolist()
    assert values.tolist() == pytest.approx([-math.log(1e-43), 100.0, 100.0], rel=1e-14)
    assert -math.log(1e-43) < 100


@pytest.mark.parametrize(
    ("name", "block", "most"),
    [
        ("bce", Sigmoid(), 100.0),
        ("bce", Softmax(), 100.0),
        ("mse", Sigmoid(), 1.0),
        ("mse", Softmax(), 1.0),
        ("cross_entropy", Softmax(), 100.0),
    ],
)
@pytest.mark.parametrize("dtype", DTYPES)
def test_everything_is_finite_behind_huge_values(
    name: str, block: Sigmoid | Softmax, most: float, dtype: type[np.floating]
) -> None:
    inputs = np.array([[1e4, -1e4], [-1e4, 1e4], [1e38, -1e38], [200, -200], [0, 0]], dtype)
    targets = np.array([[1, 0]] * 5, dtype)
    loss = LOSSES[name]
    outputs = block.layer((2,), {}).forward(inputs, Workspace(dtype))
    values, gradient = loss.values(outputs, targets), loss.gradient(outputs, targets)
    assert np.isfinite(values).all()
    assert np.isfinite(gradient).all()
    assert values[[0, 2]].tolist() == [0.0, 0.0]
    assert values[1] == most
    if loss.fuses_with == block.kind:
        fused = loss.fused_gradient(outputs, targets)
        share = 0.5 if name == "bce" else 1.0  # binary cross-entropy is a mean over the classes
        assert fused[:2].tolist() == [[0.0, 0.0], [-share, share]], "a wrong end still pulls"


@pytest.mark.parametrize("loss", [loss for loss in LOSSES.values() if loss.fuses_with])
def test_the_fused_gradient_is_the_composition_of_the_two(loss: Loss) -> None:
    assert loss.fuses_with is not None
    block = KINDS[loss.fuses_with]()
    inputs = np.random.default_rng(6).uniform(-12, 12, (40, 3))
    targets = np.eye(3)[np.arange(40) % 3]
    layer = block.layer((3,), {})
    outputs = layer.forward(inputs, Workspace(np.float64)).copy()
    composed = run(layer, inputs, loss.gradient(outputs, targets)).inputs
    assert relative_error(loss.fused_gradient(outputs, targets), composed) <= 1e-9
    soft = np.random.default_rng(7).dirichlet(np.ones(3), 40)
    composed = run(layer, inputs, loss.gradient(outputs, soft)).inputs
    assert relative_error(loss.fused_gradient(outputs, soft), composed) <= 1e-9
