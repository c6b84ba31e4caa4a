"""From a kept epoch on, training comes bit for bit to the weights of the run that went on."""

from pathlib import Path

import pytest

from engine.errors import RunError
from engine.files import open_project, save_project
from engine.model.project import CheckpointRef
from engine.runs import read_run
from engine.runs.checkpoint_files import STATES, epoch_file
from engine.runs.run_folder import Run
from tests.engine.networks import BLOCKS, MODERN, fitting
from tests.engine.runs.recordings import record, untrained
from tests.engine.training_runs import SETTINGS, same

LONG = SETTINGS.with_changes(epochs=5, batch_size=13, learning_rate=0.05)
KINDS = {
    "sgd": LONG.with_changes(optimizer="sgd"),
    "momentum": LONG.with_changes(momentum=0.9, nesterov=True, weight_decay=0.01),
    "adam": LONG.with_changes(optimizer="adam", learning_rate=0.01),
    "adamw": LONG.with_changes(optimizer="adamw", learning_rate=0.01, weight_decay=0.02),
    "step": LONG.with_changes(schedule="step", step_epochs=2),
    "cosine": LONG.with_changes(schedule="cosine", optimizer="adam", learning_rate=0.01),
    "patience": LONG.with_changes(early_stopping=3, validation_split=20.0),
    "augmented": LONG.with_changes(shift=1.0, rotate=10.0, noise=0.1),
}


# By turns, of which "modern" has BatchNorm and Dropout.
@pytest.mark.parametrize(
    ("kind", "network"),
    [*zip(KINDS, ["notebook", "modern", "modern", "notebook"] * 2, strict=True)],
)
def test_from_every_kept_epoch_to_the_same_end(kind: str, network: str, tmp_path: Path) -> None:
    loss = "cross_entropy" if network == "modern" else "bce"
    settings = KINDS[kind].with_changes(loss=loss)
    report = fitting(MODERN if network == "modern" else BLOCKS, loss=loss)
    whole = record(tmp_path / "whole", untrained(settings, report))
    run = whole.kept
    assert set(run.kept_epochs) >= {0, 1, 2, 4, 5}
    for epoch in (1, 4):
        check_same_end(run, epoch, whole_run=run, folder=tmp_path)
    stopped = record(tmp_path / "stopped", untrained(settings, report), stop_after=2 + 1 / 4)
    child = record(tmp_path / "stopped", stopped.project)
    assert same(child.project.weights, whole.project.weights)
    assert child.kept.project_after(0).position == 2.25
    check_same_end(child.kept, 0, whole_run=run, folder=tmp_path)


def check_same_end(run: Run, epoch: int, *, whole_run: Run, folder: Path) -> None:
    """Go on from an epoch of a run, through a project file; compare with a run that was whole."""
    path = folder / "moment.layerscope"
    save_project(run.project_after(epoch), path)
    opened = open_project(path)
    assert opened.origin == CheckpointRef(run.id, epoch)
    child = record(folder / "children", opened)
    last = whole_run.project_after(whole_run.kept_epochs[-1])
    assert same(child.project.weights, last.weights)
    ended = child.kept
    assert ended.parent == CheckpointRef(run.id, epoch)
    losses = {whole_run.age(line.epoch): line.test_loss for line in whole_run.metrics}
    assert {
        ended.age(line.epoch): line.test_loss for line in ended.metrics
    }.items() <= losses.items()


# The files of a moment bring back all that it takes, or are refused.


def test_a_moment_without_a_state_is_gone_on_from_without(tmp_path: Path) -> None:
    run = record(tmp_path, untrained()).kept
    (run.folder / STATES / epoch_file(2)).unlink()
    checkpoint = read_run(run.folder).project_after(2)
    assert checkpoint.state is None
    assert checkpoint.trained_epochs == 2


def test_the_state_of_another_epoch_is_refused(tmp_path: Path) -> None:
    run = record(tmp_path, untrained()).kept
    states = run.folder / STATES
    (states / epoch_file(1)).replace(states / epoch_file(2))
    with pytest.raises(RunError, match="another epoch"):
        read_run(run.folder).project_after(2)
