"""The training step that comes next: what it would do to every block, tried on a copy."""

from collections.abc import Callable

from engine.data.dataset import Dataset
from engine.model.project import Project
from engine.training.events import BatchDone
from engine.training.run import Training
from engine.training.step_statistics import StepStatistics


def observe_next_step(
    project: Project,
    train: Dataset,
    test: Dataset,
    interrupted: Callable[[], bool] = lambda: False,
) -> tuple[float, StepStatistics] | None:
    """Return where the step is, in epochs, and what it does to every block of a project.

    It is the step with which training would go on from the project, which stays as it is. None if
    the numbers grow without end in it, or `interrupted` says so before it is done. Raises
    TrainingError if the network does not fit, DataError if the data does not suit it.
    """
    training = Training(
        project.check(),
        project.settings,
        train,
        test,
        project.weights,
        first_epoch=project.trained_epochs,
        state=project.state,
        threads=1,
        interrupted=interrupted,
    )
    try:
        training.observe(counts=True)
        event = next(training.events())
    finally:
        training.close()
    if not isinstance(event, BatchDone) or event.statistics is None:
        return None
    return event.position, event.statistics
