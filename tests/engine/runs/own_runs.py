"""Projects and trainings of the kind that this program records, for the tests."""

from dataclasses import replace

from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import ShapeReport, Stack
from engine.training.run import Training
from tests.engine.networks import dataset


def project_of(report: ShapeReport, settings: Settings) -> Project:
    """Return the project of a stack that was checked."""
    slots = tuple(row.slot for row in report.rows)
    shape = report.rows[0].input_shape
    assert shape is not None
    return Project(Stack(slots, shape), settings)


def training_on(project: Project) -> Training:
    """Return the training that goes on from a project, on the made-up samples."""
    return Training(
        project.check(),
        project.settings,
        dataset(50),
        dataset(20, seed=3),
        project.weights,
        first_epoch=project.trained_epochs,
        state=project.state,
    )


def learned(project: Project, run: Training) -> Project:
    """Return a project with what a training has learned up to now."""
    return replace(
        project,
        weights=run.weights(),
        trained_epochs=run.epochs_done,
        trained_part=run.trained_part,
        state=run.state(),
    )
