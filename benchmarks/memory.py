"""Measure the peak memory of training `lenet` on very many images.

Usage: .venv/bin/python benchmarks/memory.py [EPOCHS]
       .venv/bin/python benchmarks/memory.py million [SECONDS]

Trains with the command line in a process of its own, and exits with 1 if its resident memory was
ever above Fashion-MNIST's 70,000 images as bytes and 300 MB. The first trains on these, and needs
Debian's package dataset-fashion-mnist or `main.py data get fashion-mnist`. The second trains for so
many seconds on 1,000,000 images of that size, zeros in a sparse file, under the same bound.
"""

import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = 60_000 + 10_000
BOUND = IMAGES * 28 * 28 + 300_000_000
MANY = 1_000_000
STOPPED = 130
PROGRAM = [sys.executable, str(ROOT / "main.py")]


def main(arguments: list[str]) -> int:
    """Measure and print; this process stays small, because a child counts from its size."""
    many = arguments[:1] == ["million"]
    number = arguments[many:] or ["40" if many else "1"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        project = str(folder / "many.layerscope")
        subprocess.run([*PROGRAM, "new", "lenet", project], check=True, stdout=subprocess.DEVNULL)
        train = [*PROGRAM, "train", project, "--data"]
        if many:
            write_zeros(folder, "train", MANY)
            write_zeros(folder, "t10k", 10_000)
            peak = peak_of([*train, name], float(number[0]))
        else:
            peak = peak_of([*train, "fashion-mnist", "--epochs", number[0]], None)
    if peak is None:
        return 2
    print(
        f"peak resident memory: {peak / 1e6:.0f} MB; {IMAGES:,} images as bytes "
        f"{IMAGES * 28 * 28 / 1e6:.0f} MB + 300 MB = {BOUND / 1e6:.0f} MB"
    )
    return 0 if peak <= BOUND else 1


def peak_of(command: list[str], seconds: float | None) -> int | None:
    """Run a program, which is told to stop after so long; return its peak memory in bytes.

    None if it failed.
    """
    child = subprocess.Popen(command)
    timer = threading.Timer(seconds or 0.0, child.send_signal, [signal.SIGINT])
    if seconds is not None:
        timer.start()
    _, status, usage = os.wait4(child.pid, 0)
    timer.cancel()
    if os.waitstatus_to_exitcode(status) != (0 if seconds is None else STOPPED):
        return None
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def write_zeros(folder: Path, part: str, count: int) -> None:
    """Write an IDX pair of black images, which take no room on the disk, and their labels."""
    with (folder / f"{part}-images-idx3-ubyte").open("wb") as images:
        images.write(struct.pack(">BBBB3I", 0, 0, 8, 3, count, 28, 28))
        images.truncate(16 + count * 28 * 28)
    labels = bytes(range(10)) * (count // 10)
    header = struct.pack(">BBBBI", 0, 0, 8, 1, count)
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(header + labels)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
