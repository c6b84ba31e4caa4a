"""Measure how the time of a training step grows, and by what law.

Usage: .venv/bin/python benchmarks/scaling.py [--seconds X] [--threads N] [AXIS ...]

Powers are fitted to the measured times. Process scaling shows what dividing costs with more parts
than the machine has cores: each process computes its share of every batch, and the time that its
processor works for it is counted. It does not show what the parts would cost each other there:
adding up their gradients, and sharing memory and caches.
"""

import argparse
import math
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection, wait
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.stacks import CLASSES, LEARNING_RATE, RandomStack, make_random_training
from engine.cli.bench import Measurement, conv_stack, measured
from engine.compute.threads import default_threads
from engine.errors import TrainingError
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.training.events import BatchDone
from engine.training.executor import chunk_samples, cut_rounds, least_samples, sharded_layers
from engine.training.run import Training
from engine.training.warm_up import warm_up

_INTRODUCTION = """\
The time of a training step, and the law of its growth: a power of what grows, fitted to what was
measured, or two where one is off by more than 5 %; the place between them is where it bends. Where
the powers of time and arithmetic agree, the cost per operation stays. A shard is what one thread
computes at a time: of it are the activations of all layers and their gradients."""
_PROCESSES = """\
Processes of one thread, pinned to the cores in turn, that each train on their share of every batch.
With more of them than cores this shows what dividing costs by the processors' time, not by the
clock: smaller shares have more overhead. Adding up gradients between processes, and memory that
more cores would share, are not in it."""
LEAST_POINTS = 3  # of a piece: two lie on a line whatever was measured
TOLERATED = 0.05  # relative deviation up to which one power is good enough
DIFFERENT = 0.15  # exponents that are closer to each other are no bend


@dataclass(frozen=True)
class Power:
    """y = factor · x^exponent from `first` to `last`, with `error` as the usual deviation.

    The error is relative: the root of the mean square in the logarithms.
    """

    first: float
    last: float
    factor: float
    exponent: float
    error: float


def fitted_powers(x: Sequence[float], y: Sequence[float]) -> list[Power]:
    """Fit one power to y over x, or two that share a point where one does not do.

    x grows; all are positive. Of two, the break is where the least squares of deviations are left.
    """
    count = len(x)
    whole = _fit(x, y, 0, count)
    if whole.error <= TOLERATED:
        return [whole]
    bent, least = [whole], whole.error**2 * count
    for at in range(LEAST_POINTS - 1, count - LEAST_POINTS + 1):
        low, high = _fit(x, y, 0, at + 1), _fit(x, y, at, count)
        squares = low.error**2 * (at + 1) + high.error**2 * (count - at)
        if squares < least and abs(low.exponent - high.exponent) >= DIFFERENT:
            bent, least = [low, high], squares
    return bent


def power_over(x: Sequence[float], y: Sequence[float], law: Power) -> Power:
    """Fit a power to other values over the part of x that a law is about."""
    places = [place for place, each in enumerate(x) if law.first <= each <= law.last]
    return _fit(x, y, places[0], places[-1] + 1)


def _fit(x: Sequence[float], y: Sequence[float], start: int, stop: int) -> Power:
    logs, wanted = np.log(x[start:stop]), np.log(y[start:stop])
    exponent, offset = np.polyfit(logs, wanted, 1)
    error = np.sqrt(np.square(exponent * logs + offset - wanted).mean())
    return Power(x[start], x[stop - 1], float(np.exp(offset)), float(exponent), float(error))


SAMPLES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
DEPTHS = (4, 8, 16, 32, 64, 128)
BLOCKS = (1, 2, 3, 4, 6, 8, 12)
KERNELS = (1, 3, 5, 7, 9, 11)
SIDES = (8, 12, 16, 24, 32, 48, 64)
BATCH = 128
FLOAT = 4  # bytes
SETTINGS = Settings(loss="bce", learning_rate=LEARNING_RATE, classes=tuple(range(CLASSES)), limit=0)


@dataclass(frozen=True)
class Point:
    """One measurement of a series: of how many (`x`), and what of it lies in memory.

    `shard_bytes` are the activations and their gradients of the samples that one thread computes
    together, all layers added up.
    """

    x: int
    measurement: Measurement
    shard_bytes: int

    @property
    def step_seconds(self) -> float:
        """How long a training step takes."""
        return self.measurement.batch_size / self.measurement.samples_per_second

    @property
    def step_gigaflop(self) -> float:
        """How much arithmetic a training step has, in 10⁹ multiplications or additions."""
        return self.measurement.gflops * self.step_seconds


