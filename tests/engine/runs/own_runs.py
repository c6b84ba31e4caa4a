"""Run folders as this program writes them, for the tests."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import msgspec

from engine.inputs.scaling import UNIT
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import ShapeReport, Stack
from engine.runs.checkpoint_files import STATES, WEIGHTS, epoch_file, state_pieces, weights_pieces
from engine.runs.run_form import describe_own_start
from engine.training.events import EpochDone
from engine.training.run import Training
from tests.engine.networks import dataset, fitting
from tests.engine.training_runs import SETTINGS, training


def project_of(report: ShapeReport, settings: Settings) -> Project:
    """Return the project of a stack that was checked."""
    slots = tuple(row.slot for row in report.rows)
    shape = report.rows[0].input_shape
    assert shape is not None
    return Project(Stack(slots, shape), settings)


def training_on(project: Project) -> Training:
    """Return the training that goes on from a project, on the made-up samples."""
    return Training(
        project.check(),
        project.settings,
        dataset(50),
        dataset(20, seed=3),
        project.weights,
        first_epoch=project.trained_epochs,
        state=project.state,
    )


def learned(project: Project, run: Training) -> Project:
    """Return a project with what a training has learned up to now."""
    return replace(
        project,
        weights=run.weights(),
        trained_epochs=run.epochs_done,
        trained_part=run.trained_part,
        state=run.state(),
    )


def write_own_run(
    folder: Path,
    settings: Settings = SETTINGS,
    report: ShapeReport | None = None,
    kept: Sequence[int] | None = None,
    **described: object,
) -> Project:
    """Train, and write the moments after some or all epochs; return the project at the end."""
    project = project_of(report or fitting(loss=settings.loss), settings)
    form = describe_own_start(project, ("a", "b", "c"), UNIT, "ab", {"layerscope": "1"})
    form = msgspec.structs.replace(form, **described)
    (folder / WEIGHTS).mkdir(parents=True)
    (folder / STATES).mkdir()
    (folder / "run.json").write_bytes(msgspec.json.encode(form))
    with (
        training(settings, report=project.check()) as run,
        (folder / "metrics.jsonl").open("wb") as metrics,
    ):
        now = learned(project, run)
        write_checkpoint(folder, 0, now, project)
        for event in run.run():
            if isinstance(event, EpochDone):
                now = learned(project, run)
                line = {
                    name: getattr(event, name)
                    for name in event.__slots__
                    if name not in ("test", "validation")
                }
                metrics.write(msgspec.json.encode(line) + b"\n")
                if kept is None or event.epoch in kept:
                    write_checkpoint(folder, event.epoch, now, project)
    return now


def write_checkpoint(folder: Path, epoch: int, now: Project, start: Project) -> None:
    """Write the weights and the state of a moment."""
    (folder / WEIGHTS / epoch_file(epoch)).write_bytes(b"".join(weights_pieces(now)))
    state = state_pieces(now, start.stack)
    assert state is not None
    (folder / STATES / epoch_file(epoch)).write_bytes(b"".join(state))
