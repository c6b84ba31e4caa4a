from pathlib import Path

import pytest

from tests.engine.cli.console import Console, write_data, write_project


@pytest.fixture
def console(capsys: pytest.CaptureFixture[str]) -> Console:
    """The program, to be called as from a shell."""
    return Console(capsys)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a small data set of the classes 3, 5 and 8."""
    return write_data(tmp_path / "data")


@pytest.fixture
def project(tmp_path: Path, data: Path) -> Path:
    """An untrained project for the classes 3 and 8 of the small data set."""
    return write_project(tmp_path / "small.layerscope", data)