Net = tuple[int, str, Stack, int]  # how many there are of what grows, name, stack, batch size
_padded = partial(conv_stack, padding="same")
GROWING: dict[str, Callable[[], list[Net]]] = {
    "samples": lambda: [(n, "conv8-16", conv_stack((8, 16)), n) for n in SAMPLES],
    "depth": lambda: [(n, f"conv16-{n}", conv_stack((16, n)), BATCH) for n in DEPTHS],
    "blocks": lambda: [(n, f"{n} of conv16", _padded((16,) * n), BATCH) for n in BLOCKS],
    "kernel": lambda: [(n, "conv8-16", _padded((8, 16), n), BATCH) for n in KERNELS],
    "side": lambda: [
        (n, "conv8-16", _padded((8, 16), input_shape=(1, n, n)), BATCH) for n in SIDES
    ],
}
AXES = (*GROWING, "threads", "processes")


def grown(nets: Iterable[Net], seconds: float, threads: int | None = None) -> Iterator[Point]:
    """Measure a series, each of its networks for some seconds."""
    for x, net, stack, batch_size in nets:
        yield _point(x, net, stack, batch_size, seconds, threads)


def over_threads(seconds: float) -> Iterator[Point]:
    """Measure one network with one thread, two, and so on up to the cores."""
    for threads in range(1, default_threads() + 1):
        yield _point(threads, "conv8-16", conv_stack((8, 16)), BATCH, seconds, threads)


def _point(
    x: int, net: str, stack: Stack, batch_size: int, seconds: float, threads: int | None
) -> Point:
    training = make_random_training(RandomStack(net, stack, SETTINGS), batch_size, threads)
    shard_bytes = _shard_bytes(training)
    # The best of its parts: what disturbs a few of many networks would bend the law.
    return Point(x, measured(net, training, seconds, max), shard_bytes)


def _shard_bytes(training: Training) -> int:
    network, threads = training.network, training.executor.threads
    size = training.settings.batch_size
    least = least_samples(network, sharded_layers(network, size).length)
    parts = cut_rounds(size, chunk_samples(network), threads, least)[0]
    values: int = sum(math.prod(layer.output_shape) for layer in network.layers)
    samples = max(part.stop - part.start for part in parts)
    return 2 * FLOAT * values * int(samples)


PROCESSES = (1, 2, 4, 8, 16)
SHARED_BATCH = 256
PATIENCE = 120.0  # s until all processes have begun


@dataclass(frozen=True)
class SharedPoint:
    """What so many processes did, each with its share of a batch.

    `processor_seconds` is the time for a sample that a processor worked, `samples_per_second` what
    all processes did together by the clock.
    """

    processes: int
    share: int
    processor_seconds: float
    samples_per_second: float


def over_processes(processes: int, seconds: float) -> SharedPoint:
    """Let so many processes of one thread train conv8-16 at the same time, for some seconds.

    Called in the main thread. Raises TrainingError if one of them fails.
    """
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes)
    share = SHARED_BATCH // processes
    started, waiting, answers = [], [], []
    try:
        for number in range(processes):
            ours, theirs = context.Pipe(duplex=False)
            arguments = share, number, seconds, barrier, theirs
            process = context.Process(target=_train, args=arguments, daemon=True)
            with _deaf_to_interrupts():
                process.start()
            theirs.close()  # so that its end is seen
            started.append(process)
            waiting.append(ours)
        while waiting:
            ready = wait(waiting)
            answers += [each.recv() for each in waiting if each in ready]
            waiting = [each for each in waiting if each not in ready]
    except EOFError as error:
        raise TrainingError(
            f"One of {processes} processes ended before it had measured. Close other programs, for "
            "each process needs memory of its own, and try again."
        ) from error
    finally:
        for process in started:
            process.terminate()  # those that wait for one that has failed, too
            process.join()
    used, rates = zip(*answers, strict=True)
    return SharedPoint(processes, share, sum(used) / processes, sum(rates))


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Start processes that do not hear Ctrl+C: it is for the one that waits for them."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _train(share: int, number: int, seconds: float, barrier: Barrier, answer: Connection) -> None:
    """Train on shares for some seconds; send the processor's seconds a sample, and the rate."""
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})
    net = RandomStack("conv8-16", conv_stack((8, 16)), SETTINGS)
    training = make_random_training(net, share, 1)
    events = training.run()
    for _ in range(3):  # the first steps make their memory
        next(events)
    barrier.wait(PATIENCE)
    started, used, samples = time.perf_counter(), time.process_time(), 0
    while not samples or time.perf_counter() < started + seconds:
        event = next(events)
        samples += event.samples if isinstance(event, BatchDone) else 0
    used, took = time.process_time() - used, time.perf_counter() - started
    training.close()
    answer.send((used / samples, samples / took))


