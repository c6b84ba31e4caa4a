"""The templates trained for real, on the bundled digits."""

import numpy as np

from engine.data import load
from engine.model.network import Network
from engine.model.project import Project
from engine.model.templates import digits, notebook
from engine.training.events import BatchDone, EpochDone, Finished
from engine.training.run import Training
from tests.engine.training_runs import all_finite


def run_template(
    project: Project, **changes: object
) -> tuple[list[EpochDone], list[BatchDone], Network]:
    settings = project.settings.with_changes(**changes)
    train, test = load("mnist", settings.classes, settings.limit)
    run = Training(project.check(), settings, train, test)
    events = list(run.run())
    run.close()
    assert isinstance(events[-1], Finished)
    epochs = [event for event in events if isinstance(event, EpochDone)]
    return epochs, [event for event in events if isinstance(event, BatchDone)], run.network


def test_the_notebook_network_learns_to_tell_0_from_1() -> None:
    epochs, batches, network = run_template(notebook(), epochs=3)
    assert epochs[-1].test_accuracy >= 0.99
    assert epochs[-1].test.samples > 300
    assert len(batches) == 3 * 200
    assert all(np.isfinite(batch.loss) for batch in batches)
    assert all_finite(network.copy_weights())
    assert epochs[-1].loss < epochs[0].loss / 5


def test_the_digits_template_learns_from_the_first_click() -> None:
    epochs, batches, _ = run_template(digits(), epochs=1)
    assert epochs[-1].test_accuracy >= 0.85
    assert sum(batch.samples for batch in batches) == 10_000
