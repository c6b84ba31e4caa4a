"""The gradients panel: what a step does to every block, and what that means, in words."""

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, partial
from itertools import groupby

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QBrush, QColor, QPalette, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from engine.inspection.unit_health import UnitHealth
from engine.training.step_statistics import Norms, StepStatistics
from gui.panels.base import BasePanel
from gui.panels.diagnosis import Diagnosis, diagnose
from gui.panels.gradient_curves import NAMES, GradientCurves, name_of, slots_and_names
from gui.panels.plot_export import offer_export
from gui.panels.value_histograms import ValueHistograms
from gui.theme import GRID, colours_of, kind_colour, readable, small_font
from gui.widgets.empty_reasons import none_until, when_there_is_data
from gui.widgets.empty_state import EmptyState
from gui.widgets.layouts import in_column
from gui.widgets.number_words import epoch, percent, short
from gui.widgets.plain_labels import wrapping_label
from gui.widgets.plot import Plot
from gui.widgets.scrolling import WrappingPage, scrolling
from gui.widgets.tooltips import plain_tooltip

_COLUMNS = ("block", "gradient", "weights", "update", "stuck")
_WEIGHTS, _NARROW = 2, 40 * GRID  # px
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
_LAST_STEP = "Last step looked at: {}."
_OLD_STEPS = "Curves are from before your change; values are of the network as it is now."


