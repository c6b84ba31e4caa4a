"""Measure how soon the list of kept runs is there, against its bound.

Usage: .venv/bin/python benchmarks/runs_list.py [RUNS [EPOCHS]]

Writes so many run folders (100) of so many epochs (100), each with weights of some and
predictions of all. Then reads them in a process of its own, as the panel Runs does when it is first
seen: all runs, and for each in words what differs from its parent, or else from the run before it.
Prints the first time, and the median of some after it. Last, two runs are compared, and what was
learned when is worked out. A figure outside its bound is marked; a busy machine spoils them all.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

RUNS, EPOCHS = 100, 100
ROUNDS = 7
MOST = 0.3  # s until the list is there
SAMPLES = 2_000  # of the test part, as in the bundled sample of MNIST


def main(runs: int, epochs: int) -> None:
    """Write the runs, and measure in another process."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write(folder, runs, epochs)
        subprocess.run([sys.executable, __file__, "--read", name], cwd=ROOT, check=True)


def write(folder: Path, runs: int, epochs: int) -> None:
    """Write runs that continue each other and differ, with predictions."""
    import numpy as np

    from engine.data import Dataset
    from engine.runs.prediction_files import PredictionsWriter
    from tests.run_folders import make_runs

    chance = np.random.default_rng(0)
    labels = chance.integers(0, 10, SAMPLES)
    test = Dataset(np.zeros((SAMPLES, 1, 2, 2), np.uint8), labels, tuple(range(10)))
    outputs = chance.random((epochs, SAMPLES, 10), np.float32)
    for run in make_runs(folder, runs, epochs):
        writer = PredictionsWriter(folder / run, test)
        for epoch in range(epochs):
            writer.append([(epoch, outputs[epoch])])


def read(folder: Path) -> None:
    """Measure, and print."""
    import numpy  # noqa: F401 - which the window has long imported

    started = time.perf_counter()
    from engine.runs.comparison import side_by_side
    from engine.runs.differences import run_changes
    from engine.runs.learning_history import LearningHistory
    from engine.runs.prediction_files import read_predictions
    from engine.runs.store import RunStore

    imported = time.perf_counter() - started
    store = RunStore(folder)

    def reading() -> None:
        store.runs()

    def differing() -> None:
        by_id = {run.id: run for run in runs}
        for place, run in enumerate(runs):
            before = by_id.get(run.parent.run) if run.parent else None
            before = before or runs[min(place + 1, len(runs) - 1)]
            run_changes(before, run)

    def predictions() -> None:
        found = [read_predictions(run.folder) for run in runs[:2]]
        first, second = (each for each in found if each is not None)
        side_by_side(first, second)
        LearningHistory.of(first)

    cold = timed(reading)
    runs = store.runs()
    cold_words = timed(differing)
    warm = statistics.median(timed(reading) for _ in range(ROUNDS))
    warm_words = statistics.median(timed(differing) for _ in range(ROUNDS))
    lines = sum(len(run.metrics) for run in runs)
    print(f"{len(runs)} runs, {lines:,} epochs; {imported * 1000:.0f} ms to import modules")
    for what, words, whole in (("first", cold_words, cold), ("again", warm_words, warm)):
        total = whole + words
        mark = "" if total <= MOST else f"   <- more than {MOST} s"
        print(
            f"{what}: {whole * 1000:6.0f} ms to read, {words * 1000:6.0f} ms for what differs{mark}"
        )
    compared = statistics.median(timed(predictions) for _ in range(ROUNDS))
    print(f"two runs compared on {SAMPLES:,} images: {compared * 1000:.0f} ms")


def timed(work: Callable[[], None]) -> float:
    """Return how many seconds some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


if __name__ == "__main__":
    if sys.argv[1:2] == ["--read"]:
        read(Path(sys.argv[2]))
    else:
        numbers = [int(text) for text in sys.argv[1:]]
        main(*(numbers + [RUNS, EPOCHS][len(numbers) :]))
