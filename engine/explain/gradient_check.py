"""Gradient check: compare the gradients of `backward` with difference quotients of the loss.

For a value w, backward's ∂E/∂w is compared with (E(w + ε) - E(w - ε)) / 2ε, in float64, for the
mean loss of a small batch in training mode; Dropout leaves out the same values every time.
"""

import math
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.compute.pass_context import PassContext
from engine.errors import TrainingError
from engine.explain.explanation import frozen
from engine.explain.indices import Index, index_of, index_words
from engine.explain.numeric_slopes import LossFrom, probed
from engine.explain.traced_pass import TracedPass, copied_network, training_run
from engine.model.network import Network, ParameterKey
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, ShapeReport
from engine.model.weights import Weights

SMALL_SHARE = 1e-3  # of the largest gradient: errors of smaller ones are measured by this


def relative_errors(backward: Array, numeric: Array, scale: float, uncertainty: float) -> Array:
    """Return |a - b| / max(|a|, |b|, scale / 1000, 10⁶ uncertainty) for each pair.

    `scale` is the largest gradient of the array: beside it, tiny ones need not be exact.
    `uncertainty` is how far off a difference quotient may be; a difference of that much is an error
    of 10⁻⁶, which is none.
    """
    divisor = np.maximum(np.abs(backward), np.abs(numeric))
    divisor = np.maximum(divisor, max(SMALL_SHARE * scale, 1e6 * uncertainty))
    errors: Array = np.abs(backward - numeric) / divisor
    return errors


@dataclass(frozen=True)
class ValueCheck:
    """Both numbers for one value. `numeric` is NaN at a kink that has no slope on either side."""

    index: Index
    backward: float
    numeric: float
    error: float
    is_kink: bool


@dataclass(frozen=True, eq=False)
class ArrayCheck:
    """The values `numbers` (n,) of one array, numbered row by row, as both ways see them.

    `name` is weight, bias or input; `full_name` is as files have it, `0.conv.weight`. At kinks of
    ReLU and MaxPool `numeric` is the slope on the side that backward takes; `errors` is NaN where
    there is none.
    """

    TOLERANCE: ClassVar[float] = 1e-5

    position: int
    slot: BlockSlot
    name: str
    full_name: str
    shape: Shape
    numbers: NDArray[np.int64]
    backward: Array
    numeric: Array
    errors: Array
    kinks: NDArray[np.bool_]

    @property
    def size(self) -> int:
        """Count the values of the array."""
        return int(np.prod(self.shape))

    @property
    def title(self) -> str:
        """Name the array for people: `1 Conv 5, 3×3 · weight`."""
        return f"{self.position + 1} {self.slot.label} · {self.name}"

    @property
    def left_out(self) -> int:
        """Count the values that stand on a kink and could not be compared."""
        return int(np.isnan(self.numeric).sum())

    @property
    def max_relative_error(self) -> float:
        """The largest relative error of those that were compared; 0 if none was."""
        compared = self.errors[~np.isnan(self.numeric)]
        return float(compared.max()) if len(compared) else 0.0

    @property
    def agrees(self) -> bool:
        """Whether no gradient is wrong."""
        return self.max_relative_error <= self.TOLERANCE

    @property
    def worst(self) -> ValueCheck:
        """The value with the largest relative error."""
        return self._value(int(np.where(np.isnan(self.errors), -1.0, self.errors).argmax()))

    @property
    def heat(self) -> Array:
        """Relative errors in the shape of the array, NaN where nothing was compared."""
        heat: Array = np.full(self.size, np.nan)
        heat[self.numbers] = self.errors
        return heat.reshape(self.shape)

    def value(self, index: Index) -> ValueCheck | None:
        """Return both numbers for the value at an index; None if it was not among those drawn."""
        number = int(np.ravel_multi_index(index, self.shape))
        row = int(np.searchsorted(self.numbers, number))
        if row == len(self.numbers) or self.numbers[row] != number:
            return None
        return self._value(row)

    @property
    def counted(self) -> str:
        """Say how many values were checked: `1,000 of 338,000`, or `all 45`."""
        if len(self.numbers) == self.size:
            return f"all {self.size:,}"
        return f"{len(self.numbers):,} of {self.size:,}"

    @property
    def verdict(self) -> str:
        """Say in words what came out."""
        if not self.agrees:
            worst = self.worst
            return (
                f"Wrong: at {index_words(worst.index)} backward says {worst.backward:.6g}, the "
                f"difference quotient {worst.numeric:.6g}."
            )
        words = "Right: backward and the difference quotient agree."
        if not np.any(self.backward) and not np.nanmax(np.abs(self.numeric), initial=0.0) > 1e-9:
            words = "All gradients here are 0, and the loss does not change, either."
        return words + self._kink_words()

    def _kink_words(self) -> str:
        if not self.kinks.any():
            return ""
        count = int(self.kinks.sum())
        which = "1 value stands" if count == 1 else f"{count:,} values stand"
        words = (
            f" {which} at a kink of ReLU or MaxPool, where the slopes on both sides differ: "
            "compared with the side that backward takes."
        )
        if self.left_out:
            words += f" {self.left_out:,} had kinks on both sides and were left out."
        return words

    def _value(self, row: int) -> ValueCheck:
        return ValueCheck(
            index_of(self.shape, int(self.numbers[row])),
            float(self.backward[row]),
            float(self.numeric[row]),
            float(self.errors[row]),
            bool(self.kinks[row]),
        )


