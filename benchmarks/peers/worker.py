"""One candidate in a process of its own: it does what it is told through a pipe, and else sleeps.

Reads one JSON object a line. {"net", "batch_size", "threads"} makes a step ready, and is answered
with {"step_seconds"}; {"seconds"} trains for so long: {"samples_per_second"}. With "steps" and
"path" beside the net, so many steps are done: {"losses"}, and what the arrays have become lies in
the .npz file. {"layers"} asks for the seconds of each layer in a step. A {"fault"} is what went
wrong.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.peers.candidates import CANDIDATES
from benchmarks.peers.step import LayeredStep, OpenStep, Step

WARM_UP_SECONDS = 0.2


class Worker:
    """Makes and runs the steps of one candidate."""

    def __init__(self, name: str) -> None:
        self._make = CANDIDATES[name]
        self._step: Step | None = None
        self._batch_size = 0

    def answer(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what an order says."""
        if "seconds" in order:
            assert self._step is not None, "there is no step"
            return {"samples_per_second": self._batch_size * _rate(self._step, order["seconds"])}
        if "layers" in order:
            assert isinstance(self._step, LayeredStep)
            return {"layers": self._step.layer_seconds()}
        self._step = None  # the memory of the last cell is free before the next begins
        self._batch_size = order["batch_size"]
        step = self._make(order["net"], self._batch_size, order["threads"])
        if "steps" in order:
            return {"losses": _checked(step, order["steps"], order["path"])}
        self._step = step
        step()  # compiles
        return {"step_seconds": 1 / _rate(step, WARM_UP_SECONDS)}


def main(name: str) -> None:
    """Serve until the pipe is closed."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    worker = Worker(name)
    for line in sys.stdin:
        try:
            answer = worker.answer(json.loads(line))
        except Exception as error:
            answer = {"fault": f"{type(error).__name__}: {error}".splitlines()[0]}
        print(json.dumps(answer), file=answers, flush=True)


def _rate(step: Step, seconds: float) -> float:
    """Do steps for some seconds; give how many a second."""
    count = 0
    started = time.perf_counter()
    while (gone := time.perf_counter() - started) < seconds:
        step()
        count += 1
    return count / gone


def _checked(step: Step, steps: int, path: str) -> list[float]:
    losses = [step() for _ in range(steps)]
    assert isinstance(step, OpenStep)
    named = {f"{i}.{n}": a for i, own in enumerate(step.arrays()) for n, a in own.items()}
    with open(path, "wb") as file:
        np.savez(file, allow_pickle=False, **named)
    return losses


if __name__ == "__main__":
    main(sys.argv[1])
