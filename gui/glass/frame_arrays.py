"""Which arrays a frame of a training step shows, and how each of their values came."""

from collections.abc import Callable
from dataclasses import dataclass, replace

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
from engine.explain.training_step import StepFrame, TracedBlock, TrainingStep
from gui.widgets.colour_scale import GREY, ColourMap, Levels, range_of

MOST_CELLS = 5_000  # of weights that are shown all at once; of more, those of one unit
MOST_COLUMNS = 64  # of a matrix of weights that is shown all at once
_PASSED_ON = {"reshape", "max_pool", "relu", "dropout", "add"}  # hand values on as they are

Explain = Callable[[Index], Explanation]


@dataclass(frozen=True, eq=False)
class FrameArray:
    """One array that is shown.

    `sign` stands before it. `explain` says of a place of the whole array why its value is what it
    is. `unit` is
    the row that is shown of an array too large. `source` is the position of the block whose output
    the values are, or belong to; -1 is the image, None says that they are weights. Without `levels`
    the scale follows the values.
    """

    words: str
    array: Array
    colours: ColourMap
    explain: Explain
    source: int | None = None
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


def parameter_names(step: TrainingStep, frame: StepFrame) -> tuple[str, ...]:
    """Name the arrays that learn, if the frame shows one of them."""
    if frame.position is None or frame.phase == "forward":
        return ()
    return tuple(found.name for found in step.blocks[frame.position].parameters)


def units_of(step: TrainingStep, frame: StepFrame, parameter: str) -> int:
    """Count the units of which one has to be chosen; 0 if all fit."""
    if parameter not in parameter_names(step, frame) or frame.position is None:
        return 0
    array = step.blocks[frame.position].parameter(parameter).before
    return len(array) if _is_by_unit(array) else 0


def most_changed_unit(step: TrainingStep, frame: StepFrame, parameter: str) -> int:
    """Return the unit whose gradient is largest."""
    if frame.position is None or parameter not in parameter_names(step, frame):
        return 0
    gradient = step.blocks[frame.position].parameter(parameter).gradient
    return int(np.abs(gradient).reshape(len(gradient), -1).sum(axis=1).argmax())


def _forward(step: TrainingStep, block: TracedBlock) -> list[FrameArray]:
    before = block.position - 1
    added = [] if block.added is None or block.parameters else [block.added]
    levels = _shared(block, block.inputs, block.outputs, *added)
    coloured = before < 0 and len(block.inputs) == len(COLOURS)
    into = FrameArray(
        " · ".join(COLOURS) if coloured else "in",
        block.inputs,
        GREY if before < 0 else "viridis",
        _came_from(step, before),
        before,
        levels=levels,
    )
    out = FrameArray(
        "out",
        block.outputs,
        "viridis",
        lambda place: explain_output(block, place),
        block.position,
        levels=levels,
        sign="→",
    )
    if block.added is None:
        return [into, out]
    source = source_of(block)
    summand = FrameArray(
        f"s, of block {source + 1}",
        block.added,
        "viridis",
        _came_from(step, source),
        source,
        levels=None if block.parameters else levels,
        sign="+ B + K ⋆" if block.parameters else "+",
    )
    return [replace(into, words="x"), summand, replace(out, words="y", sign="=")]


def source_of(block: TracedBlock) -> int:
    """Return the position of the block whose outputs this one adds."""
    assert isinstance(block.slot.block, SkipBlock)
    return block.slot.block.source_number - 1


def _backward(
    step: TrainingStep, block: TracedBlock, parameter: str, unit: int
) -> list[FrameArray]:
    levels = _shared(block, block.gradient, block.input_gradient)
    found = [
        FrameArray(
            f"∂E/∂y, of {len(block.joining) + 1} ways" if block.joining else "∂E/∂y",
            block.gradient,
            "CET-D1",
            _joined(step, block) if block.joining else _gradient_from(step, block.position + 1),
            block.position,
            levels=levels,
        ),
        FrameArray(
            "∂E/∂x",
            block.input_gradient,
            "CET-D1",
            lambda place: explain_input_gradient(block, place),
            block.position - 1,
            levels=levels,
            sign="→",
        ),
    ]
    if block.added_gradient is not None:
        found.append(
            FrameArray(
                "∂E/∂s",
                block.added_gradient,
                "CET-D1",
                lambda place: explain_added_gradient(block, place),
                source_of(block),
                levels=None if block.parameters else levels,
                sign="and",
            )
        )
    for held in block.parameters:
        if held.name == parameter:
            found.append(
                FrameArray(
                    f"∂E/∂{held.name}",
                    held.gradient,
                    "CET-D1",
                    lambda place: explain_parameter_gradient(block, parameter, place),
                    unit=_unit(held.gradient, unit),
                )
            )
    return found


def _update(step: TrainingStep, block: TracedBlock, parameter: str, unit: int) -> list[FrameArray]:
    """Show before and after on one scale, and what was added in colours of its own."""
    held = block.parameter(parameter)

    def explain(place: Index) -> Explanation:
        return explain_update(step, block.position, parameter, place)

    shown = _unit(held.before, unit)
    parts = [array if shown is None else array[shown] for array in (held.before, held.after)]
    levels = range_of(np.stack(parts))
    arrays: tuple[tuple[str, str, Array, ColourMap, Levels | None], ...] = (
        ("", f"{parameter} before", held.before, "CET-D1", levels),
        ("+", "change", held.after - held.before, "CET-D2", None),
        ("=", f"{parameter} after", held.after, "CET-D1", levels),
    )
    return [
        FrameArray(words, array, colours, explain, unit=shown, levels=scale, sign=sign)
        for sign, words, array, colours, scale in arrays
    ]


def _unit(array: Array, unit: int) -> int | None:
    return unit if _is_by_unit(array) else None


def _is_by_unit(array: Array) -> bool:
    """Return whether an array is so large that only what belongs to one output is shown.

    A wide matrix is, too: its rows would be lines that are too thin to be read.
    """
    wide = array.ndim == 2 and array.shape[1] > MOST_COLUMNS
    return wide or (array.ndim in (2, 4) and array.size > MOST_CELLS)


def _shared(block: TracedBlock, *arrays: Array) -> Levels | None:
    """Return one scale for values that a block only hands on, so that equal ones look equal."""
    if block.slot.block.kind not in _PASSED_ON:
        return None
    return range_of(np.concatenate([array.ravel() for array in arrays]))


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
