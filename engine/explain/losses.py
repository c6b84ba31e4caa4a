"""The loss of one sample, class by class."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Array, quiet_overflow
from engine.compute.losses import LOWEST_LOGARITHM
from engine.explain.explanation import FunctionCurve, Number, frozen
from engine.model.losses import LOSSES

CURVE_POINTS = 241


@dataclass(frozen=True)
class LossRow:
    """What one class adds to the loss: its terms, and their share of the loss.

    `gradient` is ∂E/∂y of the class. `name` is the class, such as the digit 7.
    """

    name: str
    output: float
    target: float
    terms: tuple[Number, ...]
    share: float
    gradient: float


@dataclass(frozen=True, eq=False)
class LossStep:
    """The loss of one sample. The shares of the rows add up to `value`."""

    title: str
    equation: str
    gradient_equation: str
    rows: tuple[LossRow, ...]
    value: float


EQUATIONS: dict[str, tuple[str, str]] = {
    "bce": (
        "E = −1/n Σ_i [ y*_i log(y_i) + (1 − y*_i) log(1 − y_i) ]",
        "∂E/∂y_i = 1/n [ (1 − y*_i)/(1 − y_i) − y*_i/y_i ]",
    ),
    "mse": ("E = 1/n Σ_i (y_i − y*_i)²", "∂E/∂y_i = 2/n (y_i − y*_i)"),
    "cross_entropy": ("E = −Σ_i y*_i log(y_i)", "∂E/∂y_i = −y*_i/y_i"),
}


def explain_loss(
    loss: str, outputs: Array, targets: Array, names: Sequence[object] | None = None
) -> LossStep:
    """Work out the loss of one sample: outputs and targets (classes,), its classes' names."""
    kind = LOSSES[loss]
    y, wanted = frozen(outputs.reshape(1, -1)), frozen(targets.reshape(1, -1))
    with quiet_overflow():  # shown as it is
        gradient = kind.gradient(y, wanted)[0]
        value = float(kind.values(y, wanted)[0])
    called = [str(name) for name in (range(1, y.size + 1) if names is None else names)]
    rows = []
    for name, output, target, slope in zip(
        called, y[0].tolist(), wanted[0].tolist(), gradient.tolist(), strict=True
    ):
        terms, share = _TERMS[loss](output, target, y.size)
        rows.append(LossRow(name, output, target, terms, share, slope))
    return LossStep(kind.title, *EQUATIONS[loss], tuple(rows), value)


def loss_curve(loss: str, row: LossRow, classes: int) -> FunctionCurve:
    """Draw what a class adds to the loss over its output, with the point that it is at."""
    low, high = min(0.0, row.output), max(1.0, row.output)
    edge = (high - low) / CURVE_POINTS  # where a logarithm is still finite
    places = np.linspace(low + edge, high - edge, CURVE_POINTS)
    shares = [_TERMS[loss](place, row.target, classes)[1] for place in places.tolist()]
    named = "y* = 1" if row.target else "y* = 0"
    return FunctionCurve(
        f"share of E of class {row.name}, {named}",
        "∂E/∂y",
        frozen(places),
        frozen(shares),
        frozen(np.gradient(np.array(shares), places)),
        (row.output, row.share),
        row.gradient,
    )


def _logarithm(value: float) -> float:
    """Return log v, at least -100, as the engine does."""
    return max(float(np.log(value)), LOWEST_LOGARITHM) if value > 0 else LOWEST_LOGARITHM


def _bce(y: float, target: float, classes: int) -> tuple[tuple[Number, ...], float]:
    right, wrong = target * _logarithm(y), (1 - target) * _logarithm(1 - y)
    terms = Number("y* log(y)", right), Number("(1 − y*) log(1 − y)", wrong)
    return terms, -(right + wrong) / classes


def _mse(y: float, target: float, classes: int) -> tuple[tuple[Number, ...], float]:
    difference = y - target
    terms = Number("y − y*", difference), Number("(y − y*)²", difference**2)
    return terms, difference**2 / classes


def _cross_entropy(y: float, target: float, classes: int) -> tuple[tuple[Number, ...], float]:
    term = target * _logarithm(y)
    return (Number("y* log(y)", term),), -term


_TERMS = {"bce": _bce, "mse": _mse, "cross_entropy": _cross_entropy}
