"""Runs as they are after reading, without their folders, for tests of what is said of them."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from engine.blocks import Dense, Reshape, Sigmoid
from engine.model.project import CheckpointRef, Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.runs.run_folder import EpochMetrics, Run
from engine.runs.run_form import RunDescription

STACK = Stack().appended(Reshape(), Dense(units=3), Sigmoid(), Dense(units=2), Sigmoid())


def made_run(
    name: str,
    accuracies: Sequence[float] = (0.5, 0.75),
    *,
    stack: Stack = STACK,
    parent: CheckpointRef | None = None,
    epochs_before: int = 0,
    seconds: float = 1.0,
    digest: str = "",
    **settings: object,
) -> Run:
    """Return a finished run of that name with a test accuracy for each epoch."""
    chosen = Settings().with_changes(**settings)
    project = Project(stack, chosen, trained_epochs=epochs_before, data_digest=digest)
    metrics = tuple(
        EpochMetrics(epoch, len(accuracies), 1 - value, value, 1 - value, value, 100.0, seconds)
        for epoch, value in enumerate(accuracies, 1)
    )
    description = RunDescription(project, name, "", "finished", {}, parent=parent)
    kept = tuple(range(len(accuracies) + 1))
    return Run(Path("/runs") / name, description, metrics, kept, "finished")


def called(run: Run, name: str) -> Run:
    """Return a run under another name, in its own folder."""
    return replace(run, description=replace(run.description, name=name))


def with_rates(run: Run, *rates: float | None) -> Run:
    """Return a run with the learning rate of each epoch, None: its first."""
    lines = zip(run.metrics, rates, strict=True)
    metrics = tuple(msgspec.structs.replace(each, learning_rate=rate) for each, rate in lines)
    return replace(run, metrics=metrics)
