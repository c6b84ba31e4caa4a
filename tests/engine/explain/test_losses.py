"""The loss class by class, against readable formulas."""

import math

import numpy as np
import pytest

from engine.explain.losses import explain_loss, loss_curve
from engine.model.losses import LOSSES
from tests.engine import oracles

RNG = np.random.default_rng(3)


@pytest.mark.parametrize("classes", [2, 3, 10])
@pytest.mark.parametrize("loss", sorted(LOSSES))
def test_value_shares_and_slopes(loss: str, classes: int) -> None:
    outputs = RNG.uniform(0.05, 0.95, classes)
    target = np.eye(classes)[classes - 1]
    found = explain_loss(loss, outputs, target)
    value, slope = oracles.LOSSES[loss]
    assert found.value == pytest.approx(value(outputs, target))
    assert sum(row.share for row in found.rows) == pytest.approx(found.value)
    assert [row.gradient for row in found.rows] == pytest.approx(slope(outputs, target))
    assert [row.output for row in found.rows] == outputs.tolist()
    assert [row.target for row in found.rows] == target.tolist()
    assert [row.name for row in found.rows] == [str(i + 1) for i in range(classes)]


def test_binary_cross_entropy_has_two_terms_a_class() -> None:
    found = explain_loss("bce", np.array([0.8, 0.3]), np.array([1.0, 0.0]), ("cat", "dog"))
    cat, dog = found.rows
    assert [term.label for term in cat.terms] == ["y* log(y)", "(1 − y*) log(1 − y)"]
    assert [term.value for term in cat.terms] == pytest.approx([math.log(0.8), 0])
    assert [term.value for term in dog.terms] == pytest.approx([0, math.log(0.7)])
    assert (cat.name, dog.name) == ("cat", "dog")


def test_the_terms_of_the_others() -> None:
    (row, _) = explain_loss("mse", np.array([0.8, 0.3]), np.array([1.0, 0.0])).rows
    assert [term.value for term in row.terms] == pytest.approx([-0.2, 0.04])
    (row, other) = explain_loss("cross_entropy", np.array([0.7, 0.3]), np.array([1.0, 0.0])).rows
    assert [term.value for term in row.terms] == pytest.approx([math.log(0.7)])
    assert other.share == 0


def test_the_logarithm_of_zero_is_the_engines() -> None:
    found = explain_loss("bce", np.array([0.0, 1.0]), np.array([1.0, 0.0]))
    assert found.value == pytest.approx(100.0)
    assert [row.share for row in found.rows] == pytest.approx([50.0, 50.0])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_the_curve_of_a_class_goes_through_its_point(loss: str, target: float) -> None:
    """Moving the output alone moves the loss along the curve."""
    targets = np.array([target, 1 - target])
    found = explain_loss(loss, np.array([0.3, 0.6]), targets)
    curve = loss_curve(loss, found.rows[0], 2)
    rest = found.value - found.rows[0].share
    for place, share in zip(curve.x[::40].tolist(), curve.y[::40].tolist(), strict=True):
        moved = explain_loss(loss, np.array([place, 0.6]), targets)
        assert share + rest == pytest.approx(moved.value, abs=1e-9)
    at = np.interp(curve.point[0], curve.x, curve.y)
    assert curve.point[1] == pytest.approx(float(at), abs=1e-4)
    middle = slice(20, -20)
    slopes = [
        explain_loss(loss, np.array([place, 0.6]), targets).rows[0].gradient
        for place in curve.x[middle].tolist()
    ]
    np.testing.assert_allclose(curve.slope[middle], slopes, rtol=0.02, atol=1e-6)
