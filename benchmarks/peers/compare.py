"""Compare Layerscope's training step with PyTorch's, JAX's and the notebook's.

Usage: make bench-peers, or .venv/bin/python benchmarks/peers/compare.py [--help]

Every candidate is a process of its own. In each cell they train by turns for a short round, one at
a time, so that whatever else the machine does hits all of them; what counts is the median of the
rounds. `ratio` is Layerscope's rate over that of the best of PyTorch and JAX; `others` is the share
of the cores that other programs took meanwhile: with more than a few percent, measure again.

With --json, what was measured is kept cell by cell, and cells that the file has are not measured
again: so a long comparison may be cut into parts, or interrupted.
"""

import argparse
import math
import os
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from statistics import mean, median

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.machine import PEERS_PYTHON, ROOT, describe, versions
from benchmarks.peers.candidates import COMPILED, NOTEBOOK, OURS, PEERS
from benchmarks.peers.describing import conv_nets, named_nets, random_nets, traits
from benchmarks.peers.net import Net
from benchmarks.peers.process import Candidate, FaultError, Turn
from benchmarks.peers.results import Results
from benchmarks.peers.summary import Cell, summary

NOTEBOOK_CELLS = ("conv5:1", "conv5:32")
COMPILED_SHARE = 5  # of the random stacks, each fifth is given to torch.compile


def main() -> None:
    """Measure, print a line per cell, then how the ratios lie."""
    options = _options()
    if hasattr(os, "sched_setaffinity"):  # the candidates inherit it
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    about = _about(options.threads)
    results = Results(options.json, about, options.redo)
    started = time.perf_counter()
    print(f"{date.today()}, {about}")
    print(f"samples/s, median of up to {options.rounds} rounds of {options.seconds:g} s or a step")
    if options.random:
        print(f"torch.compile takes long: it is given each {COMPILED_SHARE}th stack only")
    names = [name for name in (*PEERS, OURS, NOTEBOOK) if name not in options.without]
    candidates = [Candidate(name, options.threads, options.patience) for name in names]
    header = "".join(f"{name:>15}" for name in names)
    print(f"\n{'net':<14}{'batch':>6}{header}{'ratio':>8}{'others':>9}", flush=True)
    try:
        for net, batch_size in options.cells:
            if results.has(net["name"], batch_size):
                continue
            if time.perf_counter() - started > options.limit:
                break
            able = [each for each in candidates if _is_asked(each.name, net, batch_size)]
            cell = _measure(able, net, batch_size, options)
            print(_row(cell, names), flush=True)
            results.add(cell)
    finally:
        for candidate in candidates:
            candidate.close()
    print(f"took {time.perf_counter() - started:.0f} s\n")
    if results.cells:
        print("\n".join(summary(results.cells)))


def _is_asked(candidate: str, net: Net, batch_size: int) -> bool:
    name = net["name"]
    if candidate == NOTEBOOK:
        return f"{name}:{batch_size}" in NOTEBOOK_CELLS
    number = name.rpartition(".")[2]
    return candidate != COMPILED or not number.isdecimal() or int(number) % COMPILED_SHARE == 0


def _measure(
    candidates: Sequence[Candidate], net: Net, batch_size: int, options: argparse.Namespace
) -> Cell:
    """Return the median rate of each candidate that can do the cell, and what others had meanwhile.

    Slow cells have fewer rounds. Rounds that others disturb are made up for, as often; of all, the
    quietest ones count.
    """
    able = dict(_ready(candidates, net, batch_size))
    longest = sum(max(options.seconds, seconds) for seconds in able.values())
    wanted = max(1, min(options.rounds, int(options.budget / longest)))
    rounds: list[list[Turn]] = []
    while len(rounds) < 2 * wanted and _quiet(rounds, options.quiet) < wanted:
        rounds.append([each.turn(options.seconds) for each in able])
    rounds = sorted(rounds, key=_disturbance)[:wanted]
    rates = {each.name: median(turns[i].rate for turns in rounds) for i, each in enumerate(able)}
    return {
        "net": net["name"],
        "words": net["words"],
        "traits": traits(net),
        "batch_size": batch_size,
        "samples_per_second": rates,
        "ratio": _ratio(rates),
        "others_percent": mean(_disturbance(turns) for turns in rounds),
    }