class StepTable(QTreeWidget):
    """A row for every block that learns or whose units can be stuck."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("gradients.step")
        self.setAccessibleName("What the next step does to every block")
        self.setToolTip(plain_tooltip(_HELP))
        self.setHeaderLabels(_COLUMNS)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setFont(small_font())
        header = self.header()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setStretchLastSection(False)
        right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        for column in range(1, len(_COLUMNS)):
            self.headerItem().setTextAlignment(column, right)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the norm of the weights out where the names of the blocks have no room."""
        super().resizeEvent(event)
        self.setColumnHidden(_WEIGHTS, event.size().width() < _NARROW)

    def show_step(self, step: StepStatistics | None, health: UnitHealth) -> None:
        """Show what a step did, if it is known, and which share of units was stuck before it."""
        self.clear()
        blocks = () if step is None else step.blocks
        learns = {block.slot_id: block.norms for block in blocks}
        for block in health.blocks:
            norms = learns.get(block.slot_id)
            is_asked = not math.isnan(block.stuck)
            if norms is None and not is_asked:
                continue
            told = ["", "", ""] if norms is None else _numbers(norms)
            stuck = percent(block.stuck) if is_asked else ""
            item = QTreeWidgetItem([name_of(block).split(",")[0], *told, stuck])
            item.setToolTip(0, plain_tooltip(name_of(block)))
            colours = colours_of(self.palette())
            ground, least = QColor(colours.base), colours.text_contrast
            item.setForeground(0, QBrush(readable(kind_colour(block.group), ground, least)))
            for column in range(1, len(_COLUMNS)):
                item.setTextAlignment(
                    column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                )
            self.addTopLevelItem(item)


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
        self._last_step = 0.0  # in epochs, the time of the newest
        self._counted: _Timed | None = None  # the newest whose gradients were counted
        self._health: UnitHealth | None = None
        self._why_none = _EMPTY
        self._until, self._fitting, self._changed = "", 0, False
        self._past: _Past | None = None
        self._headline = wrapping_label("gradients.headline")
        self.curves, self.table = GradientCurves(), StepTable()
        for curves, name in zip(self.curves.kinds, NAMES, strict=True):
            curves.plot_made.connect(partial(self._offer, name))
        content = WrappingPage()
        self._column = in_column(
            self._headline, (self.curves, 3), (self.table, 3), of=content, margins=GRID
        )
        self._set_least_heights()
        self._empty = EmptyState(scrolling(content), _EMPTY)
        in_column(self._empty, of=self)

    @cached_property
    def histograms(self) -> ValueHistograms:
        """The histograms, made when they are first drawn."""
        made = ValueHistograms()
        made.plot_made.connect(self._offer)
        made.set_least_height(_LOWEST * self.fontMetrics().lineSpacing())
        self._column.addWidget(made, 2)
        return made

    @Slot(str, object)
    def _offer(self, name: str, plot: Plot) -> None:
        self.export_made.emit(offer_export(plot, name, self))

    def start_run(self) -> None:
        """Begin the curves of a new run: those of the last one go."""
        self._recent.clear()
        self._counted = None
        self.curves.start_run()
        self.dirty = True

    def show_nothing(self, why: str = _EMPTY) -> None:
        """Say why there is nothing to be seen."""
        self._health, self._why_none = None, why
        self.start_run()

    def add_steps(self, steps: list[tuple[float, StepStatistics]]) -> None:
        """Append what steps told, each at a time in epochs."""
        for _, of_same_blocks in groupby(steps, lambda told: slots_and_names(told[1].blocks)):
            told = list(of_same_blocks)
            if self._recent and _slots(told[0][1]) != _slots(self._recent[-1]):
                self._recent.clear()
                self._counted = None
            self._recent.extend(step for _, step in told)
            self._last_step = told[-1][0]
            counted = (each for each in reversed(told) if _has_counts(each[1]))
            self._counted = next(counted, self._counted)
            self.curves.add_steps(told)
            self.dirty = True

    def set_obstacle(self, until: str, fitting: int) -> None:
        """Say until when no step can be taken; empty: one can. So many blocks fit."""
        self._until, self._fitting = until, fitting
        self.curves.set_can_train(not until)
        self.dirty = True

    def set_changed(self, changed: bool) -> None:
        """Say whether the network was changed since its last step."""
        self._changed = changed
        self.dirty = True

    def show_health(self, health: UnitHealth) -> None:
        """Store what the blocks make of many samples."""
        self._health = health
        if not self.isVisible():  # what was seen last was long before
            self.curves.break_off()
        if not self._until:  # else it is of some blocks only, and their curves would end the others
            self.curves.show_health(health)
        self.dirty = True

    def show_checkpoint(self, is_past: bool, why_none: str = "") -> None:
        """Show a checkpoint of the past, of which nothing is known yet, or the present again."""
        self._past = _Past(why_none or _AWAITED) if is_past else None
        self.dirty = True

    def show_next_checkpoint(self, position: float) -> None:
        """Show another checkpoint of the same run, of this age: as the last until more comes."""
        if self._past is None or self._past.health is None:
            self.show_checkpoint(is_past=True)
        else:
            self._past.position = position
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

    def headline(self) -> str:
        """What is said above the curves."""
        return self._headline.text()

    def parts(self) -> list[Callable[[], object]]:
        """Return what draws the newest values, one part after the other."""
        self.dirty = False
        self.curves.setVisible(self._past is None)
        self.table.setVisible(self._past is not None)
        if self._past is not None:
            return self._parts_of(self._past)
        if self._health is None and not (self._until and self._recent):
            waiting = none_until("training step", self._until)
            sentence = waiting if self._until else self._why_none
            return [lambda: self._empty.show_sentence(sentence)]
        counted = None if self._changed else self._counted
        self.histograms.set_last_step(counted, _NO_COUNTS)
        begin = [self._draw_words, *self.curves.parts(), self._show_histograms]
        values = self.histograms.parts(self._health, changed=self._changed)
        return [*begin, *values, self._empty.show_content]

    def _parts_of(self, past: "_Past") -> list[Callable[[], object]]:
        """Return what draws a checkpoint of the past."""
        step, health = past.step, past.health
        if health is None:
            return [lambda: self._empty.show_sentence(past.why_none)]
        found = Diagnosis(past.words) if step is None else diagnose((step,), health)
        if past.position not in (None, health.position):
            found = replace(found, text=f"{found.text} {_LAST_STEP.format(epoch(health.position))}")
        self.histograms.set_next_step(step, f"|gradients|: {past.words}")
        words, table = partial(self._say, found), partial(self.table.show_step, step, health)
        return [words, table, *self.histograms.parts(health), self._empty.show_content]

    def _draw_words(self) -> None:
        self._say(self._obstacle() or self._diagnosis())

    def _say(self, found: Diagnosis) -> None:
        palette, colours = self.palette(), colours_of(self.palette())
        ink = colours.error if found.trouble else colours.text  # orange are the curves of Dense
        palette.setColor(QPalette.ColorRole.WindowText, ink)
        if palette != self._headline.palette():  # Qt would tell of it all the same
            self._headline.setPalette(palette)
        self._headline.setText(found.text)
        self._headline.setToolTip(plain_tooltip(found.text))

    def _show_histograms(self) -> None:
        self.histograms.setVisible(self._health is not None)

    def changeEvent(self, event: QEvent) -> None:
        """Write the words in the colours of another theme, and give larger text its room."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self.dirty = True
        elif event.type() == QEvent.Type.FontChange:
            self._set_least_heights()

    def _set_least_heights(self) -> None:
        line = self.fontMetrics().lineSpacing()
        self._headline.setMinimumHeight(2 * line)
        for part in (self.curves, self.table):
            part.setMinimumHeight(_LOWEST * line)
        if "histograms" in vars(self):
            self.histograms.set_least_height(_LOWEST * line)

    def _diagnosis(self) -> Diagnosis:
        """Return what the last steps tell, unless they were those of another network."""
        steps_are_old = self._changed and bool(self._recent)
        found = diagnose(() if steps_are_old else tuple(self._recent), self._health)
        if steps_are_old:
            return found if found.trouble else Diagnosis(_OLD_STEPS)
        when = epoch(self._last_step)
        if self._health is None or not self._recent or when == epoch(self._health.position):
            return found
        return replace(found, text=f"{found.text} {_LAST_STEP.format(when)}")

    def _obstacle(self) -> Diagnosis | None:
        """Return why nothing can be learned, and what is shown all the same."""
        if not self._until:
            return None
        last = " Curves are those of the last run." if self._recent else ""
        fitting = f"blocks 1 to {self._fitting}" if self._fitting > 1 else "block 1"
        of = f"those of {fitting}" if self._fitting else "as they were"
        values = "" if self._health is None else f" Values are {of}."
        return Diagnosis(f"{_NO_STEP.format(self._until)}{last}{values}")

    def showEvent(self, event: QShowEvent) -> None:
        """Leave a gap in the curve of unit health for the time when the panel was not shown.

        Not when it is hidden: one may be on its way then.
        """
        self.curves.break_off()
        super().showEvent(event)


@dataclass
class _Past:
    """What is known of a checkpoint of the past, or of one before it, or why nothing is.

    `position` is that of the checkpoint, if it is not the first of its run that is shown; `newer`
    the unit health of a later checkpoint than the step is of, which waits for the step of its own.
    """

    why_none: str
    words: str = _AWAITED  # in place of those on the step
    step: StepStatistics | None = None
    health: UnitHealth | None = None
    newer: UnitHealth | None = None
    position: float | None = None

    def take_health(self, health: UnitHealth) -> None:
        if self.step is None:
            self.health, self.words = health, _AWAITED
        else:
            self.newer = health

    def take_step(self, step: StepStatistics | None) -> None:
        self.health, self.newer = self.newer or self.health, None
        self.step, self.words = step, "" if step is not None else _EXPLODES


_Timed = tuple[float, StepStatistics]  # a step and when it was, in epochs


def _has_counts(step: StepStatistics) -> bool:
    return any(block.gradients is not None for block in step.blocks)


def _slots(step: StepStatistics) -> list[int]:
    return [block.slot_id for block in step.blocks]
