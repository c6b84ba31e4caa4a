"""The curves of a network are found in the kept runs that it comes from."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.blocks import Dense
from engine.exports.curves import kept_curves
from engine.model.project import CheckpointRef, Project
from engine.runs.run_folder import read_run
from tests.engine.runs.recordings import Recording, record, untrained
from tests.engine.training_runs import SETTINGS


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def trained(runs: Path) -> list[Recording]:
    """Return a run that was stopped within its third epoch, and the one that goes on from there."""
    settings = SETTINGS.with_changes(epochs=4, batch_size=25)
    first = record(runs, untrained(settings), stop_after=2.5)
    return [first, record(runs, first.project)]


def lines(runs: Path, *parts: tuple[str, int]) -> list[list[float]]:
    """Read the metrics of runs, each up to an epoch of its own, as they are written."""
    rows = []
    for run_id, last in parts:
        run = read_run(runs / run_id)
        for each in run.metrics:
            if each.epoch <= last:
                means = [each.loss, each.test_loss, each.accuracy, each.test_accuracy]
                rows.append([run.description.project.trained_epochs + each.epoch, *means])
    return rows


def epochs(project: Project, runs: Path) -> list[list[float]]:
    found = kept_curves(project, runs)
    assert found is not None
    return list(found.tolist())


def test_they_are_those_of_the_run_and_of_its_parents_up_to_where_it_goes_on(
    runs: Path, trained: list[Recording]
) -> None:
    first, second = trained
    assert [row[0] for row in epochs(second.project, runs)] == [1, 2, 3, 4]
    both = (first.run_id, 2), (second.run_id, 2)
    np.testing.assert_allclose(epochs(second.project, runs), lines(runs, *both))
    assert epochs(first.project, runs) == lines(runs, (first.run_id, 2))
    assert first.project.trained_part > 0
    earlier = read_run(runs / second.run_id).project_after(1)
    assert [row[0] for row in epochs(earlier, runs)] == [1, 2, 3]


def test_where_a_parent_is_gone_they_begin_after_it(
    runs: Path, trained: list[Recording], tmp_path: Path
) -> None:
    second = trained[1]
    (tmp_path / second.run_id).symlink_to(runs / second.run_id)
    found = kept_curves(second.project, tmp_path)
    assert found is not None
    assert found[0, 0] == 3


def test_there_are_none_of_another_network_or_another_run(
    runs: Path, trained: list[Recording], tmp_path: Path
) -> None:
    project = trained[1].project
    for other in (
        replace(project, stack=project.stack.appended(Dense(units=2))),
        replace(project, trained_epochs=3),
        replace(project, origin=None),
        replace(project, origin=CheckpointRef("gone", 2)),
        replace(project, origin=CheckpointRef("../x", 2)),
    ):
        assert kept_curves(other, runs) is None
