"""The gradients panel: what a step does to every block, and what that means, in words."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import groupby

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QWidget

from engine.inspection.unit_health import BlockHealth, UnitHealth
from engine.training.step_statistics import BlockNorms, Norms, StepStatistics
from gui.theme import GRID, WRONG, kind_colour, set_muted
from gui.weights.diagnosis import Diagnosis, diagnose
from gui.weights.gradient_curves import NAMES, GradientCurves, name_of, slots_and_names
from gui.widgets.buttons import BlockBox
from gui.widgets.empty_state import EmptyState, none_until, when_there_is_data
from gui.widgets.headline import NOT_TRAINED
from gui.widgets.histogram import HistogramView
from gui.widgets.labels import ElidedLabel, FixedLabel, label_for, plain_tooltip, wrapping_label
from gui.widgets.layouts import WrappingPage, in_column, in_row, named, scrolling
from gui.widgets.number_words import epoch, percent, short
from gui.widgets.plot import Plot
from gui.widgets.tables import add_row, small_table
from gui.workspace.panel import BasePanel
from gui.workspace.panel_export import offer_export

_OF_VALUES = (
    "How often which values occur among the block's weights, which sizes among the gradients of "
    "these, and which values among its outputs over test images; above them mean ± standard "
    "deviation. A bar that towers over the others is cut off and has its share beside it."
)
_LOCKED = "|gradients|: none, for the block is locked"
_LIVE = "Sizes of the gradients in one of the last training steps, on a logarithmic axis."
_NEXT = (
    "Sizes of the gradients in the training step that comes next, for a batch of training images, "
    "worked out from the weights of this moment; on a logarithmic axis."
)
_COLUMNS = ("block", "gradient", "weights", "update", "stuck")
_HELP = (
    "The step with which training goes on from this moment. Gradient and weights are Euclidean "
    "norms. The update is a share of the weights, and the real one, whatever the optimizer. Stuck "
    "units are dead or saturated, over test images."
)
_RECENT = 9  # steps that the words are about
_EMPTY = when_there_is_data("Gradients, updates and the values of every block")
_LOWEST = 8  # lines of text in height, of the curves and of the histograms; a lower panel scrolls
_AWAITED = "The step that came next is being worked out."
_EXPLODES = "In the step that came next, numbers become infinite or not a number."
_NO_STEP = "No training step {}."
_NO_COUNTS = "|gradients|: from the next step on"
_OLD_STEPS = "Curves are from before your change; values are of the network as it is now."


class ValueHistograms(QWidget):
    """Three histograms of one block, which is chosen above them.

    Each plot is made when it is first drawn, in a turn of its own; then `offer` is given its name
    and the plot.
    """

    def __init__(self, offer: Callable[[str, HistogramView], None]) -> None:
        super().__init__()
        self._blocks: dict[int | None, BlockHealth] = {}  # by slot id
        self._steps: dict[int | None, BlockNorms] = {}
        self._values_when = self._step_when = ""  # of a step without a time: after the values
        self._why_no_step = ""
        self.block = named(
            BlockBox(), "gradients.block", "Block whose values are shown", plain_tooltip(_OF_VALUES)
        )
        self._when = named(ElidedLabel(), "gradients.when", muted=True)
        row = in_row(
            label_for(self.block, "val&ues of:"), self.block, (FixedLabel(self._when), 1), gap=GRID
        )
        titles = {"weights": "weights", "gradients": "|gradients|", "activations": "activations"}
        self._titled = {
            name: _Titled(title, partial(offer, name)) for name, title in titles.items()
        }
        self._gradients_tip = _LIVE
        plots = in_row(*((titled, 1) for titled in self._titled.values()), gap=GRID)
        in_column(row, (plots, 1), of=self)
        self.block.activated.connect(self._draw)

    def plot(self, name: str) -> HistogramView:
        """Return the plot of `weights`, of the sizes of their `gradients`, or of `activations`."""
        return self._titled[name].plot

    def set_step(
        self, step: StepStatistics | None, why_none: str, tip: str, *, at: float | None = None
    ) -> None:
        """Take a step that was done at a time in epochs or comes after the values, or why none."""
        self._steps = {} if step is None else {block.slot_id: block for block in step.blocks}
        self._step_when = "" if at is None else epoch(at)
        self._why_no_step, self._gradients_tip = why_none, tip

    def parts(
        self, health: UnitHealth | None, *, changed: bool = False
    ) -> list[Callable[[], object]]:
        """Return what draws the values of the chosen block, one histogram after the other.

        None: they are not known. `changed` says that they are of a network that was changed since
        it was trained.
        """
        missing = [name for name, titled in self._titled.items() if "plot" not in vars(titled)]
        makes = [partial(self.plot, name) for name in missing]
        draws = [partial(self._draw_one, name) for name in self._titled]
        return [partial(self._say, health, changed), *makes, *draws]

    def _say(self, health: UnitHealth | None, changed: bool) -> None:
        """Say of when the values are, and which blocks have some."""
        self._blocks = {}
        if health is not None:
            self._blocks = {block.slot_id: block for block in health.blocks}
            self._values_when = epoch(health.position)
            said = NOT_TRAINED if changed else f"at {self._values_when}"
            self._when.setText(said)
            self._when.setToolTip(f"{said}; values over {health.samples} test images")
            self.block.offer([(block.slot_id, name_of(block)) for block in health.blocks])

    def _draw(self) -> None:
        """Draw another block."""
        for name in self._titled:
            self._draw_one(name)

    def _draw_one(self, name: str) -> None:
        """Draw what is known of the chosen block, or say why that is nothing."""
        slot_id = self.block.slot_id()
        block, step = self._blocks.get(slot_id), self._steps.get(slot_id)
        if block is None:
            return
        values = {
            "weights": block.weights,
            "gradients": None if step is None else step.gradients,
            "activations": block.activations,
        }[name]
        titled = self._titled[name]
        titled.setVisible(name == "activations" or block.weights is not None)
        titled.plot.show_histogram(values, kind_colour(block.group))
        titled.title.setText(titled.plot.sentence())
        if name == "gradients":
            titled.plot.setToolTip(plain_tooltip(self._gradients_tip))
            if values is None:
                titled.title.setText(self._why_no_step if step is None else _LOCKED)
            elif self._step_when not in ("", self._values_when):
                titled.title.setText(f"{titled.plot.sentence()}, {self._step_when}")


class _Titled(QWidget):
    """A plot, made when it is first asked for, with what it shows above it."""

    def __init__(self, words: str, made: Callable[[HistogramView], object]) -> None:
        super().__init__()
        self._words, self._made = words, made
        self.title = ElidedLabel(brief=words)
        set_muted(self.title)
        self._column = in_column(FixedLabel(self.title), of=self)

    @cached_property
    def plot(self) -> HistogramView:
        """The plot, which is made now if need be."""
        plot = HistogramView(self._words)
        plot.setMinimumWidth(1)  # the place says how wide it is
        self._column.addWidget(plot, 1)
        self._made(plot)
        return plot


def step_table() -> QTreeWidget:
    """Make a table with a row for every block that learns or whose units can be stuck."""
    table = small_table("gradients.step", "What the next step does to every block")
    table.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
    table.setToolTip(plain_tooltip(_HELP))
    table.setHeaderLabels(_COLUMNS)
    table.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    for column in range(1, len(_COLUMNS)):
        table.headerItem().setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
    return table


def show_step(table: QTreeWidget, step: StepStatistics | None, health: UnitHealth) -> None:
    """Show what a step did, if it is known, and which share of units was stuck before it."""
    table.clear()
    blocks = () if step is None else step.blocks
    learns = {block.slot_id: block.norms for block in blocks}
    for block in health.blocks:
        norms = learns.get(block.slot_id)
        is_asked = not math.isnan(block.stuck)
        if norms is None and not is_asked:
            continue
        told = ["", "", ""] if norms is None else _numbers(norms)
        stuck = percent(block.stuck) if is_asked else ""
        name = name_of(block)
        add_row(table, [name.split(",")[0], *told, stuck], plain_tooltip(name))


def _numbers(norms: Norms) -> list[str]:
    """Write the norms of a block; what is locked has no gradient."""
    numbers = norms.gradient, norms.weights, norms.relative_update
    return ["–" if math.isnan(number) else short(number, 2) for number in numbers]


class GradientsPanel(BasePanel):
    """Words, curves over time, and histograms; of a checkpoint of the past, a table for the curves.

    The setters only store; `refresh` draws when `dirty`. `visibility_changed` says whether unit
    health is wanted. The plots are made when they are first drawn; `export_made` carries what
    exports one.
    """

    export_made = Signal(object)

    def __init__(self) -> None:
        super().__init__("gradients", "Gradients")
        self._recent: deque[StepStatistics] = deque(maxlen=_RECENT)
        # The newest step whose gradients were counted, and when it was, in epochs.
        self._counted: tuple[float, StepStatistics] | None = None
        self._health: UnitHealth | None = None
        self._until, self._changed = "", False
        self._past: _Past | None = None
        self.headline = wrapping_label("gradients.headline")
        self.curves, self.table = GradientCurves(), step_table()
        for curves, name in zip(self.curves.kinds, NAMES, strict=True):
            curves.plot_made.connect(partial(self._offer, name))
        content = WrappingPage()
        self._column = in_column(
            self.headline, (self.curves, 3), (self.table, 3), of=content, margins=GRID
        )
        self._set_least_heights()
        self._empty = EmptyState(scrolling(content), _EMPTY)
        in_column(self._empty, of=self)

    @cached_property
    def histograms(self) -> ValueHistograms:
        """The histograms, made when they are first drawn."""
        made = ValueHistograms(self._offer)
        made.setMinimumHeight(_LOWEST * self.fontMetrics().lineSpacing())
        self._column.addWidget(made, 2)
        return made

    def _offer(self, name: str, plot: Plot) -> None:
        self.export_made.emit(offer_export(plot, name, self))

    def as_csv(self) -> bytes:
        """Write the curves."""
        return self.curves.as_csv()

    def start_run(self) -> None:
        """Begin the curves of a new run: those of the last one go."""
        self._recent.clear()
        self._counted = None
        self.curves.start_run()
        self.dirty = True

    def show_nothing(self) -> None:
        """Forget all that is shown, and say what will be here."""
        self._health = None
        self.start_run()

    def add_steps(self, steps: list[tuple[float, StepStatistics]]) -> None:
        """Append what steps told, each at a time in epochs."""
        for _, of_same_blocks in groupby(steps, lambda told: slots_and_names(told[1].blocks)):
            told = list(of_same_blocks)
            if self._recent and _slots(told[0][1]) != _slots(self._recent[-1]):
                self._recent.clear()
                self._counted = None
            self._recent.extend(step for _, step in told)
            counted = (each for each in reversed(told) if _has_counts(each[1]))
            self._counted = next(counted, self._counted)
            self.curves.add_steps(told)
            self.dirty = True

    def set_obstacle(self, until: str) -> None:
        """Say until when no step can be taken; empty: one can."""
        self._until = until
        self.dirty = True

    def set_changed(self, changed: bool) -> None:
        """Say whether the network was changed since its last step."""
        self._changed = changed
        self.dirty = True

    def show_health(self, health: UnitHealth) -> None:
        """Store what the blocks make of many samples."""
        self._health = health
        if not self._until:  # else it is of some blocks only, and their curves would end the others
            self.curves.show_health(health)
        self.dirty = True

    def show_checkpoint(self, is_past: bool, why_none: str = "", *, of_same: bool = False) -> None:
        """Show a checkpoint of the past, or the present again.

        One `of_same` run is as the last until more comes; of another, nothing is known yet.
        """
        if of_same and self._past is not None and self._past.health is not None:
            return
        self._past = _Past(why_none or _AWAITED) if is_past else None
        self.dirty = True

    def show_step_of_checkpoint(self, step: StepStatistics | None) -> None:
        """Store what the step after a checkpoint of the past does; None: its numbers explode.

        It is of the checkpoint whose unit health was stored last.
        """
        if self._past is not None:
            self._past.take_step(step)
            self.dirty = True

    def show_health_of_checkpoint(self, health: UnitHealth) -> None:
        """Store what the blocks made of many samples at a checkpoint of the past."""
        if self._past is not None:
            self._past.take_health(health)
            self.dirty = True

    def parts(self) -> list[Callable[[], object]]:
        """Return what draws the newest values, one part after the other."""
        self.dirty = False
        self.curves.setVisible(self._past is None)
        self.table.setVisible(self._past is not None)
        if self._past is not None:
            return self._parts_of(self._past)
        if self._health is None and not (self._until and self._recent):
            waiting = none_until("training step", self._until)
            sentence = waiting if self._until else _EMPTY
            return [lambda: self._empty.show_sentence(sentence)]
        at, step = (None, None) if self._changed or self._counted is None else self._counted
        self.histograms.set_step(step, _NO_COUNTS, _LIVE, at=at)
        show = partial(self.histograms.setVisible, self._health is not None)
        values = self.histograms.parts(self._health, changed=self._changed)
        words, curves = self._draw_words, self.curves.parts()
        return [words, *curves, show, *values, *self._empty.parts()]

    def _parts_of(self, past: "_Past") -> list[Callable[[], object]]:
        """Return what draws a checkpoint of the past."""
        step, health = past.step, past.health
        if health is None:
            return [lambda: self._empty.show_sentence(past.why_none)]
        found = Diagnosis(past.words) if step is None else diagnose((step,), health)
        self.histograms.set_step(step, f"|gradients|: {past.words}", _NEXT)
        words, table = partial(self._say, found), partial(show_step, self.table, step, health)
        return [words, table, *self.histograms.parts(health), *self._empty.parts()]

    def _draw_words(self) -> None:
        """Say what the last steps tell, unless they were those of another network."""
        are_old = self._changed and bool(self._recent)
        found = diagnose(() if are_old else tuple(self._recent), self._health)
        if self._until:
            found = Diagnosis(_NO_STEP.format(self._until))
        elif are_old and not found.trouble:
            found = Diagnosis(_OLD_STEPS)
        self._say(found)

    def _say(self, found: Diagnosis) -> None:
        self.headline.setForegroundRole(WRONG if found.trouble else QPalette.ColorRole.WindowText)
        self.headline.setText(found.text)
        self.headline.setToolTip(plain_tooltip(found.text))

    def changeEvent(self, event: QEvent) -> None:
        """Give larger text its room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._set_least_heights()

    def _set_least_heights(self) -> None:
        line = self.fontMetrics().lineSpacing()
        self.headline.setMinimumHeight(2 * line)
        for part in (self.curves, self.table):
            part.setMinimumHeight(_LOWEST * line)
        if "histograms" in vars(self):
            self.histograms.setMinimumHeight(_LOWEST * line)


@dataclass
class _Past:
    """What is known of a checkpoint of the past, or of one before it, or why nothing is.

    `newer` is the unit health of a later checkpoint than the step is of, which waits for the step
    of its own.
    """

    why_none: str
    words: str = _AWAITED  # in place of those on the step
    step: StepStatistics | None = None
    health: UnitHealth | None = None
    newer: UnitHealth | None = None

    def take_health(self, health: UnitHealth) -> None:
        if self.step is None:
            self.health, self.words = health, _AWAITED
        else:
            self.newer = health

    def take_step(self, step: StepStatistics | None) -> None:
        self.health, self.newer = self.newer or self.health, None
        self.step, self.words = step, "" if step is not None else _EXPLODES


def _has_counts(step: StepStatistics) -> bool:
    return any(block.gradients is not None for block in step.blocks)


def _slots(step: StepStatistics) -> list[int]:
    return [block.slot_id for block in step.blocks]
