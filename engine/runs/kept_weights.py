"""Predict with the kept weights of a run, which has kept no predictions, say."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.errors import RunError
from engine.files.atomic import ProgressReport, no_report
from engine.runs.predictions import KeptSamples, RunPredictions
from engine.runs.run_folder import Run


def predict_kept(
    run: Run, test: Dataset, epochs: Sequence[int], report: ProgressReport = no_report
) -> RunPredictions:
    """Predict the samples of a test part with the weights that were kept after some epochs.

    `report` is called with the fraction done; what it raises ends the work.
    Raises RunError if an epoch was not kept or the network does not fit, DataError if the samples
    are not such that the network takes, WeightsError if weights cannot be read.
    """
    if missing := sorted(set(epochs) - set(run.kept_epochs)):
        raise RunError(
            f"{run.folder} has no weights of epoch {missing[0]}. Choose one that was kept."
        )
    ordered = sorted(set(epochs))
    return RunPredictions.of(KeptSamples.of(test), _outputs(run, test, ordered, report))


def _outputs(
    run: Run, test: Dataset, epochs: Sequence[int], report: ProgressReport
) -> Iterator[tuple[int, Array]]:
    """Give the outputs (samples, classes) after each epoch."""
    from engine.model.network import Network
    from engine.training.evaluation import evaluate
    from engine.training.executor import Executor
    from engine.training.samples import check_data, learned_scaling

    for number, epoch in enumerate(epochs):
        report(number / len(epochs))
        project = run.project_after(epoch)
        shapes = project.check()
        check_data(shapes, test)
        scaling = learned_scaling(project, test.input_shape) or test.scaling
        executor = Executor(Network(shapes, project.weights), project.settings.loss)
        try:
            yield epoch, evaluate(executor, replace(test, scaling=scaling)).outputs
        finally:
            executor.close()
    report(1.0)
