"""Rows of the list of runs for the tests, without folders."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.model.project import CheckpointRef
from engine.model.templates import notebook
from engine.runs.run_folder import Run
from engine.runs.run_form import RunDescription
from gui.runs.run_rows import RunRow, rows_of
from tests.run_folders import metrics

BEGAN = datetime(2025, 11, 26, 14, 2, tzinfo=UTC)
DIFFERS = "learning rate 0.1 → 0.3"


def run(
    name: str = "a",
    epochs: int = 8,
    kept: Sequence[int] = (0, 1, 2, 4, 8),
    state: str = "finished",
    **described: Any,
) -> Run:
    """Return a run of a name, which is also its id, that began long ago."""
    project = notebook()
    description = RunDescription(project, name, "", state, {}, started=BEGAN)
    description = replace(description, **described)
    lines = tuple(metrics(epochs, 0.3, 1))
    return Run(Path("/runs") / name, description, lines, tuple(kept), state)


def continued(name: str, parent: str, epoch: int, **described: Any) -> Run:
    """Return a run that continues another one."""
    project = replace(notebook(), trained_epochs=epoch)
    return run(name, parent=CheckpointRef(parent, epoch), project=project, **described)


def rows(*runs: Run) -> tuple[RunRow, ...]:
    """Return the rows of runs, newest first."""
    return rows_of(runs, lambda _run, _before: (DIFFERS,))
