"""Compare Layerscope's training step with PyTorch's, JAX's and the notebook's.

Usage: make bench-peers, or .venv/bin/python benchmarks/peers/compare.py [--help]

Every candidate is a process of its own. In each cell they train by turns for a short round, one at
a time, so that whatever else the machine does hits all of them; what counts is the median of the
rounds. `ratio` is Layerscope's rate over that of the best of PyTorch and JAX; `others` is the share
of the cores that other programs took meanwhile: with more than a few percent, measure again.
"""

import argparse
import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import geometric_mean, mean, median
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.machine import PEERS_PYTHON, ROOT, Others, describe, versions
from benchmarks.peers.nets import BATCH_SIZES, NETS

PEERS = ("torch", "torch.compile", "jax.jit")
OURS = ("Layerscope", "notebook")
NOTEBOOK_CELLS = ("conv5:1", "conv5:32")
PAUSE = 0.1  # seconds; thread pools spin for a while after their work
QUIET = 5.0  # % of the cores; a round in which others had more is tried again


class FaultError(Exception):
    """A candidate cannot do what was asked."""


class Turn(NamedTuple):
    """The samples per second of one turn, and the share of the cores that others had, in %."""

    rate: float
    others: float


class Candidate:
    """A worker process, asleep unless it is asked for something."""

    def __init__(self, name: str) -> None:
        self.name = name
        python = str(PEERS_PYTHON) if name in PEERS else sys.executable
        worker = Path(__file__).with_name("worker.py")
        self._process = subprocess.Popen(
            [python, str(worker), name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def prepare(self, net: str, batch_size: int, threads: int) -> None:
        """Make a step ready and warm it up. Raises FaultError if that fails."""
        self._ask(net=net, batch_size=batch_size, threads=threads)

    def turn(self, seconds: float) -> Turn:
        """Train for some seconds. Raises FaultError if that fails."""
        others = Others(self._process.pid)
        rate = float(self._ask(seconds=seconds)["samples_per_second"])
        return Turn(rate, others.percent())

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()

    def _ask(self, **order: object) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(order), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        time.sleep(PAUSE)
        answer: dict[str, Any] = json.loads(line or '{"fault": "the process has ended"}')
        if "fault" in answer:
            raise FaultError(answer["fault"])
        return answer


def main() -> None:
    """Measure, print a line per cell, then the mean and the machine."""
    options = _options()
    if hasattr(os, "sched_setaffinity"):  # the candidates inherit it
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: options.threads])
    candidates = [Candidate(name) for name in (*PEERS, *OURS)]
    started = time.perf_counter()
    about = _about(options.threads)
    print(f"{about}\nsamples/s, median of {options.rounds} rounds of {options.seconds:g} s\n")
    names = "".join(f"{candidate.name:>15}" for candidate in candidates)
    print(f"{'net':<14}{'batch':>6}{names}{'ratio':>8}{'others':>9}", flush=True)
    cells = []
    try:
        for cell in options.cells:
            net, batch_size = cell.split(":")
            rates, others = _measure(candidates, net, int(batch_size), options)
            ratio = _ratio(rates)
            row = "".join(_number(rates.get(candidate.name)) for candidate in candidates)
            print(f"{net:<14}{batch_size:>6}{row}{ratio:>8.2f}{others:>7.0f} %", flush=True)
            cells.append(
                {"net": net, "batch_size": int(batch_size), "samples_per_second": rates}
                | {"ratio": ratio, "others_percent": others}
            )
    finally:
        for candidate in candidates:
            candidate.close()
    overall = geometric_mean(float(cell["ratio"]) for cell in cells)
    print(f"\ngeometric mean of the ratios: {overall:.2f}")
    print(f"took {time.perf_counter() - started:.0f} s")
    if options.json:
        outcome = {"machine": about, "cells": cells, "geometric_mean": overall}
        options.json.write_text(json.dumps(outcome, indent=1) + "\n")


def _measure(
    candidates: Sequence[Candidate], net: str, batch_size: int, options: argparse.Namespace
) -> tuple[dict[str, float], float]:
    """Return the median rate of each candidate that can do the cell, and what others had meanwhile.

    Rounds that others disturb are made up for, as often; of all, the quietest ones count.
    """
    able = []
    for candidate in candidates:
        if candidate.name == "notebook" and f"{net}:{batch_size}" not in NOTEBOOK_CELLS:
            continue
        try:
            candidate.prepare(net, batch_size, options.threads)
            able.append(candidate)
        except FaultError as fault:
            print(f"{candidate.name} cannot do {net}, batch {batch_size}: {fault}", file=sys.stderr)
    rounds: list[list[Turn]] = []
    while len(rounds) < 2 * options.rounds and _quiet(rounds) < options.rounds:
        rounds.append([each.turn(options.seconds) for each in able])
    rounds = sorted(rounds, key=_disturbance)[: options.rounds]
    rates = {each.name: median(turns[i].rate for turns in rounds) for i, each in enumerate(able)}
    return rates, mean(_disturbance(turns) for turns in rounds)


def _quiet(rounds: Sequence[Sequence[Turn]]) -> int:
    return sum(_disturbance(turns) < QUIET for turns in rounds)


def _disturbance(turns: Sequence[Turn]) -> float:
    return max(turn.others for turn in turns)


def _ratio(rates: dict[str, float]) -> float:
    best = max((rates[name] for name in PEERS if name in rates), default=math.nan)
    return rates["Layerscope"] / best


def _number(rate: float | None) -> str:
    return f"{'-':>15}" if rate is None else f"{rate:>15,.0f}"


def _about(threads: int) -> str:
    ours = versions(sys.executable, ("numpy", "scipy", "numba"))
    theirs = versions(PEERS_PYTHON, ("torch", "jax"))
    return f"{date.today()}, {describe(threads)}; {ours}, {theirs}"


def _options() -> argparse.Namespace:
    every = [f"{net}:{batch_size}" for net in NETS for batch_size in BATCH_SIZES]
    parser = argparse.ArgumentParser(description="Compare training steps with those of peers.")
    parser.add_argument("--rounds", metavar="N", type=int, default=7)
    parser.add_argument("--seconds", metavar="X", type=float, default=0.4, help="of each round")
    parser.add_argument("--threads", metavar="N", type=int, default=2, help="for every candidate")
    parser.add_argument("--cells", metavar="NET:BATCH", nargs="+", choices=every, default=every)
    parser.add_argument("--json", metavar="PATH", type=Path, help="write the outcome here too")
    options = parser.parse_args()
    if not PEERS_PYTHON.exists():
        parser.error(f"{PEERS_PYTHON.relative_to(ROOT)} is missing; make bench-peers makes it")
    return options


if __name__ == "__main__":
    main()
