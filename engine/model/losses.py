"""Loss functions of outputs (not logits) against targets, and their gradients."""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from engine.array_types import Array, Shape
from engine.blocks.base import OutputRange
from engine.compute.numerics import numerics


class Loss(Protocol):
    """A loss E: the mean over the classes of one sample, then the mean over the batch.

    outputs and targets are (n, classes). `takes` lists the ranges of outputs that it is defined
    for, the usual one first; `remedy` says how to get there. `fuses_with` names the activation
    whose derivative cancels against the loss; behind it, the gradient at the activation's input is
    `fused_gradient`, exact where the two factors alone would round to 0 or to infinity.
    """

    title: str
    takes: tuple[OutputRange, ...]
    remedy: str
    fuses_with: str | None

    def values(self, outputs: Array, targets: Array) -> Array:
        """Return the loss of every sample: (n,)."""
        ...

    def gradient(self, outputs: Array, targets: Array) -> Array:
        """Return n · ∂E/∂outputs for a batch of n: the gradient of the sum of the losses."""
        ...

    def fused_gradient(self, outputs: Array, targets: Array) -> Array:
        """Return the same with respect to the inputs of the activation named by `fuses_with`."""
        ...


class BinaryCrossEntropy:
    """E = -1/c · Σ_i (y*_i log y_i + (1 - y*_i) log(1 - y_i)), logarithms at least -100.

    ∂E/∂y_i = 1/c · ((1 - y*_i)/(1 - y_i) - y*_i/y_i); behind a sigmoid y = σ(x),
    ∂E/∂x_i = 1/c · (y_i - y*_i).
    """

    title = "Binary cross-entropy"
    takes: tuple[OutputRange, ...] = ("unit", "distribution")
    remedy = "Add a Sigmoid at the end, or choose mean squared error."
    fuses_with: str | None = "sigmoid"

    def values(self, outputs: Array, targets: Array) -> Array:
        """Return the loss of every sample: (n,)."""
        return _written(numerics().binary_cross_entropy, outputs, targets, outputs.shape[:1])

    def gradient(self, outputs: Array, targets: Array) -> Array:
        """Return (y - y*) / (y (1 - y)) / c, with the divisor at least 1e-12 as PyTorch has it."""
        return _written(numerics().binary_cross_entropy_gradient, outputs, targets, outputs.shape)

    def fused_gradient(self, outputs: Array, targets: Array) -> Array:
        """Return (y - y*) / c."""
        return _scaled_difference(outputs, targets, 1, outputs.shape[1])


class MeanSquaredError:
    """E = 1/c · Σ_i (y_i - y*_i)²; ∂E/∂y_i = 2/c · (y_i - y*_i)."""

    title = "Mean squared error"
    takes: tuple[OutputRange, ...] = ("any", "unit", "distribution")
    remedy = ""
    fuses_with: str | None = None

    def values(self, outputs: Array, targets: Array) -> Array:
        """Return the loss of every sample: (n,)."""
        return _written(numerics().squared_error, outputs, targets, outputs.shape[:1])

    def gradient(self, outputs: Array, targets: Array) -> Array:
        """Return 2 (y - y*) / c."""
        return _scaled_difference(outputs, targets, 2, outputs.shape[1])

    def fused_gradient(self, outputs: Array, targets: Array) -> Array:
        """Never asked for: no activation cancels against this loss."""
        raise NotImplementedError


class CategoricalCrossEntropy:
    """E = -Σ_i y*_i log y_i, logarithms at least -100; ∂E/∂y_i = -y*_i / y_i.

    Behind a softmax, ∂E/∂x_i = y_i - y*_i.
    """

    title = "Categorical cross-entropy"
    takes: tuple[OutputRange, ...] = ("distribution",)
    remedy = "Add a Softmax at the end, or choose another loss."
    fuses_with: str | None = "softmax"

    def values(self, outputs: Array, targets: Array) -> Array:
        """Return the loss of every sample: (n,)."""
        return _written(numerics().cross_entropy, outputs, targets, outputs.shape[:1])

    def gradient(self, outputs: Array, targets: Array) -> Array:
        """Return -y* / y, with the divisor at least 1e-12."""
        return _written(numerics().cross_entropy_gradient, outputs, targets, outputs.shape)

    def fused_gradient(self, outputs: Array, targets: Array) -> Array:
        """Return y - y*."""
        return _scaled_difference(outputs, targets, 1, 1)


LOSSES: dict[str, Loss] = {
    "bce": BinaryCrossEntropy(),
    "cross_entropy": CategoricalCrossEntropy(),
    "mse": MeanSquaredError(),
}


def _written(
    compute: Callable[[Array, Array, Array], None], outputs: Array, targets: Array, shape: Shape
) -> Array:
    out = np.empty(shape, outputs.dtype)
    compute(outputs, targets, out)
    return out


def _scaled_difference(outputs: Array, targets: Array, times: int, parts: int) -> Array:
    gradient = np.empty(outputs.shape, outputs.dtype)
    numerics().scaled_difference(outputs, targets, times, parts, gradient)
    return gradient
