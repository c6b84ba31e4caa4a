"""Measure how soon a moment of a kept run is seen while another run trains, against two bounds.

Usage: .venv/bin/python benchmarks/scrub.py [STEPS]

For the notebook's network and the LeNet: a run is recorded, then looked at epoch by epoch while
the same network trains at full speed in the window: the time from the wish to the painted feature
maps, first with weights that were not read yet, then with kept ones; and the gaps between the ticks
of a 10 ms timer meanwhile, beside those of the training alone. Last, wishes come as fast as a mouse
moves a slider: how many moments a second are seen. A figure outside its bound is marked; a busy
machine spoils all of them but the work, which is the time that the window's thread itself takes
between two ticks.
"""

import sys
import time
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.window_latency import SIZE, Ticks, run_window
from engine.model.project import Project
from engine.model.templates import lenet, notebook
from engine.runs.run_folder import Run
from gui.app import create_window
from gui.main_window import MainWindow
from tests.gui.recorded_runs import record

STEPS = 100
EPOCHS = 12
PAUSE = 0.25  # s between two wishes of which each is met
MOUSE = 0.016  # s between two wishes while a slider is dragged
DRAGGED = 3.0  # s
PATIENCE = 5.0  # s
MOST = 100.0  # ms until a moment is seen


class Measured(Ticks):
    """The gaps between ticks, and beside them the work of the window's thread, both in ms."""

    def __init__(self) -> None:
        super().__init__()
        self.work: list[float] = []
        self._worked = 0.0  # s

    def start(self) -> None:
        """Begin, with what is done from now on."""
        self._worked = time.thread_time()
        super().start()

    def _tick(self) -> None:
        super()._tick()
        before, self._worked = self._worked, time.thread_time()
        self.work.append((self._worked - before) * 1000)


class Sight:
    """Waits until the feature maps of a moment are painted."""

    def __init__(self, window: MainWindow) -> None:
        self._window = window
        self._loop = QEventLoop()
        self._has_come = False
        window.view.store.watch(lambda s: s.seen.snapshot, self._on_snapshot)
        window.panels.redraw.partially_drawn_changed.connect(self._on_drawn)

    def of(self, run: Run, epoch: int) -> float:
        """Return after how many ms a moment is seen; infinite if it never is."""
        self._has_come = False
        timer = QTimer(singleShot=True, interval=round(PATIENCE * 1000))
        timer.timeout.connect(lambda: self._loop.exit(1))
        timer.start()
        started = time.perf_counter()
        self._window.view.show(run, epoch)
        failed = self._loop.exec()
        return float("inf") if failed else (time.perf_counter() - started) * 1000

    def _on_snapshot(self) -> None:
        self._has_come = self._window.view.state.look is not None

    def _on_drawn(self, amid: bool) -> None:
        if self._has_come and not amid and not self._window.panels.feature_maps.dirty:
            self._loop.quit()


def main(steps: int) -> None:
    """Measure and print."""
    app = QApplication(sys.argv[:1])
    for name, project in (("notebook, batch 1", notebook()), ("lenet, batch 64", lenet())):
        limited = project.settings.with_changes(epochs=EPOCHS, limit=100)
        run = record(Path(mkdtemp()), replace(project, settings=limited))
        _scrub(name, replace(project, settings=limited.with_changes(epochs=100_000)), run, steps)
    app.quit()


def _scrub(name: str, project: Project, run: Run, steps: int) -> None:
    window = create_window()
    assert isinstance(window, MainWindow)
    window.document.replace_project(project, None)
    window.resize(*SIZE)
    window.show()
    run_window(2.0)
    window.session.train_or_pause()
    run_window(2.0)
    sight, ticks, before = Sight(window), Measured(), Measured()
    before.start()
    run_window(DRAGGED)
    before.stop()
    _say_gaps(f"{name}: timer gap, training alone", before)
    sight.of(run, run.kept_epochs[0])  # it brings the engine's modules
    run_window(1.0)
    ticks.start()
    cold = [_paced(sight, run, epoch) for epoch in run.kept_epochs[1:]]
    kept = [
        _paced(sight, run, run.kept_epochs[number % len(run.kept_epochs)])
        for number in range(steps)
    ]
    ticks.stop()
    _say(f"{name}: seen after reading", cold)
    _say(f"{name}: seen again", kept)
    _say_gaps(f"{name}: timer gap, a moment every {PAUSE:g} s", ticks)
    _drag(name, window, run)
    window.close()


def _paced(sight: Sight, run: Run, epoch: int) -> float:
    took = sight.of(run, epoch)
    run_window(PAUSE)
    return took


def _drag(name: str, window: MainWindow, run: Run) -> None:
    """Wish for moments as fast as a slider tells of them."""
    seen: list[float] = []
    store = window.view.store
    store.watch(lambda s: s.checkpoint, lambda: seen.append(time.perf_counter()))
    ticks, kept, wished = Measured(), run.kept_epochs, 0
    ticks.start()
    end = time.perf_counter() + DRAGGED
    while time.perf_counter() < end:
        window.view.show(run, kept[wished % len(kept)])
        wished += 1
        run_window(MOUSE)
    ticks.stop()
    print(f"{name}: dragged, {len(seen) / DRAGGED:.0f} moments a second of {wished} wishes")
    _say_gaps(f"{name}: timer gap, dragged", ticks)


def _say(what: str, times: list[float]) -> None:
    p50, p95 = np.percentile(times, [50, 95])
    mark = "" if p95 <= MOST else "  <-- outside"
    print(
        f"{what} p50 {p50:.0f}, p95 {p95:.0f}, max {max(times):.0f} ms of {len(times)} "
        f"(bound {MOST:g}){mark}",
        flush=True,
    )


def _say_gaps(what: str, ticks: Measured) -> None:
    work = np.percentile(ticks.work, 99)
    told = f"{ticks.in_words()}; work p99 {work:.1f}, max {max(ticks.work):.1f} ms"
    print(f"{what} {told}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else STEPS)
