"""MomentReading: the networks of kept runs and their data; what was read lately is kept."""

import contextlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.data.sources import why_missing
from engine.errors import DataError, InterruptedWorkError, LayerscopeError
from engine.inputs.scaling import Scaling
from engine.inspection.snapshot import copy_kernels
from engine.model.network import Network
from engine.model.project import Project
from engine.model.settings import Settings
from engine.runs.data_place import own_data, with_data_at
from engine.runs.moment_files import WEIGHTS, epoch_file
from engine.runs.run_folder import Run
from engine.training.samples import DataKey, check_data, data_key, learned_scaling, source_of
from gui.background.loading import Loading
from gui.background.mailbox import LoadedData
from gui.background.present import Present, as_learned, is_of, place_of
from gui.background.shown_moment import ShownMoment

_Place = tuple[Path, int, int]
# Data: what chooses it, its fingerprint, and where the user says that it is.
_Wanted = tuple[Settings, str, str | None]
_BYTES = 64_000_000  # of weights that are kept
_PATIENCE = 0.06  # s
_BEING_READ = "The images of this run are being read."
_NOT_THERE = (
    "The images of this run cannot be shown. If they are elsewhere, click “Find its data” above. {}"
)


@dataclass(frozen=True, eq=False)
class MomentData:
    """The samples of a moment, as its network takes them.

    `shown` are the test samples that the panels show; `is_present` says that they are those that
    the window shows now, `stands_in` that they do so in the place of its own, which are not here.
    Without any, `problem` says why in a sentence; `reading` that they are on their way.
    """

    train: Dataset | None = None
    test: Dataset | None = None
    shown: Dataset | None = None
    is_present: bool = False
    stands_in: bool = False
    problem: str = ""
    reading: bool = False


@dataclass(frozen=True, eq=False)
class OpenedMoment:
    """A moment with its network and its data, and the kernels with which its run began."""

    moment: ShownMoment
    network: Network
    data: MomentData
    first_kernels: dict[int, Array]


class MomentReading:
    """Reads moments; its methods run in threads beside the window."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._projects: OrderedDict[_Place, Project] = OrderedDict()
        self._first: tuple[_Place, dict[int, Array]] | None = None
        self._loading: Loading | None = None
        self._key: tuple[_Wanted, DataKey] | None = None  # of the data that was wanted last

    def open(
        self, run: Run, epoch: int, present: Present, interrupted: Callable[[], bool] | None = None
    ) -> OpenedMoment:
        """Read a moment.

        If its data has to be read first, that begins, and is waited for if `interrupted` is given,
        else for as long only as a person does not notice.
        Raises InterruptedWorkError if that says so before the end, RunError or WeightsError if the
        moment cannot be read.
        """
        project = self._project(run, epoch)
        network = project.network()
        end = time.perf_counter() + _PATIENCE
        impatient = interrupted or (lambda: time.perf_counter() >= end)
        data = self._data(project, network, present, impatient)
        if data.reading and interrupted is not None:
            raise InterruptedWorkError
        if data.test is not None and not data.is_present:  # it is trained on from where they are
            project = with_data_at(project, self._key_of(project, present).data)
        return OpenedMoment(ShownMoment(run, epoch, project), network, data, self._kernels(run))

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
        self,
        project: Project,
        network: Network,
        present: Present,
        interrupted: Callable[[], bool],
    ) -> MomentData:
        found = self._present_data(project, present)
        if found is not None:
            return found
        loading = None
        try:
            loading = self._load(self._key_of(project, present), present.data, interrupted)
            train, test = _samples_of(loading, project, interrupted)
            check_data(network.report, test)
        except InterruptedWorkError:
            return MomentData(problem=_BEING_READ, reading=True)
        except LayerscopeError as error:
            with self._lock:
                if self._loading is loading:  # a newer look may have begun another
                    self._loading = self._key = None  # so that it is tried again
            in_place = self._open_data(project, network, present)
            return in_place or MomentData(problem=_NOT_THERE.format(error))
        shown = present.samples
        if shown is None or present.data is None or not _same_samples(test, present.data.test):
            return MomentData(train, test, test)
        return MomentData(train, test, _scaled(shown, test.scaling), is_present=True)

    def _present_data(self, project: Project, present: Present) -> MomentData | None:
        """Return the data of the window, if it is that of the project."""
        data = present.data
        if data is None or data.train is None or present.samples is None:
            return None
        if not is_of(project, data) and data.key != data_key(project.settings):
            return None
        if data.train.input_shape != project.stack.input_shape:
            return None
        return _of_window(project, data, present.samples)

    def _open_data(self, project: Project, network: Network, present: Present) -> MomentData | None:
        """Return the data of the window in the place of other data, if it is of the same kind."""
        data = present.data
        if data is None or data.train is None or present.samples is None:
            return None
        try:
            check_data(network.report, present.samples)
        except LayerscopeError:
            return None
        return replace(_of_window(project, data, present.samples), stands_in=True)

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
                same = data is not None and source_of(data.key) == source_of(key)
                parts = data.parts if data is not None and same else None
                loading = self._loading = Loading(key, parts)
            return loading

    def _key_of(self, project: Project, present: Present) -> DataKey:
        """Return what is to be read; for moments of one run its place is looked for once."""
        wanted = project.settings, project.data_digest, present.places.get(own_data(project))
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
    if scaling not in (None, train.scaling):
        train, test = replace(train, scaling=scaling), replace(test, scaling=scaling)
    return train, test


def _of_window(project: Project, data: LoadedData, shown: Dataset) -> MomentData:
    """Return data of the window as a project has learned to take it."""
    scaled = as_learned(project, data)
    shown = _scaled(shown, scaled.scaling)
    return MomentData(scaled.train, scaled.test, shown, is_present=True)


def _scaled(samples: Dataset, scaling: Scaling | None) -> Dataset:
    """Return the same samples with another scaling; None leaves them as they are."""
    return samples if scaling in (None, samples.scaling) else replace(samples, scaling=scaling)


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
    learned = sum(array.nbytes for arrays in project.weights.values() for array in arrays.values())
    if project.state is None:
        return learned
    return learned + sum(array.nbytes for array in project.state.memories.values())
