"""LossFrom: the loss as a function of the inputs of one block, for many inputs at a time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.compute.pass_context import PassContext
from engine.model.losses import LOSSES
from engine.model.network import Network, run_layers


class LossFrom:
    """The blocks of a network from some position on, and the loss behind them, in training mode.

    Behind a Sigmoid, binary cross-entropy is computed from x as log(1 + e^x) - y* x, and
    categorical cross-entropy behind a Softmax as log Σ e^x_j - x_i: the same loss, without the
    rounding of outputs near 0 and 1, which a difference of two losses would bring to light.
    """

    def __init__(self, network: Network, loss: str, targets: Array, run: PassContext) -> None:
        self._network, self._targets, self._run = network, targets, run
        self._loss = LOSSES[loss]
        last = network.layers[-1].slot.block.kind
        self._fused = last if self._loss.fuses_with == last else None
        self.end = len(network.layers) - (1 if self._fused else 0)
        self._workspaces = network.workspaces()

    def losses(self, position: int, variants: Array) -> Array:
        """Return the mean loss of every variant (variants, n, ...) of the inputs of a block."""
        for at in range(position, self.end):
            variants = self.forward(at, variants)
        count, samples = variants.shape[:2]
        flat = variants.reshape(count, samples, -1)
        if self._fused == "sigmoid":
            terms = (np.logaddexp(0.0, flat) - self._targets * flat).mean(axis=2)
        elif self._fused == "softmax":
            shifted = flat - flat.max(axis=2, keepdims=True)
            powers = np.log(np.exp(shifted).sum(axis=2))
            terms = powers * self._targets.sum(axis=1) - (self._targets * shifted).sum(axis=2)
        else:
            rows = flat.reshape(count * samples, -1)
            terms = self._loss.values(
                rows, np.tile(self._targets, (count, 1)), self._network.numerics
            )
        found: Array = terms.reshape(count, samples).mean(axis=1)
        return found

    def forward(self, position: int, variants: Array) -> Array:
        """Compute the outputs of one block for every variant of its inputs: a copy."""
        layer = self._network.layers[position]
        if layer.slot.known.depends_on_batch:  # so the variants of a batch go one by one
            return np.stack([self._run_one(position, variant).copy() for variant in variants])
        count, samples = variants.shape[:2]
        inputs = variants.reshape(count * samples, *variants.shape[2:])
        outputs = self._run_one(position, inputs).copy()
        return outputs.reshape(count, samples, *layer.output_shape)

    def branches(self, position: int, inputs: Array) -> list[NDArray[Any]]:
        """Say which way each kink goes for a batch of a block's inputs.

        That is, in every block from there on, which values a ReLU passes and which value of its
        window a MaxPool takes. While none of it changes, the loss is smooth.
        """
        found: list[NDArray[Any]] = []
        for at in range(position, self.end):
            outputs = self.forward(at, inputs[np.newaxis])[0]
            block = self._network.layers[at].slot.known
            branches = block.branches(inputs, self._workspaces[at])
            if branches is not None:
                found.append(branches)
            inputs = outputs
        return found

    def _run_one(self, position: int, inputs: Array) -> Array:
        """Return the outputs of one block, which its next run overwrites."""
        layers, workspaces = [self._network.layers[position]], [self._workspaces[position]]
        (outputs,) = run_layers(layers, workspaces, inputs, self._run, locked=self._network.locked)
        return outputs