LIMIT = 1000  # values of one array that are checked
EPSILON = 1e-5
SUSPICIOUS = 1e-6  # relative errors above are looked at more closely
VARIANT_BYTES = 8_000_000  # of the largest activation of all variants that run at a time
VARIANTS = 128


@dataclass(frozen=True)
class CheckProgress:
    """How far a check is: values done of all, and the array in work, such as `0.conv.weight`."""

    done: int
    total: int
    name: str


@dataclass(frozen=True, eq=False)
class _Plan:
    position: int
    name: str
    backward: Array
    numbers: NDArray[np.int64]


def check_gradients(
    report: ShapeReport,
    weights: Weights,
    settings: Settings,
    inputs: Array,
    labels: Sequence[int],
    *,
    positions: Collection[int] | None = None,
    with_inputs: bool = True,
    limit: int = LIMIT,
    seed: int = 0,
    run: PassContext | None = None,
) -> Iterator[CheckProgress | ArrayCheck]:
    """Check the gradients of the blocks at some positions, or of all, on a copy of the network.

    inputs (n, C, H, W) in 0..1 with the indices of their classes, a few samples (BatchNorm on
    vectors needs more than one). Of arrays with more than `limit` values, that many are drawn by
    the seed. `with_inputs` checks ∂E/∂x of each block, too, for the first sample. Yields an
    ArrayCheck for each array and how far it is in between; closing the generator ends it.

    Raises TrainingError if the stack does not fit, or its weights or outputs are not finite.
    """
    network = copied_network(report, weights, settings)
    inputs = frozen(inputs)
    broken = network.find_non_finite(inputs)
    if broken is not None:
        raise TrainingError(
            f"The gradients cannot be checked: {broken} are not all finite. Reset the network, or "
            "load other weights."
        )
    targets = frozen(np.eye(math.prod(network.layers[-1].output_shape))[list(labels)])
    run = training_run(run, settings, len(inputs))
    done = TracedPass(network, settings.loss, inputs, targets, run)
    tail = LossFrom(network, settings.loss, targets, run)
    wanted = range(len(network.layers)) if positions is None else sorted(positions)
    plans = _plans(network, done, wanted, with_inputs, limit, seed)
    total, counted = sum(len(plan.numbers) for plan in plans), 0
    for plan in plans:
        probe = probed(tail, network, plan.position, plan.name, done.inputs[plan.position])
        numeric = np.empty(len(plan.numbers))
        slot = network.layers[plan.position].slot
        name = f"{plan.position}.{slot.block.kind}.{plan.name}"
        step = _variants(network, tail.end, probe.start, len(inputs))
        yield CheckProgress(counted, total, name)
        for first in range(0, len(numeric), step):
            part = slice(first, first + step)
            numeric[part] = probe.slopes(plan.numbers[part], EPSILON)
            yield CheckProgress(counted + min(first + step, len(numeric)), total, name)
        counted += len(numeric)
        backward = plan.backward.reshape(-1)[plan.numbers]
        scale = float(np.abs(plan.backward).max())
        errors = relative_errors(backward, numeric, scale, probe.uncertainty(EPSILON))
        kinks = np.zeros(len(numeric), np.bool_)
        # The slope beside a kink if one is near, else that of the best step.
        for place in np.flatnonzero(~(errors <= SUSPICIOUS)).tolist():
            found, one = probe.look_closely(int(plan.numbers[place]), EPSILON), [place]
            numeric[one], kinks[one] = found.value, found.is_kink
            errors[one] = relative_errors(backward[one], numeric[one], scale, found.uncertainty)
            yield CheckProgress(counted, total, name)
        yield ArrayCheck(
            position=plan.position,
            slot=slot,
            name=plan.name,
            full_name=name,
            shape=plan.backward.shape,
            numbers=plan.numbers,
            backward=frozen(backward),
            numeric=frozen(numeric),
            errors=frozen(errors),
            kinks=kinks,
        )


def _plans(
    network: Network,
    done: TracedPass,
    positions: Collection[int],
    with_inputs: bool,
    limit: int,
    seed: int,
) -> list[_Plan]:
    plans = []
    for position in positions:
        layer = network.layers[position]
        gradients = {
            name: done.parameter_gradients[ParameterKey(layer.slot.id, name)]
            for name in layer.layer.parameters
        }
        if with_inputs:
            gradients["input"] = done.input_gradients[position][0]
        for order, (name, gradient) in enumerate(gradients.items()):
            numbers = np.arange(gradient.size)
            if gradient.size > limit:
                rng = np.random.default_rng((seed, position, order))
                numbers = np.sort(rng.choice(gradient.size, limit, replace=False))
            plans.append(_Plan(position, name, gradient, numbers))
    return plans


def _variants(network: Network, end: int, start: int, samples: int) -> int:
    """Return how many values are moved at a time, each both ways."""
    shapes = [layer.output_shape for layer in network.layers[max(start - 1, 0) : end]]
    largest = max((math.prod(shape) for shape in shapes), default=1)
    return max(1, min(VARIANTS, VARIANT_BYTES // (16 * samples * largest)))
