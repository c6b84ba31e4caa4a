"""Runs that were really trained and recorded, in as few steps as will do."""

from dataclasses import replace
from pathlib import Path

from engine.model.project import Project
from tests.gui.recorded_runs import record
from tests.run_folders import small_notebook

EPOCHS = 3


def quick_project(**changes: object) -> Project:
    """Return the notebook's network with few units, ten images of each class and three epochs."""
    project = small_notebook()
    quick = {"limit": 10, "epochs": EPOCHS, "batch_size": 4, **changes}
    return replace(project, settings=project.settings.with_changes(**quick))


def record_seeds(folder: Path, count: int = 2, **changes: object) -> list[str]:
    """Record so many runs that differ in their seed, and return their ids."""
    projects = [quick_project(seed=seed, **changes) for seed in range(count)]
    return [record(folder, each, f"notebook, seed {n}").id for n, each in enumerate(projects)]
