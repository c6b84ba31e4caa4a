"""Loss functions of outputs (not logits) against targets, and their gradients."""

from typing import Protocol

import numpy as np

from engine.array_types import Array, Shape
from engine.blocks.base import OutputRange
from engine.compute.numerics import numerics as usual_numerics
from engine.compute.plain_numerics import Numerics


class Loss(Protocol):
    """A loss E: the mean over the classes of one sample, then the mean over the batch.

    outputs and targets are (n, classes); `numerics` is the twin that computes. `takes` lists the
    ranges of outputs that it is defined for, the usual one first; `remedy` says how to get there.
    `fuses_with` names the activation whose derivative cancels against the loss; behind it, the
    gradient at the activation's input is `fused_gradient`, exact where the two factors alone would
    round to 0 or to infinity.
    """

    title: str
    takes: tuple[OutputRange, ...]
    remedy: str
    fuses_with: str | None

    def values(self, outputs: Array, targets: Array, numerics: Numerics | None = None) -> Array:
        """Return the loss of every sample: (n,)."""
        ...

    def gradient(self, outputs: Array, targets: Array, numerics: Numerics | None = None) -> Array:
        """Return n · ∂E/∂outputs for a batch of n: the gradient of the sum of the losses."""
        ...

    def fused_gradient(
        self, outputs: Array, targets: Array, numerics: Numerics | None = None
    ) -> Array:
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

    def values(self, outputs: Array, targets: Array, numerics: Numerics | None = None) -> Array:
        """Return the loss of every sample: (n,)."""
        return _written("binary_cross_entropy", outputs, targets, outputs.shape[:1], numerics)

    def gradient(self, outputs: Array, targets: Array, numerics: Numerics | None = None) -> Array:
        """Return (y - y*) / (y (1 - y)) / c, with the divisor at least 1e-12 as PyTorch has it."""
        return _written("binary_cross_entropy_gradient", outputs, targets, outputs.shape, numerics)

    def fused_gradient(
        self, outputs: Array, targets: Array, numerics: Numerics | None = None
    ) -> Array:
        """Return (y - y*) / c."""
        return _scaled_difference(outputs, targets, 1, outputs.shape[1], numerics)


class MeanSquaredError:
    """E = 1/c · Σ_i (y_i - y*_i)²; ∂E/∂y_i = 2/c · (y_i - y*_i)."""

    title = "Mean squared error"
    takes: tuple[OutputRange, ...] = ("any", "unit", "distribution")
    remedy = ""
    fuses_with: str | None = None

    def values(self, outputs: Array, targets: Array, numerics: Numerics | None = None) -> Array:
        """Return the loss of every sample: (n,)."""
        return _written("squared_error", outputs, targets, outputs.shape[:1], numerics)

    def gradient(self, outputs: Array, targets: Array, numerics: Numerics | None = None) -> Array:
        """Return 2 (y - y*) / c."""
        return _scaled_difference(outputs, targets, 2, outputs.shape[1], numerics)

    def fused_gradient(
        self, outputs: Array, targets: Array, numerics: Numerics | None = None
    ) -> Array:
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

    def values(self, outputs: Array, targets: Array, numerics: Numerics | None = None) -> Array:
        """Return the loss of every sample: (n,)."""
        return _written("cross_entropy", outputs, targets, outputs.shape[:1], numerics)

    def gradient(self, outputs: Array, targets: Array, numerics: Numerics | None = None) -> Array:
        """Return -y* / y, with the divisor at least 1e-12."""
        return _written("cross_entropy_gradient", outputs, targets, outputs.shape, numerics)

    def fused_gradient(
        self, outputs: Array, targets: Array, numerics: Numerics | None = None
    ) -> Array:
        """Return y - y*."""
        return _scaled_difference(outputs, targets, 1, 1, numerics)


LOSSES: dict[str, Loss] = {
    "bce": BinaryCrossEntropy(),
    "cross_entropy": CategoricalCrossEntropy(),
    "mse": MeanSquaredError(),
}


def _written(
    function: str, outputs: Array, targets: Array, shape: Shape, numerics: Numerics | None
) -> Array:
    out = np.empty(shape, outputs.dtype)
    getattr(numerics or usual_numerics(outputs.dtype), function)(outputs, targets, out)
    return out


def _scaled_difference(
    outputs: Array, targets: Array, times: int, parts: int, numerics: Numerics | None
) -> Array:
    gradient = np.empty(outputs.shape, outputs.dtype)
    numerics = numerics or usual_numerics(outputs.dtype)
    numerics.scaled_difference(outputs, targets, times, parts, gradient)
    return gradient
