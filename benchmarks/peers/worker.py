"""One candidate in a process of its own: it does what it is told through a pipe, and else sleeps.

Reads one JSON object a line: {"net", "batch_size", "threads"} makes a step ready,
{"seconds"} trains for so long. Answers with one: {}, {"samples_per_second"} or {"fault"}.
"""

import json
import os
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.peers.candidates import CANDIDATES, Step

WARM_UP_SECONDS = 0.3


def main(name: str) -> None:
    """Serve until the pipe is closed."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    step: Step | None = None
    batch_size = 0
    for line in sys.stdin:
        order = json.loads(line)
        answer: dict[str, Any] = {}
        try:
            if "net" in order:
                step = None  # the memory of the last cell is free before the next begins
                batch_size = order["batch_size"]
                step = CANDIDATES[name](order["net"], batch_size, order["threads"])
                step()  # compiles
                _steps(step, WARM_UP_SECONDS)
            elif step is not None:
                answer["samples_per_second"] = batch_size * _steps(step, order["seconds"])
        except Exception as error:
            step = None
            answer["fault"] = f"{type(error).__name__}: {error}".splitlines()[0]
        print(json.dumps(answer), file=answers, flush=True)


def _steps(step: Step, seconds: float) -> float:
    """Do steps for some seconds; give how many a second."""
    count = 0
    started = time.perf_counter()
    while (gone := time.perf_counter() - started) < seconds:
        step()
        count += 1
    return count / gone


if __name__ == "__main__":
    main(sys.argv[1])