def _ready(
    candidates: Sequence[Candidate], net: Net, batch_size: int
) -> Iterator[tuple[Candidate, float]]:
    """Make all ready at the same time; give those that can do it, with their seconds a step."""
    for candidate in candidates:
        candidate.begin(net, batch_size)
    for candidate in candidates:
        try:
            yield candidate, candidate.ready()
        except FaultError as fault:
            cell = f"{net['name']}, batch {batch_size}"
            print(f"{candidate.name} cannot do {cell}: {fault}", file=sys.stderr)


def _quiet(rounds: Sequence[Sequence[Turn]], most: float) -> int:
    return sum(_disturbance(turns) <= most for turns in rounds)


def _disturbance(turns: Sequence[Turn]) -> float:
    return max(turn.others for turn in turns)


def _ratio(rates: dict[str, float]) -> float:
    best = max((rates[name] for name in PEERS if name in rates), default=math.nan)
    return rates.get(OURS, math.nan) / best


def _row(cell: Cell, names: Sequence[str]) -> str:
    rates = cell["samples_per_second"]
    row = "".join(f"{rates[name]:>15,.0f}" if name in rates else f"{'-':>15}" for name in names)
    return (
        f"{cell['net']:<14}{cell['batch_size']:>6}{row}{cell['ratio']:>8.2f}"
        f"{cell['others_percent']:>7.0f} %"
    )


def _about(threads: int) -> str:
    ours = versions(sys.executable, ("numpy", "scipy", "numba"))
    theirs = versions(PEERS_PYTHON, ("torch", "jax"))
    return f"{describe(threads)}; {ours}, {theirs}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare training steps with those of peers.")
    nets = parser.add_mutually_exclusive_group()
    nets.add_argument("--named", action="store_true", help="nets that people build most")
    nets.add_argument("--random", metavar="N", type=int, help="so many random stacks instead")
    parser.add_argument("--seed", metavar="S", type=int, default=0, help="which random stacks")
    parser.add_argument("--cells", metavar="NET:BATCH", nargs="+", help="only these")
    parser.add_argument("--part", metavar="I/K", default="1/1", help="only part I of K")
    parser.add_argument("--rounds", metavar="N", type=int, default=7)
    parser.add_argument(
        "--quiet", metavar="X", type=float, default=5.0, help="%% that others may have in a round"
    )
    parser.add_argument(
        "--redo", metavar="X", type=float, default=math.inf, help="%% of others to measure again"
    )
    parser.add_argument("--seconds", metavar="X", type=float, default=0.4, help="of each round")
    parser.add_argument(
        "--budget",
        metavar="X",
        type=float,
        default=30.0,
        help="seconds a cell, if rounds can be left out",
    )
    parser.add_argument(
        "--limit", metavar="X", type=float, default=math.inf, help="seconds: no new cell after them"
    )
    parser.add_argument(
        "--patience", metavar="X", type=float, default=180.0, help="seconds to wait for a compiler"
    )
    parser.add_argument("--threads", metavar="N", type=int, default=2, help="for every candidate")
    parser.add_argument(
        "--without", metavar="PEER", nargs="+", choices=PEERS, default=[], help="leave out"
    )
    parser.add_argument("--json", metavar="PATH", type=Path, help="keep the outcome, and go on")
    options = parser.parse_args()
    if not PEERS_PYTHON.exists():
        parser.error(f"{PEERS_PYTHON.relative_to(ROOT)} is missing; make bench-peers makes it")
    options.cells = _cells(parser, options)
    return options


def _cells(parser: argparse.ArgumentParser, options: argparse.Namespace) -> list[tuple[Net, int]]:
    """List the nets and batch sizes that were asked for."""
    if options.random:
        cells = list(random_nets(options.random, options.seed))
    else:
        cells = list(named_nets() if options.named else conv_nets())
    if options.cells:
        by_name = {f"{net['name']}:{batch_size}": (net, batch_size) for net, batch_size in cells}
        unknown = [name for name in options.cells if name not in by_name]
        if unknown:
            names = list(by_name)
            known = f"{names[0]} to {names[-1]}" if options.random else ", ".join(names)
            parser.error(f"no cell is called {unknown[0]}; there are {known}")
        return [by_name[name] for name in options.cells]
    number, _, parts = options.part.partition("/")
    if not (number.isdecimal() and parts.isdecimal() and 1 <= int(number) <= int(parts)):
        parser.error(f"{options.part} is no part such as 1/4")
    return cells[int(number) - 1 :: int(parts)]


if __name__ == "__main__":
    main()
