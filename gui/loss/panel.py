"""The loss panel: how wrong the network is, batch by batch and epoch by epoch."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from engine.text.words import percent
from engine.training.samples import problem_of
from gui.document.checkpoint import checkpoint_words
from gui.loss.runs import KEPT, SMOOTHING, LossRun, table
from gui.theme import GRID
from gui.widgets.buttons import text_button
from gui.widgets.empty_state import CHOOSE, FIX, EmptyState
from gui.widgets.growing_curve import Floats, Smoother
from gui.widgets.labels import ElidedLabel, FixedLabel
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.number_words import short
from gui.workspace.context import Context
from gui.workspace.panel import BasePanel
from gui.workspace.panel_export import plots_export

if TYPE_CHECKING:
    from engine.model.project import CheckpointRef
    from engine.runs.run_folder import EpochMetrics, Run
    from engine.training.events import EpochDone
    from gui.loss.curves import LossCurves


_UNFINISHED = "No epoch finished yet"
_EMPTY = "The loss of every batch and epoch will be drawn here."
_NOT_KEPT = (
    "The weights are those {}; the curve that led to them was not saved here.\n"
    "The loss of every further batch and epoch will be drawn here."
)
_BEGIN = "Click Train to begin."
_MOST_WAITING = 100  # portions of batches
_LOW = 28 * GRID  # px of the panel, below which it shows the loss alone


FIX_FIRST = f"First all blocks must fit. {FIX}"
NO_EPOCH = "No epoch of this run is finished yet."


@dataclass(frozen=True, eq=False)
class Past:
    """A kept run in numbers, and the age in epochs of the network that is looked at.

    `metrics` are those of its last epoch, if that is one of this run.
    """

    losses: LossRun
    age: int
    metrics: "EpochMetrics | None"
    own: bool = False  # whether the present network has come from there: its curves stay


def past_of(run: "Run", epoch: int, known: LossRun | None = None, *, own: bool = False) -> Past:
    """Return what is to be shown of an epoch of a run; its losses, if they are known already."""
    told = (each for each in run.metrics if each.epoch == epoch)
    return Past(known or LossRun.of(run), run.age(epoch), next(told, None), own)


def _epoch_words(number: int, means: "EpochMetrics | EpochDone") -> str:
    """Say what an epoch gave."""
    losses = f"loss {short(means.loss)}, test {short(means.test_loss)}"
    return f"epoch {number}: {losses}, test accuracy {percent(means.test_accuracy)}"


class LossPanel(BasePanel):
    """Curves of loss and accuracy that grow while the network learns, over those of earlier runs.

    The setters only store; `refresh` draws when `dirty`. `time_wanted` carries a time in epochs
    that is to be shown.
    """

    time_wanted = Signal(float)

    def __init__(self, context: Context) -> None:
        super().__init__("loss", "Loss and accuracy")
        self._document, self._session, self._view = context.document, context.session, context.view
        self._looked: tuple[Run, LossRun] | None = None  # the run that is looked at
        self._recorded = ""  # id of the run that the present curves are of
        self._origin: CheckpointRef | None = None  # whose curves were shown
        self._problem = problem_of(self._document.settings)  # that is learned next
        self._noted = ""  # id of the folder that keeps what comes
        self._run = LossRun(problem=self._problem)
        self._earlier: list[LossRun] = []  # of the same problem as the present run
        self._smoother = Smoother(SMOOTHING)
        self._newest: EpochDone | None = None
        self._start = ""  # when the weights that the curves go on from were as they are
        # Batches and epochs that are not yet in the curves; a small network has many a second.
        self._waiting: list[tuple[Floats, Floats]] = []
        self._new_epochs: list[EpochDone] = []
        self._changed = False
        self._last = 0.0  # epochs
        self._obstacle = ""
        self._curves: LossCurves | None = None
        self._past: Past | None = None
        self._past_drawn: LossRun | None = None
        self._placed: LossCurves | None = None  # the plots of the panel
        self._per_epoch: int | None = None  # batches
        self._goal = 0  # epochs
        self.headline = named(ElidedLabel(), "loss.headline")
        self.best = named(ElidedLabel(), "loss.best", muted=True)
        self._make_controls()
        self._arrange()
        self.clear()
        self._tell_epochs()
        self._connect()

    # --- what is told ------------------------------------------------------------------------

    @Slot()
    def _on_checkpoint(self) -> None:
        """Show the curves of the run that is looked at, with a line at the checkpoint."""
        checkpoint = self._view.state.checkpoint
        if checkpoint is None:
            self._looked = None
            self.show_past(None)
            return
        past, run = self._looked, checkpoint.run
        origin = self._document.learned.origin
        own = run.id in (self._recorded, None if origin is None else origin.run)
        if past is None or past[0].folder != run.folder or past[0].epochs < run.epochs:
            past = self._looked = run, LossRun.of(run)
        self.show_past(past_of(past[0], checkpoint.epoch, past[1], own=own))

    def _on_listed(self) -> None:
        """Show what is new of the run that is looked at, which may grow."""
        self._show_origin()
        checkpoint, past = self._view.state.checkpoint, self._looked
        for run in self._view.state.listed_runs:
            is_seen = checkpoint is not None and checkpoint.run.folder == run.folder
            if is_seen and (past is None or past[0].metrics != run.metrics):
                self._looked = run, LossRun.of(run)
                self._on_checkpoint()

    def _on_settings(self) -> None:
        self.set_problem(problem_of(self._document.settings))
        self._tell_epochs()

    def _on_project(self) -> None:
        self._recorded, self._origin = "", None
        self.set_problem(problem_of(self._document.settings))
        self.clear()
        self._tell_start()
        self._show_origin()

    def _show_origin(self) -> None:
        """Go on from the epoch of the kept run that an opened network comes from, once."""
        origin, own = self._document.learned.origin, len(self._run.batches.rows())
        if origin is not None and not (self._recorded or own) and origin != self._origin:
            for run in self._view.state.listed_runs:
                if run.id == origin.run:
                    self._origin, kept = origin, LossRun.of(run)
                    if not self._earlier and kept.problem == self._problem:
                        self._earlier = [kept]
                    self.go_back(run.id, run.age(origin.epoch))
                    self._tell_start()

    def _on_reset(self) -> None:
        """Go back on the curves, or begin new ones: what came after stays to be compared."""
        origin, epoch = self._document.learned.origin, self._document.trained_epochs
        if origin is None or not self.go_back(origin.run, epoch):
            self.start_run()
        self._tell_start()

    def _tell_start(self) -> None:
        """Say when the weights that training goes on from were as they are: `after epoch 8`."""
        trained = self._document.project()
        self._start = checkpoint_words(trained) if trained.position else ""
        self.dirty = True

    @Slot(object, object)
    def _on_losses(self, positions: list[float], losses: list[float]) -> None:
        self.add_batches(np.array(positions), np.array(losses))

    def _tell_epochs(self) -> None:
        """Say how many batches an epoch has, and how many epochs a run is to have."""
        self._per_epoch = self._session.batches_per_epoch()
        self._goal = self._document.settings.epochs
        self.dirty = True

    def _tell_obstacle(self) -> None:
        """Say in the empty panel why Train is disabled."""
        no_data = CHOOSE if self._session.data_problem else ""
        self._obstacle = FIX_FIRST if self._document.report.problem is not None else no_data
        self.dirty = True

    # --- what there is to show ---------------------------------------------------------------

    @Slot()
    def start_run(self) -> None:
        """Begin the curves of a new run: test loss and accuracy of those of its problem stay."""
        self._forget_waiting()
        number = self._run.number
        if len(self._run.epochs.rows()):
            self._run.forget_batches()
            self._earlier.append(self._run)
            number += 1
        earlier = (run for run in self._earlier if run.problem == self._problem)
        self._earlier = list(earlier)[-KEPT:]
        self._run, self._noted = LossRun(number, self._problem), ""
        self._begin()

    def go_back(self, run: str, epoch: int) -> bool:
        """Go on from an epoch of a kept run, if its curves are here: what came after it gets pale.

        `run` is the id of its folder.
        """
        self._take_in()
        runs = [*self._earlier, self._run]
        there = (each for each in reversed(runs) if each.kept.get(run, -1) >= epoch)
        found = next(there, None)
        if found is None or found.problem != self._problem:
            return False
        batches = found.batches.rows()
        batches = batches[batches[:, 0] <= epoch]
        self._earlier = [
            each for each in runs if each.goes_beyond(found, epoch) and len(each.epochs.rows())
        ][-KEPT:]
        self._run, self._noted = found.up_to(epoch, self._run.number + 1), ""
        self._begin()
        self.curves.show_epochs(self._run)
        self._waiting = [(batches[:, 0], batches[:, 1])] if len(batches) else []
        self._take_in()
        self._last = float(epoch)
        return True

    @Slot(str)
    def note_run(self, run: str) -> None:
        """Know the id of the folder that keeps what comes."""
        self._recorded = self._noted = run
        if (last := self._run.last_epoch) is not None:
            self._run.kept[run] = last

    def set_problem(self, problem: tuple[object, ...]) -> None:
        """Know what is learned next: of another problem no curve is shown."""
        self._problem = problem
        self.dirty = True

    def add_batches(self, epochs: Floats, losses: Floats) -> None:
        """Append the losses of batches at times x in epochs, such as 2.35.

        After a stop amid an epoch, the next run begins that epoch again: the curve has a gap there.
        """
        if len(epochs):
            self._begin_if_other()
            self._waiting.append((epochs, losses))
            self._draw_present()
            if len(self._waiting) > _MOST_WAITING:  # a hidden panel is not drawn
                self._take_in()

    @Slot(object)
    def add_epoch(self, event: "EpochDone") -> None:
        """Append the means of a finished epoch."""
        self._begin_if_other()
        self._run.add_epoch(event)
        if self._noted:
            self._run.kept[self._noted] = event.epoch
        self._newest = event
        self._new_epochs.append(event)
        if len(self._new_epochs) > _MOST_WAITING:
            self._take_in()
        self._changed = False
        self._draw_present()

    @Slot()
    def clear(self) -> None:
        """Forget all curves, those of earlier runs too."""
        self._forget_waiting()
        self._earlier, self._run, self._noted = [], LossRun(problem=self._problem), ""
        self._begin()

    def set_changed(self, changed: bool) -> None:
        """Say whether the network was changed since: then the numbers are of the former one."""
        self._changed = changed
        self.dirty = True

    def show_past(self, past: Past | None) -> None:
        """Show the curves of a kept run and a moment of it; None: those of the present.

        What comes of the present meanwhile is kept.
        """
        self._past = past
        self.dirty = True

    @Slot()
    def clear_earlier(self) -> None:
        """Forget the curves of earlier runs."""
        self._earlier = []
        self._show_earlier()
        self.refresh()

    # --- what is shown -----------------------------------------------------------------------

    def parts(self) -> list[Callable[[], object]]:
        """Take in what came since, and return what draws it, one part after the other."""
        self.dirty = False
        self._take_in()
        shown, past = self._shown, self._past
        other = self._other_past is None and shown.problem != self._problem
        there = not other and bool(len(shown.batches.rows()) or len(shown.epochs.rows()))
        earlier = not other and self._other_past is None and bool(self._earlier)
        for action in self.export.actions:
            action.setEnabled(there or earlier)
        self._clear_earlier.setVisible(earlier)
        if not there and not earlier:
            return [self._show_nothing]
        curves = self.shown_curves
        begin: list[Callable[[], object]] = [partial(self._place, curves), self._draw_words]
        if past is not None and not past.own:
            begin.insert(0, partial(self._take_in_past, past))
        curves.set_playhead(None if past is None else float(past.age))
        return [*begin, *curves.parts(shown), *self._empty.parts()]

    def _show_nothing(self) -> None:
        for label in (self.headline, self.best):
            label.setText("")
        self._empty.show_sentence(self._why_empty())

    def _take_in_past(self, past: Past) -> None:
        """Put the epochs of a kept run into its curves."""
        if past.losses is not self._past_drawn:
            self._past_drawn = past.losses
            self._past_curves.show_epochs(past.losses)

    @property
    def _shown(self) -> LossRun:
        past = self._other_past
        return self._run if past is None else past.losses

    @property
    def _other_past(self) -> Past | None:
        """The kept run that is shown in the place of the present one, if one is."""
        return None if self._past is None or self._past.own else self._past

    def _draw_words(self) -> None:
        self.headline.setText(self._words())
        best, words = self._shown.best, ""
        if best is not None:
            accuracy = f"{best.ranked_by} accuracy: {percent(best.ranking.accuracy)}"
            words = f"○ best by {accuracy} in epoch {best.epoch}"
        self.best.setText(words)
        self.shown_curves.loss.set_log(self._log.isChecked())
        self.curves.set_batches(self._per_epoch)
        self.curves.set_goal(self._goal)

    def _words(self) -> str:
        """Say what the last epoch gave, or that of the moment that is looked at."""
        past, newest = self._past, self._newest
        if past is not None:
            if past.metrics is not None:
                return _epoch_words(past.age, past.metrics)
            return "the start of this run" if past.age else "the start: not trained yet"
        words = self._words_before() if newest is None else _epoch_words(newest.epoch, newest)
        if self._changed and (newest is not None or self._start):
            return f"before your change: {words[0].lower()}{words[1:]}"
        return words

    def _why_empty(self) -> str:
        if self._past is not None:
            return NO_EPOCH
        if not self._start or self._run.problem != self._problem:
            return f"{_EMPTY}\n{self._obstacle or _BEGIN}"
        return f"{_NOT_KEPT.format(self._start)}\n{self._obstacle}".rstrip()

    def _words_before(self) -> str:
        """Say what there is before the first epoch of these curves."""
        words = f"Weights {self._start}" if self._start else _UNFINISHED
        if not self._earlier:
            return words
        return f"{words} · pale: {'the run before' if len(self._earlier) == 1 else 'earlier runs'}"

    @property
    def curves(self) -> "LossCurves":
        """The plots, made when they are first needed or in an idle moment."""
        if self._curves is None:
            self._curves = self._make_curves()
            if self._other_past is None:
                self._place(self._curves)
        return self._curves

    @cached_property
    def _past_curves(self) -> "LossCurves":
        """The plots of kept runs."""
        return self._make_curves(of_past=True)

    @property
    def shown_curves(self) -> "LossCurves":
        """The plots that are in the panel."""
        return self.curves if self._other_past is None else self._past_curves

    def _make_curves(self, *, of_past: bool = False) -> "LossCurves":
        from gui.loss.curves import LossCurves  # brings pyqtgraph

        made = LossCurves(of_past=of_past)
        made.set_low(self.height() < _LOW)
        self.destroyed.connect(made.deleteLater)  # those that are not in the panel, too
        for plot in made.plots:
            plot.addActions(self.export.actions)
            plot.time_wanted.connect(self.time_wanted)
        return made

    def _place(self, curves: "LossCurves") -> None:
        """Let some plots be those of the panel, in the place of others."""
        if self._placed is curves:
            return
        if self._placed is not None:
            self._placed.setParent(None)
        self._placed = curves
        self._content.addWidget(curves, 1)
        curves.show()

    def _table(self) -> bytes:
        past = self._other_past
        return table([*self._earlier, self._run] if past is None else [past.losses])

    def _title(self) -> str:
        return "; ".join(text for text in (self.headline.text(), self.best.text()) if text)

    # --- building ----------------------------------------------------------------------------

    def _connect(self) -> None:
        store, session = self._document.store, self._session
        store.watch(lambda s: s.document.opened, self._on_project)
        store.watch(lambda s: s.document.settings, self._on_settings)
        store.watch(lambda s: (s.document.report.problem, s.data.loaded), self._tell_obstacle)
        store.show(lambda s: s.document.changed_since_training, self.set_changed)
        store.watch(lambda s: s.data.loaded, self._tell_epochs)
        store.watch(lambda s: s.document.resets, self._on_reset)
        store.watch(lambda s: s.checkpoint, self._on_checkpoint)
        store.watch(lambda s: s.listed_runs, self._on_listed)
        session.epoch_done.connect(self.add_epoch)
        session.run_started.connect(self.start_run)
        session.losses_added.connect(self._on_losses)
        session.run_recorded.connect(self.note_run)

    def _make_controls(self) -> None:
        self._log = _control("log", "log", "Logarithmic loss axis")
        self._log.setCheckable(True)
        self._log.toggled.connect(self.refresh)
        self.export = plots_export(
            "loss", lambda: self.shown_curves.plots, self._title, self._table, self
        )
        menu = QMenu(self)
        for action in self.export.actions:
            action.setEnabled(False)
            menu.addAction(action)
        self._export_button = _control("export", "Export", "Export the curves as picture or table")
        self._export_button.setMenu(menu)
        self._export_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        tip = "Clear the curves of earlier runs"
        self._clear_earlier = _control("clear_earlier", "✕ earlier", tip)
        self._clear_earlier.clicked.connect(self.clear_earlier)
        self._clear_earlier.hide()

    def _arrange(self) -> None:
        row = in_row(
            (FixedLabel(self.best), 1), self._clear_earlier, self._log, self._export_button
        )
        self.words = FixedLabel(self.headline)  # for the head of the place
        content, self._details = QWidget(), QWidget()
        in_column(row, of=self._details)
        self._content = in_column(self._details, of=content)
        self._empty = EmptyState(content, self._why_empty())
        in_column(self._empty, of=self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave a low panel to the curves of the loss."""
        super().resizeEvent(event)
        low = self.height() < _LOW
        self._details.setVisible(not low)
        for curves in (self._curves, vars(self).get("_past_curves")):
            if curves is not None:
                curves.set_low(low)

    def _take_in(self) -> None:
        """Put what came since the last drawing into the curves."""
        waiting, new = self._waiting, self._new_epochs
        self._waiting, self._new_epochs = [], []
        if new:
            x = np.array([float(event.epoch) for event in new])
            for name, means in (
                ("loss train", [event.loss for event in new]),
                ("loss test", [event.test_loss for event in new]),
                ("accuracy train", [event.accuracy * 100 for event in new]),
                ("accuracy test", [event.test_accuracy * 100 for event in new]),
            ):
                self.curves.extend(name, x, np.array(means))
        if not waiting:
            return
        epochs, losses = (np.concatenate(parts) for parts in zip(*waiting, strict=True))
        self._run.add_batches(epochs, losses)
        again = np.flatnonzero(np.diff(epochs, prepend=self._last) < 0)
        for times, values in zip(np.split(epochs, again), np.split(losses, again), strict=True):
            if len(times) and times[0] < self._last:
                gap = np.array([self._last]), np.array([np.nan])
                self.curves.extend("loss batch", *gap)
                self.curves.extend("loss smoothed", *gap)
                self._smoother.clear()
            if len(times):
                self._last = float(times[-1])
            self.curves.extend("loss batch", times, values)
            self.curves.extend("loss smoothed", times, self._smoother.smooth(times, values))

    def _draw_present(self) -> None:
        """Have the run that goes on drawn, if it is in view: the past stays as it is."""
        self.dirty = self.dirty or self._other_past is None

    def _begin_if_other(self) -> None:
        """Begin a new axis for another problem."""
        if self._run.problem != self._problem:
            self.start_run()

    def _forget_waiting(self) -> None:
        self._waiting, self._new_epochs = [], []

    def _begin(self) -> None:
        if self._curves is not None:
            self._curves.clear()
        self._smoother.clear()
        self._newest, self._start = None, ""
        self._last, self._changed = 0.0, False
        self._show_earlier()
        self.dirty = True

    def _show_earlier(self) -> None:
        if self._curves is not None:
            self._curves.set_earlier(self._earlier)
        self._clear_earlier.setVisible(bool(self._earlier))


def _control(name: str, text: str, tip: str) -> QToolButton:
    return text_button(f"loss.{name}", text, tip, spoken=tip, takes_focus=True)
