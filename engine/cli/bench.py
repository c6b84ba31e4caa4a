"""`bench`: measure how fast a training step is, compared with the machine's matrix product."""

import argparse
import json
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from itertools import pairwise
from statistics import median
from typing import Literal

import numpy as np

from engine.array_types import Shape
from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.cli.output import say
from engine.cli.shared import Command, add_json, number, whole_number
from engine.compute.numerics import compiles, is_compiled
from engine.compute.threads import default_threads, hold_blas_to_one_thread
from engine.data.dataset import Dataset
from engine.data.sources import load
from engine.model.settings import Settings
from engine.model.stack import ShapeReport, Stack
from engine.training.events import BatchDone
from engine.training.run import Training
from engine.training.warm_up import warm_up

NETS = {"conv5": (5,), "conv8-16": (8, 16), "conv16-32-32": (16, 32, 32)}
BATCH_SIZES = (1, 32, 128, 512)
GEMM_SIZE = 768
HEADING = f"{'net':<16}{'batch':>6}{'samples/s':>12}{'GFLOP/s':>10}{'of matrix product':>20}"


@dataclass(frozen=True)
class Measurement:
    """One measurement: rates in samples per second and in 10⁹ multiplications or additions.

    `gflops` counts the arithmetic of forward pass, weight gradients and input gradients;
    `gemm_gflops` is the machine's own rate of matrix products, measured around it.
    """

    net: str
    batch_size: int
    samples_per_second: float
    gflops: float
    gemm_gflops: float


def benchmark(seconds: float, threads: int | None = None) -> Iterator[Measurement]:
    """Time the step that Training runs, loss value included, on the bundled digits.

    Of every net at every batch size, for some seconds each: the rate is that of the median of five
    equal parts of the time, after a warm-up.
    """
    for net, depths in NETS.items():
        report = conv_stack(depths).check(10, "bce")
        for batch_size in BATCH_SIZES:
            yield measured(net, make_training(report, batch_size, threads), seconds)


def conv_stack(
    depths: Iterable[int],
    kernel_size: int = 3,
    padding: Literal["valid", "same"] = "valid",
    input_shape: Shape = (1, 28, 28),
) -> Stack:
    """Make the nets of the benchmark: convolutions with sigmoids, then Dense 100 and Dense 10."""
    stack = Stack(input_shape=input_shape)
    for depth in depths:
        conv = Conv(depth=depth, kernel_size=kernel_size, padding=padding)
        stack = stack.appended(conv, Sigmoid())
    return stack.appended(Reshape(), Dense(units=100), Sigmoid(), Dense(units=10), Sigmoid())


def measured(
    net: str,
    training: Training,
    seconds: float,
    choose: Callable[[list[float]], float] = median,
) -> Measurement:
    """Time the steps of a run for some seconds, and the matrix product around it; close the run."""
    batch_size, threads = training.settings.batch_size, training.executor.threads
    gemm = gemm_gflops(threads)
    rate = steps_per_second(training, seconds, choose) * batch_size
    gemm = (gemm + gemm_gflops(threads)) / 2
    operations = step_operations(training.network.report)
    return Measurement(net, batch_size, rate, rate * operations / 1e9, gemm)


def make_training(report: ShapeReport, batch_size: int, threads: int | None = None) -> Training:
    """Make a run over whole batches of the bundled digits that does not end by itself."""
    digits = tuple(range(10))
    settings = Settings(classes=digits, limit=0)
    train, _ = load("mnist", digits)
    whole = train.take(np.arange(len(train) - len(train) % batch_size))
    return make_endless_training(report, settings, whole, batch_size, threads)


def make_endless_training(
    report: ShapeReport,
    settings: Settings,
    samples: Dataset,
    batch_size: int,
    threads: int | None = None,
    interrupted: Callable[[], bool] = lambda: False,
) -> Training:
    """Make a run over samples that does not end by itself; each epoch is tested on ten of them."""
    changed = settings.with_changes(batch_size=batch_size, epochs=100_000)
    few = samples.take(np.arange(min(10, len(samples))))
    return Training(report, changed, samples, few, threads=threads, interrupted=interrupted)


def steps_per_second(
    training: Training, seconds: float, choose: Callable[[list[float]], float] = median
) -> float:
    """Count the steps of a run in some seconds: the median of five parts. Closes the run.

    `choose` takes something else of the five, such as the best.
    """
    events = training.run()
    try:
        _steps_until(events, time.perf_counter() + min(0.5, seconds))
        rates = []
        for _ in range(5):
            started = time.perf_counter()
            steps = _steps_until(events, started + seconds / 5)
            rates.append(steps / (time.perf_counter() - started))
    finally:
        training.close()
    return choose(rates)


def step_operations(report: ShapeReport) -> int:
    """Count the multiplications and additions of a training step for one sample.

    Every block with weights multiplies for its outputs, for the gradient of its weights, and for
    the gradient of its inputs; the first one leaves out the last.
    """
    counts = [row.multiply_adds or 0 for row in report.rows if row.parameters]
    return 2 * (3 * sum(counts) - counts[0])


def gemm_gflops(threads: int | None = None, repeats: int = 12) -> float:
    """Measure the machine's rate of float32 matrix products, one on each thread at a time."""
    hold_blas_to_one_thread()
    count = threads or default_threads()
    factor = np.random.default_rng(0).standard_normal((GEMM_SIZE, GEMM_SIZE)).astype(np.float32)

    def multiply(_: int) -> None:
        out = np.empty_like(factor)
        for _ in range(repeats):
            np.matmul(factor, factor, out=out)

    with ThreadPoolExecutor(count) as pool:
        times = [time.perf_counter()]
        for _ in range(3):
            list(pool.map(multiply, range(count)))
            times.append(time.perf_counter())
    best = min(after - before for before, after in pairwise(times))
    return 2 * GEMM_SIZE**3 * repeats * count / best / 1e9


def _steps_until(events: Iterator[object], end: float) -> int:
    steps = 0
    while time.perf_counter() < end:
        steps += isinstance(next(events), BatchDone)
    return steps


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--seconds", metavar="X", type=number, default=2.0, help="time per cell (default: 2)"
    )
    parser.add_argument(
        "--threads",
        metavar="N",
        type=whole_number,
        choices=range(1, 65),
        help="threads to train with (default: one per core)",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print a line per cell as soon as it is measured."""
    if compiles() and not is_compiled("float32"):
        say("Compiling the engine's loops first, once: about a minute.", aside=True, flush=True)
    warm_up()
    if not options.json:
        say(HEADING, flush=True)
    for cell in benchmark(options.seconds, options.threads):
        say(json.dumps(asdict(cell)) if options.json else row(cell), flush=True)
    return 0


def row(cell: Measurement) -> str:
    """Return the line of a measurement under `HEADING`."""
    share = f"{100 * cell.gflops / cell.gemm_gflops:.0f} % of {cell.gemm_gflops:.0f}"
    return (
        f"{cell.net:<16}{cell.batch_size:>6}{cell.samples_per_second:>12,.0f}"
        f"{cell.gflops:>10.1f}{share:>20}"
    )


COMMAND = Command("measure how fast the engine trains", add_arguments, run)
