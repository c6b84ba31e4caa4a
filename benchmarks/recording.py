"""Measure how much of the rate of training it costs to keep the run.

Usage: .venv/bin/python benchmarks/recording.py [SECONDS [PAIRS [CASE]]]

Trains each network for so many seconds (2) with its run kept, and for as many without, in turns,
so many times (9), on the bundled digits; with a number, that of CASES alone. Which of two
neighbours comes first changes, so that a drift of the machine falls on both. Prints the samples
per second of both, the median of the ratios of neighbours and where it lies with 95 % (bootstrap),
the same of the processor time that a sample took, and the bytes that were written. A ratio below
its bound, of epochs that take 50 ms or longer, is marked. Single ratios lie some 7 % apart: the
median of 60 pairs is known to 1.5 %.
What keeping a run does is known better than that: the last numbers are the share of the time that
the training handed its epochs over in, and that of one core on which they were written meanwhile.
"""

import math
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import bootstrap

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engine.data import Dataset
from engine.data.sources import load
from engine.model.project import Project
from engine.model.templates import TEMPLATES
from engine.runs.recorder import RunRecorder
from engine.runs.run_writer import THREAD
from engine.runs.store import RunStore, bytes_of
from engine.training.events import BatchDone, EpochDone
from engine.training.run import Training
from engine.training.warm_up import warm_up

SECONDS, PAIRS = 2.0, 9
LEAST = 0.97  # of the rate without, where
LEAST_MILLISECONDS = 50.0  # is what an epoch takes
EPOCHS = 100_000  # more than there is time for
ADAM = {"optimizer": "adam", "learning_rate": 0.001}


class Case(NamedTuple):
    """A network that is trained, how its settings are changed, and how many samples it gets."""

    name: str
    template: str
    changes: dict[str, object]
    train: int | None = None
    test: int | None = None


CASES = (
    Case("notebook", "notebook", {}),
    Case("notebook, Adam", "notebook", {**ADAM, "batch_size": 8}),
    Case("lenet", "lenet", {}),
    Case("epochs of 40 samples, tested on 400", "notebook", {"batch_size": 4}, 40, 400),
    Case("the same with Adam", "notebook", {**ADAM, "batch_size": 4}, 40, 400),
)


class Measured(NamedTuple):
    """What came of training for a while."""

    rate: float  # samples per second
    cost: float  # s of processor time for a sample
    epochs: int
    bytes_kept: int
    handing: float  # share of the time in which epochs were handed over
    writing: float  # share of one core's on which they were written meanwhile


def main(seconds: float, pairs: int, cases: Sequence[Case]) -> int:
    """Measure and print; return 1 if a ratio is below the bound."""
    warm_up()
    failed = False
    for case in cases:
        project, train, test = prepare(case)
        kept: list[Measured] = []
        bare: list[Measured] = []
        for number in range(2 * pairs):
            with tempfile.TemporaryDirectory() as name:
                store = RunStore(Path(name)) if number % 4 in (1, 2) else None
                (kept if store else bare).append(measure(project, train, test, seconds, store))
        ratios = [one.rate / other.rate for one, other in zip(kept, bare, strict=True)]
        costs = [other.cost / one.cost for one, other in zip(kept, bare, strict=True)]
        ratio = statistics.median(ratios)
        last = kept[-1]
        epoch = 1000 * seconds / max(last.epochs, 1)  # ms
        below = ratio < LEAST and epoch >= LEAST_MILLISECONDS
        failed |= below
        rates = [statistics.median(each.rate for each in which) for which in (bare, kept)]
        handing, writing = (
            statistics.median(values)
            for values in zip(*((one.handing, one.writing) for one in kept), strict=True)
        )
        print(
            f"{case.name}: {rates[0]:,.0f} samples/s without, {rates[1]:,.0f} kept: "
            f"{in_words(ratios)}{' < ' + format(LEAST, '.0%') if below else ''} "
            f"(processor time {in_words(costs)}); {last.epochs:,} epochs of "
            f"{epoch:.1f} ms, {last.bytes_kept / 1e6:.1f} MB kept; "
            f"handed over in {handing:.2%}, written on {writing:.2%} of a core"
        )
    return int(failed)


def in_words(ratios: list[float]) -> str:
    """Return the median of some ratios, and from where to where it lies with 95 %."""
    found = bootstrap((ratios,), np.median, confidence_level=0.95, method="percentile", rng=0)
    low, high = found.confidence_interval
    return f"{statistics.median(ratios):.1%} [{low:.1%}, {high:.1%}]"


def prepare(case: Case) -> tuple[Project, Dataset, Dataset]:
    """Return the project of a case and its samples."""
    project = TEMPLATES[case.template]()
    settings = project.settings.with_changes(epochs=EPOCHS, **case.changes)
    train, test = load(settings.dataset, settings.classes, settings.limit)
    if case.train is not None and case.test is not None:
        train, test = (
            replace(part, images=part.images[:count], labels=part.labels[:count])
            for part, count in ((train, case.train), (test, case.test))
        )
    return replace(project, settings=settings), train, test


def measure(
    project: Project, train: Dataset, test: Dataset, seconds: float, store: RunStore | None
) -> Measured:
    """Train for some seconds, with the run kept in a store, if there is one."""
    training = Training(project.check(), project.settings, train, test)
    samples, began, cpu = 0, time.perf_counter(), time.process_time()
    recorder = RunRecorder(store, project, training) if store is not None else None
    handing = time.perf_counter() - began
    for event in training.run():
        if isinstance(event, BatchDone):
            samples += event.samples
        elif isinstance(event, EpochDone) and recorder is not None:
            told = time.perf_counter()
            recorder.after_epoch(event)
            handing += time.perf_counter() - told
        if time.perf_counter() - began >= seconds:
            break
    took, writing = time.perf_counter() - began, seconds_of_writers()
    if recorder is not None:
        recorder.end("stopped")
        recorder.wait()
    cost = (time.process_time() - cpu) / samples
    training.close()
    size = bytes_of(store.folder) if store is not None else 0
    shares = handing / took, writing / took
    return Measured(samples / took, cost, training.epochs_done, size, *shares)


def seconds_of_writers() -> float:
    """Return the processor time of the threads that write runs now; NaN where no system tells."""
    if sys.platform != "linux":
        return math.nan
    writers = [each for each in threading.enumerate() if each.name == THREAD]
    clocks = [time.pthread_getcpuclockid(each.ident) for each in writers if each.ident is not None]
    return sum(map(time.clock_gettime, clocks))


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(
        main(
            float(given[0]) if given else SECONDS,
            int(given[1]) if given[1:] else PAIRS,
            CASES[int(given[2]) :][:1] if given[2:] else CASES,
        )
    )
