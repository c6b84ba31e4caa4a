"""The test images of runs: those that the window has, or read anew where they are not open."""

from functools import lru_cache
from typing import NamedTuple

from engine.data.dataset import Dataset, fingerprint
from engine.errors import LayerscopeError
from engine.model.project import Project
from engine.runs.run_folder import Run
from engine.training.samples import load_samples
from gui.background.present import Present, as_learned, is_of, place_of

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


def find_images(run: Run, digest: str, shown: Dataset | None, present: Present) -> FoundImages:
    """Return the test samples of that fingerprint: shown ones, open ones, or read anew.

    It may take long, so it is called in threads; nothing writes to what it returns.
    """
    if shown is not None and _digest(shown) == digest:
        return FoundImages(shown)
    try:
        test = _test_of(run, present)
    except LayerscopeError as fault:
        return FoundImages(None, _GONE.format(why=fault))
    if _digest(test) != digest:
        data = run.description.data_name or run.description.project.settings.dataset
        return FoundImages(None, _OTHER_DATA.format(data=data))
    return FoundImages(test)


@lru_cache(maxsize=4)
def _digest(test: Dataset) -> str:
    return fingerprint(test)


def _test_of(run: Run, present: Present) -> Dataset:
    """Return the test samples of a run, open ones or read anew, which may be others by now.

    Raises DataError if the data is not there.
    """
    project, data = run.description.project, present.data
    if data is not None and is_of(project, data):
        learned = as_learned(project, data)
        if learned.test is not None:
            return learned.test
    return load_samples(project, key=place_of(project, present))[1]


def class_names(project: Project, classes: int) -> tuple[str, ...]:
    """Return what the classes of a run are called."""
    names = project.class_names or tuple(str(number) for number in project.settings.classes)
    return names if len(names) == classes else tuple(str(number) for number in range(classes))


def is_alike(one: Dataset, other: Dataset) -> bool:
    """Return whether a network that takes one data set takes the other."""
    return (one.input_shape, one.class_names) == (other.input_shape, other.class_names)
