"""Measure how the window holds up while it trains, against its bounds.

Usage: .venv/bin/python benchmarks/window_latency.py [ROUNDS [placed]]

Every view has a window of its own, so that all are drawn; or they stand in their places as at the
first start, where only those in front are.

For the notebook's network at batch 1, the LeNet and the VGG-like net with BatchNorm at batch 64:
the samples per second with the window open as a share of the engine's alone, by turns because the
speed of a machine drifts, and the gaps between the ticks of a 10 ms timer in the window's event
loop. Then how long Stop takes, how soon the window is painted compared with a bare one, and what
200,000 updates of the panels take of memory. A figure outside its bound is marked; that is for
people to judge, since a busy machine spoils all of them.
"""

import gc
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LAYERSCOPE_UNATTENDED"] = "1"
os.environ["LAYERSCOPE_HOME"] = tempfile.mkdtemp(prefix="layerscope-bench-")
os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a start must not compile its modules each time
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.stacks import vgg_stack
from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.data.sources import load
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.templates import lenet, notebook
from engine.training.events import BatchDone
from engine.training.run import Training
from gui.app import create_window
from gui.main_window import MainWindow
from tests.soak.growth import growth, show_all_panels

SECONDS = 4.0  # of one measurement of gaps
SLICE = 1.5  # s of a measurement of rates; short, because the speed of a machine drifts
RESUMED = 0.3  # s that are not measured after a pause
PAIRS = 6  # of such measurements a round
WARM_UP = 3.0  # s, in which panels that come into view read and compute what they show
SIZE = (1280, 800)
STOPS = 8
LARGEST_BATCH = 4096  # whose activations take some GB
STARTS = 7
UPDATES = 200_000
LEAST_RATE, MOST_GAPS, MOST_START, MOST_GROWTH = 0.9, (16.0, 50.0), 1.5, 20.0
MOST_STOP = 100.0  # ms

# Each is run in a process of its own, and says when its window has been painted.
_PAINTED = """
window.resize(1280, 800)
window.show()
app.processEvents()
window.grab()
print("painted", flush=True)
import os
os._exit(0)
"""
BARE = """
from PySide6.QtWidgets import QApplication, QMainWindow
import numpy
import pyqtgraph
app = QApplication([])
window = QMainWindow()
window.setCentralWidget(pyqtgraph.PlotWidget())
"""
WHOLE = """
import engine
from PySide6.QtWidgets import QApplication
from gui.app import create_window
app = QApplication([])
window = create_window()
"""


class Ticks:
    """The gaps between the ticks of a timer, in ms."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self._last: float | None = None
        self._timer = QTimer(interval=10, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._tick)

    def start(self) -> None:
        """Begin; the time until the first tick is no gap."""
        self._last = None
        self._timer.start()

    def stop(self) -> None:
        """End, until the next start."""
        self._timer.stop()

    def in_words(self) -> str:
        """Say how long the gaps were, beside the bound of 99 of 100."""
        p50, p99 = np.percentile(self.gaps, [50, 99])
        return (
            f"p50 {p50:.1f}, p99 {p99:.1f}, max {max(self.gaps):.1f} ms of {len(self.gaps):,} "
            f"(bound {MOST_GAPS[0]:g}){_mark(p99 <= MOST_GAPS[0])}"
        )

    def _tick(self) -> None:
        now = time.perf_counter()
        if self._last is not None:
            self.gaps.append((now - self._last) * 1000)
        self._last = now


class Counter:
    """When the window was told of batches, and of how many."""

    def __init__(self, window: MainWindow) -> None:
        self._told: list[tuple[float, int]] = []
        window.session.losses_added.connect(self._count)

    def rate(self, seconds: float) -> float:
        """Return the batches per second of the next seconds, from the first news to the last."""
        self._told.clear()
        run_window(seconds)
        (first, _), (last, _) = self._told[0], self._told[-1]
        return sum(batches for _, batches in self._told[1:]) / (last - first)

    def _count(self, positions: list[float], losses: list[float]) -> None:
        self._told.append((time.perf_counter(), len(losses)))


class Alone:
    """A training without a window, which goes on whenever it is measured."""

    def __init__(self, project: Project) -> None:
        settings = project.settings
        data = load(settings.dataset, settings.classes, settings.limit)
        self._training = Training(project.check(), settings, *data)
        self._events = self._training.run()

    def rate(self, seconds: float) -> float:
        """Return the batches per second of the next seconds, tests after epochs included."""
        batches, started = 0, time.perf_counter()
        while time.perf_counter() - started < seconds:
            batches += isinstance(next(self._events), BatchDone)
        return batches / (time.perf_counter() - started)

    def close(self) -> None:
        """End it."""
        self._training.close()


def main(rounds: int, placed: bool) -> None:
    """Measure and print."""
    app = QApplication(sys.argv[:1])
    _start()
    for name, project in (
        ("notebook, batch 1", notebook()),
        ("lenet, batch 64", lenet()),
        ("VGG-like with BatchNorm, batch 64", _vgg(64)),
    ):
        _training(name, _endless(project), rounds, placed)
    _stops("notebook", _endless(notebook()))
    _stops("conv 32-32, batch 2,000", _large())
    for batch_size in (64, LARGEST_BATCH):
        name = f"VGG-like with BatchNorm, batch {batch_size:,}"
        _stops(name, _endless(_vgg(batch_size)))
    _growth()
    app.quit()


def _training(name: str, project: Project, rounds: int, placed: bool) -> None:
    """Measure rates and gaps one after the other: the timer's ticks would slow the training."""
    window = _open(project)
    if not placed:
        show_all_panels(window)
    run_window(WARM_UP)
    ticks, counter, alone = Ticks(), Counter(window), Alone(project)
    rates = []
    for _ in range(rounds * PAIRS):
        window.session.train_or_pause()
        _until(window, "Training")
        run_window(RESUMED)
        inside = counter.rate(SLICE)
        window.session.train_or_pause()
        _until(window, "Paused")
        alone.rate(RESUMED)
        rates.append((inside, alone.rate(SLICE)))
    alone.close()
    window.session.train_or_pause()
    run_window(WARM_UP)
    ticks.start()
    run_window(rounds * SECONDS)
    ticks.stop()
    window.close()
    _say_rates(name, np.array(rates) * project.settings.batch_size)
    p50, p99 = np.percentile(ticks.gaps, [50, 99])
    worst = max(ticks.gaps)
    fine = p99 <= MOST_GAPS[0] and worst <= MOST_GAPS[1]
    print(
        f"{name}: timer gap p50 {p50:.1f}, p99 {p99:.1f}, max {worst:.1f} ms of "
        f"{len(ticks.gaps):,} (bounds {MOST_GAPS[0]:g} and {MOST_GAPS[1]:g}){_mark(fine)}",
        flush=True,
    )


