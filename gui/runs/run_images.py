"""RunImages: what runs said of the test images, and these images; RunPage: a page about them.

All methods but `keep` may take long and are called in threads; what they return is never written.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import Signal

from engine.data.dataset import Dataset, fingerprint
from engine.errors import DataError, LayerscopeError
from engine.model.project import Project
from engine.runs.prediction_files import read_known
from engine.runs.predictions import RunPredictions, predict_kept
from engine.runs.run_folder import Run
from engine.training.samples import digest_of_data, load_samples
from gui.background.jobs import Job, ReportProgress
from gui.background.latest_task import LatestTask
from gui.background.present import Present, as_learned, is_of, place_of
from gui.runs.run_list import RunList
from gui.workspace.context import Context, Presenter

PREDICT = "Predict with the kept weights"
NO_PREDICTIONS = "What this run said of the test images was not kept, as in runs of other programs."
NO_EPOCHS = "This run has no epoch yet."
_OTHER_DATA = (
    "The images are not shown: {data} has other test images now than when the run was trained."
)
_GONE = "The images are not shown, for the data of the run is not there. {why}"


class FoundImages(NamedTuple):
    """The test samples of a run; None, and why in a sentence, if they cannot be had."""

    test: Dataset | None
    why_none: str = ""


class RunImages:
    """Reads predictions and images, and holds those that were read last."""

    def __init__(self) -> None:
        self._computed: dict[str, RunPredictions] = {}  # by the run's folder
        self._digests: list[tuple[Dataset, str]] = []  # of test samples, the newest last

    def keep(self, run: Run, predictions: RunPredictions) -> None:
        """Take predictions that were worked out with the kept weights of a run."""
        self._computed[str(run.folder)] = predictions

    def predictions(self, run: Run) -> RunPredictions | None:
        """Return what a run said of its test images; None if that is not known.

        Raises RunError if it is damaged.
        """
        return read_known(run.folder) or self._computed.get(str(run.folder))

    def images(self, run: Run, digest: str, shown: Dataset | None, present: Present) -> FoundImages:
        """Return the test samples of that fingerprint: shown ones, open ones, or read anew."""
        for test in [shown, *(known for known, _ in self._digests)]:
            if test is not None and self._digest(test) == digest:
                return FoundImages(test)
        try:
            _, test, _ = _samples_of(run, present)
        except LayerscopeError as fault:
            return FoundImages(None, _GONE.format(why=fault))
        if self._digest(test) != digest:
            return FoundImages(None, _OTHER_DATA.format(data=_data_of(run)))
        return FoundImages(test)

    def predict(self, run: Run, present: Present, report: ReportProgress) -> RunPredictions:
        """Predict the test images of a run with its kept weights.

        Raises DataError if its data is not there or has changed, RunError, WeightsError.
        """
        training, test, data = _samples_of(run, present)
        digest = run.description.data_digest
        now = digest_of_data(data, training, test)
        if digest and now and digest != now:
            raise DataError(
                f"{_data_of(run)} is not as it was when the run was trained. Choose the data that "
                "it was trained with, under the same name."
            )
        return predict_kept(run, test, run.kept_epochs, report)

    def _digest(self, test: Dataset) -> str:
        for known, digest in self._digests:
            if known is test:
                return digest
        digest = fingerprint(test)
        self._digests = [*self._digests[-3:], (test, digest)]
        return digest


def _samples_of(run: Run, present: Present) -> tuple[Dataset, Dataset, str]:
    """Return the samples of a run, and which data they are of: open ones, or read anew.

    What was read may be other than it was. Raises DataError if the data is not there.
    """
    project, data = run.description.project, present.data
    if data is not None and is_of(project, data):
        learned = as_learned(project, data)
        if learned.train is not None and learned.test is not None:
            return learned.train, learned.test, data.key.data
    key = place_of(project, present)
    return *load_samples(project, key=key), key.data


def class_names(project: Project, classes: int) -> tuple[str, ...]:
    """Return what the classes of a run are called."""
    names = project.class_names or tuple(str(number) for number in project.settings.classes)
    return names if len(names) == classes else tuple(str(number) for number in range(classes))


def is_alike(one: Dataset, other: Dataset) -> bool:
    """Return whether a network that takes one data set takes the other."""
    return (one.input_shape, one.class_names) == (other.input_shape, other.class_names)


def _data_of(run: Run) -> str:
    return run.description.data_name or run.description.project.settings.dataset


class RunPage(Presenter):
    """Holds the list of the runs, what they said, what the panels show, and a thread to read in.

    `pinned` carries samples and the index of one of them that is to be pinned.
    """

    pinned = Signal(object, int)

    def __init__(self, context: Context, runs: RunList, images: RunImages) -> None:
        super().__init__(context)
        self._runs, self._images = runs, images
        self._reading = LatestTask(self)

    def _work_out(
        self,
        runs: Sequence[Run],
        done: Callable[[], object],
        show_problem: Callable[[str], object],
    ) -> None:
        """Work out, in a job, what runs said after the epochs whose weights are kept."""
        present = self._view.present

        def work(report: ReportProgress) -> list[RunPredictions]:
            return [
                self._images.predict(run, present, partial(_part_of, report, number, len(runs)))
                for number, run in enumerate(runs)
            ]

        def end(found: list[RunPredictions]) -> None:
            for run, predictions in zip(runs, found, strict=True):
                self._images.keep(run, predictions)
            done()

        def fail(problem: str) -> None:
            if problem:
                show_problem(problem)

        self._jobs.start(Job(PREDICT, work, end, fail))


def _part_of(report: ReportProgress, number: int, count: int, fraction: float) -> None:
    report((number + fraction) / count)