def main() -> None:
    """Print each series as it is measured, and its law after it."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("axes", metavar="AXIS", nargs="*", help=f"{', '.join(AXES)} (default: all)")
    parser.add_argument("--seconds", type=float, default=2.0, help="time per cell (default: 2)")
    parser.add_argument("--threads", type=int, help="threads to train with (default: one per core)")
    options = parser.parse_args()
    if unknown := set(options.axes) - set(AXES):
        parser.error(f"no axis: {', '.join(sorted(unknown))}")
    warm_up()
    print(_INTRODUCTION)
    sizes = [f"L{level} {_size(size)}" for level, size in cache_sizes().items()]
    print(f"Caches of a core: {', '.join(sizes) or 'unknown'}.")
    for name in options.axes or AXES:
        if name == "processes":
            print_processes(options.seconds)
        else:
            print_points(name, options.seconds, options.threads)


def print_points(name: str, seconds: float, threads: int | None = None) -> None:
    """Measure and print what is computed in this process."""
    if name == "threads":
        series = over_threads(seconds)
    else:
        series = grown(GROWING[name](), seconds, threads)
    heading = f"{'net':<16}{'batch':>7}{'ms/step':>10}{'Gflop/step':>12}{'GFLOP/s':>10}"
    print(f"\n{name:<9}{heading}{'of matrix product':>20}{'MB/shard':>10}")
    points: list[Point] = []
    for point in series:
        points.append(point)
        cell = point.measurement
        share = f"{100 * cell.gflops / cell.gemm_gflops:.0f} % of {cell.gemm_gflops:.0f}"
        print(
            f"{point.x:<9,}{cell.net:<16}{cell.batch_size:>7,}{1000 * point.step_seconds:>10.2f}"
            f"{point.step_gigaflop:>12.3f}{cell.gflops:>10.1f}{share:>20}"
            f"{point.shard_bytes / 1e6:>10.1f}",
            flush=True,
        )
    if len(points) > 1:
        times = [point.step_seconds for point in points]
        arithmetic = [point.step_gigaflop for point in points]
        print_law(name, "time", [point.x for point in points], times, arithmetic)


def print_processes(seconds: float) -> None:
    """Measure and print what processes compute of a batch."""
    print(f"\n{_PROCESSES}")
    heading = f"{'processes':<11}{'share':>7}{'processor µs/sample':>21}{'samples/s':>12}"
    print(f"{heading}{'of ideal':>10}")
    points: list[SharedPoint] = []
    for processes in PROCESSES:
        point = over_processes(processes, seconds)
        points.append(point)
        kept = points[0].processor_seconds / point.processor_seconds
        print(
            f"{processes:<11}{point.share:>7}{1e6 * point.processor_seconds:>21.1f}"
            f"{point.samples_per_second:>12,.0f}{100 * kept:>8.0f} %",
            flush=True,
        )
    times = [point.processor_seconds for point in points]
    print_law("processes", "processor time", PROCESSES, times)


def print_law(
    name: str,
    what: str,
    x: Sequence[float],
    times: Sequence[float],
    arithmetic: Sequence[float] | None = None,
) -> None:
    """Print the powers of a series, from left to right."""
    for law in fitted_powers(x, times):
        beside = ""
        if arithmetic is not None:
            beside = f"; arithmetic ~ {name}^{power_over(x, arithmetic, law).exponent:.2f}"
        grows = f"{what} ~ {name}^{law.exponent:.2f} from {law.first:,g} to {law.last:,g}"
        print(f"  {grows}, ± {100 * law.error:.0f} %{beside}")


def cache_sizes() -> dict[int, int]:
    """Return the bytes of each level's cache for data, as far as the system (Linux) says."""
    sizes = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        with suppress(OSError, ValueError, KeyError, IndexError):
            level, kind, size = (
                (index / name).read_text().strip() for name in ("level", "type", "size")
            )
            if kind != "Instruction":
                sizes[int(level)] = int(size[:-1]) * {"K": 1024, "M": 1024**2}[size[-1]]
    return sizes


def _size(count: int) -> str:
    return f"{count // 1024} KB" if count < 1024**2 else f"{count // 1024**2} MB"


if __name__ == "__main__":
    main()
