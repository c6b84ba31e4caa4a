"""Moving one value of a network a little, and seeing what the loss does."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.arrays import Array
from engine.compute.workspace import Run
from engine.explain.tail import Tail, workspace_of
from engine.network import Network

# Moves value number n by some amount; gives what then reaches the block at `Probe.start`.
Moved = Callable[[int, float], Array]
CLOSER = (0.1, 0.01)  # steps, as shares of ε, that may keep clear of a kink nearby


class Slope(NamedTuple):
    """A slope of the loss, the step whose rounding it has, and whether a kink is within ε."""

    value: float
    step: float
    is_kink: bool


class Probe:
    """The loss as a function of each value of one array, all others held.

    `start` is the position of the first block whose inputs a moved value changes.
    """

    def __init__(self, tail: Tail, start: int, moved: Moved) -> None:
        self._tail, self.start, self._moved = tail, start, moved
        self._loss = float(self._losses([moved(0, 0.0)])[0])
        self._branches: list[NDArray[Any]] | None = None

    def slopes(self, numbers: NDArray[np.int64], epsilon: float) -> Array:
        """Give (E(w + ε) - E(w - ε)) / 2ε for some values."""
        moved = [self._moved(int(n), sign * epsilon) for n in numbers for sign in (1, -1)]
        up, down = self._losses(moved).reshape(-1, 2).T
        slopes: Array = (up - down) / (2 * epsilon)
        return slopes

    def noise(self, epsilon: float) -> float:
        """Give the smallest gradient whose difference quotient rounding leaves six digits of."""
        return 1e6 * 4 * np.finfo(np.float64).eps * max(1.0, abs(self._loss)) / epsilon

    def look_closely(self, number: int, epsilon: float) -> Slope:
        """Find the slope of the smooth piece that a value is on, where a step of ε does not.

        If there is a kink within ε, a smaller step may keep clear of it. If the value stands on
        one, that is the slope on the side where every ReLU and MaxPool goes the way that it goes at
        the value; NaN if it goes another way on both sides. If there is none, the loss may bend so
        much that only a smaller step tells its slope.
        """
        is_kink = not self._is_smooth(number, epsilon, -epsilon)
        for step in (epsilon * share for share in CLOSER):
            if not is_kink or self._is_smooth(number, step, -step):
                return Slope(float(self.slopes(np.array([number]), step)[0]), step, is_kink)
        for share in (1.0, *CLOSER):
            for step in (epsilon * share, -epsilon * share):
                if self._is_smooth(number, step, 2 * step):
                    moved = [self._moved(number, step), self._moved(number, 2 * step)]
                    near, far = self._losses(moved)
                    slope = (4 * near - far - 3 * self._loss) / (2 * step)
                    return Slope(float(slope), abs(step) / 4, is_kink)  # four times the rounding
        return Slope(float("nan"), epsilon, is_kink)

    def _is_smooth(self, number: int, *steps: float) -> bool:
        """Say whether no kink lies between a value and where the steps lead."""
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


def probe_parameter(
    tail: Tail, network: Network, position: int, name: str, inputs: Array, run: Run
) -> Probe:
    """Probe the values of an array that learns; the network's own array is moved and put back."""
    layer = network.layers[position].layer
    values = layer.parameters[name].reshape(-1)
    workspace = workspace_of(network, position, run)

    def moved(number: int, step: float) -> Array:
        before = values[number]
        values[number] = before + step
        outputs: Array = layer.forward(inputs, workspace).copy()
        values[number] = before
        return outputs

    return Probe(tail, position + 1, moved)


def probe_input(tail: Tail, position: int, inputs: Array) -> Probe:
    """Probe the values that reach a block in the first sample."""

    def moved(number: int, step: float) -> Array:
        variant = inputs.copy()
        variant[0].reshape(-1)[number] += step
        return variant

    return Probe(tail, position, moved)
