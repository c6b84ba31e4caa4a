"""Loss functions of outputs (not logits) against targets, and their gradients."""

from dataclasses import dataclass

import numpy as np

from engine.array_types import Array, Shape
from engine.blocks.base import OutputRange
from engine.compute.numerics import numerics as usual_numerics
from engine.compute.plain_numerics import Numerics


@dataclass(frozen=True)
class Loss:
    """A loss E: the mean or the sum over the classes of one sample, then the mean over the batch.

    outputs and targets are (n, classes); `numerics` is the twin that computes, by the function of
    that name and its gradient. `takes` lists the ranges of outputs that it is defined for, the
    usual one first; `remedy` says how to get there. `fuses_with` names the activation whose
    derivative cancels against the loss; behind it, the gradient at the activation's input is
    `fused_gradient`, exact where the two factors alone would round to 0 or to infinity.
    """

    title: str
    takes: tuple[OutputRange, ...]
    function: str
    remedy: str = ""
    fuses_with: str | None = None
    is_mean: bool = True  # over the classes

    def values(self, outputs: Array, targets: Array, numerics: Numerics | None = None) -> Array:
        """Return the loss of every sample: (n,)."""
        return _written(self.function, outputs, targets, outputs.shape[:1], numerics)

    def gradient(self, outputs: Array, targets: Array, numerics: Numerics | None = None) -> Array:
        """Return n · ∂E/∂outputs for a batch of n: the gradient of the sum of the losses."""
        if self.function == "squared_error":
            return _scaled_difference(outputs, targets, 2, outputs.shape[1], numerics)
        return _written(f"{self.function}_gradient", outputs, targets, outputs.shape, numerics)

    def fused_gradient(
        self, outputs: Array, targets: Array, numerics: Numerics | None = None
    ) -> Array:
        """Return the same with respect to the inputs of the activation named by `fuses_with`."""
        parts = outputs.shape[1] if self.is_mean else 1
        return _scaled_difference(outputs, targets, 1, parts, numerics)


LOSSES = {
    # E = -1/c · Σ_i (y*_i log y_i + (1 - y*_i) log(1 - y_i)), logarithms at least -100;
    # ∂E/∂y_i = (y_i - y*_i) / (y_i (1 - y_i)) / c, with the divisor at least 1e-12 as PyTorch has
    # it; behind a sigmoid y = σ(x), ∂E/∂x_i = (y_i - y*_i) / c.
    "bce": Loss(
        "Binary cross-entropy",
        ("unit", "distribution"),
        "binary_cross_entropy",
        "Add a Sigmoid at the end, or choose mean squared error.",
        "sigmoid",
    ),
    # E = -Σ_i y*_i log y_i, logarithms at least -100; ∂E/∂y_i = -y*_i / y_i, with the divisor at
    # least 1e-12. Behind a softmax, ∂E/∂x_i = y_i - y*_i.
    "cross_entropy": Loss(
        "Categorical cross-entropy",
        ("distribution",),
        "cross_entropy",
        "Add a Softmax at the end, or choose another loss.",
        "softmax",
        is_mean=False,
    ),
    # E = 1/c · Σ_i (y_i - y*_i)²; ∂E/∂y_i = 2/c · (y_i - y*_i).
    "mse": Loss("Mean squared error", ("any", "unit", "distribution"), "squared_error"),
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
