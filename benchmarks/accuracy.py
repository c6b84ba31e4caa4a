"""Compare what `lenet` learns, and how fast, in Layerscope and in PyTorch.

Usage: .venv/bin/python benchmarks/accuracy.py [--help]; make bench-peers first

Both train the same net with Adam 0.001 on the bundled 10,000 digits, in processes of their own, one
at a time and seed by seed, and are tested on the 2,000 test digits.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from statistics import mean, stdev

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.machine import PEERS_PYTHON, Others, describe, versions


class Trainer:
    """A framework in a process of its own."""

    def __init__(self, framework: str, python: str, options: Sequence[str]) -> None:
        worker = Path(__file__).parent / "peers" / "lenet.py"
        self.process = subprocess.Popen(
            [python, str(worker), framework, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()  # the data of the first are there before the second begins

    def run(self, seed: int) -> tuple[float, float]:
        """Train with one seed; return the test accuracy and the seconds."""
        assert self.process.stdin is not None
        print(seed, file=self.process.stdin, flush=True)
        answer = self._answer()
        return answer["accuracy"], answer["seconds"]

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()

    def _answer(self) -> dict[str, float]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            sys.exit("The other process has ended; what it printed says why.")
        answer: dict[str, float] = json.loads(line)
        return answer


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Compare what lenet learns with PyTorch.")
    parser.add_argument("--seeds", metavar="N", type=int, default=5)
    parser.add_argument("--epochs", metavar="N", type=int, default=10)
    parser.add_argument("--batch-size", metavar="N", type=int, default=64)
    parser.add_argument("--threads", metavar="N", type=int, default=2)
    options = parser.parse_args()
    if not PEERS_PYTHON.exists():
        parser.error("PyTorch is missing; make bench-peers installs it")
    about = f"{describe(options.threads)}; {versions(PEERS_PYTHON, ('torch',))}"
    print(f"{date.today()}, {about}; batch {options.batch_size}, {options.epochs} epochs\n")
    print(f"{'seed':<10}{'Layerscope':>22}{'PyTorch':>22}")
    with tempfile.TemporaryDirectory() as folder:
        common = [str(each) for each in (options.epochs, options.batch_size, options.threads)]
        common.append(str(Path(folder) / "digits.npz"))
        pythons = {"layerscope": sys.executable, "torch": str(PEERS_PYTHON)}
        trainers = [Trainer(name, python, common) for name, python in pythons.items()]
        others = Others(*(trainer.process.pid for trainer in trainers))
        rows = []
        for seed in range(options.seeds):
            outcomes = []
            for trainer in trainers:
                outcomes.append(trainer.run(seed))
                time.sleep(0.2)  # threads spin for a while after their work
            rows.append(outcomes)
            print(f"{seed:<10}" + "".join(map(_words, outcomes)), flush=True)
        disturbance = others.percent()
        for trainer in trainers:
            trainer.close()
    columns = [list(zip(*column, strict=True)) for column in zip(*rows, strict=True)]
    print(f"{'mean':<10}" + "".join(_words((mean(a), mean(s))) for a, s in columns))
    if options.seeds > 1:
        deviations = (f"{100 * stdev(accuracies):.2f} points" for accuracies, _ in columns)
        print(f"{'deviation':<10}" + "".join(f"{each:>22}" for each in deviations))
    print(f"\nother work on the machine meanwhile: {disturbance:.0f} % of all cores")


def _words(outcome: tuple[float, float]) -> str:
    accuracy, seconds = outcome
    return f"{100 * accuracy:>12.2f} %{seconds:>6.1f} s"


if __name__ == "__main__":
    main()
