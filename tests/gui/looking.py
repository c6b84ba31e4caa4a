"""How a test looks at moments of kept runs, and what should be seen of them."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.model.templates import TEMPLATES
from engine.runs.run_folder import Run
from tests.gui.driving import Driver
from tests.gui.recorded_runs import record

EPOCHS = 4
DRAWING = np.tile(np.arange(28, dtype=np.uint8) * 9, (1, 28, 1))


def recorded(folder: Path, template: str, **settings: object) -> Run:
    project = TEMPLATES[template]()
    settings = {"epochs": EPOCHS, **settings}
    return record(folder, replace(project, settings=project.settings.with_changes(**settings)))


def look(driver: Driver, run: Run, epoch: int) -> None:
    """Look at a moment, and wait until all that is looked at has come."""
    view = driver.window.view
    view.show(run, epoch)
    driver.wait(lambda: is_at(driver, run, epoch) and not view._inspector._busy)
    driver.settle()


def is_at(driver: Driver, run: Run, epoch: int) -> bool:
    checkpoint = driver.window.view.state.checkpoint
    return checkpoint is not None and (checkpoint.run.id, checkpoint.epoch) == (run.id, epoch)


def said(run: Run, epoch: int, images: NDArray[np.uint8]) -> Array:
    """Work out what the network of a moment says of images, without what the window does."""
    network = run.project_after(epoch).network()
    inputs = np.asarray(images, np.float32) / np.float32(255)
    outputs: Array = network.activations(inputs)[-1].reshape(len(images), -1)
    return outputs


def assert_close(found: Array | None, expected: Array) -> None:
    """Compare outputs that were worked out in another order."""
    assert found is not None
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-5)
