"""Dense layers: one matrix product for the whole batch, forward and backward."""

import numpy as np

from engine.array_types import Array
from engine.compute.thread_pool import Pool


def dense_outputs(
    inputs: Array, weights: Array, bias: Array, out: Array, pool: Pool | None
) -> None:
    """Write y = W x + b: for samples as rows, Y = X Wᵀ + b."""
    np.matmul(inputs, weights.T, out=out)
    out += bias


def dense_input_gradient(gradient: Array, weights: Array, out: Array, pool: Pool | None) -> None:
    """Write ∂E/∂x = Wᵀ ∂E/∂y: for samples as rows, ∂E/∂X = ∂E/∂Y W."""
    np.matmul(gradient, weights, out=out)
