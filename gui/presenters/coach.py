"""CoachPresenter: shows what the coach says of a training, and does what its advice offers."""

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.advice.coach import advise, rewound, ruin
from engine.advice.facts import Action, Advice, Epoch, Facts, Happened
from engine.inspection.snapshot import Snapshot
from gui.background.failures import fault_of_explosion
from gui.background.mailbox import LoadedData
from gui.background.session import Session
from gui.document.document import Document
from gui.document.edits import Edits
from gui.presenters.coach_facts import CoachFacts
from gui.presenters.run_start import Trained
from gui.storage.preferences import PreferencesStore
from gui.window.coach_bar import CoachBar, coach_action
from gui.window.docks import Docks
from gui.window.speed_box import SpeedBox

if TYPE_CHECKING:
    from engine.inspection.unit_health import UnitHealth
    from engine.model.training_state import TrainingState

_SOON = 1000  # ms after an epoch, within which others may end
_OVER = ("Stopped", "Finished", "Error")
_EXCHANGES = ("reset", "best_epoch", "rewind")  # what puts other weights into the network


class CoachPresenter(QObject):
    """Shows one advice at a time. Each cause is told once, until another project is opened.

    `input_wanted` carries the name of a setting whose input is to be used now, `project_wanted` the
    file to open. `present_wanted` says that the network as it is now is to be shown. `declined`
    tells that an offer was closed, and its cause. `way_back_found` carries what is told
    of an explosion, or of a ruin, also where the coach is turned off.
    """

    input_wanted = Signal(str)
    tour_wanted = Signal()
    project_wanted = Signal(str)
    present_wanted = Signal()
    declined = Signal(str)
    way_back_found = Signal(object)

    def __init__(
        self,
        document: Document,
        edits: Edits,
        session: Session,
        speed: SpeedBox,
        docks: Docks,
        preferences: PreferencesStore,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._edits, self._session = document, edits, session
        self._speed, self._docks, self._preferences = speed, docks, preferences
        self.bar, on = CoachBar(), preferences.current.coach
        self.bar.setVisible(on)
        self.action = coach_action(on, self)
        self._facts = CoachFacts(document, edits, session, speed, self)
        self._advice: Advice | None = None
        self._silent: set[str] = set()
        self._state = session.state
        self._drawing = self._going_back = self._came_back = False
        self._soon = QTimer(self, singleShot=True, interval=_SOON)
        self._soon.timeout.connect(self._on_epoch_soon)
        self._connect()

    def offer(self, advice: Advice) -> None:
        """Offer something at the start, until that is answered or a run begins."""
        if self._session.state == "Ready":
            self._facts.offer = advice
            self._speak("opened")

    def says(self, text: str) -> bool:
        """Return whether this failure is what is spoken of at present."""
        advice = self._advice
        return advice is not None and (advice.text == text or bool(fault_of_explosion(text)))

    def withdraw_offer(self) -> None:
        """Offer nothing any more."""
        if self._advice is not None and self._advice is self._facts.offer:
            self._dismiss()
        self._facts.offer = None

    def _connect(self) -> None:
        document, session = self._document, self._session
        self.action.triggered.connect(self._turn)
        self._docks.in_view_changed.connect(self._show_as_seen)
        self.bar.accepted.connect(self.act)
        self.bar.dismissed.connect(self._close)
        session.state_changed.connect(self._on_state)
        session.speed_changed.connect(self._end_slow_start)
        session.data_loaded.connect(self._on_data)
        session.epoch_done.connect(self._on_epoch)
        session.health_checked.connect(self._on_health)
        session.snapshot_taken.connect(self._on_snapshot)
        session.failed.connect(self._on_failure)
        self._facts.rewind.search.found.connect(self._on_way_back)
        self._facts.before.found.connect(self._on_before)
        session.was_reset.connect(self._on_exchange)
        document.history_changed.connect(self._on_step)
        document.stack_changed.connect(self._dismiss)
        document.settings_changed.connect(self._on_settings)
        document.project_replaced.connect(self._on_project)

    # --- what is known -----------------------------------------------------------------------

    @Slot(str)
    def _on_state(self, state: str) -> None:
        before, self._state = self._state, state
        if state == "Training":
            if before != "Paused":
                self._start_run()
            elif self._facts.is_slow:  # it was a single batch until now
                self._speak("started")
        elif state == "Paused":
            self._speak("epoch")
        elif state in _OVER and before in ("Training", "Paused"):
            self._end_slow_start()
            self._speak("over")

    def _start_run(self) -> None:
        self._facts.begin_run()
        self._show(None)
        self._speak("started")

    @Slot()
    def _on_exchange(self) -> None:
        """Begin anew with what was learned elsewhere; the way back that was offered goes on."""
        self._dismiss()
        self._facts.forget_end()
        self._facts.symptoms.forget()
        if self._going_back:
            return
        self._came_back = self._facts.come_back()
        if self._came_back:
            return
        if self._document.trained:  # what comes of it has no run before it that is known here
            self._facts.memory.clear()
        else:
            self._facts.memory.forget()

    @Slot()
    def _on_step(self) -> None:
        """Say once more what was said of weights that undo has brought again, with all else."""
        if self._came_back:
            self._came_back = False
            self._speak("over")

    @Slot()
    def _on_epoch(self) -> None:
        if not self._soon.isActive():
            self._soon.start()

    @Slot()
    def _on_epoch_soon(self) -> None:
        if self._session.state == "Training":
            self._speak("epoch")

    @Slot(object)
    def _on_health(self, health: "UnitHealth") -> None:
        if self._session.state == "Paused" or self._session.state in _OVER:
            self._facts.symptoms.health = health
            self._speak("epoch" if self._session.state == "Paused" else "over")

    @Slot(object)
    def _on_snapshot(self, snapshot: Snapshot) -> None:
        drawing = snapshot.index is None
        if drawing and not self._drawing:
            self._speak("drawn")
        self._drawing = drawing

    @Slot(str)
    def _on_failure(self, text: str) -> None:
        fault = fault_of_explosion(text)
        if fault:
            self._facts.note_explosion(fault)
            self._speak("over")

    @Slot()
    def _on_way_back(self) -> None:
        """Offer the way back instead, if what was said of the explosion is still there."""
        if not self.action.isChecked():
            advice = advise("over", self._facts.now("over"))
            if advice is not None and advice.action is not None:
                self.way_back_found.emit(advice)
        elif self._advice is not None and self._advice.cause not in self._silent:
            self._speak("over")

    @Slot()
    def _on_before(self) -> None:
        """Say what was not known of a run that has rested since."""
        if self._session.state == "Paused" or self._session.state in _OVER:
            self._speak("epoch" if self._session.state == "Paused" else "over")

    @Slot(object)
    def _on_data(self, _data: LoadedData) -> None:
        action = self._advice.action if self._advice is not None else None
        if action is not None and action.target == "dataset":  # it asked for data, and here is some
            self._dismiss()
        self._speak("opened")

    @Slot()
    def _end_slow_start(self) -> None:
        """Say no longer that the steps are slow: the speed was changed, or the run is over."""
        if self._advice is not None and self._advice.cause == "slow start":
            self._dismiss()

    @Slot(object)
    def _on_settings(self, changed: frozenset[str]) -> None:
        """Take back what a changed setting has made untrue."""
        action = self._advice.action if self._advice is not None else None
        if action is not None and action.kind == "setting" and action.target in changed:
            if self._facts.rewind.search.searching:  # a way back may still take its place
                self._renew()
            else:
                self._dismiss()
        elif action is not None and action.kind in _EXCHANGES:  # with a rate that may be another
            self._renew()

    @Slot()
    def _on_project(self) -> None:
        self._silent.clear()
        self._facts.forget()
        self._show(None)

    # --- what is said ------------------------------------------------------------------------

    def _speak(self, happened: Happened) -> None:
        """Show what there is to say of what happened, if it is new."""
        if not self.action.isChecked():
            self._tell_ruin(happened)
            return
        facts = self._facts.now(happened)
        advice = advise(happened, facts, self._silent)
        told = self._advice.cause if self._advice is not None else ""
        if advice is None:
            if self._is_outdated(facts):
                self._show(None)
        elif advice.cause != told or self._session.state != "Training":
            self._show(advice)  # figures that change with every epoch would make the line flicker

    def _is_outdated(self, facts: Facts) -> bool:
        """Return whether the network has learned since what its advice says that it does not."""
        advice, last = self._advice, facts.last
        return advice is not None and last is not None and last.test_accuracy > advice.until

    def _tell_ruin(self, happened: Happened) -> None:
        """Tell without the coach that what was learned is lost: that is more than advice."""
        if happened not in ("epoch", "over"):
            return
        facts = self._facts.now(happened)
        advice = None if facts.fault else ruin(facts)  # an explosion is told of already
        if advice is not None and advice.cause not in self._silent:
            self._silent.add(advice.cause)
            self.way_back_found.emit(advice)

    def _renew(self) -> None:
        """Say the same of other settings."""
        happened: Happened = "epoch" if self._session.active else "over"
        advice = advise(happened, self._facts.now(happened), self._silent)
        if advice is not None and self._advice is not None and advice.cause == self._advice.cause:
            self._show(advice)

    def _show(self, advice: Advice | None) -> None:
        """Show another advice; the cause of the last one is told."""
        if self._advice is not None and (advice is None or advice.cause != self._advice.cause):
            self._silent.add(self._advice.cause)
        self._advice = advice
        self._show_as_seen()

    @Slot()
    def _show_as_seen(self) -> None:
        """Show the advice; a panel that is in view is not offered."""
        advice = self._advice
        action = advice.action if advice is not None else None
        if advice is not None and action is not None and self._is_there(action):
            advice = replace(advice, text=f"{advice.text} {action.in_view}".rstrip(), action=None)
        self.bar.show_advice(advice)

    def _is_there(self, action: Action) -> bool:
        return action.kind == "panel" and self._docks.is_in_view(action.target)

    @Slot()
    def _dismiss(self) -> None:
        self._show(None)

    @Slot()
    def _close(self) -> None:
        """Close the shown advice; after an offer, say what there is to say at the start."""
        advice = self._advice
        self._dismiss()
        if advice is not None and advice is self._facts.offer:
            self._facts.offer = None
            self.declined.emit(advice.cause)
            self._speak("opened")

    @Slot(object)
    def act(self, action: Action) -> None:
        """Do what an advice offers; where the network becomes another, show it."""
        if action.kind in _EXCHANGES:
            self.present_wanted.emit()
        match action.kind:
            case "panel":
                self._docks.show_panel(action.target)
            case "input":
                self.input_wanted.emit(action.target)
            case "speed":
                self._speed.choose("full")
            case "setting":
                self._edits.change_setting(action.target, action.value)
                self._dismiss()
            case "reset":
                self._facts.leave()
                self._edits.reset_with_rate(action.value)
            case "best_epoch":
                self._go_back(action)
            case "rewind":
                self._go_to_kept(action)
            case "tour":
                self.tour_wanted.emit()
            case "project":
                self.project_wanted.emit(action.target)
            case _:
                assert_never(action.kind)

    def _go_back(self, action: Action) -> None:
        """Go back to the best epoch, where steps were too large with a lower learning rate."""
        facts = self._facts
        best, trained = facts.memory.best, facts.best
        if best is None or trained is None:
            return
        rate = action.value if isinstance(action.value, float) else None
        take = partial(self._take_best, best, trained, rate)
        facts.rewind.recall(trained, take)

    def _take_best(
        self, best: Epoch, trained: Trained, rate: float | None, state: "TrainingState | None"
    ) -> None:
        facts = self._facts
        if facts.memory.best is not best or facts.best is None:  # on a slow disk time goes by
            return
        facts.leave()
        self._going_back = True
        learned = best.number, trained.weights, state, trained.origin
        self._edits.go_back(*learned, part=trained.part, learning_rate=rate)
        self._going_back = False
        self._speak("went_back")
        facts.memory.go_back(best)

    def _go_to_kept(self, action: Action) -> None:
        """Go back to a moment before an explosion, with a lower learning rate."""
        kept, rate = self._facts.rewind.search.kept, action.value
        if kept is None or not isinstance(rate, float):
            return
        self._facts.leave()
        self._going_back = True
        self._facts.rewind.go(rate)
        self._going_back = False
        self._show(rewound(kept.epoch.number, rate))
        self._facts.memory.go_back(kept.epoch)

    def _turn(self, on: bool) -> None:
        """Turn the coach on or off, and remember that."""
        self.bar.setVisible(on)
        self._show(None)
        with self._preferences.changing() as preferences:
            preferences.coach = on
