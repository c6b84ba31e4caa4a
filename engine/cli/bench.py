"""`bench`: measure how fast the engine trains."""

import argparse
import itertools
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from engine.benchmark import Cell, benchmark, scaling
from engine.cli.shared import Command, add_json, number

_GROWTH = """\
A training step's arithmetic and time, as multiples of the first line of each table: with more
samples, a deeper convolution, a larger kernel. Where both agree, the cost is linear. 3×3 kernels
(the first two tables) are cheaper than larger ones: they need fewer multiplications than counted,
by Winograd's formula."""


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
    parser.add_argument(
        "--scaling",
        action="store_true",
        help="measure how the cost grows with samples, depth and kernel instead",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print a line per cell as soon as it is measured."""
    if options.scaling:
        series = scaling(options.seconds, options.threads)
        if options.json:
            _print_objects(itertools.chain.from_iterable(series))
        else:
            _print_growth(series)
        return 0
    cells = benchmark(options.seconds, options.threads)
    if options.json:
        _print_objects(cells)
    else:
        _print_table(cells)
    return 0


def _print_objects(cells: Iterable[Cell]) -> None:
    for cell in cells:
        print(json.dumps(asdict(cell)), flush=True)


def _print_table(cells: Iterable[Cell]) -> None:
    print(f"{'net':<16}{'batch':>6}{'samples/s':>12}{'GFLOP/s':>10}{'of matrix product':>20}")
    for cell in cells:
        share = f"{100 * cell.gflops / cell.gemm_gflops:.0f} % of {cell.gemm_gflops:.0f}"
        print(
            f"{cell.net:<16}{cell.batch_size:>6}{cell.samples_per_second:>12,.0f}"
            f"{cell.gflops:>10.1f}{share:>20}",
            flush=True,
        )


def _print_growth(series: Iterable[Sequence[Cell]]) -> None:
    """Print the arithmetic and the time of a step as multiples of a series' first one."""
    print(_GROWTH)
    for cells in series:
        print(f"\n{'net':<16}{'batch':>6}{'µs/sample':>12}{'arithmetic':>13}{'time':>10}")
        for cell in cells:
            print(
                f"{cell.net:<16}{cell.batch_size:>6}{1e6 / cell.samples_per_second:>12,.1f}"
                f"{'×':>6}{cell.step_gigaflop / cells[0].step_gigaflop:>7.2f}"
                f"{'×':>3}{cell.step_seconds / cells[0].step_seconds:>7.2f}",
                flush=True,
            )


def _threads(text: str) -> int:
    if not (text.isascii() and text.isdecimal()) or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of threads from 1 to 64")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = number(text)
    except argparse.ArgumentTypeError:
        seconds = 0.0
    if not 0.05 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0.05 to 3600")
    return seconds


COMMAND = Command("measure how fast the engine trains", add_arguments, run)
