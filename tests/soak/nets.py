"""Networks of very different sizes, for what is to leave nothing behind."""

import numpy as np

from engine.blocks import BatchNorm, Conv, Dense, KnownBlock, MaxPool, ReLU, Reshape, Softmax
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack


def project_of_some_size(number: int) -> Project:
    """Return an untrained project over the bundled digits: the same for a number."""
    dice = np.random.default_rng(number)
    blocks: list[KnownBlock] = []
    for _ in range(dice.integers(1, 4)):
        kernel_size = int(dice.choice([3, 5]))
        blocks.append(Conv(depth=int(dice.integers(2, 41)), kernel_size=kernel_size))
        blocks += [BatchNorm()] * bool(dice.random() < 0.4)
        blocks.append(ReLU())
    blocks += [MaxPool()] * bool(dice.random() < 0.5)
    units = int(dice.integers(10, 500))
    vectors = Reshape(), Dense(units=units), ReLU(), Dense(units=10), Softmax()
    settings = Settings(
        loss="cross_entropy",
        optimizer="adam",
        learning_rate=0.001,
        batch_size=int(dice.choice([16, 64, 256, 500])),
        epochs=100_000,
        classes=tuple(range(10)),
        limit=0,
    )
    return Project(Stack().appended(*blocks, *vectors), settings)
