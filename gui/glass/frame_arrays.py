"""Which arrays a frame of a training step shows, and how each of their values came."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from engine.array_types import Array
from engine.blocks import SkipBlock
from engine.explain.by_block import (
    explain_added_gradient,
    explain_input_gradient,
    explain_output,
    explain_parameter_gradient,
    explain_update,
)
from engine.explain.convolution import COLOURS
from engine.explain.explanation import Explanation, Number
from engine.explain.indices import Index, index_words
from engine.explain.training_step import StepFrame, TracedBlock, TracedParameter, TrainingStep
from gui.widgets.colour_scale import GREY, ColourMap, Levels, range_of

MOST_CELLS = 5_000  # of weights that are shown all at once; of more, those of one unit
MOST_COLUMNS = 64  # of a matrix of weights that is shown all at once
_PASSED_ON = {"reshape", "max_pool", "relu", "dropout", "add"}  # hand values on as they are

Explain = Callable[[Index], Explanation]


@dataclass(frozen=True, eq=False)
class FrameArray:
    """One array that is shown.

    `sign` stands before it. `explain` says of a place of the whole array why its value is what it
    is. `unit` is the row that is shown of an array too large. `source` is the position of the block
    whose output the values are, or belong to; -1 is the image, None says that they are weights.
    Without `levels` the scale follows the values.
    """

    words: str
    array: Array
    explain: Explain
    source: int | None = None
    colours: ColourMap = "CET-D1"
    unit: int | None = None
    levels: Levels | None = None
    sign: str = ""

    @property
    def shown(self) -> Array:
        """The part of the array that is shown."""
        part: Array = self.array if self.unit is None else self.array[self.unit]
        return part

    def place(self, shown: Index) -> Index:
        """Return the place in the whole array of a place that is shown."""
        return shown if self.unit is None else (self.unit, *shown)

    @property
    def farthest_from_zero(self) -> Index:
        """The place that is shown of the value farthest from zero."""
        part = np.nan_to_num(np.abs(self.shown))
        return tuple(int(axis) for axis in np.unravel_index(int(part.argmax()), part.shape))


def arrays_of(step: TrainingStep, frame: StepFrame, parameter: str, unit: int) -> list[FrameArray]:
    """List what a frame shows; of the arrays that learn, one, and of a large one, one unit's."""
    if frame.position is None:
        return []
    block = step.blocks[frame.position]
    if frame.phase == "forward":
        return _forward(step, block)
    if frame.phase == "backward":
        return _backward(step, block, parameter, unit)
    return _update(step, block, parameter, unit)


def parameters_of(step: TrainingStep, frame: StepFrame) -> Sequence[TracedParameter]:
    """List the arrays that learn, if the frame shows one of them."""
    if frame.position is None or frame.phase == "forward":
        return ()
    return step.blocks[frame.position].parameters


def units_of(held: TracedParameter) -> tuple[int, int]:
    """Count the units of which one has to be chosen, 0 if all fit; find that which changes most."""
    changes = np.abs(held.gradient).reshape(len(held.gradient), -1).sum(axis=1)
    return len(held.before) if _is_by_unit(held.before) else 0, int(changes.argmax())


def _forward(step: TrainingStep, block: TracedBlock) -> list[FrameArray]:
    before = block.position - 1
    coloured = before < 0 and len(block.inputs) == len(COLOURS)
    words, colours = " · ".join(COLOURS) if coloured else "in", GREY if before < 0 else "viridis"
    into = FrameArray(words, block.inputs, _came_from(step, before), before, colours)
    explain: Explain = partial(explain_output, block)
    out = FrameArray("out", block.outputs, explain, block.position, "viridis", sign="→")
    if block.added is None:
        return _on_one_scale(block, [into, out])
    source = source_of(block)
    words, explain = f"s, of block {source + 1}", _came_from(step, source)
    summand = FrameArray(words, block.added, explain, source, "viridis", sign="+")
    into, out = replace(into, words="x"), replace(out, words="y", sign="=")
    if not block.parameters:
        return _on_one_scale(block, [into, summand, out])
    into, out = _on_one_scale(block, [into, out])
    return [into, replace(summand, sign="+ B + K ⋆"), out]


def source_of(block: TracedBlock) -> int:
    """Return the position of the block whose outputs this one adds."""
    assert isinstance(block.slot.block, SkipBlock)
    return block.slot.block.source_number - 1


