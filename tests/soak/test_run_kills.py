"""Kills at random moments: every run folder opens, up to its last whole epochs, exactly."""

import os
import random
from pathlib import Path

import pytest

from engine.model.weights import Weights
from engine.paths import EnginePreferences
from engine.runs import RunStore, open_run
from engine.runs.prediction_files import read_predictions
from engine.runs.run_folder import RECORDING, Run
from tests.engine.marks import when_there_is_time
from tests.engine.runs.recordings import record, untrained
from tests.engine.training_runs import same, trained
from tests.programs import KILL, Programs
from tests.soak.kills import kill_after
from tests.soak.run_victim import EPOCHS, epochs_of, make_training

VICTIM = "-m", "tests.soak.run_victim"
LOSS_SECONDS = 2.0  # of epochs, at most; a busy machine is given some time


def killed_at(
    programs: Programs, folder: Path, seed: int
) -> tuple[float, list[tuple[float, str, int]]]:
    """Let a victim train and record for a random time, and kill it.

    Return when, and the epochs that were done: the time, the run and the epoch.
    """
    with programs.start(*VICTIM, folder, str(seed), read=True) as victim:
        died, lines = kill_after(victim, random.Random(seed).uniform(0.0, 3.0))
    assert victim.ended().err == ""
    done = [line.split() for line in lines]
    return died, [(float(checkpoint), run, int(epoch)) for checkpoint, run, epoch in done]


def true_weights(epochs: int) -> list[Weights]:
    """Return the weights at the start and after so many epochs of a run that nobody disturbs."""
    training = make_training()
    try:
        found = [training.weights()]
        for _ in zip(range(epochs), epochs_of(training)):  # noqa: B905 - the latter has no end
            found.append(training.weights())
        return found
    finally:
        training.close()


def check_run(run: Run, truth: list[Weights]) -> None:
    """A run that was killed has all epochs up to some one, and moments to go on from exactly.

    Those are compared for which the truth is known.
    """
    assert run.state in ("interrupted", "stopped")
    assert [line.epoch for line in run.metrics] == list(range(1, run.epochs + 1))
    assert run.kept_epochs[-1] <= run.epochs
    assert open_run(run.folder).trained_epochs == run.kept_epochs[-1]
    for epoch in run.kept_epochs:
        assert run.project_after(epoch).state is not None
        if epoch < len(truth):
            assert same(run.project_after(epoch).weights, truth[epoch])
    predictions = read_predictions(run.folder)
    if predictions is not None and run.epochs:
        assert predictions.epochs[-1] >= run.epochs


def check(programs: Programs, folder: Path, seed: int, most: int = EPOCHS) -> float:
    """Kill a victim, look at its runs, the first epochs bit by bit; return the seconds lost."""
    died, done = killed_at(programs, folder, seed)
    store = RunStore(folder)
    runs = store.runs()
    assert store.damaged == ()
    last = max((run.kept_epochs[-1] for run in runs if run.kept_epochs), default=0)
    truth = true_weights(min(last, most))
    for run in runs:
        check_run(run, truth)
    written = {run.id: run.epochs for run in runs}
    lost = [checkpoint for checkpoint, run, epoch in done if epoch > written.get(run, epoch)]
    for lock in folder.glob(f"*/{RECORDING}"):
        os.utime(lock, (0, 0))  # an hour later
    store.remove_empty_runs()
    for run in store.runs():
        assert run.epochs or run.description.name
    return died - min(lost, default=died)


# A long run, and several short ones; and where there is time, random ones.
@pytest.mark.parametrize("seed", [1, 3, *when_there_is_time(range(100, 160))])
def test_a_kill_leaves_runs_that_open(programs: Programs, tmp_path: Path, seed: int) -> None:
    lost = check(programs, tmp_path, seed)
    assert seed < 100 or lost <= LOSS_SECONDS


@pytest.mark.timing
def test_a_kill_takes_seconds_of_epochs_at_most(programs: Programs, tmp_path: Path) -> None:
    assert check(programs, tmp_path, 26, most=30) <= LOSS_SECONDS  # it dies after 2.2 s


def test_two_programs_record_at_the_same_time(
    programs: Programs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other one's run stays, however much room is needed, and both are whole."""
    with programs.start(*VICTIM, tmp_path, "long", read=True) as other:
        run_id = next(other.lines()).split()[1]
        store = RunStore(tmp_path)
        small = EnginePreferences(runs_megabytes=0)
        monkeypatch.setattr("engine.runs.store.read_preferences", lambda: small)
        own = [record(tmp_path, untrained(), store=store) for _ in range(5)]
        other.send(KILL)
    assert abs(other.ended().code) == KILL
    assert {run.id for run in store.runs()} == {run_id, own[-1].run_id}
    assert same(own[-1].kept.project_after(3).weights, trained())
    check_run(store.find(run_id), true_weights(store.find(run_id).kept_epochs[-1]))
