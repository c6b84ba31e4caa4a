"""CheckpointInspector: looks into a checkpoint of a kept run, in a thread beside the window."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from engine.array_types import Array, quiet_overflow
from engine.data.dataset import Dataset
from engine.data.sources import why_missing
from engine.errors import DataError, InterruptedWorkError, LayerscopeError, TrainingError
from engine.inputs.scaling import UNIT
from engine.inspection.snapshot import Sample, Snapshot, copy_kernels, take_snapshot
from engine.inspection.unit_health import UnitHealth, check_health, health_samples
from engine.model.network import Network
from engine.model.project import Project
from engine.model.settings import Settings
from engine.runs.data_place import with_data_at
from engine.runs.run_folder import Run
from engine.training.dataset_batch import DatasetBatch
from engine.training.executor import Executor
from engine.training.run import observe_next_step
from engine.training.samples import DataKey, check_data, data_key, learned_scaling
from gui.background.jobs import CancelledError
from gui.background.latest_task import LatestTask, Report, overtaken
from gui.background.loading import Loading, parts_for
from gui.background.mailbox import Statistics
from gui.background.present import Present, as_learned, is_of, place_of
from gui.state import CheckpointData, LoadedData, Predictions, ShownCheckpoint

_Wanted = tuple[Settings, str]  # data: what chooses it, and its fingerprint
_PATIENCE = 0.06  # s
_BEING_READ = "The images of this run are being read."
_NOT_THERE = (
    "The images of this run cannot be shown. If they are elsewhere, choose them under Data. {}"
)


@dataclass(frozen=True, eq=False)
class OpenCheckpoint:
    """A checkpoint with its network and its data, and the kernels with which its run began."""

    checkpoint: ShownCheckpoint
    network: Network
    data: CheckpointData
    first_kernels: dict[int, Array]


class CheckpointReading:
    """Reads checkpoints; its methods run in threads beside the window."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._first: tuple[Path, dict[int, Array]] | None = None
        self._loading: Loading | None = None
        self._key: tuple[_Wanted, DataKey] | None = None  # of the data that was wanted last

    def open(
        self, run: Run, epoch: int, present: Present, interrupted: Callable[[], bool] | None = None
    ) -> OpenCheckpoint:
        """Read a checkpoint.

        If its data has to be read first, that begins, and is waited for if `interrupted` is given,
        else for as long only as a person does not notice.
        Raises InterruptedWorkError if that says so before the end, RunError or WeightsError if the
        checkpoint cannot be read.
        """
        project = run.project_after(epoch)
        network = project.network()
        end = time.perf_counter() + _PATIENCE
        impatient = interrupted or (lambda: time.perf_counter() >= end)
        data = self._data(project, present, impatient)
        if data.reading and interrupted is not None:
            raise InterruptedWorkError
        if data.test is not None and not data.is_present:  # it is trained on from where they are
            project = with_data_at(project, self._key_of(project, present).data)
        return OpenCheckpoint(
            ShownCheckpoint(run, epoch, project), network, data, self._kernels(run)
        )

    def forget_data(self) -> None:
        """Keep no data any more, which may be large."""
        with self._lock:
            if self._loading is not None:
                self._loading.give_up()
            self._loading = self._key = None

    def _kernels(self, run: Run) -> dict[int, Array]:
        """Return the kernels with which a run began, if they are kept."""
        first = self._first
        if first is None or first[0] != run.folder:
            kernels: dict[int, Array] = {}
            if run.kept_epochs[:1] == (0,):
                try:
                    kernels = copy_kernels(run.project_after(0).network())
                except LayerscopeError:
                    kernels = {}  # then no change can be shown
            first = self._first = (run.folder, kernels)
        return first[1]

    # --- data --------------------------------------------------------------------------------

    def _data(
        self, project: Project, present: Present, interrupted: Callable[[], bool]
    ) -> CheckpointData:
        if _is_open(project, present.data) and (found := _of_window(project, present)):
            return found
        loading = None
        try:
            loading = self._load(self._key_of(project, present), present.data, interrupted)
            train, test = _samples_of(loading, project, interrupted)
            check_data(project.check(), test)
        except InterruptedWorkError:
            return CheckpointData(problem=_BEING_READ, reading=True)
        except LayerscopeError as error:
            with self._lock:
                if self._loading is loading:  # a newer look may have begun another
                    self._loading = self._key = None  # so that it is tried again
            in_place = _in_place(project, present)
            return in_place or CheckpointData(problem=_NOT_THERE.format(error))
        shown = present.samples
        if shown is None or present.data is None or not _same_samples(test, present.data.test):
            return CheckpointData(train, test, test)
        return CheckpointData(train, test, shown.scaled(test.scaling), is_present=True)

    def _load(
        self, key: DataKey, data: LoadedData | None, interrupted: Callable[[], bool]
    ) -> Loading:
        """Return the reading of a key: the one under way, or another in its place."""
        with self._lock:
            loading = self._loading
            if loading is None or loading.key != key:
                if interrupted():  # a newer look may wait for what is under way
                    raise InterruptedWorkError
                if loading is not None:
                    loading.give_up()
                loading = self._loading = Loading(key, parts_for(key, data))
            return loading

    def _key_of(self, project: Project, present: Present) -> DataKey:
        """Return what is to be read; for checkpoints of one run its place is looked for once."""
        wanted = project.settings, project.data_digest
        known = self._key
        if known is None or known[0] != wanted:
            place = place_of(project, present)
            known = self._key = wanted, place
        return known[1]


