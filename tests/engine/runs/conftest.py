"""What tests of runs begin with."""

from pathlib import Path

import pytest

from engine.runs.store import RunStore, change_description
from tests.engine.runs.folders import write_run

MB = 1_000_000


@pytest.fixture(autouse=True)
def time_to_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test depend on how long its epochs take: there is time to copy each of them."""
    monkeypatch.setattr("engine.runs.recorder.COPY_SHARE", 1e9)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return the folder of a run of two epochs that another program writes."""
    made = tmp_path / "run"
    write_run(made)
    return made


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    """Return a store of four runs of a bit over 1 MB, from the oldest, a, to the newest, d."""
    made = RunStore(tmp_path / "runs")
    for day, name in enumerate("abcd", 1):
        write_run(made.folder / name)
        (made.folder / name / "much").write_bytes(bytes(MB))
        change_description(made.folder / name, name=name, started=f"2026-11-0{day}T10:00:00Z")
    return made
