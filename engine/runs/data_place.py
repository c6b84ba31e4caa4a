"""Where the data of a run is to be read, and what to do with runs that are given for data."""

import itertools
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import msgspec

from engine.data.image_files.listing import is_image_name
from engine.data.reading import opened_archive
from engine.data.sources import ARCHIVE, NAMES, why_missing
from engine.errors import DataError
from engine.model.project import Project
from engine.runs.run_folder import DESCRIPTION, Run, is_run_folder
from engine.training.samples import DataKey, data_key

OwnData = tuple[str, str]  # what the settings of a run call its data, and the fingerprint


def place_of_data(
    project: Project, runs: Iterable[Run], chosen: Mapping[OwnData, str] | None = None
) -> DataKey:
    """Return what is to be read to get the samples that the project of a run learned from.

    That is what its settings say, as long as something is there. If nothing is, as where another
    program wrote a name without its folder, it is what the user has `chosen`, or what the settings
    of another run say that had the same data, by the fingerprint; of several the first that is
    there. The images there may be others by now: who reads them compares the fingerprint.
    """
    own, settings = data_key(project.settings), project.settings
    if not why_missing(own.data):
        return own
    if place := (chosen or {}).get(own_data(project)):
        return data_key(settings.with_changes(dataset=place))
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


def own_data(project: Project) -> OwnData:
    """Return what tells the data of a run from that of others, wherever it is."""
    return project.settings.dataset, project.data_digest


def with_data_at(project: Project, dataset: str) -> Project:
    """Return the project of a run with another place of its data, to be trained on from there."""
    state = project.state
    if project.settings.dataset == dataset:
        return project
    if state is not None:
        settings = state.settings.with_changes(dataset=dataset)
        state = msgspec.structs.replace(state, settings=settings)
    return replace(project, settings=project.settings.with_changes(dataset=dataset), state=state)


_LOOKED_AT = 20  # folders


def why_runs(data: str) -> str:
    """Return what to do with runs in place of training with them; empty if it is something else."""
    if data in NAMES:
        return ""
    path = Path(os.path.expanduser(data))
    if data.lower().endswith(ARCHIVE):
        unpack = "is an exported run, and no data. Unpack it, and drop its folder on the window."
        return f"{path} {unpack}" if _holds_run(path) else ""
    if not os.path.isdir(path):
        return ""
    if is_run_folder(path):
        return f"{path} is the folder of a run, and no data. Drop it on the window, to follow it."
    if _holds_runs(path):
        return f"{path} is a folder of runs, and no data. Drop one of them on the window."
    return ""


def _holds_runs(folder: Path) -> bool:
    """Return whether most folders in one are those of runs, by the first few."""
    try:
        with os.scandir(folder) as entries:
            shown = (each for each in entries if not each.name.startswith("."))
            inner = (Path(each.path) for each in shown if each.is_dir())
            are_runs = [is_run_folder(each) for each in itertools.islice(inner, _LOOKED_AT)]
    except OSError:
        return False
    return 2 * sum(are_runs) > len(are_runs)


def _holds_run(path: Path) -> bool:
    """Return whether an archive is that of a run, at its top or in a folder there."""
    try:
        with opened_archive(path, "", "") as archive:
            names = archive.namelist()
    except DataError:  # which the reading will tell of
        return False
    described = any(
        name.count("/") < 2 and name.rpartition("/")[2] == DESCRIPTION for name in names
    )
    return described and not any(map(is_image_name, names))
