"""Worker: owns the network in the training thread; trains it, and inspects it for the panels."""

import contextlib
import dataclasses
import logging
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

from engine.data.parts import Parts
from engine.errors import DataError, InterruptedWorkError, LostDataError
from engine.machine.heap import give_back_memory
from engine.machine.throttle import Throttle
from engine.model.project import Project
from engine.model.training_state import TrainingState
from engine.model.weights import Weights
from engine.runs.recorder import RunNames, RunRecorder
from engine.runs.run_writer import Listener, RunWriter
from engine.runs.store import RunStore
from engine.training.events import BatchDone, EpochDone, Event, Exploded, Finished
from engine.training.executor import Executor
from engine.training.run import Training
from engine.training.samples import DataKey, data_key, learned_scaling, source_of
from gui.background.failures import AFTER_EXPLOSION, EXPLODED, NO_DATA, NOT_USED_HERE, words_of
from gui.background.loading import Loading, parts_for
from gui.background.mailbox import Commands, Inbox, Outbox, ShownSamples
from gui.background.network_inspector import NetworkInspector, StepRecorder
from gui.state import LoadedData, Mode, RunProgress, Speed

STEPS_A_SECOND: dict[Speed, float] = {"slow": 3.0, "fast": 30.0}
GIVEN_WAY = 3.0  # times as long as its steps take that a run waits for what the window waits for
LONGEST_WAIT = 0.1  # s, of such a wait
MOMENT = 0.04  # s between two glances at the clocks of what is done beside a training
SHORT_MOMENT = 0.01  # s, while the run gives way
_logger = logging.getLogger(__name__)
WEIGHTS_SECONDS = 1.0
NOTHING = Commands()
LAST_WORDS = 5.0  # s that the end of the program waits for what is still to be written


class ProjectData:
    """What is `used`: the samples that were loaded, scaled as the network learned to take them.

    They are loaded when others are asked for than before, or there was a problem with them.
    """

    def __init__(
        self, interrupted: Callable[[], bool], tell: Callable[[Loading | None], None]
    ) -> None:
        """Use nothing yet.

        `tell` is called with what is being loaded, and with None when that is over.
        """
        self._interrupted, self._tell = interrupted, tell
        self._loading: Loading | None = None
        self._loaded: LoadedData | None = None
        self.used: LoadedData | None = None
        self.unread = frozenset[str]()  # what the user has to be asked about first

    def take(self, project: Project) -> None:
        """Use the data of a project.

        Raises InterruptedWorkError if an urgent command comes first; it is read on, and waited for
        again. Raises whatever reading has raised.
        """
        key, before = data_key(project.settings), self._loaded
        if self._loaded is None or self._loaded.key != key:
            self._loaded = self._load(key)
        else:
            self._leave()
        train = self._loaded.train
        scaling = None if train is None else learned_scaling(project, train.input_shape)
        scaled = self._loaded.scaled(scaling)
        if self._loaded is not before or self.used is None or self.used.scaling != scaled.scaling:
            self.used = scaled

    def lose(self, problem: str) -> None:
        """Use no longer what can no longer be read; it is loaded again when it is taken again."""
        if self._loaded is not None:
            self.used = LoadedData(self._loaded.key, problem=problem)
            self._loaded = None

    def _load(self, key: DataKey) -> LoadedData:
        if key.data in self.unread:
            self.forget()
            self.used = LoadedData(key, problem=NOT_USED_HERE.format(key.data))
            raise DataError(self.used.problem)
        loading = self._loading
        if loading is None or source_of(loading.key) != source_of(key):
            loading = self._begin(key, parts_for(key, self.used))
        try:
            chosen = loading.wait(self._interrupted)
            if loading.key != key:  # another choice was made while the same files were read
                loading = self._begin(key, loading.parts)
                chosen = loading.wait(self._interrupted)
            data = LoadedData(key, *chosen, parts=loading.parts)
        except InterruptedWorkError:
            raise
        except Exception as error:
            self._leave()
            self._loaded = None
            self.used = LoadedData(key, problem=words_of(error) or NO_DATA, parts=loading.parts)
            if self.used.unfit:
                self.used = replace(self.used, problem=self.used.question)
            raise
        self._leave()
        return data

    def _begin(self, key: DataKey, parts: Parts | None) -> Loading:
        self._leave()
        self._loading = loading = Loading(key, parts)
        self._tell(loading)
        return loading

    def forget(self) -> None:
        """Have all read anew when it is taken next."""
        self._leave()
        self._loaded = self.used = None

    def _leave(self) -> None:
        """Wait no longer for what is being loaded."""
        if self._loading is not None:
            self._loading.give_up()
            self._loading = None
            self._tell(None)