def _samples_of(
    loading: Loading, project: Project, interrupted: Callable[[], bool]
) -> tuple[Dataset, Dataset]:
    """Wait for the training and the test samples that a project learned from, scaled as it did."""
    train, test, digest = loading.wait(interrupted)
    is_own = loading.key.data == project.settings.dataset or project.data_digest in ("", digest)
    if not is_own:
        raise DataError(why_missing(project.settings.dataset))  # that place has others by now
    scaling = learned_scaling(project, train.input_shape)
    return train.scaled(scaling), test.scaled(scaling)


def _is_open(project: Project, data: LoadedData | None) -> bool:
    """Return whether data is that of a project, in images of its size."""
    if data is None or data.train is None:
        return False
    same = is_of(project, data) or data.key == data_key(project.settings)
    return same and data.train.input_shape == project.stack.input_shape


def _of_window(project: Project, present: Present) -> CheckpointData | None:
    """Return the data of the window, if it has some, as a project has learned to take it."""
    data, shown = present.data, present.samples
    if data is None or data.train is None or shown is None:
        return None
    scaled = as_learned(project, data)
    shown = shown.scaled(scaled.scaling)
    return CheckpointData(scaled.train, scaled.test, shown, is_present=True)


def _in_place(project: Project, present: Present) -> CheckpointData | None:
    """Return the data of the window in the place of other data, if it is of the same kind."""
    found = _of_window(project, present)
    if found is None or found.shown is None:
        return None
    try:
        check_data(project.check(), found.shown)
    except LayerscopeError:
        return None
    return replace(found, stands_in=True)


def _same_samples(one: Dataset, other: Dataset | None) -> bool:
    """Return whether two test parts are the same, as where only training samples were left out.

    Images in a file would have to be read for that.
    """
    if other is None or len(one) != len(other) or one.class_names != other.class_names:
        return False
    if not np.array_equal(one.labels, other.labels):
        return False
    images = one.images, other.images
    return all(isinstance(each, np.ndarray) for each in images) and np.array_equal(*images)


BETWEEN = 40  # ms between two checkpoints that are opened: no panel is drawn more often


def _work_out(opened: OpenCheckpoint, wanted: set[str], report: Report) -> dict[str, Any]:
    """Return what is wanted of a checkpoint, as parts of Seen."""
    found: dict[str, Any] = {}
    if "health" in wanted:
        found["health"] = _check(opened)
        report(0.5)
    if "steps" in wanted:
        found["steps"] = _observe(opened, report)
    return found


def _observe(opened: OpenCheckpoint, report: Report) -> Any:
    data, over = opened.data, overtaken(report)
    assert data.train is not None
    assert data.test is not None
    project = opened.checkpoint.project
    try:
        found = observe_next_step(project, data.train, data.test, over)
    except TrainingError:  # what it makes of an image is not finite already
        found = None
    report(1.0)
    return [] if found is None else [(project.position, found[1])]


def _check(opened: OpenCheckpoint) -> UnitHealth:
    assert opened.data.test is not None
    inputs = health_samples(opened.data.test, opened.network)
    return check_health(opened.network, inputs, opened.checkpoint.project.position)


