"""Worker: owns the network in the training thread; trains it, and inspects it for the panels."""

import contextlib
import dataclasses
import logging
import sys
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from engine.errors import DataError, InterruptedWorkError, LostDataError
from engine.machine.heap import give_back_memory
from engine.machine.throttle import Throttle
from engine.model.project import Project
from engine.training.events import BatchDone, EpochDone, Event, Exploded, Finished
from engine.training.executor import Executor
from gui.background.failures import AFTER_EXPLOSION, EXPLODED, NO_DATA, words_of
from gui.background.mailbox import Inbox, LoadedData, Mode, Outbox, Speed, Wishes
from gui.background.network_inspector import NetworkInspector
from gui.background.project_data import ProjectData
from gui.background.run_keeper import RunKeeper
from gui.background.step_pace import StepPace
from gui.background.training_run import TrainingRun

_logger = logging.getLogger(__name__)
WEIGHTS_SECONDS = 1.0
NOTHING = Wishes()


class Worker(QObject):
    """Trains and looks. Its methods run in the worker's thread; the window talks to the inbox.

    `weights_learned` carries the project as it is at one moment, whose arrays are never written
    again. `run_recorded` says that the folder of a run has changed, `recorder_said` a sentence and
    which runs it says will go; both come from other threads. The last number of a signal is the
    generation of the project that it is about.
    """

    state_changed = Signal(str)
    epoch_done = Signal(object, int)
    loading_changed = Signal(object)  # Loading, or None when it is over
    data_loaded = Signal(object)
    weights_learned = Signal(object, int)
    ended_early = Signal(str)
    failed = Signal(str)
    run_recorded = Signal(str)
    recorder_said = Signal(str, object)

    def __init__(self, inbox: Inbox, outbox: Outbox) -> None:
        super().__init__()
        self._inbox, self._outbox = inbox, outbox
        self._mode: Mode = "idle"
        self._project: Project | None = None
        self._generation = 0
        self._executor: Executor | None = None
        self._run: TrainingRun | None = None
        self._data = ProjectData(inbox.urgent, self.loading_changed.emit)
        self._keeper = RunKeeper(self.run_recorded.emit, self.recorder_said.emit)
        self._pace = StepPace()
        self._inspector = NetworkInspector(outbox)
        self._weights_throttle = Throttle(least=WEIGHTS_SECONDS, share=0.005)

    @Slot()
    def work(self) -> None:
        """Serve wishes and train until told to quit."""
        while True:
            resting = self._mode == "idle"
            nothing_to_do = resting and not self._inspector.due
            wishes = self._inbox.take(wait=nothing_to_do)
            if wishes.quit:
                break
            try:
                self._obey(wishes)
                if not self._managed(self._go_on) and resting:
                    self._inspector.give_up()
            except InterruptedWorkError:  # an urgent wish waits; what is due stays due
                continue
        self._end_run("stopped")
        self._use_executor(None)
        self._keeper.close()

    def _go_on(self) -> None:
        """Train for a moment, or show at rest what is due."""
        if self._mode == "idle":
            self._inspector.catch_up()
        else:
            self._advance()

    def _managed(self, work: Callable[[], None]) -> bool:
        """Do something, and say whether it was done; if not, the run is over and the reason told.

        Raises InterruptedWorkError if an urgent wish came first.
        """
        try:
            work()
        except InterruptedWorkError:
            raise
        except Exception as error:
            if isinstance(error, LostDataError):
                self._lose_data(error)
            data = self._data.used
            only_data_lacks = self._run is None and (data is None or data.train is None)
            self._fail(words_of(error), "Ready" if only_data_lacks else "Error")
            if not words_of(error):  # a defect: the hook says so, and the window stays alive
                sys.excepthook(*sys.exc_info())
            return False
        return True

    # --- wishes -----------------------------------------------------------------------------

    def _obey(self, wishes: Wishes) -> None:
        """Obey each wish on its own: none is lost with another that fails.

        A wish to train after one that failed is answered by that failure, for it would train
        something else than was wanted. Where an urgent wish comes first, what is not obeyed yet
        goes back into the inbox.
        """
        all_obeyed = True
        for name, obey in (
            ("unread", partial(setattr, self._data, "unread")),
            ("read_again", lambda _: self._data.forget()),
            ("file_name", partial(setattr, self._keeper, "file_name")),
            ("project", partial(self._begin_project, wishes.generation)),
            ("touched", self._use_touched),
            ("samples", self._inspector.use_samples),
            ("pinned", self._inspector.pin),
            ("watched", self._inspector.watch),
            ("learning_rate", self._use_learning_rate),
            ("speed", self._use_speed),
            ("gives_way", self._pace.give_way),
            ("statistics", self._inspector.recorder.want),
            ("weights", self._give_weights),
            ("stop", lambda _: self._stop()),
            ("mode", self._set_mode),
        ):
            wish, none = getattr(wishes, name), getattr(NOTHING, name)
            if wish is none or (name == "mode" and not all_obeyed):
                continue
            try:
                all_obeyed &= self._managed(partial(obey, wish))
            except InterruptedWorkError:
                self._inbox.put_back(wishes)
                raise
            setattr(wishes, name, none)

    def _begin_project(self, generation: int, project: Project) -> None:
        self._generation = generation
        self._outbox.start_generation(generation)
        self._use_project(project)

    def _use_learning_rate(self, learning_rate: float) -> None:
        if self._project is not None:
            settings = self._project.settings.with_changes(learning_rate=learning_rate)
            self._project = dataclasses.replace(self._project, settings=settings)
        if self._run is not None:
            self._run.training.learning_rate = learning_rate

    def _use_speed(self, speed: Speed) -> None:
        self._pace.speed = speed
        if self._run is not None:
            self._run.clock.change_pace()

    def _use_project(self, project: Project) -> None:
        """Take over an edited or opened project; a run on the former one is over."""
        self._end_run("stopped")
        self._mode = "idle"
        self._project = project
        self._use_executor(None)
        give_back_memory()
        self._use_data(project)
        self._run_network()
        self._inspector.renew()
        self.state_changed.emit("Ready")

    def _run_network(self) -> None:
        """Make what runs the network of the project, if it fits the data."""
        project, data = self._project, self._data.used
        if project is None:
            return
        front = project.check().front()
        # Until the window has let the network take images of this size, there is no network.
        suits = data and data.train and data.train.input_shape == project.stack.input_shape
        if suits and front.rows:
            network, loss = project.front(), project.settings.loss
            self._use_executor(Executor(network, loss, interrupted=self._inbox.urgent))

    def _use_touched(self, project: Project) -> None:
        """Take over edited kernels and locks; a run goes on from them."""
        self._project = project
        if self._executor is None:
            return
        weights = project.front().copy_weights()
        if self._run is None:
            self._executor.network.set_weights(weights)
        else:
            self._run.touch(project, weights)
        self._inspector.renew()

    def _use_data(self, project: Project) -> None:
        """Take the data of a project, or tell why there is none."""
        before = self._data.used
        try:
            self._data.take(project)
        finally:
            if self._data.used is not before:
                self._tell_data()

    def _tell_data(self) -> None:
        if (data := self._data.used) is not None:
            self._inspector.use_test(data.test)
            self.data_loaded.emit(data)

    def _lose_data(self, error: LostDataError) -> None:
        """Keep what was learned from images that can no longer be read, and show them no more."""
        with contextlib.suppress(LostDataError):
            self._keep_weights()
        self._data.lose(str(error))
        self._tell_data()

    def _use_executor(self, executor: Executor | None) -> None:
        """Take over what runs the network, and end what ran the last one."""
        if self._executor is not None:
            self._executor.close()
        self._executor = executor
        project = self._project or Project()
        self._inspector.use_network(executor, project.known_position, project.stack.input_shape)

    def _set_mode(self, mode: Mode) -> None:
        if mode == "idle":
            if self._mode != "idle":
                self._pause()
            return
        self._require_data()
        begins, run = self._run is None, self._run or self._start_run()
        self._mode = mode
        run.clock.go_on()
        self.state_changed.emit("Training")
        if begins and run.training.note:
            self.recorder_said.emit(run.training.note, ())

    def _require_data(self) -> LoadedData:
        """Return what is to be trained and tested on; raise DataError if there is nothing."""
        data = self._data.used
        if data is None or data.train is None or data.test is None:
            raise DataError(data.problem if data is not None and data.problem else NO_DATA)
        return data

    def _start_run(self) -> TrainingRun:
        assert self._project is not None
        begun = self._project, self._require_data(), self._inspector.recorder, self._keeper
        self._run = TrainingRun(*begun, self._inbox, self._outbox)
        self._use_executor(self._run.training.executor)
        return self._run

    # --- training ---------------------------------------------------------------------------

    def _advance(self) -> None:
        """Train for a moment, and do what comes next."""
        assert self._run is not None
        single = self._mode == "batch"
        if not single and self._pace.wish_comes_first(self._inbox):
            return
        event = self._run.advance(self._pace.moment, self._mode, stepwise=self._pace.stepwise)
        if not isinstance(event, BatchDone):
            self._act_on(self._run, event)
        elif single:
            self._pause()
        else:
            self._keep_pace(every_step=self._pace.speed == "slow")

    def _keep_pace(self, *, every_step: bool = False) -> None:
        """Show and keep, between two steps, what is due."""
        self._inspector.keep_pace(every_step=every_step)
        if self._weights_throttle.due():
            self._keep_weights()

    def _act_on(self, run: TrainingRun, event: Event) -> None:
        """Act on an event that is not a batch."""
        if isinstance(event, EpochDone):
            self._epoch(run, event)
        elif isinstance(event, Finished):
            self.ended_early.emit(event.reason)
            self._finish("Finished", event.reason)
        elif isinstance(event, Exploded):
            self._finish("Error", event.fault)
            self.failed.emit(f"{event.fault} {AFTER_EXPLOSION}")

    def _epoch(self, run: TrainingRun, event: EpochDone) -> None:
        self.epoch_done.emit(event, self._generation)
        self._inspector.show_epoch(event)
        if self._mode == "epoch":
            self._pause()
        else:  # of short epochs, one may be over before any moment is
            self._keep_pace()

    def _pause(self) -> None:
        self._mode = "idle"
        assert self._run is not None
        self._run.clock.rest()
        if self._keep_weights():
            self._inspector.renew(stepped=True)
            self.state_changed.emit("Paused")

    def _give_weights(self, _: bool) -> None:
        """Send the weights though they are not due; what is not finite ends the run, as ever."""
        self._keep_weights()

    def _stop(self) -> None:
        if self._run is not None:
            self._finish("Stopped")

    def _finish(self, state: str, reason: str = "") -> None:
        self._mode = "idle"
        if self._keep_weights():
            self._end_run("failed" if state == "Error" else state.lower(), reason)
            self._inspector.renew(stepped=state != "Error")
            self.state_changed.emit(state)

    def _fail(self, message: str, state: str = "Error") -> None:
        self._mode = "idle"
        self._end_run("failed", message)
        self.state_changed.emit(state)
        if message:
            _logger.warning(message)
            self.failed.emit(message)

    def _end_run(self, state: str, reason: str = "") -> None:
        """Close the run; its network and executor stay, to be looked at and trained on."""
        if self._run is not None:
            self._run.end(state, reason)
        self._run = None

    def _keep_weights(self) -> bool:
        """Send a copy of what was learned to the window; return whether the weights are finite.

        If they are not, the run is over and the last that were sent, or the initial ones, are back.
        The optimizer's memories are not: they would lead there again.
        """
        run, project = self._run, self._project
        if run is None or project is None:
            return True
        training = run.training
        weights, state = self._weights_throttle.timed(
            lambda: (training.checkpoint(), training.state())
        )
        if weights is None:
            where = training.network.find_non_finite(training.train.batch_inputs(slice(0, 1)))
            fault = EXPLODED.format(where=where, rate=training.learning_rate)
            self._end_run("failed", fault)  # before the project is used anew, which stops a run
            self._use_project(dataclasses.replace(project, state=None))
            if project.state is not None:
                self.weights_learned.emit(self._project, self._generation)
            self._fail(f"{fault} {AFTER_EXPLOSION}")
            self._inspector.renew()
            return False
        self._project = run.learned(project, weights, state)
        self.weights_learned.emit(self._project, self._generation)
        return True
