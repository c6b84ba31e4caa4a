"""What is said of a moment of a run."""

from dataclasses import replace

import pytest

from engine.model.templates import notebook
from gui.background.shown_checkpoint import ShownCheckpoint
from tests.gui.runs.made_rows import run


@pytest.mark.parametrize(
    ("epochs", "part", "words"),
    [
        (0, 0.0, "before the first epoch"),
        (0, 0.5, "within epoch 1"),
        (1218, 0.0, "epoch 1,218"),
        (1218, 0.25, "within epoch 1,219"),
    ],
)
def test_it_says_how_far_the_network_was_trained(epochs: int, part: float, words: str) -> None:
    project = replace(notebook(), trained_epochs=epochs, trained_part=part)
    assert ShownCheckpoint(run(), 1, project).when == words
