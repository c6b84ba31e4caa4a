"""Session: the window's side of the training; it owns the worker's thread and passes updates on."""

import atexit
import dataclasses
import math
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Qt, QThread, QTimer, Signal, Slot

from engine.data.dataset import Dataset
from engine.data.sources import NAMES
from engine.errors import LostDataError
from engine.inspection.snapshot import Sample, SamplePart
from engine.machine.cores import let_others_go_first
from engine.model.project import Project
from engine.training.samples import data_key
from gui.background.exit_wait import wait_at_last
from gui.background.mailbox import (
    Inbox,
    MayRead,
    Outbox,
    Pin,
    ShownSamples,
    Statistics,
    VisibleSamples,
    read_all,
)
from gui.document.document import Document
from gui.state import LoadedData, Mode, Phase, RunState, Seen, Speed

if TYPE_CHECKING:
    from engine.training.preparation import Preparation
    from gui.background.loading import Loading
    from gui.background.worker import Worker


CLOSE_MILLISECONDS = 500  # that closing waits for the thread
_POLL_MILLISECONDS = 40
_TRAINING_POLL_MILLISECONDS = 150  # each poll takes the interpreter from the training
_TRAINING_SWITCH_INTERVAL = 0.0005  # lets the window have the interpreter between numpy calls


class WorkerThread:
    """A thread that ends with its owner, or with Python at the latest.

    One that runs when it is destroyed, or when Python ends, aborts the program. It and the threads
    that it starts to compute let the window's thread go first: they use all cores, and would take
    half of the one that the window draws on.
    """

    def __init__(self, inbox: Inbox, owner: QObject) -> None:
        self._inbox, self.thread = inbox, QThread()
        self._worker: QObject | None = None
        self.thread.setObjectName("training")
        owner.destroyed.connect(self._end)
        atexit.register(self._end)

    def start(self, worker: QObject, work: Callable[[], None]) -> None:
        """Start the thread with the work of a worker, which lives as long as the thread runs."""
        self._worker = worker  # its owner may be gone before the thread has begun
        worker.moveToThread(self.thread)
        direct = Qt.ConnectionType.DirectConnection  # in that thread, and not in the window's
        self.thread.started.connect(let_others_go_first, direct)
        self.thread.started.connect(work)
        self.thread.start()

    def close(self) -> None:
        """Stop whatever runs and wait for the thread to end, but no longer than a moment."""
        if self.thread.isRunning():
            self._ask_to_end()
            self.thread.wait(CLOSE_MILLISECONDS)
        if not self.thread.isRunning():
            atexit.unregister(self._end)

    def _end(self) -> None:
        """Stop whatever runs and wait for the thread to end, but not for ever."""
        if shiboken6.isValid(self.thread) and self.thread.isRunning():
            self._ask_to_end()
            wait_at_last(self.thread, "training")

    def _ask_to_end(self) -> None:
        self._inbox.put(urgent=True, quit=True)
        self.thread.quit()


