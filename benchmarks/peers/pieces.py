"""Measure what each hand-written piece of the native twin brings, against what is plain there.

Usage: .venv/bin/python benchmarks/peers/pieces.py [--help]

The cells are those of `bench`, the named nets and some random stacks. In each, Layerscope as it is
and without each of the pieces train by turns, every one in a process of its own. For each piece it
prints how the ratios of the rates with and without it lie. Those of nothing are the noise.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.machine import describe
from benchmarks.peers.candidates import OURS, PIECES
from benchmarks.peers.describing import conv_nets, named_nets, random_nets
from benchmarks.peers.net import Net
from benchmarks.peers.process import Candidate

THREADS, PATIENCE = 2, 180.0  # s
FELT = 1.05  # a ratio from which on a piece is felt


def main() -> None:
    """Measure, print a line per cell, then what each piece brings."""
    options = _options()
    print(describe(THREADS))
    candidates = [Candidate(name, THREADS, PATIENCE) for name in (OURS, *PIECES)]
    gains: list[list[float]] = []
    started = time.perf_counter()
    try:
        for net, batch_size in _cells(options):
            if time.perf_counter() - started > options.limit:
                break
            gains.append(_gains(candidates, net, batch_size, options))
            row = "".join(f"{gain:6.2f}" for gain in gains[-1])
            print(f"{net['name'] + ':' + str(batch_size):<14}{row}", flush=True)
    finally:
        for candidate in candidates:
            candidate.close()
    print(f"\n{len(gains)} cells{'':<37}{'mean':>6}{'least':>8}{'largest':>9}{'felt in':>9}")
    for piece, ratios in zip(PIECES, np.array(gains).T, strict=True):
        print(_line(piece, ratios))


def _cells(options: argparse.Namespace) -> Iterator[tuple[Net, int]]:
    yield from conv_nets()
    yield from named_nets()
    yield from random_nets(options.random, options.seed)


def _gains(
    candidates: Sequence[Candidate], net: Net, batch_size: int, options: argparse.Namespace
) -> list[float]:
    """Return for each piece the rate with it over that without."""
    for candidate in candidates:
        candidate.begin(net, batch_size)
    for candidate in candidates:
        candidate.ready()
    rounds = [
        [each.turn(options.seconds).rate for each in candidates] for _ in range(options.rounds)
    ]
    ours, *others = (median(rates) for rates in zip(*rounds, strict=True))
    return [ours / other for other in others]


def _line(piece: str, ratios: NDArray[np.float64]) -> str:
    mean, felt = np.exp(np.log(ratios).mean()), np.mean(ratios >= FELT)
    return f"{piece:<45}{mean:>6.2f}{ratios.min():>8.2f}{ratios.max():>9.2f}{100 * felt:>7.0f} %"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Measure what hand-written pieces bring.")
    parser.add_argument("--random", metavar="N", type=int, default=8, help="so many random stacks")
    parser.add_argument("--seed", metavar="S", type=int, default=0, help="which random stacks")
    parser.add_argument("--rounds", metavar="N", type=int, default=3)
    parser.add_argument("--seconds", metavar="X", type=float, default=0.2, help="of each round")
    parser.add_argument(
        "--limit", metavar="X", type=float, default=np.inf, help="seconds: no new cell after them"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
