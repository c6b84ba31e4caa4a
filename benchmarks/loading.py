"""Measure how long data takes to load, and image files against a plain loop over Pillow.

Usage: .venv/bin/python benchmarks/loading.py [FILES]

Loads 60,000 images of 28×28 (the bundled ones, shifted) from each kind of file, in a process of its
own, and prints seconds on the clock and of the processor. Then decodes so many JPEG files of
200×200 pixels (10,000, if nothing is said) to 64×64 and to 28×28: by two threads with Pillow alone
and by `read`, in turns, and by `read` again from the cache.
"""

import gzip
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

ROUNDS = 3
SIDE = 200
THREADS = 2
LOADING = """
import sys, time
from engine import load
wall, processor = time.perf_counter(), time.process_time()
training, test = load(sys.argv[1])
wall, processor = time.perf_counter() - wall, time.process_time() - processor
print(f"{len(training) + len(test):,} images: {wall:.2f} s, {processor:.2f} s of the processor")
"""
Bytes = NDArray[np.uint8]


def main(files: int) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        os.environ["LAYERSCOPE_HOME"] = str(folder / "home")
        for kind, path in write_sets(folder).items():
            command = [sys.executable, "-c", LOADING, str(path)]
            said = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
            print(f"{kind:22}{said.stdout}", end="", flush=True)
        write_pictures(folder / "pictures", files)
        for size in (64, 28):
            compare(folder / "pictures", size)


def write_sets(folder: Path) -> dict[str, Path]:
    """Write 60,000 training and 10,000 test images in every kind of file."""
    from engine.data import load_pair

    bundled = ROOT / "resources" / "mnist"
    own = load_pair(bundled / "train-images-idx3-ubyte.gz", bundled / "train-labels-idx1-ubyte.gz")
    shifts = [(down, across) for down in (-1, 1) for across in (-1, 0, 1)]
    images = np.concatenate([np.roll(own.images[:, 0], shift, (1, 2)) for shift in shifts])
    labels = np.tile(own.labels.astype(np.uint8), len(shifts))
    parts = {"train": (images, labels), "t10k": (images[:10_000], labels[:10_000])}
    for kind, pack in (("plain", bytes), ("gzipped", gzip.compress)):
        (folder / kind).mkdir()
        for part, (pixels, digits) in parts.items():
            for what, values in (("images-idx3", pixels), ("labels-idx1", digits)):
                header = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
                (folder / kind / f"{part}-{what}-ubyte").write_bytes(
                    pack(header + values.tobytes())
                )
    arrays = {"x_train": images, "y_train": labels}
    arrays |= {"x_test": parts["t10k"][0], "y_test": parts["t10k"][1]}
    np.savez(folder / "set.npz", allow_pickle=False, **arrays)
    np.savez_compressed(folder / "packed.npz", allow_pickle=False, **arrays)
    with (folder / "set.csv").open("w") as file:
        file.write(",".join(["label", *(f"pixel{place}" for place in range(784))]) + "\n")
        for label, row in zip(labels.tolist(), images.reshape(len(images), -1), strict=True):
            file.write(",".join(map(str, [label, *row.tolist()])) + "\n")
    return {
        "IDX": folder / "plain",
        "IDX, gzipped": folder / "gzipped",
        ".npz": folder / "set.npz",
        ".npz, compressed": folder / "packed.npz",
        ".csv": folder / "set.csv",
    }


def write_pictures(folder: Path, count: int) -> None:
    """Write JPEG files of ten classes: blurred colours with some noise."""

    def write(number: int) -> None:
        dice = np.random.default_rng(number)
        blurred = Image.fromarray(dice.integers(0, 256, (12, 12, 3), np.uint8))
        smooth = np.asarray(blurred.resize((SIDE, SIDE), Image.Resampling.BICUBIC), np.int16)
        noisy = (smooth + dice.integers(-12, 12, smooth.shape)).clip(0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / str(number % 10) / f"{number}.jpg", quality=90)

    for number in range(10):
        (folder / str(number)).mkdir(parents=True)
    in_threads(write, count)


def compare(folder: Path, size: int) -> None:
    """Decode all pictures in turns, and print the medians and their ratio."""
    from engine.data.image_files.image_cache import cache_folder
    from engine.data.image_form import ImageForm
    from engine.data.sources import read

    files = sorted(folder.rglob("*.jpg"))
    pixels = np.empty((len(files), size, size, 3), np.uint8)

    def decode(place: int) -> None:
        with Image.open(files[place]) as picture:
            small = picture.convert("RGB").resize((size, size), Image.Resampling.BILINEAR)
            pixels[place] = np.asarray(small)

    def with_pillow() -> None:
        in_threads(decode, len(files))

    def with_ours() -> None:
        shutil.rmtree(cache_folder(), ignore_errors=True)
        read(str(folder), ImageForm(size, "rgb"))

    turns = [(timed(with_pillow), timed(with_ours)) for _ in range(ROUNDS)]
    cached = [timed(lambda: read(str(folder), ImageForm(size, "rgb"))) for _ in range(ROUNDS)]
    print(f"\n{len(files):,} JPEG files of {SIDE}×{SIDE} to {size}×{size}, medians of {ROUNDS}:")
    for what, times in (
        ("Pillow, two threads", [pillow for pillow, _ in turns]),
        ("read, two threads", [ours for _, ours in turns]),
        ("read, from the cache", cached),
    ):
        wall, processor = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"{what:22}{wall:.2f} s, {processor:.2f} s of the processor")
    walls, processors = (
        statistics.median(ours[kind] / pillow[kind] for pillow, ours in turns) for kind in (0, 1)
    )
    print(f"read over Pillow: {walls:.2f} on the clock, {processors:.2f} of the processor")


def in_threads(work: Callable[[int], None], count: int) -> None:
    """Do something for every number below a count."""
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(work, range(count)))


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return the seconds that something takes: on the clock, and of the processor."""
    wall, processor = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - wall, time.process_time() - processor


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