def _say_rates(name: str, rates: NDArray[np.float64]) -> None:
    """Print what was measured by turns (n, 2), inside and alone, with the error of the mean."""
    shares = rates[:, 0] / rates[:, 1]
    ratio, error = float(shares.mean()), float(shares.std(ddof=1) / len(shares) ** 0.5)
    inside, alone = np.median(rates, axis=0)
    print(
        f"{name}: {inside:,.0f} samples/s in the window, {alone:,.0f} alone, ratio {ratio:.2f} "
        f"± {error:.2f} of {len(shares)} pairs (bound {LEAST_RATE}){_mark(ratio >= LEAST_RATE)}"
    )


def _start() -> None:
    """Compare the time from the start of a process to its painted window."""
    bare, whole = [], []
    for _ in range(STARTS):
        bare.append(_painted(BARE))
        whole.append(_painted(WHOLE))
    ratio = median(whole) / median(bare)
    print(
        f"start: painted after {median(whole):.2f} s, a bare window after {median(bare):.2f} s, "
        f"ratio {ratio:.2f} (bound {MOST_START}){_mark(ratio <= MOST_START)}",
        flush=True,
    )


def _painted(program: str) -> float:
    started = time.perf_counter()
    root = Path(__file__).resolve().parent.parent
    with subprocess.Popen(
        [sys.executable, "-c", program + _PAINTED], cwd=root, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == b"painted", "the window did not open"
        return time.perf_counter() - started


def _growth() -> None:
    window = _open(notebook())
    show_all_panels(window)
    grown = growth(window, UPDATES, warm_up=10_000)
    window.close()
    print(
        f"memory: {grown:+.1f} MB after {UPDATES:,} updates "
        f"(bound {MOST_GROWTH:g}){_mark(grown < MOST_GROWTH)}"
    )


def _mark(fine: bool) -> str:
    return "" if fine else "  <-- outside"


def _stops(name: str, project: Project) -> None:
    window, took = _open(project), []
    for number in range(STOPS):
        window.session.train_or_pause()
        _until(window, "Training")
        run_window(0.3 + 0.11 * number)  # somewhere in a step
        asked = time.perf_counter()
        window.session.stop()
        _until(window, "Stopped")
        took.append((time.perf_counter() - asked) * 1000)
    window.close()
    print(
        f"{name}: Stop median {median(took):.0f}, max {max(took):.0f} ms of {STOPS} "
        f"(bound {MOST_STOP:g}){_mark(max(took) <= MOST_STOP)}",
        flush=True,
    )


def _endless(project: Project) -> Project:
    return Project(project.stack, project.settings.with_changes(epochs=100_000))


def _vgg(batch_size: int) -> Project:
    changes = {"batch_size": batch_size, "learning_rate": 0.0001}
    return Project(vgg_stack(batch_norm=True), lenet().settings.with_changes(**changes))


def _large() -> Project:
    stack = Stack().appended(
        Conv(depth=32), Sigmoid(), Conv(depth=32), Sigmoid(), Reshape(), Dense(units=2), Sigmoid()
    )
    return Project(stack, Settings(batch_size=2000, limit=0, epochs=100_000))


def _open(project: Project) -> MainWindow:
    window = create_window()
    assert isinstance(window, MainWindow)
    window.document.replace_project(project, None)
    window.resize(*SIZE)
    window.show()
    gc.freeze()  # as the program does, else each look for garbage takes 0.1 s
    run_window(1.0)
    return window


def _until(window: MainWindow, state: str) -> None:
    loop = QEventLoop()
    if window.session.run.phase != state:
        window.session.store.watch(lambda s: s.run.phase == state, loop.quit)
        loop.exec()


def run_window(seconds: float) -> None:
    """Let the window work for so long."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3, sys.argv[2:] == ["placed"])
