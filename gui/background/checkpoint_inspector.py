"""CheckpointInspector: looks into a checkpoint of a kept run, in a thread beside the window."""

import contextlib
import threading
import time
from collections import OrderedDict
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
from engine.runs.checkpoint_files import WEIGHTS, epoch_file
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
from gui.state import CheckpointData, Learned, LoadedData, Predictions, ShownCheckpoint

_Place = tuple[Path, int, int]
_Wanted = tuple[Settings, str]  # data: what chooses it, and its fingerprint
_BYTES = 64_000_000  # of weights that are kept
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
        self._projects: OrderedDict[_Place, Project] = OrderedDict()
        self._first: tuple[_Place, dict[int, Array]] | None = None
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
        project = self._project(run, epoch)
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

    # --- weights -----------------------------------------------------------------------------

    def _project(self, run: Run, epoch: int) -> Project:
        place = _place(run, epoch)
        with self._lock:
            known = self._projects.get(place)
            if known is not None:
                self._projects.move_to_end(place)
                return known
        project = run.project_after(epoch)
        with self._lock:
            self._projects[place] = project
            while len(self._projects) > 1 and sum(map(_bytes, self._projects.values())) > _BYTES:
                self._projects.popitem(last=False)
        return project

    def _kernels(self, run: Run) -> dict[int, Array]:
        """Return the kernels with which a run began, if they are kept."""
        place, first = _place(run, 0), self._first
        if first is None or first[0] != place:
            kernels: dict[int, Array] = {}
            if run.kept_epochs[:1] == (0,):
                try:
                    kernels = copy_kernels(self._project(run, 0).network())
                except LayerscopeError:
                    kernels = {}  # then no change can be shown
            first = self._first = (place, kernels)
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


def _place(run: Run, epoch: int) -> _Place:
    """Return the file of weights, its size and when it was written: a run may be begun anew."""
    path = run.folder / WEIGHTS / epoch_file(epoch)
    with contextlib.suppress(OSError):
        found = path.stat()
        return path, found.st_size, found.st_mtime_ns
    return path, 0, 0


def _bytes(project: Project) -> int:
    """Count the bytes of what a project has learned."""
    return sum(array.nbytes for array in Learned.of(project).arrays())


BETWEEN = 40  # ms between two checkpoints that are opened: no panel is drawn more often
_MANY = 4_000  # samples; of more, those in view are predicted first


class CheckpointStatistics(QObject):
    """Works out what is wanted of the newest checkpoint, in a thread of its own.

    What was begun of a checkpoint is finished before the newest has its turn: where they follow
    each other faster than this takes, as those of a fast run do, nothing would ever come
    otherwise. Only what is of another run is given up.
    """

    worked_out = Signal(object)  # parts of Seen; no steps: it explodes
    failed = Signal(str)
    ended = Signal()  # there is nothing more to do

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._task = LatestTask(self)
        self._newest: OpenCheckpoint | None = None
        self._due: set[str] = set()  # of the newest
        self._begun = ""  # key of the run that is worked on, or was last
        self._wanted: Statistics = frozenset()

    @property
    def busy(self) -> bool:
        """Whether something is being worked out."""
        return self._task.busy

    def show(self, opened: OpenCheckpoint) -> None:
        """Take a newer checkpoint."""
        if opened.checkpoint.run.key != self._begun or opened.data.test is None:
            self.leave()
        self._newest, self._due = opened, {"health", "steps"}
        self._go_on()

    def leave(self) -> None:
        """Work out nothing more of any checkpoint."""
        self._newest = None
        self._task.give_up()

    def want(self, wanted: Statistics) -> None:
        """Take from now on what is wanted, because it is seen; that is worked out anew."""
        self._due |= wanted - self._wanted
        self._wanted = wanted
        self._go_on()

    def _go_on(self) -> None:
        newest, wanted = self._newest, self._due & self._wanted
        if self.busy or not wanted or newest is None or newest.data.test is None:
            return
        self._begun = newest.checkpoint.run.key
        self._due -= wanted
        work = partial(_work_out, newest, wanted)
        self._task.begin(work, self._on_found, failed=self._on_failure)

    def _on_found(self, found: dict[str, Any]) -> None:
        self.worked_out.emit(found)
        self._go_on_or_end()

    def _on_failure(self, problem: str) -> None:
        """Say what went wrong; what failed would fail again."""
        self._due.clear()
        self.failed.emit(problem)
        self._go_on_or_end()

    def _go_on_or_end(self) -> None:
        self._go_on()
        if not self.busy:
            self.ended.emit()