def _backward(
    step: TrainingStep, block: TracedBlock, parameter: str, unit: int
) -> list[FrameArray]:
    came, ways = _gradient_from(step, block.position + 1), ""
    if block.joining:
        came, ways = _joined(step, block), f", of {len(block.joining) + 1} ways"
    back = partial(explain_input_gradient, block)
    found = _on_one_scale(
        block,
        [
            FrameArray(f"∂E/∂y{ways}", block.gradient, came, block.position),
            FrameArray("∂E/∂x", block.input_gradient, back, block.position - 1, sign="→"),
        ],
    )
    if block.added_gradient is not None:
        levels = None if block.parameters else found[0].levels
        back, source = partial(explain_added_gradient, block), source_of(block)
        summand = FrameArray("∂E/∂s", block.added_gradient, back, source, levels=levels, sign="and")
        found.append(summand)
    if block.parameters:
        gradient = block.parameter(parameter).gradient
        back, shown = partial(explain_parameter_gradient, block, parameter), _unit(gradient, unit)
        found.append(FrameArray(f"∂E/∂{parameter}", gradient, back, unit=shown))
    return found


def _update(step: TrainingStep, block: TracedBlock, parameter: str, unit: int) -> list[FrameArray]:
    """Show before and after on one scale, and what was added in colours of its own."""
    held = block.parameter(parameter)
    explain = partial(explain_update, step, block.position, parameter)
    before = FrameArray(f"{parameter} before", held.before, explain, unit=_unit(held.before, unit))
    after = replace(before, words=f"{parameter} after", array=held.after, sign="=")
    levels = range_of(np.stack([before.shown, after.shown]))
    difference = held.after - held.before
    change = replace(before, words="change", array=difference, colours="CET-D2", sign="+")
    return [replace(before, levels=levels), change, replace(after, levels=levels)]


def _unit(array: Array, unit: int) -> int | None:
    return unit if _is_by_unit(array) else None


def _is_by_unit(array: Array) -> bool:
    """Return whether an array is so large that only what belongs to one output is shown.

    A wide matrix is, too: its rows would be lines that are too thin to be read.
    """
    wide = array.ndim == 2 and array.shape[1] > MOST_COLUMNS
    return wide or (array.ndim in (2, 4) and array.size > MOST_CELLS)


def _on_one_scale(block: TracedBlock, found: list[FrameArray]) -> list[FrameArray]:
    """Give values that a block only hands on one scale, so that equal ones look equal."""
    if block.slot.block.kind not in _PASSED_ON:
        return found
    levels = range_of(np.concatenate([each.array.ravel() for each in found]))
    return [replace(each, levels=levels) for each in found]


def _came_from(step: TrainingStep, position: int) -> Explain:
    """Explain the output of the block at a position; the image explains itself."""
    if position >= 0:
        return lambda place: explain_output(step.blocks[position], place)

    def pixel(place: Index) -> Explanation:
        value, channel = float(step.image[place]), place[0]
        name = COLOURS[channel] if len(step.image) == len(COLOURS) else "grey"
        return Explanation(
            f"The image: {index_words(place)}",
            step.scaling.equation(channel, name),
            (Number(name, step.scaling.byte(value, channel)),),
            Number("x", value),
        )

    return pixel


def _joined(step: TrainingStep, block: TracedBlock) -> Explain:
    """Explain the gradient that comes to a block from the next one, and by skip connections."""
    following = step.blocks[block.position + 1]

    def joined(place: Index) -> Explanation:
        ways = [Number(f"∂E/∂x_{following.position + 1}", float(following.input_gradient[place]))]
        for taker, gradient in block.joining.items():
            ways.append(Number(f"∂E/∂s_{taker + 1}", float(gradient[place])))
        takers = " and ".join(f"block {taker + 1}" for taker in block.joining)
        return Explanation(
            f"{block.title}: ∂E/∂y, {index_words(place)}",
            "∂E/∂y = " + " + ".join(way.label for way in ways),
            tuple(ways),
            Number("∂E/∂y", float(block.gradient[place])),
            note=f"Its output goes to block {following.position + 1}, and by a skip connection to "
            f"{takers}: what comes back on each way is added up.",
        )

    return joined


def _gradient_from(step: TrainingStep, position: int) -> Explain:
    """Explain the gradient that the block at a position, or else the loss, hands back."""
    if position < len(step.blocks):
        return lambda place: explain_input_gradient(step.blocks[position], place)

    def slope(place: Index) -> Explanation:
        row = step.loss.rows[place[0]]
        return Explanation(
            f"The loss: class {row.name}",
            step.loss.gradient_equation,
            (Number("y", row.output), Number("y*", row.target)),
            Number("∂E/∂y", row.gradient),
        )

    return slope
