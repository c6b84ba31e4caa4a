"""Notebooks written for tests, and their code run without a kernel."""

import json
import os
from collections.abc import Iterator
from contextlib import chdir, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from engine import random_streams
from engine.blocks.base import Mask
from engine.data import Dataset
from engine.exports.notebook.notebook_file import NOTEBOOK
from engine.exports.trained_network import TrainedNetwork
from engine.files.atomic import no_report
from engine.inputs.scaling import UNIT, Scaling
from engine.model.network import Network
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import ShapeReport, Stack
from engine.model.weights import initial_weights
from tests.engine.networks import network

Names = dict[str, Any]


def trained(
    report: ShapeReport,
    settings: Settings,
    training: Dataset | None = None,
    test: Dataset | None = None,
    scaling: Scaling = UNIT,
) -> TrainedNetwork:
    """Give a stack weights as if it were trained, and the samples that go with it."""
    weights = network(report, np.float32, seed=settings.seed).copy_weights()
    stack = Stack(tuple(row.slot for row in report.rows), report.rows[0].input_shape or ())
    project = Project(stack, settings, weights, trained_epochs=1)
    return replace(TrainedNetwork.of(project, training, test), scaling=scaling, name="made up")


def write(exported: TrainedNetwork, folder: Path) -> Path:
    """Write a notebook with what belongs to it, and return its path."""
    path = folder / f"{exported.name}.ipynb"
    for name, data in NOTEBOOK.files(exported, no_report).items():
        (folder / (name or path.name)).write_bytes(data)
    return path


def code_of(path: Path, *, demos: bool = True) -> list[str]:
    """Return the code of a notebook, cell by cell."""
    return [
        "".join(cell["source"])
        for cell in json.loads(path.read_text("utf-8"))["cells"]
        if cell["cell_type"] == "code" and (demos or not cell["metadata"].get("tags"))
    ]


@contextmanager
def opened(exported: TrainedNetwork, *, demos: bool = False) -> Iterator[Names]:
    """Run the code of a written notebook, and give the names that it leaves."""
    with TemporaryDirectory() as made, chdir(made):
        path = write(exported, Path(made))
        os.environ["MPLBACKEND"] = "Agg"
        names: Names = {"__name__": "__main__"}
        for code in code_of(path, demos=demos):
            exec(compile(code, path.name, "exec"), names)
        yield names


def in_float64(exported: TrainedNetwork) -> Network:
    """Build the engine's network over the same weights, in the type that a notebook computes in."""
    kept = exported.weights
    return Network(
        exported.report, initial_weights(exported.report, 0, "lecun", kept=kept, dtype=np.float64)
    )


def take_the_masks_of_the_engine(names: Names, exported: TrainedNetwork, step: int = 1) -> None:
    """Let each Dropout of a notebook draw what the engine draws in a step of the first epoch."""
    for layer, row in zip(names["network"], exported.report.rows, strict=True):
        if row.slot.block.kind != "dropout":
            continue

        def draw(shape: tuple[int, ...], rate: float = layer.rate, slot: int = row.slot.id) -> Mask:
            size = (shape[0], int(np.prod(shape[1:])))
            seed = exported.settings.seed
            key = random_streams.key(seed, "dropout", slot)
            draws = random_streams.sample_draws(key, np.array([1, step]), 0, size)
            return np.asarray(draws >= round(rate * 65536)).reshape(shape)

        layer.draw = draw