class LookRequest(NamedTuple):
    """A checkpoint that is to be opened, and what is there of the present meanwhile."""

    run: Run
    epoch: int
    present: Present


class FirstLook(NamedTuple):
    """A checkpoint that was opened, and what its network makes of the pinned image.

    `sample` is that image. Without data there may be none: then `snapshot` is of an empty image,
    which no panel shall show, with the kernels of the checkpoint.
    """

    opened: OpenCheckpoint
    sample: Sample | None
    snapshot: Snapshot


class CheckpointInspector(QObject):
    """Computes what the panels show of the newest checkpoint, first what is seen first.

    A first look that was begun is finished, so that there is something to see however fast commands
    come; all else is given up for a newer one. At most 25 checkpoints are opened a second: more
    would not be seen, and the window has to paint each. One thing is computed at a time.
    """

    looked = Signal(object)  # FirstLook
    predictions_made = Signal(object)  # Predictions
    worked_out = Signal(object)  # parts of Seen; no steps: it explodes
    failed = Signal(str)
    busy_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading, self._task = CheckpointReading(), LatestTask(self)
        self._wish: LookRequest | None = None  # that is waited for
        self._last: LookRequest | None = None  # that was opened
        self._opened: OpenCheckpoint | None = None
        self._pinned: Sample | None = None
        self._wanted: Statistics = frozenset()
        self._due: set[str] = set()
        self._opening = self._busy = False
        self._pause = QTimer(self, singleShot=True, interval=BETWEEN)
        self._pause.timeout.connect(self._open_waiting)

    @property
    def opens(self) -> bool:
        """Whether a checkpoint is waited for."""
        return self._opening or self._wish is not None

    def show(self, command: LookRequest, pinned: Sample | None) -> None:
        """Open a checkpoint and look into it with an image."""
        self._wish, self._pinned = command, pinned
        self._set_busy(True)
        self._open_waiting()

    @Slot()
    def _open_waiting(self) -> None:
        """Open the checkpoint that is waited for, unless another is being opened."""
        if self._wish is not None and not self._opening:
            self._go_on()

    def leave(self) -> None:
        """Look at no checkpoint any more; keep the weights that were read, but no data."""
        self._wish = self._last = self._opened = None
        self._due.clear()
        self._opening = False
        self._task.give_up()
        self._reading.forget_data()
        self._set_busy(False)

    def pin(self, sample: Sample) -> None:
        """Look at another image."""
        self._pinned = sample
        if self._opened is not None:
            self._due.add("look")
            self._go_on_unless_opening()

    def want(self, wanted: Statistics) -> None:
        """Take from now on which statistics are wanted, because they are seen."""
        self._due |= wanted - self._wanted
        self._wanted = wanted
        if self._opened is not None:
            self._go_on_unless_opening()

    # --- one thing after the other -----------------------------------------------------------

    def _go_on_unless_opening(self) -> None:
        if not self._opening:
            self._go_on()

    def _go_on(self) -> None:
        """Begin what comes next, in place of what is under way."""
        if self._wish is not None:
            if self._pause.isActive():
                return  # what would be begun now would be given up
            command, self._wish = self._wish, None
            self._opening = True
            self._pause.start()
            self._open(command, waits=False)
            return
        opened = self._opened
        if opened is None:
            self._set_busy(False)
        elif "look" in self._due:
            self._begin(partial(_look, opened, self._pinned), self._on_look)
        elif "data" in self._due and self._last is not None:
            self._open(self._last, waits=True)
        elif (wanted := self._due & self._wanted) and opened.data.test is not None:
            work = partial(_work_out, opened, wanted)
            self._begin(work, partial(self._on_statistics, wanted))
        elif "predict" in self._due and (shown := opened.data.shown) is not None:
            self._begin(partial(_predict, opened, shown), self._on_predictions)
        else:
            self._set_busy(False)

    def _open(self, command: LookRequest, *, waits: bool) -> None:
        pinned = self._pinned
        work = partial(_open_and_look, self._reading, command, pinned, waits)
        self._begin(work, partial(self._on_opened, command, pinned))

    def _begin(self, work: Callable[[Report], Any], done: Callable[[Any], None]) -> None:
        self._set_busy(True)
        self._task.begin(partial(_quietly, work), done, failed=self._on_failure)

    def _set_busy(self, busy: bool) -> None:
        if busy != self._busy:
            self._busy = busy
            self.busy_changed.emit(busy)

    def _on_opened(self, command: LookRequest, pinned: Sample | None, look: FirstLook) -> None:
        self._opening = False
        self._last, self._opened = command, look.opened
        self._due = {"predict", "health", "steps"}
        if look.opened.data.reading:
            self._due.add("data")
        self.looked.emit(look)
        if pinned is not self._pinned:
            self._due.add("look")
        self._go_on_unless_opening()

    def _on_look(self, look: FirstLook) -> None:
        self._due.discard("look")
        self.looked.emit(look)
        self._go_on_unless_opening()

    def _on_predictions(self, predictions: Predictions) -> None:
        self._due.discard("predict")
        self.predictions_made.emit(predictions)
        self._go_on_unless_opening()

    def _on_statistics(self, wanted: set[str], found: dict[str, Any]) -> None:
        self._due -= wanted
        self.worked_out.emit(found)
        self._go_on_unless_opening()

    def _on_failure(self, problem: str) -> None:
        """Say what went wrong; what failed would fail again."""
        if self._opening:
            self._opening = False  # of the one before there is still to do
        else:
            self._due.clear()
        self.failed.emit(problem)
        self._go_on()


