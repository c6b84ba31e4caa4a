"""What runs said is read once, as long as their files stay the same."""

import os
from pathlib import Path

import numpy as np
import pytest

from engine.runs.prediction_files import (
    EPOCHS,
    SAMPLES,
    PredictionsWriter,
    read_known,
    read_predictions,
)
from engine.runs.predictions import RunPredictions
from tests.engine.runs.test_predictions import part

OLD = 1_000_000_000  # s


def age(folder: Path) -> None:
    """Let the files have been written long ago."""
    for name in (SAMPLES, EPOCHS):
        os.utime(folder / name, (OLD, OLD))


def write(folder: Path, *said: int) -> None:
    """Write what was said of one sample, epoch by epoch."""
    folder.mkdir(exist_ok=True)
    writer = PredictionsWriter(folder, part([0]))
    writer.append([(epoch, np.eye(3)[[each]]) for epoch, each in enumerate(said, 1)])


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the folders that are read."""
    names: list[str] = []

    def note(folder: Path) -> RunPredictions | None:
        names.append(folder.name)
        return read_predictions(folder)

    monkeypatch.setattr("engine.runs.prediction_files.read_predictions", note)
    return names


def test_only_what_has_changed_is_read_again(tmp_path: Path, read: list[str]) -> None:
    for name in "ab":
        write(tmp_path / name, 0, 1)
    for _ in range(2):
        read_known(tmp_path / "a")
    assert read == ["a", "a"], "it has just been written, and may be still"
    age(tmp_path / "a")
    before = read_known(tmp_path / "a")
    read.clear()
    assert read_known(tmp_path / "a") is before
    assert read == []
    write(tmp_path / "a", 0, 1, 2)
    found = read_known(tmp_path / "a")
    assert found is not None
    assert found.said.tolist() == [[0], [1], [2]]
    for name in (SAMPLES, EPOCHS):
        (tmp_path / "a" / name).unlink()
    assert read_known(tmp_path / "a") is None


def test_large_predictions_are_not_kept(
    tmp_path: Path, read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a", 0, 1)
    age(tmp_path / "a")
    size = sum((tmp_path / "a" / name).stat().st_size for name in (SAMPLES, EPOCHS))
    monkeypatch.setattr("engine.runs.prediction_files.MOST_BYTES", 8 * size - 1)
    for _ in range(2):
        read_known(tmp_path / "a")
    assert read == ["a", "a"], "eight such would be more than one run may have"
