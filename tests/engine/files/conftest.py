"""A project file to begin with."""

from pathlib import Path

import pytest

from engine.files import save_project
from tests.engine.files.networks import small_project


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """Return the file of the small project."""
    path = tmp_path / "small.layerscope"
    save_project(small_project(), path)
    return path
