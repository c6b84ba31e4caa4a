"""`bench`: measure how fast the engine trains."""

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict

from engine.benchmark import Cell, benchmark, scaling
from engine.cli.shared import Command, add_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of the command."""
    parser.add_argument(
        "--seconds", metavar="X", type=_seconds, default=2.0, help="time per cell (default: 2)"
    )
    parser.add_argument(
        "--threads", metavar="N", type=int, help="threads to train with (default: one per core)"
    )
    parser.add_argument(
        "--scaling",
        action="store_true",
        help="measure how the cost grows with samples, depth and kernel instead",
    )
    add_json(parser)


def run(options: argparse.Namespace) -> int:
    """Print a line per cell as soon as it is measured."""
    measured = scaling if options.scaling else benchmark
    cells = measured(options.seconds, options.threads)
    if options.json:
        for cell in cells:
            print(json.dumps(asdict(cell)), flush=True)
    else:
        _print_table(cells)
    return 0


def _print_table(cells: Iterable[Cell]) -> None:
    print(f"{'net':<16}{'batch':>6}{'samples/s':>12}{'GFLOP/s':>10}{'of matrix product':>20}")
    for cell in cells:
        share = f"{100 * cell.gflops / cell.gemm_gflops:.0f} % of {cell.gemm_gflops:.0f}"
        print(
            f"{cell.net:<16}{cell.batch_size:>6}{cell.samples_per_second:>12,.0f}"
            f"{cell.gflops:>10.1f}{share:>20}",
            flush=True,
        )


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0.05 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds from 0.05 to 3600")
    return seconds


COMMAND = Command("measure how fast the engine trains", add_arguments, run)
