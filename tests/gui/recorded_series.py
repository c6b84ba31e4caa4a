"""Runs that were really trained and recorded, in as few steps as will do."""

from dataclasses import replace
from pathlib import Path

from engine.model.project import Project
from engine.runs.recorder import RunNames, RunRecorder
from engine.runs.series import Series, repeated, train_series
from engine.runs.store import RunStore
from engine.training.run import Training
from tests.run_folders import small_notebook

EPOCHS = 3


def quick_project(**changes: object) -> Project:
    """Return the notebook's network with few units, ten images of each class and three epochs."""
    project = small_notebook()
    quick = {"limit": 10, "epochs": EPOCHS, "batch_size": 4, **changes}
    return replace(project, settings=project.settings.with_changes(**quick))


def record_seeds(folder: Path, count: int = 2, **changes: object) -> list[str]:
    """Record so many runs that differ in their seed, and return their ids."""
    return record(folder, repeated(quick_project(**changes), count))


def record(folder: Path, series: Series) -> list[str]:
    """Record the runs of a series, and return their ids."""
    store, ids = RunStore(folder), list[str]()

    def keep(project: Project, training: Training) -> RunRecorder:
        names = RunNames(f"notebook, {series.name_of(project.settings)}", "notebook", series.name)
        made = RunRecorder(store, project, training, names)
        ids.append(made.run_id)
        recorders.append(made)
        return made

    recorders: list[RunRecorder] = []
    for _ in train_series(series, keep):
        pass
    assert all(recorder.wait(30) for recorder in recorders)
    return ids
