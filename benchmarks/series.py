"""Measure how the window answers while a series of runs is trained beside it, against a bound.

Usage: .venv/bin/python benchmarks/series.py [SECONDS]

For the notebook's network and the LeNet: the gaps between the ticks of a 10 ms timer, first at
rest, then while a series is trained and recorded with the panel Runs in view, then while the window
itself trains; and how many epochs a second the series does beside those of the engine alone. A
figure outside its bound is marked; a busy machine spoils all of them.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtWidgets import QApplication

from benchmarks.window_latency import SIZE, Ticks, run_window
from engine.model.project import Project
from engine.model.templates import lenet, notebook
from engine.runs.series import repeated
from engine.runs.store import RunStore
from engine.training.events import EpochDone
from engine.training.run import Training
from engine.training.samples import load_samples
from gui.app import create_window
from gui.main_window import MainWindow

SECONDS = 6.0  # of one measurement
LIMIT = 100  # samples of a class


def main(seconds: float) -> None:
    """Measure and print."""
    app = QApplication(sys.argv[:1])
    for name, project in (("notebook, batch 1", notebook()), ("lenet, batch 64", lenet())):
        settings = project.settings.with_changes(epochs=100_000, limit=LIMIT)
        _measure(name, replace(project, settings=settings), seconds)
    app.quit()


def _measure(name: str, project: Project, seconds: float) -> None:
    alone = _alone(project, seconds)
    window = create_window()
    assert isinstance(window, MainWindow)
    window.document.replace_project(project, None)
    window.resize(*SIZE)
    window.show()
    window.stage.show_panel("Runs")
    run_window(3.0)
    _say_gaps(f"{name}: timer gap at rest", seconds)
    window.panels.runs.series.start(repeated(project, 2))
    run_window(2.0)
    before, started = _epochs(), time.perf_counter()
    _say_gaps(f"{name}: timer gap beside a series", seconds)
    rate = (_epochs() - before) / (time.perf_counter() - started)
    print(f"{name}: {rate:.2f} epochs a second, {alone:.2f} by the engine alone", flush=True)
    window.panels.series_jobs.cancel()
    run_window(2.0)
    window.session.train_or_pause()
    run_window(2.0)
    _say_gaps(f"{name}: timer gap beside a training of the window", seconds)
    window.close()


def _alone(project: Project, seconds: float) -> float:
    """Return how many epochs a second the engine does without a window."""
    training = Training(project.check(), project.settings, *load_samples(project))
    epochs, started = 0, time.perf_counter()
    for event in training.run():
        epochs += isinstance(event, EpochDone)
        if time.perf_counter() - started >= seconds:
            break
    training.close()
    return epochs / (time.perf_counter() - started)


def _epochs() -> int:
    """Count the epochs that the newest run has written."""
    return max((run.epochs for run in RunStore().runs()[:1]), default=0)


def _say_gaps(what: str, seconds: float) -> None:
    ticks = Ticks()
    ticks.start()
    run_window(seconds)
    ticks.stop()
    print(f"{what} {ticks.in_words()}", flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS)
