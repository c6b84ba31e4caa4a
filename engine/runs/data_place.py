"""Where the data of a run is to be read."""

from collections.abc import Iterable
from dataclasses import replace

import msgspec

from engine.data.sources import why_missing
from engine.model.project import Project
from engine.runs.run_folder import Run
from engine.training.samples import DataKey, data_key


def place_of_data(project: Project, runs: Iterable[Run]) -> DataKey:
    """Return what is to be read to get the samples that the project of a run learned from.

    That is what its settings say, as long as something is there. If nothing is, as where another
    program wrote a name without its folder, it is what the settings of another run say that had the
    same data, by the fingerprint; of several the first that is there. The images there may be
    others by now: who reads them compares the fingerprint.
    """
    own, settings = data_key(project.settings), project.settings
    if not why_missing(own.data):
        return own
    if not project.data_digest:
        return own
    missing = {own.data}
    for other in (run.description.project for run in runs):
        data = other.settings.dataset
        if other.data_digest != project.data_digest or data in missing:
            continue
        if not why_missing(data):
            split = settings.validation_split if settings.scaling == "standard" else 0.0
            key = data_key(other.settings)
            return key._replace(scaling=settings.scaling, validation_split=split)
        missing.add(data)
    return own


def with_data_at(project: Project, dataset: str) -> Project:
    """Return the project of a run with another place of its data, to be trained on from there."""
    state = project.state
    if project.settings.dataset == dataset:
        return project
    if state is not None:
        settings = state.settings.with_changes(dataset=dataset)
        state = msgspec.structs.replace(state, settings=settings)
    return replace(project, settings=project.settings.with_changes(dataset=dataset), state=state)
