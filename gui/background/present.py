"""What the window has now that kept runs may be looked at with: open data, and other runs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.data.dataset import Dataset
from engine.inputs.scaling import UNIT
from engine.model.project import Project
from engine.runs.data_place import OwnData
from engine.runs.run_folder import Run
from engine.training.samples import learned_scaling
from gui.background.mailbox import LoadedData


@dataclass(frozen=True)
class Present:
    """The data of the window, the test samples that are shown of it, and the runs that are listed.

    By what these say of their data, that of another run may be found. Where it is nowhere else,
    `places` has what the user has chosen for it.
    """

    data: LoadedData | None
    samples: Dataset | None
    runs: Sequence[Run] = ()
    places: Mapping[OwnData, str] = field(default_factory=dict)


def is_of(project: Project, data: LoadedData) -> bool:
    """Return whether a project learned from just that data, by the fingerprint."""
    return bool(data.digest) and data.digest == project.data_digest


def as_learned(project: Project, data: LoadedData) -> LoadedData:
    """Return the same samples with the scaling that a project has learned with."""
    if project.settings.scaling == "unit":
        return data.scaled(UNIT)
    images = None if data.train is None else data.train.input_shape
    return data if images is None else data.scaled(learned_scaling(project, images))
