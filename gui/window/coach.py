"""CoachPresenter: shows what the coach says of a training, and does what its advice offers."""

import math
import time
from collections import deque
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, assert_never

from PySide6.QtCore import QTimer, Signal, Slot

from engine.advice.coach import NOTHING_KEPT, advise, went_back
from engine.advice.data_fit import offers_to_fit
from engine.advice.repairs import Repair
from engine.advice.training_log import Action, Advice, Epoch, Log, Symptom, pace_of
from engine.model.project import CheckpointRef, Project
from engine.training.samples import data_key
from gui.background.failures import fault_of_explosion
from gui.background.latest_task import LatestTask, Report
from gui.background.mailbox import is_comparable
from gui.widgets.buttons import make_action
from gui.window.coach_bar import CoachBar
from gui.window.run_bar import next_run_button
from gui.window.speed_box import SpeedSwitch
from gui.window.stage import Stage
from gui.workspace.context import Context, Presenter

if TYPE_CHECKING:
    from engine.inspection.unit_health import UnitHealth
    from engine.training.events import EpochDone
    from engine.training.step_statistics import StepStatistics

_SOON = 1000  # ms after an epoch, within which others may end
_STEPS = 9  # that tell of the gradients
_LATE = 5.0  # s after which the end of a run is not waited for any more
_OVER = ("Stopped", "Finished", "Error")


class _Kept(NamedTuple):
    """An epoch that a run has kept, with all that was learned by then."""

    project: Project
    test_accuracy: float