def _quietly(work: Callable[[Report], Any], report: Report) -> Any:
    """Do some work without numpy's warnings: a checkpoint before an explosion has huge numbers."""
    with quiet_overflow():
        return work(report)


def _open_and_look(
    reading: CheckpointReading,
    command: LookRequest,
    pinned: Sample | None,
    waits: bool,
    report: Report,
) -> FirstLook:
    """Open a checkpoint and look into it; it `waits` until the data has been read, or does not."""
    try:
        opened = reading.open(*command, overtaken(report) if waits else None)
    except InterruptedWorkError:
        raise CancelledError from None
    return _look(opened, pinned)


def _look(
    opened: OpenCheckpoint, pinned: Sample | None, _report: Report | None = None
) -> FirstLook:
    """Run the pinned image through the network."""
    project = opened.checkpoint.project
    sample = sample_of(opened, pinned)
    shown = sample or _drawn(np.zeros(project.stack.input_shape, np.uint8), project)
    snapshot = take_snapshot(opened.network, shown, opened.first_kernels, project.position)
    return FirstLook(opened, sample, snapshot)


def sample_of(opened: OpenCheckpoint, pinned: Sample | None) -> Sample | None:
    """Return what is pinned in a moment: the image of the same index, else the first.

    A drawing stays pinned if the network takes images of its size. Without data, only a drawing
    can be pinned.
    """
    project, data = opened.checkpoint.project, opened.data
    if pinned is not None and pinned.index is None:
        if pinned.image.shape == project.stack.input_shape:
            return _drawn(pinned.image, project, data.shown)
    elif pinned is not None and pinned.index is not None:
        if pinned.part != "test" and data.is_present and data.shown is not None:
            return replace(pinned, scaling=data.shown.scaling)
        samples = data.shown if pinned.part == "test" else data.train
        if samples is not None and pinned.index < len(samples):
            return Sample.of(samples, pinned.index, pinned.part)
    return Sample.of(data.shown, 0) if data.shown is not None and len(data.shown) else None


def _drawn(image: NDArray[np.uint8], project: Project, samples: Dataset | None = None) -> Sample:
    """Take a drawing in the place of one of the samples, which need not be there."""
    if samples is not None:
        return Sample.drawn(image, samples)
    return Sample(
        image,
        project.settings.classes,
        class_names=project.class_names,
        scaling=project.scaling or UNIT,
    )


def _predict(opened: OpenCheckpoint, samples: Dataset, report: Report) -> Predictions:
    """Predict all samples."""
    project = opened.checkpoint.project
    executor = Executor(
        opened.network, project.settings.loss, threads=1, interrupted=overtaken(report)
    )
    try:
        batch = DatasetBatch(samples, np.arange(len(samples)), numerics=executor.numerics)
        outputs = executor.outputs(batch)
    except InterruptedWorkError:
        raise CancelledError from None
    finally:
        executor.close()
    outputs.setflags(write=False)
    return Predictions(samples, outputs, project.position)
