"""A program that writes a run folder epoch by epoch, as one would who knows the contract alone.

`python foreign_writer.py FOLDER [--epochs N] [--seed N] [--pause SECONDS] [--plain] [--resume]`

It imports nothing of the engine. The weights are random numbers that shrink from epoch to epoch.
`--plain` writes files in place, so that they are half there meanwhile; `--resume` goes on behind
the last whole line.
"""

import argparse
import json
import os
import random
import shutil
import struct
import time
from pathlib import Path

MAPS, UNITS, SIDE = 2, 2, 26
SHAPES = {
    "0.conv.weight": (MAPS, 1, 3, 3),
    "0.conv.bias": (MAPS, SIDE, SIDE),
    "3.dense.weight": (UNITS, MAPS * SIDE * SIDE),
    "3.dense.bias": (UNITS,),
}
BLOCKS = (
    {"kind": "conv", "depth": MAPS, "kernel_size": 3, "bias": "position"},
    {"kind": "sigmoid"},
    {"kind": "reshape", "target_shape": [-1]},
    {"kind": "dense", "units": UNITS},
    {"kind": "sigmoid"},
)


def main() -> None:
    """Write a run."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--plain", action="store_true")
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    folder: Path = options.folder
    done = 0
    if options.resume:
        done = len((folder / "metrics.jsonl").read_text("utf-8").splitlines())
    elif folder.exists():
        shutil.rmtree(folder)
    (folder / "weights").mkdir(parents=True, exist_ok=True)
    write(folder / "run.json", described(options, "training"), options)
    for epoch in range(done, options.epochs + 1):
        if epoch > done or not done:
            write_epoch(folder, epoch, options)
        time.sleep(options.pause)
    write(folder / "run.json", described(options, "finished"), options)


def write_epoch(folder: Path, epoch: int, options: argparse.Namespace) -> None:
    """Write the weights after an epoch, and what came of it."""
    path = folder / "weights" / f"epoch-{epoch:04}.safetensors"
    write(path, tensors(options.seed, epoch), options)
    if epoch:
        line = json.dumps(metrics(epoch, options)).encode() + b"\n"
        with (folder / "metrics.jsonl").open("ab", buffering=0) as file:
            for part in halves(line) if options.plain else (line,):
                file.write(part)
                time.sleep(options.pause / 10)


def write(path: Path, content: bytes, options: argparse.Namespace) -> None:
    """Write a file, plainly or aside and then into its place."""
    if options.plain:
        with path.open("wb", buffering=0) as file:
            for part in halves(content):
                file.write(part)
                time.sleep(options.pause / 10)
        return
    aside = path.with_name(f"{path.name}.part")
    aside.write_bytes(content)
    os.replace(aside, path)


def halves(content: bytes) -> tuple[bytes, bytes]:
    """Cut bytes in two."""
    middle = len(content) // 2
    return content[:middle], content[middle:]


def metrics(epoch: int, options: argparse.Namespace) -> dict[str, float]:
    """Return what is said of an epoch: other numbers for each seed."""
    loss = 1 / (epoch + 1 + options.seed)
    return {
        "epoch": epoch,
        "epochs": options.epochs,
        "loss": loss,
        "accuracy": 1 - loss / 2,
        "test_loss": loss + 0.01,
        "test_accuracy": 1 - loss,
        "samples_per_second": 1000.0,
        "seconds": 0.5,
    }


def described(options: argparse.Namespace, state: str) -> bytes:
    """Return what run.json says."""
    slots = [
        {"id": number, "title": "", "locked": False, "block": block}
        for number, block in enumerate(BLOCKS, 1)
    ]
    settings = {"dataset": "mnist", "classes": [0, 1], "limit": 100}
    said = {
        "name": options.folder.name,
        "state": state,
        "seed": options.seed,
        "epochs_before": 0,
        "versions": {"somebody's program": "1.0"},
        "data": {"name": "mnist", "digest": "", "classes": ["0", "1"]},
        "settings": settings | {"seed": options.seed, "epochs": options.epochs},
        "stack": {"input_shape": [1, 28, 28], "slots": slots},
    }
    return json.dumps(said, indent=1).encode()


def values(name: str, seed: int, epoch: int) -> list[float]:
    """Return the numbers of an array after an epoch."""
    count = 1
    for size in SHAPES[name]:
        count *= size
    drawn = random.Random(f"{name} {seed}")
    return [drawn.gauss(0.0, 0.1) / (1 + epoch) for _ in range(count)]


def tensors(seed: int, epoch: int) -> bytes:
    """Return the bytes of a safetensors file: a length, a header in JSON, the numbers."""
    header: dict[str, object] = {}
    content = b""
    for name, shape in SHAPES.items():
        numbers = values(name, seed, epoch)
        packed = struct.pack(f"<{len(numbers)}f", *numbers)
        place = [len(content), len(content) + len(packed)]
        header[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": place}
        content += packed
    written = json.dumps(header).encode()
    return struct.pack("<Q", len(written)) + written + content


if __name__ == "__main__":
    main()
