"""Gradient check: compare the gradients of `backward` with difference quotients of the loss.

For a value w, backward's ∂E/∂w is compared with (E(w + ε) - E(w - ε)) / 2ε, in float64, for the
mean loss of a small batch in training mode; Dropout leaves out the same values every time.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array, Shape
from engine.compute.pass_context import PassContext
from engine.errors import TrainingError
from engine.explain.explanation import frozen
from engine.explain.indices import Index, index_of, index_words
from engine.explain.traced_pass import TracedPass, copied_network, first_step
from engine.model.losses import LOSSES
from engine.model.network import NOTHING, Network, ParameterKey, run_layers
from engine.model.settings import Settings
from engine.model.stack import BlockSlot, ShapeReport
from engine.model.weights import Weights


class LossFrom:
    """The blocks of a network from some position on, and the loss behind them, in training mode.

    Behind a Sigmoid, binary cross-entropy is computed from x as log(1 + e^x) - y* x, and
    categorical cross-entropy behind a Softmax as log Σ e^x_j - x_i: the same loss, without the
    rounding of outputs near 0 and 1, which a difference of two losses would bring to light.
    `earlier` has the outputs, by slot, that later blocks take where nothing is moved.
    """

    def __init__(
        self,
        network: Network,
        loss: str,
        targets: Array,
        run: PassContext,
        earlier: Mapping[int, Array] = NOTHING,
    ) -> None:
        self._network, self._targets, self._run = network, targets, run
        self._earlier = earlier
        self._loss = LOSSES[loss]
        last = network.layers[-1].slot.block.kind
        self._fused = last if self._loss.fuses_with == last else None
        self.end = len(network.layers) - (1 if self._fused else 0)
        self._workspaces = network.workspaces()

    def losses(self, position: int, variants: Array, *, whole: bool = False) -> Array:
        """Return the mean loss of every variant (variants, n, ...) of the inputs of a block.

        `whole`: these are what the block before gives, to later blocks that take it, too.
        """
        made = self._made(position, variants, whole)
        for at in range(position, self.end):
            variants = self.forward(at, variants, made)
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

    def forward(self, position: int, variants: Array, made: dict[int, Array]) -> Array:
        """Compute the outputs of one block for every variant of its inputs: a copy.

        `made` has those of the blocks before it that the variants change, by slot, and gets these.
        """
        layer = self._network.layers[position]
        count, samples = variants.shape[:2]
        if layer.slot.known.depends_on_batch:  # so the variants of a batch go one by one
            found = np.stack([self._run_one(position, variant).copy() for variant in variants])
        else:
            earlier: dict[int, Array] = {}
            if layer.source is not None:
                still = self._earlier[layer.source]
                taken = made.get(layer.source, np.broadcast_to(still, (count, *still.shape)))
                earlier[layer.source] = taken.reshape(-1, *still.shape[1:])
            inputs = variants.reshape(count * samples, *variants.shape[2:])
            outputs = self._run_one(position, inputs, earlier).copy()
            found = outputs.reshape(count, samples, *layer.output_shape)
        if position in self._network.skips.values():
            made[layer.slot.id] = found
        return found

    def _made(self, position: int, variants: Array, whole: bool) -> dict[int, Array]:
        """Begin what `forward` keeps, with what the block before a position gives."""
        return {self._network.layers[position - 1].slot.id: variants} if whole else {}

    def branches(self, position: int, inputs: Array, *, whole: bool = False) -> list[NDArray[Any]]:
        """Say which way each kink goes for a batch of a block's inputs; `whole` as for `losses`.

        That is, in every block from there on, which values a ReLU passes and which value of its
        window a MaxPool takes. While none of it changes, the loss is smooth.
        """
        found: list[NDArray[Any]] = []
        made = self._made(position, inputs[np.newaxis], whole)
        for at in range(position, self.end):
            outputs = self.forward(at, inputs[np.newaxis], made)[0]
            block = self._network.layers[at].slot.known
            branches = block.branches(inputs, self._workspaces[at])
            if branches is not None:
                found.append(branches)
            inputs = outputs
        return found

    def _run_one(
        self, position: int, inputs: Array, earlier: Mapping[int, Array] = NOTHING
    ) -> Array:
        """Return the outputs of one block, which its next run overwrites."""
        layers, workspaces = [self._network.layers[position]], [self._workspaces[position]]
        locked = self._network.locked
        (outputs,) = run_layers(
            layers, workspaces, inputs, self._run, locked=locked, earlier=earlier
        )
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

    `start` is the position of the first block whose inputs a moved value changes. `whole`: it
    changes all that the block before gives.
    """

    def __init__(self, tail: LossFrom, start: int, moved: Moved, *, whole: bool) -> None:
        self._tail, self.start, self._moved, self._whole = tail, start, moved, whole
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
        return self._tail.branches(self.start, self._moved(number, step), whole=self._whole)

    def _losses(self, moved: list[Array]) -> Array:
        return self._tail.losses(self.start, np.stack(moved), whole=self._whole)


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

        return NumericSlopes(tail, position, moved, whole=False)
    values = network.layers[position].layer.parameters[name].reshape(-1)

    def changed(number: int, step: float) -> Array:
        before = values[number]
        values[number] = before + step
        outputs: Array = tail.forward(position, inputs[np.newaxis], {})[0]
        values[number] = before
        return outputs

    return NumericSlopes(tail, position + 1, changed, whole=True)


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
        words = "Backward pass and finite differences agree."
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
    with_inputs: bool = True,
    limit: int = LIMIT,
    seed: int = 0,
) -> Iterator[CheckProgress | ArrayCheck]:
    """Check the gradients of all blocks, on a copy of the network.

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
    run = first_step(settings, len(inputs))
    done = TracedPass(network, settings.loss, inputs, targets, run)
    taken = {network.layers[place].slot.id: done.outputs[place] for place in network.skips.values()}
    tail = LossFrom(network, settings.loss, targets, run, taken)
    plans = _plans(network, done, with_inputs, limit, seed)
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
    network: Network, done: TracedPass, with_inputs: bool, limit: int, seed: int
) -> list[_Plan]:
    plans = []
    for position, layer in enumerate(network.layers):
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