class RunClock:
    """Measures a run of `epochs` after `first_epoch`: time without pauses, and recent speed.

    `begun` is the time in epochs from which it is measured, if that is not the run's beginning.
    """

    WINDOW = 1.0
    LEAST = 3.0  # s at one pace before the rest is estimated: else the first steps count too much

    def __init__(self, first_epoch: int, epochs: int, begun: float | None = None) -> None:
        self._first, self._epochs = first_epoch, epochs
        self._position = self._begun = first_epoch if begun is None else begun
        self._elapsed = self._begun_elapsed = 0.0
        self._since: float | None = None
        self._samples = 0
        self._speed = 0.0
        self._speed_samples = 0
        self._speed_elapsed = 0.0

    def go_on(self) -> None:
        """Start or go on counting."""
        if self._since is None:
            self._since = time.perf_counter()

    def rest(self) -> None:
        """Stop counting."""
        self._elapsed, self._since = self.elapsed(), None

    def elapsed(self) -> float:
        """Return the seconds of training so far."""
        running = 0.0 if self._since is None else time.perf_counter() - self._since
        return self._elapsed + running

    def change_pace(self) -> None:
        """Forget how fast it went: from now on it goes faster or more slowly."""
        self._begun, self._begun_elapsed = self._position, self.elapsed()
        self._speed_samples, self._speed_elapsed = self._samples, self._begun_elapsed
        self._speed = 0.0

    def count(self, samples: int) -> None:
        """Take the samples of a finished batch into account."""
        self._samples += samples

    def progress(self, event: BatchDone) -> RunProgress:
        """Return where the run stands after its newest batch."""
        elapsed, self._position = self.elapsed(), event.position
        window = elapsed - self._speed_elapsed
        if window >= self.WINDOW or self._speed_elapsed == self._begun_elapsed:
            self._speed = (self._samples - self._speed_samples) / max(window, 1e-9)
        if window >= self.WINDOW:
            self._speed_samples, self._speed_elapsed = self._samples, elapsed
        fraction = (event.position - self._first) / self._epochs
        last = self._first + self._epochs
        taken, done = elapsed - self._begun_elapsed, event.position - self._begun
        remaining = taken * (last - event.position) / done if taken >= self.LEAST else None
        return RunProgress(event.epoch, last, fraction, self._speed, elapsed, remaining)


class TrainingRun:
    """A run from its start, or from where it was stopped, up to its end.

    A run that goes on from its own state keeps the losses that are shown.
    """

    def __init__(
        self,
        project: Project,
        data: LoadedData,
        recorder: StepRecorder,
        keep: Callable[[Project, Training], RunRecorder],
        inbox: Inbox,
        outbox: Outbox,
    ) -> None:
        self._recorder, self._inbox, self._outbox = recorder, inbox, outbox
        assert data.train is not None
        assert data.test is not None
        self.training = Training(
            project.check(),
            project.settings,
            data.train,
            data.test,
            project.weights,  # of the moment of the state
            first_epoch=project.trained_epochs,
            state=project.state,
            interrupted=inbox.urgent,
        )
        self._events = self.training.run()
        begun, position = self.training.begun, self.training.position
        self._begun_at = self.training.epochs_done, self.training.trained_part
        self._part_before = project.trained_part
        self.clock = RunClock(begun.first_epoch, begun.last_epoch - begun.first_epoch, position)
        if position == 0:
            outbox.start_run()
        self._kept = keep(replace(project, data_digest=data.digest), self.training)

    @property
    def _trained_part(self) -> float:
        """The share of the epoch after those that are done which has led to the weights."""
        training = self.training
        is_at_start = (training.epochs_done, training.trained_part) == self._begun_at
        return self._part_before if is_at_start else training.trained_part

    def learned(self, project: Project, weights: Weights, state: TrainingState | None) -> Project:
        """Return a project with what the run has led to: these weights, and what goes with them."""
        return replace(
            project,
            weights=weights,
            trained_epochs=self.training.epochs_done,
            trained_part=self._trained_part,
            state=state,
            origin=self._kept.checkpoint,  # the last whole epoch, or what it goes on from
        )

    def touch(self, project: Project, weights: Weights) -> None:
        """Go on with edited weights and locks, from the next step on."""
        self.training.replace_weights(weights)
        self.training.lock(row.slot for row in project.stack.rows())
        self._kept.stack = project.stack

    def end(self, state: str, reason: str = "") -> None:
        """Keep how the run ended, and why."""
        self._kept.end(state, reason)

    def advance(self, checkpoint: float, mode: Mode, *, stepwise: bool) -> Event:
        """Train for a moment, in s, or up to an event that asks for more than showing its loss.

        The moment is over after a step if that is all that is to be done, or `stepwise`, or when a
        command waits. A step after which training rests is observed, where that is known before it.
        Return the last event. What is done for every step is kept small: a step may take a tenth
        of a millisecond.
        """
        single = mode == "batch" or stepwise
        end = time.perf_counter() + checkpoint
        positions: list[float] = []
        losses: list[float] = []
        samples = 0
        last: BatchDone | None = None
        left = self.training.steps_left  # until training rests by itself
        if mode == "epoch":
            left = (left - 1) % self.training.steps + 1
        self._recorder.before_step(self.training, alone=single or left == 1)
        try:
            while True:
                event = next(self._events)
                if not isinstance(event, BatchDone):
                    if isinstance(event, EpochDone):
                        self._kept.after_epoch(event)
                    return event
                last = event
                positions.append(event.position)
                losses.append(event.loss)
                samples += event.samples
                if event.statistics is not None:
                    self._recorder.after_step(event)
                if single or self._inbox.waiting or time.perf_counter() >= end:
                    return event
                left -= 1
                if left == 1:
                    self._recorder.before_step(self.training, alone=True)
        finally:
            if last is not None:
                self._recorder.position = self.training.epochs_done + self._trained_part
                self.clock.count(samples)
                self._outbox.add_losses(positions, losses, self.clock.progress(last))


