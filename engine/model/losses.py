"""Loss functions of outputs (not logits) against targets, and their gradients."""

from typing import Protocol

import numpy as np

from engine.array_types import Array
from engine.blocks.base import OutputRange
from engine.compute.numerics import numerics

LOWEST_LOGARITHM = -100.0  # as PyTorch clamps: log 0 costs 100, not infinity


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
        values = np.empty(len(outputs), outputs.dtype)
        numerics().binary_cross_entropy(outputs, targets, LOWEST_LOGARITHM, values)
        return values

    def gradient(self, outputs: Array, targets: Array) -> Array:
        """Return (y - y*) / (y (1 - y)) / c, with the divisor at least 1e-12 as PyTorch has it."""
        divisor = np.maximum(outputs * (1.0 - outputs), 1e-12)
        gradient: Array = (outputs - targets) / (divisor * outputs.shape[1])
        return gradient

    def fused_gradient(self, outputs: Array, targets: Array) -> Array:
        """Return (y - y*) / c."""
        gradient: Array = (outputs - targets) / outputs.shape[1]
        return gradient


class MeanSquaredError:
    """E = 1/c · Σ_i (y_i - y*_i)²; ∂E/∂y_i = 2/c · (y_i - y*_i)."""

    title = "Mean squared error"
    takes: tuple[OutputRange, ...] = ("any", "unit", "distribution")
    remedy = ""
    fuses_with: str | None = None

    def values(self, outputs: Array, targets: Array) -> Array:
        """Return the loss of every sample: (n,)."""
        mean: Array = np.square(outputs - targets).mean(axis=1)
        return mean

    def gradient(self, outputs: Array, targets: Array) -> Array:
        """Return 2 (y - y*) / c."""
        gradient: Array = (outputs - targets) * (2.0 / outputs.shape[1])
        return gradient

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
        with np.errstate(divide="ignore"):  # log 0 is clamped on the next line
            logarithms = np.maximum(np.log(outputs), LOWEST_LOGARITHM)
        total: Array = -(targets * logarithms).sum(axis=1)
        return total

    def gradient(self, outputs: Array, targets: Array) -> Array:
        """Return -y* / y, with the divisor at least 1e-12."""
        gradient: Array = -targets / np.maximum(outputs, 1e-12)
        return gradient

    def fused_gradient(self, outputs: Array, targets: Array) -> Array:
        """Return y - y*."""
        gradient: Array = outputs - targets
        return gradient


LOSSES: dict[str, Loss] = {
    "bce": BinaryCrossEntropy(),
    "cross_entropy": CategoricalCrossEntropy(),
    "mse": MeanSquaredError(),
}
