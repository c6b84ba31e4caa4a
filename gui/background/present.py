"""What the window has now that kept runs may be looked at with: open data, and other runs."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.data.dataset import Dataset
from engine.data.sources import NAMES
from engine.errors import DataError
from engine.inputs.scaling import UNIT
from engine.model.project import Project
from engine.runs.data_place import place_of_data
from engine.runs.run_folder import Run
from engine.runs.store import RunStore
from engine.training.samples import DataKey, learned_scaling
from gui.background.mailbox import MayRead, read_all
from gui.state import LoadedData


@dataclass(frozen=True)
class Present:
    """The data of the window, the test samples that are shown of it, and the runs that are listed.

    By what these say of their data, that of another run may be found. `may_read` says which data is
    read unasked.
    """

    data: LoadedData | None
    samples: Dataset | None
    runs: Sequence[Run] = ()
    may_read: MayRead = read_all


def place_of(project: Project, present: Present) -> DataKey:
    """Return what is to be read to get the samples that the project of a run learned from.

    Raises DataError if it was never used here: the run may be of somebody else.
    """
    data = project.settings.dataset
    if not _was_used(data, present):
        raise DataError(f"They are read from {data}, which was not used here before.")
    return place_of_data(project, present.runs)


def _was_used(data: str, present: Present) -> bool:
    """Return whether data is known by its name, or was used here, in the window or the terminal."""
    if data in NAMES or present.may_read(data, None):
        return True
    store = RunStore().folder
    runs = (run.description for run in present.runs if run.folder.parent == store)
    return any(run.project.settings.dataset == data for run in runs)


def is_of(project: Project, data: LoadedData) -> bool:
    """Return whether a project learned from just that data, by the fingerprint."""
    return bool(data.digest) and data.digest == project.data_digest


def as_learned(project: Project, data: LoadedData) -> LoadedData:
    """Return the same samples with the scaling that a project has learned with."""
    if project.settings.scaling == "unit":
        return data.scaled(UNIT)
    images = None if data.train is None else data.train.input_shape
    return data if images is None else data.scaled(learned_scaling(project, images))
