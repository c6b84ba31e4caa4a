"""Measure the peak memory of training `lenet` on Fashion-MNIST's 60,000 images.

Usage: .venv/bin/python benchmarks/memory.py [EPOCHS]

Trains with the command line in a process of its own, and exits with 1 if its resident memory was
ever above the images as bytes and 300 MB. Needs Debian's package dataset-fashion-mnist.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = 60_000 + 10_000
BOUND = IMAGES * 28 * 28 + 300_000_000


def main(epochs: int) -> int:
    """Measure and print; this process stays small, because a child counts from its size."""
    program = [sys.executable, str(ROOT / "main.py")]
    with tempfile.TemporaryDirectory() as folder:
        project = str(Path(folder) / "fashion.layerscope")
        subprocess.run([*program, "new", "lenet", project], check=True, stdout=subprocess.DEVNULL)
        training = [*program, "train", project, "--data", "fashion-mnist", "--epochs", str(epochs)]
        child = subprocess.Popen(training)
        _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        return 2
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(
        f"peak resident memory: {peak / 1e6:.0f} MB; images as bytes "
        f"{IMAGES * 28 * 28 / 1e6:.0f} MB + 300 MB = {BOUND / 1e6:.0f} MB"
    )
    return 0 if peak <= BOUND else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1))
