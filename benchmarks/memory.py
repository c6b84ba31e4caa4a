"""Measure the peak memory of training on very many images.

Usage: .venv/bin/python benchmarks/memory.py [EPOCHS]
       .venv/bin/python benchmarks/memory.py vgg [BATCH ...]
       .venv/bin/python benchmarks/memory.py million [SECONDS]

Trains with the command line in a process of its own, and exits with 1 if its resident memory was
ever above Fashion-MNIST's 70,000 images as bytes and 300 MB. The first trains `lenet` on these, the
second the VGG-like net with and without BatchNorm and pooling for an epoch, at batch 64 and 256.
Without Debian's package dataset-fashion-mnist they take noise of the same size. The third trains
`lenet` for so many seconds on 1,000,000 images of that size, zeros in a sparse file, under the same
bound.
"""

import json
import os
import signal
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = 60_000 + 10_000
PIXELS = 28 * 28
BOUND = IMAGES * PIXELS + 300_000_000
MANY = 1_000_000
STOPPED = 130
BATCHES = (64, 256)
PROGRAM = [sys.executable, str(ROOT / "main.py")]

# Run in a process of its own: this one stays small, because a child counts from its size.
VGG = """
import sys
from pathlib import Path
from engine.files.project_file import save_project
from engine.model.project import Project
from engine.model.settings import Settings
from benchmarks.stacks import vgg_stack
path, batch_size, batch_norm, pooling = sys.argv[1:]
stack = vgg_stack(batch_norm=batch_norm == "True", pooling=pooling == "True")
settings = Settings(
    loss="cross_entropy", optimizer="adam", learning_rate=0.001, batch_size=int(batch_size),
    epochs=1, classes=tuple(range(10)), limit=0,
)
save_project(Project(stack, settings), Path(path))
"""


def main(arguments: list[str]) -> int:
    """Measure and print."""
    mode, numbers = "", arguments
    if arguments[:1] in (["million"], ["vgg"]):
        mode, *numbers = arguments
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["LAYERSCOPE_HOME"] = str(folder / "home")  # where the trainings are kept as runs
        project = folder / "many.layerscope"
        if mode == "million":
            write_images(folder, "train", MANY, noise=False)
            write_images(folder, "t10k", 10_000, noise=False)
            make_lenet(project)
            seconds = float(numbers[0]) if numbers else 40.0
            return said("lenet", peak_of(train(project, name), seconds))
        data = images(folder)
        if mode == "vgg":
            return max(vgg_peaks(project, data, [int(each) for each in numbers] or BATCHES))
        make_lenet(project)
        epochs = numbers[0] if numbers else "1"
        return said("lenet", peak_of([*train(project, data), "--epochs", epochs], None))


def vgg_peaks(project: Path, data: str, batch_sizes: Sequence[int]) -> list[int]:
    """Train the VGG-like nets; return for each whether it was within the bound."""
    outcomes = []
    for batch_size in batch_sizes:
        for batch_norm in (False, True):
            for pooling in (True, False):
                chosen = [str(each) for each in (project, batch_size, batch_norm, pooling)]
                make = [sys.executable, "-c", VGG, *chosen]
                subprocess.run(make, check=True, cwd=ROOT)
                name = f"VGG-like, batch {batch_size}"
                name += ", BatchNorm" * batch_norm + ", no pooling" * (not pooling)
                outcomes.append(said(name, peak_of(train(project, data), None)))
    return outcomes


def said(name: str, peak: int | None) -> int:
    """Print a peak; return 0 if it is within the bound, 1 if not, 2 if there is none."""
    if peak is None:
        print(f"{name}: the training failed")
        return 2
    print(
        f"{name}: peak resident memory {peak / 1e6:.0f} MB; {IMAGES:,} images as bytes "
        f"{IMAGES * PIXELS / 1e6:.0f} MB + 300 MB = {BOUND / 1e6:.0f} MB"
        f"{'' if peak <= BOUND else '  <-- outside'}",
        flush=True,
    )
    return int(peak > BOUND)


def train(project: Path, data: str) -> list[str]:
    """Return the command that trains a project on some data."""
    return [*PROGRAM, "train", str(project), "--data", data]


def make_lenet(project: Path) -> None:
    """Write a project of the template."""
    command = [*PROGRAM, "new", "lenet", str(project)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def images(folder: Path) -> str:
    """Return what to call Fashion-MNIST, or where noise of the same size was written."""
    command = [*PROGRAM, "data", "list", "--json"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    known = [json.loads(line) for line in listed.splitlines()]
    if any(each["name"] == "fashion-mnist" and each["here"] for each in known):
        return "fashion-mnist"
    write_images(folder, "train", 60_000, noise=True)
    write_images(folder, "t10k", 10_000, noise=True)
    return str(folder)


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


def write_images(folder: Path, part: str, count: int, *, noise: bool) -> None:
    """Write an IDX pair of noise, or of black images, which take no room on the disk."""
    with (folder / f"{part}-images-idx3-ubyte").open("wb") as images:
        images.write(struct.pack(">BBBB3I", 0, 0, 8, 3, count, 28, 28))
        if noise:
            for _ in range(count):
                images.write(os.urandom(PIXELS))
        images.truncate(16 + count * PIXELS)
    labels = bytes(range(10)) * (count // 10)
    header = struct.pack(">BBBBI", 0, 0, 8, 1, count)
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(header + labels)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
