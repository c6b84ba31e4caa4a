"""Run folders as another program writes them, for the tests."""

import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import save_file

from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.files.naming import named_arrays
from engine.model.stack import Stack
from engine.model.weights import Weights, initial_weights

STACK = Stack(input_shape=(1, 5, 5)).appended(Conv(depth=2), Reshape(), Dense(units=2), Sigmoid())
REPORT = STACK.check(2, "bce")
LINE = {
    "epoch": 1,
    "epochs": 3,
    "loss": 0.5,
    "accuracy": 0.75,
    "test_loss": 0.625,
    "test_accuracy": 0.5,
    "samples_per_second": 1000.0,
    "seconds": 0.25,
}


def description() -> dict[str, Any]:
    """Return what the run.json of a small run says."""
    blocks = [
        {"kind": "conv", "depth": 2, "kernel_size": 3, "bias": "position"},
        {"kind": "reshape", "target_shape": [-1]},
        {"kind": "dense", "units": 2},
        {"kind": "sigmoid"},
    ]
    slots = [
        {"id": number, "title": "", "locked": False, "block": block}
        for number, block in enumerate(blocks, 1)
    ]
    return {
        "name": "first",
        "note": "on another machine",
        "state": "training",
        "seed": 7,
        "epochs_before": 4,
        "parent": {"run": "older", "epoch": 4},
        "versions": {"torch": "2.15"},
        "data": {"name": "apples", "digest": "ab12", "classes": ["red", "green"]},
        "settings": {"dataset": "apples", "classes": [0, 1], "seed": 7, "epochs": 3},
        "stack": {"input_shape": [1, 5, 5], "slots": slots},
        "of another program": [1, 2, 3],
    }


def weights_after(epoch: int) -> Weights:
    """Return weights that are others for each epoch."""
    return initial_weights(REPORT, epoch, "normal")


def describe(folder: Path, **changes: object) -> None:
    """Write the description of a run."""
    (folder / "run.json").write_text(json.dumps({**description(), **changes}), "utf-8")


def write_lines(folder: Path, *lines: dict[str, Any]) -> None:
    """Write the metrics of some epochs: of each what is other than in LINE, and its number."""
    numbered = ({**LINE, "epoch": epoch, **line} for epoch, line in enumerate(lines, 1))
    content = "".join(json.dumps(line) + "\n" for line in numbered)
    (folder / "metrics.jsonl").write_text(content, "utf-8")


def add_line(folder: Path, epoch: int, **changes: object) -> None:
    """Add the metrics of one epoch to those that are there."""
    with (folder / "metrics.jsonl").open("a") as file:
        file.write(json.dumps({**LINE, "epoch": epoch, **changes}) + "\n")


def write_run(folder: Path, epochs: int = 2) -> None:
    """Write a run of so many epochs."""
    (folder / "weights").mkdir(parents=True)
    describe(folder)
    write_lines(folder, *[{}] * epochs)
    for epoch in range(epochs + 1):
        write_weights(folder, epoch)


def write_weights(folder: Path, epoch: int) -> None:
    """Write the weights after an epoch."""
    named = named_arrays(STACK, weights_after(epoch))
    arrays = {name: np.ascontiguousarray(array) for name, array in named.items()}
    sums = {name: zlib.crc32(array.tobytes()) for name, array in arrays.items()}
    notes = {"crc32": json.dumps({**sums, "metadata": zlib.crc32(b"{}")})}
    save_file(arrays, folder / "weights" / f"epoch-{epoch:04}.safetensors", notes)


def end_run(folder: Path, epochs: int) -> None:
    """Write the epochs of a run up to its end, and then that it has finished."""
    write_lines(folder, *[{}] * epochs)
    write_weights(folder, epochs)
    describe(folder, state="finished")
