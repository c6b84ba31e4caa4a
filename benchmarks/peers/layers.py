"""Say where the time of a training step goes, layer by layer, in Layerscope and in PyTorch.

Usage: .venv/bin/python benchmarks/peers/layers.py [--help] CELL ...

A cell is a net with its batch size: `vgg:64`, or `0.17:256` for the random stack 17 of seed 0. The
table has microseconds, forward and backward, each the median of some steps taken by turns. PyTorch
runs line by line, in both layouts. Clocks take time, too: for tiny nets believe whole steps only.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.peers.candidates import OURS
from benchmarks.peers.describing import conv_nets, named_nets, random_net
from benchmarks.peers.net import Net
from benchmarks.peers.process import Candidate
from benchmarks.peers.step import LayerSeconds

NAMES = (OURS, "torch", "channels_last")
PATIENCE = 120.0  # seconds


def main() -> None:
    """Print a table per cell."""
    parser = argparse.ArgumentParser(description="Compare the layers of a training step.")
    parser.add_argument("cells", metavar="NET:BATCH", nargs="+")
    parser.add_argument("--steps", metavar="N", type=int, default=20)
    parser.add_argument("--seconds", metavar="X", type=float, default=4.0, help="at most, a cell")
    parser.add_argument("--threads", metavar="N", type=int, default=2)
    options = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):  # the candidates inherit it
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    candidates = [Candidate(name, options.threads, PATIENCE) for name in NAMES]
    try:
        for cell in options.cells:
            name, _, batch_size = cell.rpartition(":")
            net = _net(name)
            for candidate in candidates:
                candidate.begin(net, int(batch_size))
            for candidate in candidates:
                candidate.ready()
            turns: list[list[LayerSeconds]] = []
            end = time.perf_counter() + options.seconds
            while len(turns) < options.steps and (not turns or time.perf_counter() < end):
                turns.append([candidate.layer_seconds() for candidate in candidates])
            print("\n".join(_table(cell, net, turns)), flush=True)
    finally:
        for candidate in candidates:
            candidate.close()


def _net(name: str) -> Net:
    seed, _, number = name.partition(".")
    if seed.isdecimal() and number.isdecimal():
        return random_net(int(number), int(seed))
    nets = {net["name"]: net for net, _ in (*conv_nets(), *named_nets())}
    if name not in nets:
        sys.exit(f"No net is called {name}; there are {', '.join(nets)}, and 0.17 and its like.")
    return nets[name]


def _table(cell: str, net: Net, turns: Sequence[Sequence[LayerSeconds]]) -> Iterator[str]:
    """Give the lines of a table: the whole step, each block, and the rest."""
    yield f"\n{cell}  {net['words']}"
    yield f"{'µs':<34}" + "".join(f"{name:>20}" for name in NAMES)
    whole = [median(sum(map(sum, turn[j])) for turn in turns) for j in range(len(NAMES))]
    yield f"{'whole step':<34}" + "".join(f"{1e6 * each:>20,.0f}" for each in whole)
    labels = net["words"].split(": ", 1)[1].split("; ")[: len(net["blocks"])]
    shapes = ["×".join(map(str, block["input_shape"])) for block in net["blocks"]]
    titles = [f"{label} of {shape}" for label, shape in zip(labels, shapes, strict=True)]
    for i, title in enumerate([*titles, "the rest"]):
        cells = []
        for j in range(len(NAMES)):
            forward, backward = (median(turn[j][i][k] for turn in turns) for k in (0, 1))
            cells.append(f"{1e6 * forward:>11,.0f}{1e6 * backward:>9,.0f}")
        yield f"{title:<34}" + "".join(cells)


if __name__ == "__main__":
    main()