class CoachPresenter(Presenter):
    """Keeps the log of the training, and shows one advice on it at a time.

    `input_wanted` carries the name of a setting whose input is to be used now, `project_wanted` the
    file to open. `declined` tells that an advice was closed, and its cause.
    """

    input_wanted = Signal(str)
    tour_wanted = Signal()
    project_wanted = Signal(str)
    declined = Signal(str)

    def __init__(self, context: Context, speed: SpeedSwitch, stage: Stage) -> None:
        super().__init__(context)
        self._speed, self._stage = speed, stage
        self.bar, on = CoachBar(), self._preferences.current.coach
        self.bar.turn(on)
        tip = "Say at the foot of the stage what happened and what to try next"
        self.action = make_action(self, "coach", "&Coach", lambda: None, tip=tip)
        self.action.setCheckable(True)
        self.action.setChecked(on)
        self._log = Log()
        self._trained = Project(self._document.stack, self._document.settings)  # what the log is of
        self._settings = self._document.settings
        self._steps: deque[StepStatistics] = deque(maxlen=_STEPS)
        self._health: UnitHealth | None = None
        self._advice: Advice | None = None
        self._silent: set[str] = set()
        self._hushed: set[str] = set()  # by what
        self._reading, self._finding = LatestTask(self), LatestTask(self)
        self._soon = QTimer(self, singleShot=True, interval=_SOON)
        self._soon.timeout.connect(self._speak)
        self.action.triggered.connect(self._turn)
        stage.in_view_changed.connect(self._show_as_seen)
        stage.alone_changed.connect(partial(self.hush, "a view alone"))
        self.bar.accepted.connect(self.act)
        self.bar.close_button.clicked.connect(self._close)
        store = self._session.store
        store.watch(lambda s: s.document.opened, self._on_project)
        store.watch(lambda s: s.document.resets, self._on_exchange)
        store.watch(lambda s: s.document.settings, self._on_settings)
        store.watch(lambda s: s.run.phase, self._on_phase)
        store.watch(lambda s: s.now.health, self._on_health)
        store.watch(lambda s: s.checkpoint, self._show_as_seen)
        store.watch(lambda s: (s.run.speed, s.data.loaded, s.document.stack), self._speak)
        self._session.run_started.connect(self._on_start)
        self._session.epoch_done.connect(self._on_epoch)
        self._session.steps_observed.connect(self._on_steps)
        self._session.failed.connect(self._on_failure)

    def hush(self, by: str, on: bool) -> None:
        """Be silent while one view is alone, or another speaks."""
        self._hushed = self._hushed | {by} if on else self._hushed - {by}
        self.bar.turn(self.action.isChecked() and not self._hushed)

    def offer(self, advice: Advice) -> None:
        """Offer something at the start, until that is answered or a run begins."""
        if self._session.run.phase == "Ready":
            self._log = replace(self._log, offer=advice)
            self._speak()

    def withdraw_offer(self) -> None:
        """Offer nothing any more."""
        self._log = replace(self._log, offer=None)
        self._speak()

    def says(self, text: str) -> bool:
        """Return whether this failure is spoken of here, or in its own words with a way back."""
        advice = self._advice if self.action.isChecked() else None
        return advice is not None and (bool(fault_of_explosion(text)) or advice.text == text)

    # --- the log -----------------------------------------------------------------------------

    def log(self) -> Log:
        """Return all that is known of the training."""
        document, session, now = self._document, self._session, self._network()
        if not is_comparable(self._trained, now):
            same_data = data_key(self._trained.settings) == data_key(now.settings)
            before = self._ended_at() if same_data else None
            self._log = replace(self._log, epochs=(), before=before, tried=frozenset())
        self._trained = now
        data, settings = session.data, now.settings
        samples = session.sample_count
        problem, offers = session.data_problem, list[Repair]()
        if data is not None and data.key == data_key(settings) and data.question and data.parts:
            offers = offers_to_fit(now.stack, settings, data.parts)
            if offers and not self._log.epochs:
                problem = data.question
        return replace(
            self._log,
            symptom=self._symptom(),
            samples=settings.trained_samples(samples),
            train_word=next_run_button(document, samples)[0],
            ended_early=session.run.ended_early,
            slow=self._speed.introducing
            and session.run.speed == "slow"
            and session.run.wanted != "batch",
            data_problem=problem,
            unread=settings.dataset in session.unread,
            fit=offers[-1] if offers else None,
            training=None if data is None else data.train,
        )

    def _network(self) -> Project:
        return Project(self._document.stack, self._document.settings)

    def _symptom(self) -> Symptom | None:
        if not self._steps and self._health is None:
            return None
        from gui.weights.diagnosis import diagnose  # brings the engine

        found = diagnose(tuple(self._steps), self._health)
        return None if found.symptom is None else Symptom(found.symptom, found.text)

    def _ended_at(self) -> float | None:
        """Return the test accuracy of the last whole epoch."""
        whole = [each for each in self._log.epochs if not each.exploded]
        return whole[-1].test_accuracy if whole else self._log.before

    @Slot()
    def _on_start(self) -> None:
        """Begin with a run from the seed, not from what an explosion left of the first epoch."""
        self._steps.clear()
        if not self._document.trained:
            self._log = replace(self._log, epochs=())

    def _on_phase(self) -> None:
        before, state = self._log.state, self._session.run.phase
        if state == "Training" and before != "Paused":
            self._silent.clear()
            self._log = replace(self._log, before=self._ended_at(), fault="", offer=None)
            origin = self._document.learned.origin
            if origin is not None and not self._log.epochs:
                now = self._network()
                self._reading.begin(lambda _: _epochs_up_to(origin, now), self._on_earlier)
        if state == "Training":
            self._health = None
        if state != "Ready" and not (state in _OVER and before == "Ready"):
            self._log = replace(self._log, state=state)
        self._speak()

    def _on_earlier(self, epochs: tuple[Epoch, ...]) -> None:
        """Know of the epochs that have led to the weights that the run began with."""
        self._log = replace(self._log, epochs=epochs).after(*self._log.epochs)
        self._speak()

    @Slot(object)
    def _on_epoch(self, event: "EpochDone") -> None:
        measured = event.loss, event.accuracy, event.test_loss, event.test_accuracy
        made = pace_of(self._document.settings)._replace(rate=event.learning_rate)
        validated = event.validation_loss, event.validation_accuracy
        self._add(Epoch(event.epoch, *measured, *made, *validated))
        if not self._soon.isActive():
            self._soon.start()

    def _add(self, epoch: Epoch) -> None:
        tried = self._log.tried | {pace_of(self._document.settings)}
        self._log = replace(self._log.after(epoch), tried=tried)

    @Slot(object)
    def _on_steps(self, steps: "list[tuple[float, StepStatistics]]") -> None:
        for _, step in steps:
            if self._steps and _slots(step) != _slots(self._steps[-1]):
                self._steps.clear()  # they are of another network
            self._steps.append(step)

    def _on_health(self) -> None:
        health = self._session.store.state.now.health
        if health is not None and self._session.run.phase != "Training":
            self._health = health
            self._speak()

    @Slot(str)
    def _on_failure(self, text: str) -> None:
        fault, number = fault_of_explosion(text), self._document.trained_epochs + 1
        if fault:
            pace = pace_of(self._document.settings)
            self._add(Epoch(number, math.inf, 0.0, math.inf, 0.0, *pace))
            self._log = replace(self._log, fault=fault)
            self._speak()

    def _on_exchange(self) -> None:
        """Begin anew with other weights; only with those of the seed a run is compared."""
        before = None if self._document.trained else self._ended_at()
        self._forget(Log(before=before, tried=self._log.tried))

    def _on_project(self) -> None:
        self._silent.clear()
        self._settings = self._document.settings
        self._forget(Log())

    def _forget(self, log: Log) -> None:
        self._reading.give_up()
        self._steps.clear()
        self._health, self._log, self._trained = None, log, self._network()
        self._show(None)
        self._speak()

    # --- what is said ------------------------------------------------------------------------

    @Slot()
    def _speak(self) -> None:
        """Show what there is to say of a training; what does not fit is said in the list."""
        log, shown = self.log(), self._advice
        told = self._document.report.problem is None or log.data_problem
        advice = advise(log, self._document.settings, self._silent) if told else None
        if advice is None:
            self._show(None)
        elif not log.running or shown is None or replace(advice, text=shown.text) != shown:
            self._show(advice)  # figures that change with every epoch would make the line flicker

    def _show(self, advice: Advice | None) -> None:
        self._advice = advice
        self._show_as_seen()

    @Slot()
    def _show_as_seen(self) -> None:
        """Show the advice on the network that is seen; a panel that is in view is not offered.

        What is wrong with the data, Data says itself.
        """
        advice = self._advice if self.action.isChecked() else None
        if self._session.store.state.look is not None:
            advice = None
        if self._session.data_problem and self._stage.is_in_view("Data"):
            advice = None if advice is None or advice.cause == "data" else advice
        action = None if advice is None else advice.action
        if advice and action and action.kind == "panel" and self._stage.is_in_view(action.target):
            advice = replace(advice, action=None)
        self.bar.show_advice(advice)

    def _on_settings(self) -> None:
        """Take back what a changed setting has made untrue, or say it with another rate."""
        advice, before, self._settings = self._advice, self._settings, self._document.settings
        if advice is not None and advice.action is not None and advice.action.kind == "setting":
            target = advice.action.target
            if getattr(before, target) != getattr(self._settings, target):
                self._silent.add(advice.cause)
        self._speak()

    @Slot()
    def _close(self) -> None:
        """Close the shown advice, and say what else there is to say."""
        advice = self._advice
        if advice is None:
            return
        self._silent.add(advice.cause)
        self._show(None)
        self.withdraw_offer()
        self.declined.emit(advice.cause)

    @Slot(bool)
    def _turn(self, on: bool) -> None:
        """Turn the coach on or off, and remember that."""
        self.bar.turn(on)
        self._show_as_seen()
        with self._preferences.changing() as preferences:
            preferences.coach = on

    # --- what the buttons do -----------------------------------------------------------------

    @Slot(object)
    def act(self, action: Action) -> None:
        """Do what an advice offers."""
        match action.kind:
            case "panel":
                self._stage.show_panel(action.target)
            case "input":
                self.input_wanted.emit(action.target)
            case "speed":
                self._speed.choose("full")
            case "setting":
                self._edits.change_setting(action.target, action.value)
            case "reset":
                self._edits.start_over(action.target, action.value)
            case "best_epoch":
                self._session.at_rest(partial(self._find_best, action.value))
            case "fit":
                if (offer := self.log().fit) is not None:
                    self._edits.take_offer(offer)
            case "tour":
                self.tour_wanted.emit()
            case "project":
                self.project_wanted.emit(action.target)
            case _:
                assert_never(action.kind)

    def _find_best(self, rate: object) -> None:
        """Look in the run folders for the best epoch that has led to the present weights."""
        origin, now = self._document.learned.origin, self._network()
        if origin is None:
            self._show(NOTHING_KEPT)
            return
        if self._session.run.active:
            self._session.stop()
        take = partial(self._take, origin, rate)
        self._finding.begin(
            lambda report: _best_kept(origin, now, report),
            take,
            failed=lambda _: take(None),
        )

    def _take(self, origin: CheckpointRef, rate: object, kept: _Kept | None) -> None:
        """Go back to a kept epoch, with another learning rate if there is one."""
        document = self._document
        if document.learned.origin != origin or not document.may_edit():
            return  # on a slow disk time goes by
        if kept is None:
            self._show(NOTHING_KEPT)
            return
        settings, number = document.settings, kept.project.trained_epochs
        if rate is not None:
            settings = settings.with_changes(learning_rate=rate)
        project = replace(kept.project, stack=document.stack, settings=settings)
        self._edits.take_checkpoint(project, f"Back to epoch {number:,}")
        back = went_back(number, kept.test_accuracy)
        self._log = replace(self._log, offer=back)
        self._speak()


