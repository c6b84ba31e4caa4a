from functools import cache
from pathlib import Path

import pytest

from engine.cli.parser import make_parser
from tests.engine.cli.console import Console, write_data, write_project
from tests.engine.proof.here import prove_in_this_process

made_once = cache(make_parser)  # to make it takes longer than most commands


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A home of its own for each test: where many runs are kept, another takes longer."""
    made = tmp_path.with_name(f"{tmp_path.name}-home")
    monkeypatch.setenv("LAYERSCOPE_HOME", str(made))
    return made


@pytest.fixture(autouse=True)
def proofs_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no other programs for proofs: `test_own_process.py` tries that."""
    prove_in_this_process(monkeypatch)


@pytest.fixture
def console(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Console:
    """The program, to be called as from a shell."""
    monkeypatch.setattr("main.make_parser", made_once)
    return Console(capsys)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder with a small data set of the classes 3, 5 and 8."""
    return write_data(tmp_path / "data")


@pytest.fixture
def project(tmp_path: Path, data: Path) -> Path:
    """An untrained project for the classes 3 and 8 of the small data set."""
    return write_project(tmp_path / "small.layerscope", data)
