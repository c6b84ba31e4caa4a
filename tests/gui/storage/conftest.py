"""The window of the storage: one for a module's tests, with a new project in it."""

from pathlib import Path

import pytest

from tests.gui.driving import Driver


@pytest.fixture
def path(driver: Driver, tmp_path: Path) -> Path:
    """Return a saved project with an edit since."""
    path = tmp_path / "mine.layerscope"
    driver.project(path)
    driver.click("add.tanh")
    return path
