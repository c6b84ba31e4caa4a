"""Small specimens to lay under glass: real blocks, random weights and digits."""

from typing import Any

import numpy as np
import pytest

from engine.blocks import Conv, Dense, KnownBlock, Reshape, Sigmoid
from engine.data.dataset import Dataset
from engine.explain.gradient_check import check_gradients
from engine.explain.training_step import take_step
from engine.inspection.snapshot import Sample
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from gui.glass.array_grid import ArrayGrid
from gui.glass.specimen import GlassView, Specimen
from tests.gui.finding import not_none

SMALL = (Conv(depth=2, kernel_size=3), Sigmoid(), Reshape(), Dense(units=2), Sigmoid())


def samples_of(side: int = 6, count: int = 5, seed: int = 1) -> Dataset:
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 256, (count, 1, side, side), dtype=np.uint8)
    return Dataset(images, rng.integers(0, 2, count), (0, 1))


def specimen_of(
    *blocks: KnownBlock,
    samples: Dataset | None = None,
    settings: Settings | None = None,
    seed: int | None = None,
) -> Specimen:
    """Lay the first of some samples under glass; with a seed, biases are not zero either."""
    samples = samples or samples_of()
    stack = Stack(input_shape=samples.input_shape).appended(*(blocks or SMALL))
    first = Project(stack, settings or Settings())
    weights = first.network().copy_weights()
    if seed is not None:
        rng = np.random.default_rng(seed)
        for arrays in weights.values():
            for array in arrays.values():
                array[...] = rng.normal(0, 0.4, array.shape)
    project = Project(stack, first.settings, weights, 3)
    report, sample = project.check(), Sample.of(samples, 0)
    image = sample.inputs(np.float64)
    step = take_step(report, weights, project.settings, image, int(samples.labels[0]))
    return Specimen(sample, step, project, report, "Test image 1 · a 1")


def check_few_values(patch: pytest.MonkeyPatch) -> None:
    """Let a check of the gradients be short, where it does not matter what it finds."""
    patch.setitem(not_none(check_gradients.__kwdefaults__), "limit", 20)


def cell_of(shown: ArrayGrid, index: tuple[int, ...]) -> tuple[int, int]:
    """Return the row and column of the grid in which a value of an array stands."""
    found = shown.cell_of(index)
    assert found is not None
    return found


def show(view: GlassView, *blocks: KnownBlock, **options: Any) -> Specimen:
    """Lay a specimen of some blocks under glass in a view, and return it."""
    specimen = specimen_of(*blocks, **options)
    view.show_specimen(specimen)
    return specimen
