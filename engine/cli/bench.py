"""`bench`: measure how fast the engine trains."""

import argparse
import itertools
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict

from engine.cli import bench_scaling
from engine.cli.say import say
from engine.cli.shared import Command, add_json, number, whole_number
from engine.compute.numerics import compiles, is_compiled
from engine.errors import LayerscopeError
from engine.measuring.benchmark import Measurement, benchmark, random_benchmark
from engine.training.random_stacks import RandomStack
from engine.training.warm_up import warm_up

_HEADING = f"{'net':<16}{'batch':>6}{'samples/s':>12}{'GFLOP/s':>10}{'of matrix product':>20}"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--seconds", metavar="X", type=_seconds, default=2.0, help="time per cell (default: 2)"
    )
    parser.add_argument(
        "--threads",
        metavar="N",
        type=_threads,
        help="threads to train with (default: one per core)",
    )
    instead = parser.add_mutually_exclusive_group()
    bench_scaling.add_arguments(instead)
    instead.add_argument(
        "--random",
        metavar="N",
        type=_count,
        help="measure N random stacks over all kinds of blocks instead",
    )
    parser.add_argument(
        "--seed", metavar="S", type=_seed, default=0, help="which random stacks (default: 0)"
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print a line per cell as soon as it is measured."""
    if getattr(sys.stdout, "name", "") == os.devnull:  # what stands for a stream that is closed
        raise LayerscopeError("Nobody would see the measurements: stdout is closed. Open it.")
    if compiles() and not is_compiled("float32"):
        say("Compiling the engine's loops first, once: about a minute.", aside=True, flush=True)
    warm_up()
    if options.scaling:
        bench_scaling.run(options)
        return 0
    if options.random:
        _print_random(
            random_benchmark(options.random, options.seed, options.seconds, options.threads),
            as_objects=options.json,
        )
        return 0
    cells = benchmark(options.seconds, options.threads)
    if options.json:
        _print_objects(cells)
    else:
        _print_table(cells)
    return 0


def _print_objects(cells: Iterable[Measurement]) -> None:
    for cell in cells:
        print(json.dumps(asdict(cell)), flush=True)


def _print_table(cells: Iterable[Measurement]) -> None:
    say(_HEADING, flush=True)
    for cell in cells:
        _print_row(cell)


def _print_random(cells: Iterable[tuple[RandomStack, Measurement]], *, as_objects: bool) -> None:
    """Print what each stack is made of, and a row for each of its batch sizes."""
    if as_objects:
        for drawn, cell in cells:
            print(json.dumps({**asdict(cell), "stack": drawn.words}), flush=True)
        return
    say(_HEADING, flush=True)
    for drawn, rows in itertools.groupby(cells, lambda pair: pair[0]):
        say(f"\n{drawn.words}")
        for _, cell in rows:
            _print_row(cell)


def _print_row(cell: Measurement) -> None:
    share = f"{100 * cell.gflops / cell.gemm_gflops:.0f} % of {cell.gemm_gflops:.0f}"
    say(
        f"{cell.net:<16}{cell.batch_size:>6}{cell.samples_per_second:>12,.0f}"
        f"{cell.gflops:>10.1f}{share:>20}",
        flush=True,
    )


def _threads(text: str) -> int:
    return _whole_within(text, 1, 64, "number of threads")


def _count(text: str) -> int:
    return _whole_within(text, 1, 10_000, "number of stacks")


def _seed(text: str) -> int:
    return _whole_within(text, 0, 2**31 - 1, "seed")


def _whole_within(text: str, low: int, high: int, what: str) -> int:
    try:
        found = whole_number(text)
    except argparse.ArgumentTypeError:  # of too many digits too
        found = low - 1
    if not low <= found <= high:
        raise argparse.ArgumentTypeError(f"{text[:40]!r} is no {what} from {low:,} to {high:,}")
    return found


def _seconds(text: str) -> float:
    try:
        seconds = number(text)
    except argparse.ArgumentTypeError:
        seconds = 0.0
    if not 0.05 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0.05 to 3600")
    return seconds


COMMAND = Command("measure how fast the engine trains", add_arguments, run)