class StepPace:
    """Waits between two steps as the speed asks for; at full speed not at all.

    While the run gives way, the steps of full speed have a part of the time only: the machine has
    few cores, and what the window waits for must not have to wait for a run of minutes.
    """

    def __init__(self) -> None:
        self.speed: Speed = "full"
        self.is_throttled = False  # leaves most of the time to other work
        self._begun = self._over = -1.0  # s on the clock; when the last step was let go, and done

    @property
    def stepwise(self) -> bool:
        """Return whether every step is taken by itself."""
        return self.speed in STEPS_A_SECOND

    @property
    def checkpoint(self) -> float:
        """Return for how many s steps follow each other, unless a command comes."""
        return SHORT_MOMENT if self.is_throttled else MOMENT

    def wish_comes_first(self, inbox: Inbox) -> bool:
        """Wait until the next step is due; return whether there was a command before."""
        now = time.perf_counter()
        if self._over <= self._begun:
            self._over = now
        left = self._due() - now
        if left > 0 and inbox.wait(left):
            return True
        self._begun = time.perf_counter()
        return False

    def _due(self) -> float:
        """Return when the next step is due, in s on the clock; commands do not put it off."""
        rate = STEPS_A_SECOND.get(self.speed)
        if rate is not None:
            return self._begun + 1 / rate
        if self.is_throttled:
            return self._over + min(GIVEN_WAY * (self._over - self._begun), LONGEST_WAIT)
        return self._over


