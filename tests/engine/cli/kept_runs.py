"""Runs in the store of a test, as the commands on runs find them."""

from pathlib import Path
from typing import Any

import numpy as np

from engine.runs.prediction_files import PredictionsWriter
from tests.engine.runs.folders import describe, description, write_run
from tests.engine.runs.test_predictions import part

LABELS = [0, 1, 0, 1, 0, 1, 0, 1]


def keep(home: Path, word: str, learning_rate: float = 0.1, epochs: int = 2, **about: Any) -> Path:
    """Write a run into the store, whose id ends in a word, and whose name it is."""
    folder = home / "runs" / f"2026-{word}"
    write_run(folder, epochs=epochs)
    settings = description()["settings"] | {"learning_rate": learning_rate}
    said = {"name": word, "note": "", "state": "finished", "parent": None, "settings": settings}
    describe(folder, **{**said, **about})
    return folder


def say(folder: Path, wrong: set[int], labels: list[int] = LABELS) -> None:
    """Keep predictions of two epochs, in the last of which some samples are wrong."""
    writer = PredictionsWriter(folder, part(labels, 2))
    for epoch, missed in ((1, set(range(len(labels)))), (2, wrong)):
        said = [1 - label if i in missed else label for i, label in enumerate(labels)]
        writer.append([(epoch, np.eye(2)[said])])
