"""Optimizers: how gradients change the weights."""

from typing import Protocol

import numpy as np

from engine.arrays import Array
from engine.blocks.base import Gradient, Outer
from engine.network import ParameterKey

ROW_BYTES = 400_000  # of a weight matrix that are changed at a time: they stay in the L2 cache


class Optimizer(Protocol):
    """Changes parameters by their gradients; what it remembers between steps is its own."""

    def update(
        self,
        parameters: dict[ParameterKey, Array],
        gradients: dict[ParameterKey, list[Gradient]],
        learning_rate: float,
    ) -> None:
        """Do one step in place. The gradient of a parameter is the sum of its list."""
        ...


class SGD:
    """Stochastic gradient descent: W ← W - η ∂E/∂W."""

    def update(
        self,
        parameters: dict[ParameterKey, Array],
        gradients: dict[ParameterKey, list[Gradient]],
        learning_rate: float,
    ) -> None:
        """Do one step in place; outer products are applied without being formed."""
        for key, parts in gradients.items():
            parameter = parameters[key]
            for gradient in parts:
                if isinstance(gradient, Outer):
                    subtract_outer(parameter, gradient, learning_rate)
                else:
                    parameter -= learning_rate * gradient


def subtract_outer(parameter: Array, gradient: Outer, learning_rate: float) -> None:
    """Do W ← W - η leftᵀ right, some rows at a time."""
    left = gradient.left * parameter.dtype.type(learning_rate)
    rows = max(1, ROW_BYTES // parameter[0].nbytes)
    for start in range(0, len(parameter), rows):
        block = slice(start, start + rows)
        parameter[block] -= np.matmul(left[:, block].T, gradient.right)


OPTIMIZERS: dict[str, type[SGD]] = {"sgd": SGD}
