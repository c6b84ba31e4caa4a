"""CoachFacts: gathers what the coach must know."""

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Slot

from engine.advice.cautions import cautions
from engine.advice.facts import Advice, Epoch, Facts, Happened, chance_of, pace_of
from gui.background.session import Session
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.learned import Learned
from gui.presenters.epoch_memory import EpochMemory
from gui.presenters.kept_search import Kept, KeptSearch
from gui.presenters.network_symptoms import NetworkSymptoms
from gui.presenters.rewind import Rewind
from gui.presenters.run_start import RunStart, RunStarts, Trained
from gui.window.next_run_words import next_run_button
from gui.window.speed_box import SpeedBox

if TYPE_CHECKING:
    from engine.training.events import EpochDone


class _Left(NamedTuple):
    """What was known of weights that the coach has led away from."""

    learned: Learned
    memory: EpochMemory
    fault: str
    kept: Kept | None


class CoachFacts(QObject):
    """Follows the session: its epochs, what its steps and units say, and the ways back.

    `offer` is what may be offered at the start. `before` looks for the best epoch before a run that
    begins with weights of which nothing is known.
    """

    def __init__(
        self,
        document: Document,
        edits: Edits,
        session: Session,
        speed: SpeedBox,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._document, self._session, self._speed = document, session, speed
        self.memory = EpochMemory()
        self.rewind = Rewind(document, edits, session, self)
        self.before = KeptSearch(document, session, self)
        self.symptoms = NetworkSymptoms(session, self)
        self.offer: Advice | None = None
        self._starts = RunStarts(document, session, self)
        self._first_loss: float | None = None  # of the test samples, before the first step
        self._fault = ""  # what is said of an explosion that nothing was begun after
        self._left: _Left | None = None
        self._highest = 0.0  # learning rate since the last epoch was done
        self.before.found.connect(self._on_before)
        session.run_started.connect(self._on_run)
        session.epoch_done.connect(self._on_epoch)
        session.state_changed.connect(self._note_rate)
        document.stack_changed.connect(self._forget_fall)
        document.settings_changed.connect(self._on_settings)

    def now(self, happened: Happened) -> Facts:
        """Return all that is known after something happened."""
        settings, session, memory = self._document.settings, self._session, self.memory
        data, trains = session.data, happened in ("epoch", "over")
        samples = len(data.train) if data is not None and data.train is not None else None
        kept = self.rewind.search.kept
        return Facts(
            settings,
            class_names=session.samples.class_names if session.samples is not None else (),
            run=memory.run,
            first_rate=memory.rate,
            first_loss=self._first_loss,
            epochs=tuple(memory.epochs),
            best=memory.best if self.best is not None else None,
            fall=memory.falls.fall,
            before=memory.before,
            before_name=memory.before_name,
            train_word=next_run_button(self._document, samples or 0)[0],
            samples=settings.trained_samples(samples or 0),
            running=session.state == "Training",
            fault=self._fault,
            rewind=None if kept is None else kept.epoch,
            searching=self.rewind.search.searching,
            finished=session.state == "Finished",
            ended_early=session.ended_early,
            slow=self.is_slow,
            symptom=self.symptoms.now() if trains else None,
            stuck=self.symptoms.stuck() if trains else None,
            cautions=self._cautions(samples) if happened == "started" else (),
            data_problem=session.data_problem,
            unread=settings.dataset in session.unread,
            offer=self.offer,
        )

    @property
    def best(self) -> Trained | None:
        """What was learned up to the best epoch, if it is kept."""
        return self.memory.best_of(self._session.best)

    @property
    def is_slow(self) -> bool:
        """Whether a run is or will be slow because it is the first; a batch is no run."""
        first = self._speed.introducing and self._session.speed == "slow"
        return first and self._session.wanted != "batch"

    def begin_run(self) -> None:
        """Know of the run before what the one that begins now is compared with."""
        document, settings = self._document, self._document.settings
        self._highest = settings.learning_rate
        self.memory.begin_run(self._highest, document.trained_epochs, chance_of(settings))
        self.offer = None
        self.forget_end()
        self.symptoms.begin_run()
        # Wrecked weights are no start to go back to: the one before them stays.
        if self._session.best is None and self.memory.falls.fall is None:
            self.memory.begin_from(self._starts.now())
            self.before.look()
        if document.project().position == 0:
            self._first_loss = self._starts.loss()

    def note_explosion(self, fault: str) -> None:
        """Know that the run has exploded, and look for what it has kept."""
        self._fault = fault
        self.memory.falls.note(pace_of(self._document.settings)._replace(rate=self._highest))
        self.rewind.search.look()

    def leave(self) -> None:
        """Keep what is known of the present weights: undo of a way back may bring them again."""
        memory = self.memory.with_best(self.best)
        kept = self.rewind.search.kept
        self._left = _Left(self._document.learned, memory, self._fault, kept)

    def come_back(self) -> bool:
        """Know what was known of the present weights, if they were left; return whether."""
        left = self._left
        if left is None or left.learned is not self._document.learned:
            return False
        run = self.memory.run + 1  # so that it is said once more
        self.memory = left.memory.with_best(left.memory.best_of(None))
        self.memory.run = run
        self._fault, self.rewind.search.kept = left.fault, left.kept
        return True

    def forget_end(self) -> None:
        """Know no longer how the last run ended: something else was begun."""
        self._fault = ""
        self.rewind.forget()
        self.before.forget()

    def forget(self) -> None:
        """Know nothing any more: another project is opened."""
        self.offer = self._left = None
        self.memory.clear()
        self.symptoms.forget()
        self._starts.forget()
        self._first_loss = None
        self.forget_end()

    def _cautions(self, samples: int | None) -> tuple[str, ...]:
        document = self._document
        found = cautions(document.stack, document.settings, samples)
        return tuple(caution.text for caution in found)

    @Slot()
    def _on_run(self) -> None:
        """Begin with a run from the seed, not from what an explosion left of the first epoch."""
        if not self._document.trained:
            self.memory.forget()

    @Slot()
    def _on_before(self) -> None:
        """Know of a better epoch than the run began with."""
        kept = self.before.kept
        if kept is not None:
            project = kept.project
            trained = Trained(project.weights, project.state, project.origin)
            self.memory.begin_before(RunStart(kept.epoch, trained), kept.since)

    @Slot(object)
    def _on_epoch(self, event: "EpochDone") -> None:
        """Remember an epoch with the rates of its steps: another may have been set since."""
        measured = event.loss, event.accuracy, event.test_loss, event.test_accuracy
        settings = self._document.settings
        pace, self._highest = pace_of(settings), settings.learning_rate
        lowest = event.lowest_rate if event.lowest_rate < event.learning_rate else None
        made = pace._replace(rate=event.learning_rate)
        validated = event.validation_loss, event.validation_accuracy
        self.memory.add(Epoch(event.epoch, *measured, *made, False, lowest, *validated))

    @Slot()
    def _note_rate(self) -> None:
        """Know the highest rate of the steps that no epoch tells of, if they explode."""
        if self._session.state == "Training":
            self._highest = max(self._highest, self._document.settings.learning_rate)

    @Slot(object)
    def _on_settings(self, changed: frozenset[str]) -> None:
        self._note_rate()
        if changed & {"dataset", "classes", "limit", "test_split", "copies", "validation_split"}:
            self.memory.clear()  # the test samples were others, or those for validation
        elif "loss" in changed:
            self._forget_fall()

    @Slot()
    def _forget_fall(self) -> None:
        """Blame no steps of a network, or by a loss, that cannot be compared with."""
        self.memory.falls.begin(None)
