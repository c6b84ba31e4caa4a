"""Run folders of short trainings, recorded as the program does; and a window without any."""

import json
import shutil
from pathlib import Path

import pytest

from engine.machine.file_lock import is_locked
from engine.model.project import Project
from engine.paths import home
from engine.runs.recorder import RunNames, RunRecorder
from engine.runs.run_folder import RECORDING, Run, read_run
from engine.runs.store import RunStore
from engine.training.events import EpochDone
from engine.training.run import Training
from engine.training.samples import load_samples
from tests.gui.driving import Driver
from tests.gui.waiting import run_events

SECONDS = 60.0  # that writing may take on a busy machine


def record(folder: Path, project: Project, name: str = "kept") -> Run:
    """Train a project to the end of its epochs, and return the run in `folder`.

    It has the weights of every epoch, as runs of earlier versions have.
    """
    train, test = load_samples(project)
    training = Training(
        project.check(),
        project.settings,
        train,
        test,
        project.weights,
        first_epoch=project.trained_epochs,
        state=project.state,
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("engine.runs.recorder.COPY_SHARE", 1e9)
        patch.setattr("engine.runs.run_writer.epochs_to_keep", frozenset)
        recorder = RunRecorder(RunStore(folder), project, training, RunNames(name))
        try:
            for event in training.run():
                if isinstance(event, EpochDone):
                    recorder.after_epoch(event)
            recorder.end("finished")
        finally:
            training.close()
        assert recorder.wait(SECONDS)
    return read_run(folder / recorder.run_id)


def without_data(run: Run, folder: Path) -> Run:
    """Return a copy of a run whose data is gone."""
    shutil.copytree(run.folder, folder)
    path = folder / "run.json"
    described = json.loads(path.read_text())
    described["settings"]["dataset"] = str(folder / "letters")
    path.write_text(json.dumps(described))
    return read_run(folder)


def forget_runs(driver: Driver) -> None:
    """Take away all kept runs of a window that trains none, and what it knows of them."""
    window, folder = driver.window, home() / "runs"
    runs = window.panels.runs
    runs.followed.remove(tuple(runs.followed._followers))
    # A run that was just begun has neither a lock nor a folder yet.
    worker = window.session._worker
    writers = [] if worker is None else worker._writers
    driver.wait(lambda: all(each.wait(0.0) for each in writers))
    driver.wait(lambda: not any(is_locked(path) for path in folder.glob(f"*/{RECORDING}")))
    run_events()  # what was said of their runs comes before all is forgotten
    shutil.rmtree(folder, ignore_errors=True)
    runs.changes._away.clear()
    runs.panel.tabs.setCurrentIndex(0)
    runs._read = None  # else what is known already would not be shown again
    runs.read()
    driver.wait(lambda: runs.panel.list.runs.rowCount() == 0)
    runs.panel.list.runs.untick_all()  # or others with their ids would be ticked
    window.messages.clear()