def _epochs_up_to(origin: CheckpointRef, now: Project) -> tuple[Epoch, ...]:
    """Read the epochs that have led to the weights of a run, if they can be compared with these.

    Raises RunError if they cannot be read.
    """
    from engine.runs.rewinding import epochs_up_to
    from engine.runs.store import RunStore

    return tuple(
        Epoch(
            run.age(done.epoch),
            done.loss,
            done.accuracy,
            done.test_loss,
            done.test_accuracy,
            *pace_of(run.description.project.settings)._replace(rate=run.rate_of(done)),
            done.validation_loss,
            done.validation_accuracy,
        )
        for run, done in epochs_up_to(
            origin, RunStore().of_id, lambda project: is_comparable(project, now)
        )
    )


def _best_kept(origin: CheckpointRef, now: Project, report: Report) -> _Kept | None:
    """Read the best epoch that has led to the weights of a run, once the run is written.

    Raises RunError if it cannot be read.
    """
    from engine.runs.rewinding import best_kept, epochs_up_to
    from engine.runs.run_folder import TRAINING
    from engine.runs.store import RunStore

    store, late = RunStore(), time.monotonic() + _LATE
    while store.is_beginning(origin.run) or store.of_id(origin.run).state == TRAINING:
        report(0.0)
        if time.monotonic() > late:
            break
        time.sleep(0.02)
    best = best_kept(epochs_up_to(origin, store.of_id, lambda project: is_comparable(project, now)))
    if best is None:
        return None
    return _Kept(best.run.project_after(best.done.epoch), best.done.test_accuracy)


def _slots(step: "StepStatistics") -> list[int]:
    return [block.slot_id for block in step.blocks]