def _work_out(opened: OpenCheckpoint, wanted: set[str], report: Report) -> dict[str, Any]:
    """Return what is wanted of a checkpoint, as parts of Seen."""
    found: dict[str, Any] = {}
    with quiet_overflow():
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
    would not be seen, and the window has to paint each. One thing is computed at a time, in one
    thread; beside it are the `statistics`, perhaps of an earlier checkpoint.
    """

    looked = Signal(object)  # FirstLook
    predictions_made = Signal(object)  # Predictions
    failed = Signal(str)
    busy_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._reading, self._task = CheckpointReading(), LatestTask(self)
        self.statistics = CheckpointStatistics(self)
        self.statistics.failed.connect(self.failed)
        self.statistics.ended.connect(self._on_statistics)
        self._wish: LookRequest | None = None  # that is waited for
        self._last: LookRequest | None = None  # that was opened
        self._opened: OpenCheckpoint | None = None
        self._pinned: Sample | None = None
        self._watched: NDArray[np.intp] = np.empty(0, dtype=np.intp)
        self._outputs: tuple[Dataset, Array] | None = None  # of the last checkpoint
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
        self._wish = self._last = self._opened = self._outputs = None
        self._due.clear()
        self._opening = False
        self._task.give_up()
        self.statistics.leave()
        self._reading.forget_data()
        self._set_busy(False)

    def pin(self, sample: Sample) -> None:
        """Look at another image."""
        self._pinned = sample
        if self._opened is not None:
            self._due.add("look")
            self._go_on_unless_opening()

    def watch(self, indices: NDArray[np.intp]) -> None:
        """Predict some of the shown samples first: they are in view."""
        self._watched = indices

    def want(self, wanted: Statistics) -> None:
        """Take from now on which statistics are wanted, because they are seen."""
        self.statistics.want(wanted)
        self._set_busy(self._busy or self.statistics.busy)

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
        elif "predict" in self._due and opened.data.shown is not None:
            self._predict(opened, opened.data.shown)
        else:
            self._set_busy(self.statistics.busy)

    def _open(self, command: LookRequest, *, waits: bool) -> None:
        pinned = self._pinned
        work = partial(_open_and_look, self._reading, command, pinned, waits)
        self._begin(work, partial(self._on_opened, command, pinned))

    def _predict(self, opened: OpenCheckpoint, shown: Dataset) -> None:
        """Predict all samples; of many first those in view, and the others stay as they were."""
        some, last, others = self._watched, self._outputs, None
        first = "watched" in self._due and len(shown) > _MANY and some.size > 0
        if first and last is not None and last[0] is shown:
            others = last[1]
        else:
            some = np.arange(len(shown))
        work = partial(_predict, opened, shown, some, others)
        self._begin(work, partial(self._on_outputs, shown, others is None))

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
        self._due = {"predict", "watched"}
        if look.opened.data.reading:
            self._due.add("data")
        self.looked.emit(look)
        self.statistics.show(look.opened)
        if pinned is not self._pinned:
            self._due.add("look")
        self._go_on_unless_opening()

    def _on_look(self, look: FirstLook) -> None:
        self._due.discard("look")
        self.looked.emit(look)
        self._go_on_unless_opening()

    def _on_outputs(self, shown: Dataset, are_all: bool, outputs: Array) -> None:
        assert self._opened is not None
        position = self._opened.checkpoint.project.position
        self._due.discard("watched")
        self._outputs = shown, outputs
        if are_all:
            self._due.discard("predict")
            predictions = Predictions(shown, outputs, position)
        else:  # those of the others are of another checkpoint
            predictions = Predictions(shown, outputs, None, position)
        self.predictions_made.emit(predictions)
        self._go_on_unless_opening()

    @Slot()
    def _on_statistics(self) -> None:
        if self._wish is None and not self._task.busy:
            self._set_busy(False)

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


def _predict(
    opened: OpenCheckpoint,
    samples: Dataset,
    indices: NDArray[np.intp],
    others: Array | None,
    report: Report,
) -> Array:
    """Return the outputs for all samples: new for these, and for the `others` what they were."""
    executor = Executor(
        opened.network,
        opened.checkpoint.project.settings.loss,
        threads=1,
        interrupted=overtaken(report),
    )
    try:
        outputs = executor.outputs(DatasetBatch(samples, indices, numerics=executor.numerics))
    except InterruptedWorkError:
        raise CancelledError from None
    finally:
        executor.close()
    if others is not None:
        newest, outputs = outputs, others.copy()
        outputs[indices] = newest
    outputs.setflags(write=False)
    return outputs
