"""TrainingState: all besides the weights that a run needs to go on as if it had not stopped."""

import math
from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from engine.array_types import Array, Shape
from engine.model.settings import Settings
from engine.model.stack import ShapeReport
from engine.struct_fields import field_of

# What decides which samples an epoch brings in which order, and what its losses are measured by.
_PLACE = (
    *("dataset", "classes", "limit", "test_split", "validation_split", "seed", "batch_size"),
    *("copies", "image_size", "colour", "fit", "background", "scaling"),
    *("shift", "rotate", "zoom", "noise", "flip", "loss"),
    "drawings",
)
_PLURAL = ("classes", "fit", "drawings")
_NAMES = {"adam": "Adam", "adamw": "AdamW", "momentum": "Momentum"}


class MemoryKey(NamedTuple):
    """Which array of an optimizer: whose parameter it is for, and what it remembers of it."""

    slot_id: int
    parameter: str
    memory: str


class EpochPart(msgspec.Struct, frozen=True):
    """What is done of an epoch that is not finished: steps, and sums over their samples.

    `lowest_rate` and `highest_rate` are those of the learning rates of its steps, as far as known.
    """

    steps: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    seconds: float = 0.0
    lowest_rate: float = math.inf
    highest_rate: float = 0.0


class TrainingState(msgspec.Struct, frozen=True, eq=False):
    """Where a training stands between two steps, and what its optimizer remembers.

    It belongs to the weights of the same moment. `origin` is the epoch after which the training
    began: the step schedule counts from there. The run goes from `first_epoch` to `last_epoch`,
    which the cosine spans; `epochs` is the setting that chose this goal. `updates` counts the steps
    of the optimizer, `numerics` is the title of the twin that did them. `settings`, `shapes` (of
    the parameters, by slot id) and `samples` (for training and validation) say what all this
    belongs to.
    """

    settings: Settings
    shapes: Mapping[int, Mapping[str, Shape]]
    samples: int
    origin: int
    first_epoch: int
    last_epoch: int
    epochs: int
    epochs_done: int
    part: EpochPart = EpochPart()
    updates: int = 0
    memories: Mapping[MemoryKey, Array] = msgspec.field(default_factory=dict)
    best_loss: float = math.inf
    best_epoch: int = 0
    numerics: str = ""

    @property
    def finished(self) -> bool:
        """Whether the run has come to its end, so that training goes on with a new one."""
        return self.epochs_done >= self.last_epoch

    @property
    def trained_part(self) -> float:
        """The share of the epoch after those that is done."""
        return self.part.steps / self._steps(self.settings)

    def _steps(self, settings: Settings) -> int:
        """Count the steps of an epoch."""
        return max(1, math.ceil(settings.trained_samples(self.samples) / settings.batch_size))

    def why_void(self, report: ShapeReport, settings: Settings) -> str:
        """Say what was changed so that nothing of this holds any more; empty if it does."""
        if optimizer_kind(self.settings) != optimizer_kind(settings):
            if self.settings.optimizer != settings.optimizer:
                return "the optimizer was changed"
            return f"momentum was turned {'on' if settings.momentum else 'off'}"
        return _difference(self.shapes, report)

    def why_misplaced(self, settings: Settings, samples: int | None = None) -> str:
        """Say what was changed so that the unfinished epoch must begin again; empty if nothing."""
        for name in _PLACE:
            if getattr(self.settings, name) != getattr(settings, name):
                title = field_of(Settings, name).title.lower()
                return f"the {title} {'were' if name in _PLURAL else 'was'} changed"
        if samples not in (None, self.samples):
            return "the data was changed"
        return "the data was changed" if self.part.steps > self._steps(settings) else ""

    def kept(
        self, report: ShapeReport, settings: Settings, samples: int | None = None
    ) -> "TrainingState | None":
        """Return the part of this state that fits a network, settings and data, or None."""
        if self.why_void(report, settings):
            return None
        state = replace(self, settings=settings)
        if self.why_misplaced(settings, samples):
            return replace(state, part=EpochPart(), best_loss=math.inf, best_epoch=0)
        return state

    def with_goal(self, more: int) -> "TrainingState":
        """Let a run that is not at its end go on for so many epochs after those that are done."""
        if self.finished:
            return self
        return replace(self, last_epoch=self.epochs_done + more, epochs=more)


def next_state(
    state: TrainingState | None,
    report: ShapeReport,
    settings: Settings,
    samples: int,
    epochs_done: int = 0,
) -> TrainingState:
    """Return the state that training begins with, after a run that was left in `state`.

    An unfinished run goes on to its goal. If the setting of the epochs was changed since, it goes
    for so many from its beginning, or if as many are done, from now. After the end of a run, or
    where the state is void, a new run goes for the epochs of the settings; only the first of these
    keeps the memories and lets the step schedule count on.
    """
    if state is not None:
        epochs_done = state.epochs_done
        state = state.kept(report, settings, samples)
    goal = epochs_done + settings.epochs
    if state is None:
        state = TrainingState(
            settings,
            parameter_shapes(report),
            samples,
            origin=epochs_done,
            first_epoch=epochs_done,
            last_epoch=goal,
            epochs=settings.epochs,
            epochs_done=epochs_done,
        )
    elif state.finished:
        state = replace(state, first_epoch=epochs_done, last_epoch=goal)
    elif state.epochs != settings.epochs:
        other = state.first_epoch + settings.epochs
        state = replace(state, last_epoch=other if other > epochs_done else goal)
    return replace(state, samples=samples, epochs=settings.epochs)


def what_begins_anew(
    state: TrainingState | None,
    report: ShapeReport,
    settings: Settings,
    samples: int,
    epochs_done: int,
) -> str:
    """Say in a sentence what of the training before is lost, and why; empty if nothing is."""
    why = "they were not kept"
    if state is None and not epochs_done:
        return ""
    if state is None or (why := state.why_void(report, settings)):
        name = _NAMES.get(optimizer_kind(settings))
        if name and (state is None or optimizer_kind(state.settings) != "sgd"):  # it is lost
            return f"{name} knows nothing of earlier steps, for {why}: the loss may rise at first."
        return "" if settings.schedule == "constant" else f"The schedule starts anew: {why}."
    why = state.why_misplaced(settings, samples)
    if why and state.part.steps:
        return f"Epoch {state.epochs_done + 1:,} begins again: {why}."
    return ""


def optimizer_kind(settings: Settings) -> str:
    """Name what decides which memories an optimizer has."""
    return "momentum" if settings.optimizer == "sgd" and settings.momentum else settings.optimizer


def parameter_shapes(report: ShapeReport) -> dict[int, dict[str, Shape]]:
    """Return the shapes of what learns, by slot id."""
    return {
        row.slot.id: shapes
        for row in report.rows
        if row.input_shape is not None
        and row.output_shape is not None  # else it does not fit
        and (shapes := row.slot.block.parameter_shapes(row.input_shape))
    }


def _difference(shapes: Mapping[int, Mapping[str, Shape]], report: ShapeReport) -> str:
    """Say which block is the first that differs from when these were the parameters' shapes.

    One that does not fit, or comes after it, does not: its shapes are not known until it fits.
    """
    if not shapes.keys() <= {row.slot.id for row in report.rows}:
        return "a block was removed"
    now = parameter_shapes(report)
    for number, row in enumerate(report.rows, 1):
        slot_id = row.slot.id
        if row.output_shape is not None and shapes.get(slot_id) != now.get(slot_id):
            return f"block {number} was {'changed' if slot_id in shapes else 'added'}"
    return ""
