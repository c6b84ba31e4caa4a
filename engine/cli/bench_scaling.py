"""`bench --scaling`: how the time of a training step grows, and by what law."""

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict

from engine.cli.say import say
from engine.machine.caches import cache_sizes
from engine.measuring.power_laws import Power, fitted_powers, power_over
from engine.measuring.process_scaling import PROCESSES, SharedPoint, over_processes
from engine.measuring.scaling_laws import AXES, GROWING, Point, grown, over_threads

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
Row = tuple[str, ...]


def add_arguments(group: argparse._MutuallyExclusiveGroup) -> None:
    """Add the argument to the command's."""
    group.add_argument(
        "--scaling",
        nargs="?",
        const="all",
        choices=("all", *AXES),
        help="measure instead how the time of a step grows, with all of these or with one",
    )


def run(options: argparse.Namespace) -> None:
    """Print each series as it is measured, and its law after it."""
    wanted = AXES if options.scaling == "all" else (options.scaling,)
    if not options.json:
        say(_INTRODUCTION)
        sizes = [f"L{level} {_size(size)}" for level, size in cache_sizes().items()]
        say(f"Caches of a core: {', '.join(sizes) or 'unknown'}.")
    for name in wanted:
        if name == "processes":
            _processes(options)
        else:
            _points(name, options)


def _points(name: str, options: argparse.Namespace) -> None:
    """Measure and print what is computed in this process."""
    if name == "threads":
        series = over_threads(options.seconds)
    else:
        series = grown(GROWING[name](), options.seconds, options.threads)
    points: list[Point] = []
    if not options.json:
        heading = f"{'net':<16}{'batch':>7}{'ms/step':>10}{'Gflop/step':>12}{'GFLOP/s':>10}"
        say(f"\n{name:<9}{heading}{'of matrix product':>20}{'MB/shard':>10}")
    for point in series:
        points.append(point)
        cell = point.measurement
        if options.json:
            of = {"axis": name, "x": point.x, "shard_bytes": point.shard_bytes}
            say(json.dumps({**of, **asdict(cell)}), flush=True)
            continue
        share = f"{100 * cell.gflops / cell.gemm_gflops:.0f} % of {cell.gemm_gflops:.0f}"
        say(
            f"{point.x:<9,}{cell.net:<16}{cell.batch_size:>7,}{1000 * cell.step_seconds:>10.2f}"
            f"{cell.step_gigaflop:>12.3f}{cell.gflops:>10.1f}{share:>20}"
            f"{point.shard_bytes / 1e6:>10.1f}",
            flush=True,
        )
    if len(points) > 1:
        x = [point.x for point in points]
        times = [point.measurement.step_seconds for point in points]
        arithmetic = [point.measurement.step_gigaflop for point in points]
        _say_law(name, "time", x, times, arithmetic, as_objects=options.json)


def _processes(options: argparse.Namespace) -> None:
    """Measure and print what processes compute of a batch."""
    if not options.json:
        say(f"\n{_PROCESSES}")
        say(
            f"{'processes':<11}{'share':>7}{'processor µs/sample':>21}{'samples/s':>12}"
            f"{'of ideal':>10}"
        )
    points: list[SharedPoint] = []
    for processes in PROCESSES:
        point = over_processes(processes, options.seconds)
        points.append(point)
        if options.json:
            say(json.dumps({"axis": "processes", "x": processes, **asdict(point)}), flush=True)
            continue
        kept = points[0].processor_seconds / point.processor_seconds
        say(
            f"{processes:<11}{point.share:>7}{1e6 * point.processor_seconds:>21.1f}"
            f"{point.samples_per_second:>12,.0f}{100 * kept:>8.0f} %",
            flush=True,
        )
    x = [float(processes) for processes in PROCESSES]
    times = [point.processor_seconds for point in points]
    _say_law("processes", "processor time", x, times, None, as_objects=options.json)


def _say_law(
    name: str,
    what: str,
    x: Sequence[float],
    times: Sequence[float],
    arithmetic: Sequence[float] | None,
    *,
    as_objects: bool,
) -> None:
    """Print the powers of a series, from left to right."""
    for law in fitted_powers(x, times):
        beside = power_over(x, arithmetic, law) if arithmetic is not None else None
        if as_objects:
            growth = {"arithmetic_exponent": beside.exponent} if beside is not None else {}
            say(json.dumps({"axis": name, **asdict(law), **growth}), flush=True)
        else:
            say(_in_words(name, what, law, beside))


def _in_words(name: str, what: str, law: Power, arithmetic: Power | None) -> str:
    grows = f"{what} ~ {name}^{law.exponent:.2f}"
    beside = f"; arithmetic ~ {name}^{arithmetic.exponent:.2f}" if arithmetic is not None else ""
    return f"  {grows} from {law.first:,g} to {law.last:,g}, ± {100 * law.error:.0f} %{beside}"


def _size(count: int) -> str:
    return f"{count // 1024} KB" if count < 1024**2 else f"{count // 1024**2} MB"