class Session(QObject):
    """Runs the document's network: train, pause, step, stop, reset, take snapshots.

    What the worker tells goes into the store, in the window's thread, when the newest values are
    fetched; of what must not be missed there are signals. Of a run, `run_started` comes first.
    """

    preparation_changed = Signal()
    epoch_done = Signal(object)  # EpochDone
    run_started = Signal()  # anew, not one that goes on
    losses_added = Signal(object, object)  # positions in epochs, losses: a list of floats each
    steps_observed = Signal(object)  # list of (position in epochs, StepStatistics)
    failed = Signal(str)
    run_recorded = Signal(str)  # the id of a run: its folder has changed
    recorder_said = Signal(str, object)  # with runs that were deleted, if it is about any

    def __init__(
        self,
        document: Document,
        parent: QObject | None = None,
        may_read: MayRead = read_all,
    ) -> None:
        super().__init__(parent)
        self._document, self.may_read = document, may_read
        self.store = document.store
        self.unread = frozenset[str]()  # data that files of others name: the user is asked first
        self._inbox, self._outbox = Inbox(), Outbox()
        self._states = 0  # that were heard of
        self.loading: Loading | None = None  # what is read to take the place of the data
        self._held = False
        self._then: Callable[[], object] | None = None  # what is done at rest
        self._preparation: Preparation | None = None
        self._given_way: frozenset[str] = frozenset()  # what a run gives way to
        self._thread = WorkerThread(self._inbox, self)
        self._worker: Worker | None = None  # till the start
        self._timer = QTimer(self, interval=_POLL_MILLISECONDS)
        self._timer.timeout.connect(self._on_time)
        self._usual_interval = sys.getswitchinterval()
        self._trains_beside = False
        self._generation = 0
        self._sent: Project | None = None
        self.store.watch(lambda s: s.document.opened, self._on_project)
        self.store.watch(lambda s: (s.document.stack, s.document.settings), self._on_edit)
        self.store.watch(lambda s: s.document.resets, self._on_reset)
        self.store.show(lambda s: s.document.path, self._send_file_name)
        document.kernel_edited.connect(self._send_touched)
        self._send_project()

    def start(self) -> None:
        """Start the worker's thread: it does what was wanted till then, and what will be."""
        from gui.background.worker import Worker  # brings the whole engine

        worker = self._worker = Worker(self._inbox, self._outbox)
        direct = Qt.ConnectionType.DirectConnection  # in its thread, before the signal is queued
        worker.state_changed.connect(self._outbox.count_state, direct)
        worker.data_loaded.connect(self._outbox.count_state, direct)
        worker.state_changed.connect(self._on_state)
        worker.loading_changed.connect(self._on_loading)
        worker.data_loaded.connect(self._on_data)
        worker.weights_learned.connect(self._on_weights)
        worker.ended_early.connect(self._on_end)
        worker.failed.connect(self.failed)
        worker.run_recorded.connect(self.run_recorded)
        worker.recorder_said.connect(self.recorder_said)
        self._thread.start(worker, worker.work)
        self._timer.start()
        self._prepare()

    def close(self) -> None:
        """Stop whatever runs and wait for the thread to end, but no longer than a moment."""
        self._timer.stop()
        sys.setswitchinterval(self._usual_interval)
        if self._preparation is not None:
            self._preparation.close()
        self._thread.close()

    @property
    def preparation(self) -> str:
        """Say how far the loops are compiled that train faster than plain numpy; empty if done."""
        return self._preparation.words if self._preparation is not None else ""

    @property
    def run(self) -> RunState:
        """What the training does."""
        return self.store.state.run

    @property
    def data(self) -> LoadedData | None:
        """The data that was loaded last; None: none was yet."""
        return self.store.state.data.loaded

    @property
    def wanted_data(self) -> LoadedData | None:
        """The loaded data, if it is that of the present settings, and not of former ones."""
        data = self.data
        return data if data and data.key == data_key(self._document.settings) else None

    @property
    def samples(self) -> Dataset | None:
        """The samples that are shown of the present network."""
        return self.store.state.data.samples

    def _set_run(self, **parts: Any) -> None:
        self.store.update(run=dataclasses.replace(self.run, **parts))

    def _set_data(self, **parts: Any) -> None:
        self.store.update(data=dataclasses.replace(self.store.state.data, **parts))

    def _set_seen(self, **parts: Any) -> None:
        self.store.update(now=dataclasses.replace(self.store.state.now, **parts))

    @property
    def data_problem(self) -> str:
        """Return why there is no data to train on; empty if there is, or if it is being loaded."""
        return "" if self.wanted_data is None else self.wanted_data.problem

    @property
    def sample_count(self) -> int:
        """How many training samples were loaded; 0: none."""
        return 0 if self.data is None or self.data.train is None else len(self.data.train)

    def batches_per_epoch(self) -> int | None:
        """Return how many steps an epoch takes with these settings; None without data."""
        settings, count = self._document.settings, self.sample_count
        return math.ceil(settings.trained_samples(count) / settings.batch_size) if count else None

    def train_or_pause(self) -> None:
        """Train, pause or resume: whichever comes next."""
        self._want("idle" if self.run.phase == "Training" else "train")

    def step_batch(self) -> None:
        """Train one batch, then pause."""
        self._want("batch")

    def step_epoch(self) -> None:
        """Train to the end of the epoch, then pause."""
        self._want("epoch")

    def stop(self) -> None:
        """End the run; the weights stay."""
        self._inbox.put(urgent=True, stop=True, mode=None)

    def at_rest(self, then: Callable[[], object]) -> None:
        """Do something now, or once the run is stopped; the last that was asked for counts.

        While training runs, the document has the weights of some moment before; undo would bring
        them back.
        """
        if self.run.phase == "Training":
            self._then = then
            self.stop()
        else:
            then()

    def set_speed(self, speed: Speed) -> None:
        """Let runs go faster or more slowly, also one that is going on; they stay the same runs."""
        self._set_run(speed=speed)
        self._inbox.put(speed=speed)
        self._share_time()

    def pin_of(self, samples: Dataset, index: int, part: SamplePart = "test") -> None:
        """Pin one of some samples, which may also be the training samples."""
        try:
            self._pin(Sample.of(samples, index, part))
        except LostDataError as error:
            self.failed.emit(str(error))

    def pin_drawing(self, image: NDArray[np.uint8]) -> None:
        """Pin an image (channels, h, w) that is none of the samples; it is not written to again."""
        if self.samples is not None:
            self._pin(Sample.drawn(image, self.samples))

    def _pin(self, sample: Sample) -> None:
        if self.samples is not None:
            self._set_data(pinned=sample.test_index, sample=sample)
            self._inbox.put(urgent=self._resting(), pinned=Pin(self.samples, sample))

    def show_samples(self, samples: Dataset) -> None:
        """Show other samples in the predictions, scaled as the training data, which stays."""
        samples = samples.scaled(None if self.data is None else self.data.scaling)
        shown = ShownSamples(self.data, samples)
        self._inbox.put(urgent=self._resting(), samples=shown)
        self._set_samples(samples)

    def watch(self, indices: NDArray[np.intp]) -> None:
        """Have some of the shown samples predicted more often, for they are in view."""
        if self.samples is not None:
            self._inbox.put(watched=VisibleSamples(self.samples, indices))

    def want_statistics(self, wanted: Statistics) -> None:
        """Be told of steps and unit health from now on, or no longer."""
        self._inbox.put(statistics=wanted)

    def want_weights(self) -> None:
        """Have the document get the weights as they are now; while training it does so at times."""
        self._inbox.put(weights=True)

    def set_throttle(self, to: str, is_throttled: bool) -> None:
        """Let a run leave most of the time to what the window waits for, or no longer."""
        self._given_way = self._given_way | {to} if is_throttled else self._given_way - {to}
        self._inbox.put(is_throttled=bool(self._given_way))

    def share_beside(self, training: bool) -> None:
        """Let the window answer while other networks are trained beside it, or no longer."""
        self._trains_beside = training
        self._share_time()

    def _share_time(self) -> None:
        """Leave as much to a training as it can use; one at full speed takes all that it gets."""
        shared = self.run.phase == "Training" or self._trains_beside
        sys.setswitchinterval(_TRAINING_SWITCH_INTERVAL if shared else self._usual_interval)
        self._timer.setInterval(
            _TRAINING_POLL_MILLISECONDS if self.run.busy else _POLL_MILLISECONDS
        )

    def _want(self, mode: Mode) -> None:
        self._document.flush()  # what was typed is trained, too
        # Predictions that the worker makes at rest can wait, a click on Train or Pause cannot.
        self._inbox.put(urgent=mode == "idle" or self._resting(), mode=mode)
        self._set_run(wanted=mode)
        if mode != "idle":
            self._document.set_locked(True)  # no edit may come between the click and the start
            if self.preparation:
                self._prepare()

    def _prepare(self) -> None:
        """Have the loops compiled that are missing, those of the open network first."""
        from engine.training.preparation import Preparation  # brings the engine, as the worker does
        from engine.training.warm_up import loops_of

        network = self._document.report, self._document.settings
        done = 0
        if self._preparation is not None:
            if self._preparation.loops == loops_of(*network):
                return
            self._preparation.close()
            done = self._preparation.done
        changed = self.preparation_changed.emit
        self._preparation = Preparation(*network, changed, done=done)
        self._preparation.begin()

    def read_again(self) -> None:
        """Look again for data that was not there, and read what was anew."""
        self.unread -= {self._document.settings.dataset}
        self._inbox.put(unread=self.unread, read_again=True)
        self._send_project()

    def take_over(self, data: str, file: Path | None = None) -> None:
        """Read data that a file names only once the user wants it, if it was never used here."""
        if data not in NAMES and not self.may_read(data, file):
            self.unread |= {data}
            self._inbox.put(unread=self.unread)

    @Slot()
    def _on_edit(self) -> None:
        """Tell the worker of an edit. Another learning rate alone does not end a run."""
        self._adopt_input_shape()
        sent, settings = self._sent, self._document.settings
        if sent is not None and sent.stack.is_same_network(self._document.stack):
            if sent.settings == settings:
                if not sent.stack.has_same_locks(self._document.stack):
                    self._send_touched()
                return
            if sent.settings.with_changes(learning_rate=settings.learning_rate) == settings:
                self._sent = dataclasses.replace(sent, settings=settings)
                self._inbox.put(learning_rate=settings.learning_rate)
                return
        self._send_project()

    def _adopt_input_shape(self) -> None:
        """Let the network take the images that the data has; undo may bring an older shape back."""
        stack, data = self._document.stack, self.wanted_data
        train = None if data is None else data.train
        if train is None or stack.input_shape == train.input_shape:
            return
        stack = dataclasses.replace(stack, input_shape=train.input_shape)
        self._document.set_stack(stack, self._document.selected, self._document.selection)

    def _resting(self) -> bool:
        """Return whether the worker may give up what it does: then no training step is lost."""
        return self.run.phase != "Training"

    def _send_project(self) -> None:
        project = self._document.project()
        overtaken: dict[str, Any] = {"mode": None, "learning_rate": None, "touched": None}
        self._generation += 1
        self._sent = project
        self._inbox.put(urgent=True, project=project, generation=self._generation, **overtaken)

    @Slot()
    def _send_touched(self) -> None:
        """Let a run go on with edited kernels and locks: they take effect between two steps."""
        self._sent = self._document.project()
        self._inbox.put(urgent=self._resting(), touched=self._sent)

    def _on_project(self) -> None:
        self.store.update(now=Seen())
        data, self.unread = self._document.settings.dataset, frozenset()
        self.take_over(data, self._document.path)
        self._inbox.put(unread=self.unread, read_again=data not in NAMES)  # may be new
        self._send_project()

    def _on_reset(self) -> None:
        self._send_project()
        self._set_seen(steps=None)

    @Slot(str)
    def _on_state(self, phase: Phase) -> None:
        self._states += 1
        self._document.set_locked(phase == "Training")
        self._tell_start()
        if phase != "Training":  # of a run that begins, all else comes after its begin
            self._poll()
        self._set_run(phase=phase)
        self._share_time()
        self.store.flush()  # phases follow each other fast, and none may be missed
        if self._then is not None and phase != "Training":
            # In a turn of its own: what others say of the stop is not said of what is done then.
            QTimer.singleShot(0, self, self._then)
            self._then = None

    @Slot(str)
    def _on_end(self, reason: str) -> None:
        self._set_run(ended_early=reason)

    @Slot(object)
    def _on_loading(self, loading: "Loading | None") -> None:
        self.loading = loading
        self._set_data(loading=None if loading is None else loading.key)

    @Slot(object)
    def _on_data(self, data: LoadedData) -> None:
        self._states += 1
        self._set_data(loaded=data)
        if data.test is None:
            self._set_seen(snapshot=None, kernels=None)
        before, test = self.store.state.data.sample, data.test
        self._set_samples(test)
        drawing = before.image if before is not None and before.index is None else None
        if drawing is not None and test is not None and drawing.shape == test.input_shape:
            self.pin_drawing(drawing)
        self._adopt_input_shape()

    @Slot(object, int)
    def _on_weights(self, learned: Project, generation: int) -> None:
        if generation == self._generation:
            scaling = self.data.scaling if self.data is not None else None
            checkpoint = learned.trained_epochs, learned.state, scaling, learned.origin
            self._document.keep_learned(learned.weights, *checkpoint, learned.trained_part)

    def _send_file_name(self, path: Path | None) -> None:
        self._inbox.put(file_name="" if path is None else path.stem)

    def _set_samples(self, samples: Dataset | None) -> None:
        first = 0 if samples is not None and len(samples) else None
        self._set_data(samples=samples, pinned=first, sample=None)
        self._set_seen(predictions=None)

    @Slot(bool)
    def hold_news(self, held: bool) -> None:
        """Keep what the worker makes, or hand it on again: panels are being drawn."""
        self._held = held

    @Slot()
    def _on_time(self) -> None:
        if not self._held:
            self._poll()

    def _poll(self) -> None:
        """Hand on what the worker has made, unless a state that was told before is yet to come."""
        self._tell_start()
        updates = self._outbox.take(self._states)
        if updates is None or updates.generation != self._generation:
            return
        if updates.losses:
            self.losses_added.emit(updates.positions, updates.losses)
        for epoch in updates.epochs:
            self.epoch_done.emit(epoch)
        if updates.progress is not None:
            self._set_run(progress=updates.progress)
        if updates.steps:
            self.steps_observed.emit(updates.steps)
            self._set_seen(steps=updates.steps)
        if updates.snapshot is not None:
            sample, data = updates.snapshot.sample, self.store.state.data
            if data.sample is None and sample.test_index == data.pinned:  # no click has told it
                self._set_data(sample=sample)
            self._set_seen(snapshot=updates.snapshot, kernels=updates.snapshot)
        predictions = updates.predictions
        if predictions is not None and predictions.samples is self.samples:
            self._set_seen(predictions=predictions)
        if updates.health is not None:
            self._set_seen(health=updates.health)
        self.store.flush()  # before a panel is drawn in part

    def _tell_start(self) -> None:
        """Tell that a run has started, before anything of it."""
        if self._outbox.take_start(self._generation):
            self._set_seen(steps=None)
            self.run_started.emit()