class Worker(QObject):
    """Trains and looks. Its methods run in the worker's thread; the window talks to the inbox.

    `weights_learned` carries the project as it is at one moment, whose arrays are never written
    again. `run_recorded` says that the folder of a run has changed, `recorder_said` a sentence and
    the runs of which it says that they were deleted; both come from other threads. The last number
    of a signal is the generation of the project that it is about.
    """

    state_changed = Signal(str)
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
        said = self.recorder_said.emit
        self._listener = Listener(self.run_recorded.emit, lambda text: said(text, {}), said)
        self._file_name = ""  # of the open project
        self._writers: list[RunWriter] = []  # which may still have something to do
        self._pace = StepPace()
        self._inspector = NetworkInspector(outbox)
        self._weights_throttle = Throttle(least=WEIGHTS_SECONDS, share=0.005)

    @Slot()
    def work(self) -> None:
        """Serve commands and train until told to quit."""
        while True:
            resting = self._mode == "idle"
            nothing_to_do = resting and not self._inspector.due
            commands = self._inbox.take(wait=nothing_to_do)
            if commands.quit:
                break
            try:
                self._obey(commands)
                if not self._managed(self._go_on) and resting:
                    self._inspector.give_up()
            except InterruptedWorkError:  # an urgent command waits; what is due stays due
                continue
        self._end_run("stopped")
        self._use_executor(None)
        end = time.monotonic() + LAST_WORDS
        for writer in self._writers:
            writer.wait(max(0.0, end - time.monotonic()))

    def _go_on(self) -> None:
        """Train for a moment, or show at rest what is due."""
        if self._mode == "idle":
            self._inspector.catch_up()
        else:
            self._advance()

    def _managed(self, work: Callable[[], object]) -> bool:
        """Do something, and say whether it was done; if not, the run is over and the reason told.

        Raises InterruptedWorkError if an urgent command came first.
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
            unfit = only_data_lacks and data is not None and data.unfit  # nothing has failed
            words = "" if unfit else words_of(error)
            self._fail(words, "Ready" if only_data_lacks else "Error")
            if not words_of(error):  # a defect: the hook says so, and the window stays alive
                sys.excepthook(*sys.exc_info())
            return False
        return True

    # --- commands -----------------------------------------------------------------------------

    def _obey(self, commands: Commands) -> None:
        """Obey each command on its own: none is lost with another that fails.

        A command to train after one that failed is answered by that failure, for it would train
        something else than was wanted. Where an urgent command comes first, what is not obeyed yet
        goes back into the inbox.
        """
        all_obeyed = True
        for name, obey in (
            ("unread", partial(setattr, self._data, "unread")),
            ("read_again", lambda _: self._data.forget()),
            ("file_name", partial(setattr, self, "_file_name")),
            ("project", partial(self._begin_project, commands.generation)),
            ("touched", self._use_touched),
            ("samples", self._show_samples),
            ("pinned", self._inspector.pin),
            ("watched", self._inspector.watch),
            ("learning_rate", self._use_learning_rate),
            ("speed", self._use_speed),
            ("is_throttled", partial(setattr, self._pace, "is_throttled")),
            ("statistics", self._inspector.recorder.want),
            ("weights", lambda _: self._keep_weights()),  # though they are not due
            ("stop", lambda _: self._stop()),
            ("mode", self._set_mode),
        ):
            command, none = getattr(commands, name), getattr(NOTHING, name)
            if command is none or (name == "mode" and not all_obeyed):
                continue
            try:
                all_obeyed &= self._managed(partial(obey, command))
            except InterruptedWorkError:
                self._inbox.put_back(commands)
                raise
            setattr(commands, name, none)

    def _begin_project(self, generation: int, project: Project) -> None:
        self._generation = generation
        self._outbox.start_generation(generation)
        self._use_project(project)

    def _show_samples(self, shown: ShownSamples) -> None:
        if shown.data is self._data.used:
            self._inspector.use_samples(shown.samples)

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
            self.recorder_said.emit(run.training.note, {})

    def _require_data(self) -> LoadedData:
        """Return what is to be trained and tested on; raise DataError if there is nothing."""
        data = self._data.used
        if data is None or data.train is None or data.test is None:
            raise DataError(data.problem if data is not None and data.problem else NO_DATA)
        return data

    def _start_run(self) -> TrainingRun:
        assert self._project is not None
        begun = self._project, self._require_data(), self._inspector.recorder, self._record
        self._run = TrainingRun(*begun, self._inbox, self._outbox)
        self._use_executor(self._run.training.executor)
        return self._run

    def _record(self, project: Project, training: Training) -> RunRecorder:
        """Begin to keep a run of a project."""
        names = RunNames(file_name=self._file_name)
        recorder = RunRecorder(RunStore(), project, training, names, self._listener)
        self._writers = [each for each in self._writers if not each.ended]
        if recorder.writer is not None:
            self._writers.append(recorder.writer)
        return recorder

    # --- training ---------------------------------------------------------------------------

    def _advance(self) -> None:
        """Train for a moment, and do what comes next."""
        assert self._run is not None
        single = self._mode == "batch"
        if not single and self._pace.wish_comes_first(self._inbox):
            return
        event = self._run.advance(self._pace.checkpoint, self._mode, stepwise=self._pace.stepwise)
        if not isinstance(event, BatchDone):
            self._act_on(event)
        elif single:
            self._pause()
        else:
            self._keep_pace(every_step=self._pace.speed == "slow")

    def _keep_pace(self, *, every_step: bool = False) -> None:
        """Show and keep, between two steps, what is due."""
        self._inspector.keep_pace(every_step=every_step)
        if self._weights_throttle.due():
            self._keep_weights()

    def _act_on(self, event: Event) -> None:
        """Act on an event that is not a batch."""
        if isinstance(event, EpochDone):
            self._outbox.add_epoch(event)
            self._inspector.show_epoch(event)
            if self._mode == "epoch":
                self._pause()
            else:  # of short epochs, one may be over before any moment is
                self._keep_pace()
        elif isinstance(event, Finished):
            self.ended_early.emit(event.reason)
            self._finish("Finished", event.reason)
        elif isinstance(event, Exploded):
            self._finish("Error", event.fault)
            self.failed.emit(f"{event.fault} {AFTER_EXPLOSION}")

    def _pause(self) -> None:
        self._mode = "idle"
        assert self._run is not None
        self._run.clock.rest()
        if self._keep_weights():
            self._inspector.renew(stepped=True)
            self.state_changed.emit("Paused")

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
