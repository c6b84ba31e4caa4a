"""Numerical derivatives: change one value of a network by ±ε, and see how the loss changes."""

from collections.abc import Callable
from typing import Any, NamedTuple

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


# Moves value number n by some amount; returns the inputs of the block at `NumericSlopes.start`.
Moved = Callable[[int, float], Array]
CLOSER = (0.1, 0.01)  # smaller steps, as shares of ε
EPSILON_OF_FLOAT = float(np.finfo(np.float64).eps)


class Slope(NamedTuple):
    """A slope of the loss, how far off it may be, and whether there is a kink within ε."""

    value: float
    uncertainty: float
    is_kink: bool


class NumericSlopes:
    """The loss as a function of each value of one array, all others held.

    `start` is the position of the first block whose inputs a moved value changes.
    """

    def __init__(self, tail: LossFrom, start: int, moved: Moved) -> None:
        self._tail, self.start, self._moved = tail, start, moved
        self._loss = float(self._losses([moved(0, 0.0)])[0])
        self._branches: list[NDArray[Any]] | None = None
        self._noise_at_kinks: float | None = None

    def slopes(self, numbers: NDArray[np.int64], epsilon: float) -> Array:
        """Return (E(w + ε) - E(w - ε)) / 2ε for some values."""
        moved = [self._moved(int(n), sign * epsilon) for n in numbers for sign in (1, -1)]
        up, down = self._losses(moved).reshape(-1, 2).T
        slopes: Array = (up - down) / (2 * epsilon)
        return slopes

    def uncertainty(self, epsilon: float) -> float:
        """Return how far off a slope may be because the losses are rounded."""
        return 4 * EPSILON_OF_FLOAT * max(1.0, abs(self._loss)) / epsilon

    def look_closely(self, number: int, epsilon: float) -> Slope:
        """Return a slope that holds although there may be a kink, as that of a ReLU, within ±ε.

        If there is one, a smaller step may not reach it. If the value is at the kink itself, the
        slope is the one-sided slope on the side where every ReLU and MaxPool takes the branch that
        it takes at the value; NaN if a branch changes on both sides.
        """
        if self._is_smooth(number, epsilon, -epsilon):
            return self._smooth_slope(number, epsilon, 6 * self._noise(number))
        if self._noise_at_kinks is None:  # the same for its neighbours, or nearly
            self._noise_at_kinks = self._noise(number)
        noise = 6 * self._noise_at_kinks
        for step in (epsilon * share for share in CLOSER):
            if self._is_smooth(number, step, -step):
                slope = float(self.slopes(np.array([number]), step)[0])
                return Slope(slope, self.uncertainty(step) + noise / step, is_kink=True)
        for share in (1.0, *CLOSER):
            for step in (epsilon * share, -epsilon * share):
                if self._is_smooth(number, step, 2 * step):
                    moved = [self._moved(number, step), self._moved(number, 2 * step)]
                    near, far = self._losses(moved)
                    slope = float((4 * near - far - 3 * self._loss) / (2 * step))
                    rounding = 4 * (self.uncertainty(abs(step)) + noise / abs(step))
                    return Slope(slope, rounding, is_kink=True)
        return Slope(float("nan"), 0.0, is_kink=True)

    def _smooth_slope(self, number: int, epsilon: float, noise: float) -> Slope:
        """Return the slope of the step with the least error, where there is no kink.

        A large step has an error because the loss is curved, a small one because it is rounded.
        With a ten times smaller step the error by curvature is a hundredth, so the difference of
        the two slopes shows how large it is.
        """
        steps = [epsilon, *(epsilon * share for share in CLOSER)]
        slopes = [float(self.slopes(np.array([number]), step)[0]) for step in steps]
        found = [
            Slope(slope, abs(slope - finer) + self.uncertainty(step) + noise / step, is_kink=False)
            for step, slope, finer in zip(steps, slopes, slopes[1:], strict=False)
        ]
        return min(found, key=lambda slope: slope.uncertainty)

    def _noise(self, number: int) -> float:
        """Measure the noise of the loss by rounding, from fourth differences over tiny steps.

        Those of a smooth function are almost 0 there, so what is left is noise; BatchNorm, for one,
        makes it many times larger. The variance of a fourth difference is 1 + 16 + 36 + 16 + 1 = 70
        times that of a value.
        """
        moved = [self._moved(number, k * 1e-9) for k in range(-6, 7)]
        fourth = np.diff(self._losses(moved), 4)
        return float(np.sqrt(np.mean(fourth**2) / 70))

    def _is_smooth(self, number: int, *steps: float) -> bool:
        """Return whether no kink lies between a value and where the steps lead."""
        if self._branches is None:
            self._branches = self._branches_at(number, 0.0)
        return all(
            np.array_equal(here, there)
            for step in steps
            for here, there in zip(self._branches, self._branches_at(number, step), strict=True)
        )

    def _branches_at(self, number: int, step: float) -> list[NDArray[Any]]:
        return self._tail.branches(self.start, self._moved(number, step))

    def _losses(self, moved: list[Array]) -> Array:
        return self._tail.losses(self.start, np.stack(moved))


def probed(
    tail: LossFrom, network: Network, position: int, name: str, inputs: Array
) -> NumericSlopes:
    """Return the slopes for a parameter of a block, or for the `input` of its first sample.

    A value of a parameter is changed in the network, and put back.
    """
    if name == "input":

        def moved(number: int, step: float) -> Array:
            variant = inputs.copy()
            variant[0].reshape(-1)[number] += step
            return variant

        return NumericSlopes(tail, position, moved)
    values = network.layers[position].layer.parameters[name].reshape(-1)

    def changed(number: int, step: float) -> Array:
        before = values[number]
        values[number] = before + step
        outputs: Array = tail.forward(position, inputs[np.newaxis])[0]
        values[number] = before
        return outputs

    return NumericSlopes(tail, position + 1, changed)
