"""`train` on a project that has drawings of one's own."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.files.project_file import open_project, save_project
from engine.inputs.drawings import Drawing
from engine.model.project import Project
from tests.engine.cli.console import Console

DICE = np.random.default_rng(8)


@pytest.fixture
def drawn(project: Path) -> Path:
    """The project of the small data set, with two drawings of its classes and one of another."""
    opened = open_project(project)
    shape = opened.stack.input_shape
    drawings = tuple(
        Drawing.of(DICE.integers(0, 256, shape, dtype=np.uint8), name) for name in ("3", "8", "5")
    )
    settings = opened.settings.with_changes(drawings=drawings)
    save_project(replace(opened, settings=settings), project)
    return project


def same_weights(one: Project, other: Project) -> bool:
    return all(
        np.array_equal(array, other.weights[slot][name])
        for slot, arrays in one.weights.items()
        for name, array in arrays.items()
    )


def test_those_of_its_classes_are_trained_on(console: Console, drawn: Path) -> None:
    answer = console.run("train", drawn, "--epochs", "1")
    assert "on 12 samples, testing on 5" in answer.out  # two more than without
    assert len(open_project(drawn).settings.drawings) == 3
    assert console.run("evaluate", drawn).code == 0
