"""Training steps of small networks, for the tests of the explanations."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from engine.blocks import Conv, Dense, KnownBlock, Reshape, Sigmoid
from engine.explain.training_step import TrainingStep, take_step
from engine.model.settings import Settings
from engine.model.stack import ShapeReport, Stack
from engine.model.weights import Weights
from tests.engine.networks import BLOCKS, CLASSES, MODERN, batch, fitting, network

LABEL = 1
STACKS: list[tuple[str, Sequence[KnownBlock], str]] = [
    ("the notebook's kinds", BLOCKS, "bce"),
    ("the notebook's kinds", BLOCKS, "mse"),
    ("the others", MODERN, "cross_entropy"),
    ("the others", MODERN, "bce"),
]


def settings_for(loss: str, **changes: object) -> Settings:
    """Settings for the small networks."""
    return Settings(loss="bce", classes=(3, 5, 8)).with_changes(loss=loss, **changes)


def prepared(
    blocks: Sequence[KnownBlock] = BLOCKS, loss: str = "bce", seed: int = 0
) -> tuple[ShapeReport, Weights]:
    """A fitting stack with weights off their starting values, in float64."""
    report = fitting(blocks, loss=loss)
    return report, network(report, seed=seed).copy_weights()


def taken(
    blocks: Sequence[KnownBlock] = BLOCKS, loss: str = "bce", seed: int = 0, **changes: object
) -> TrainingStep:
    """One step of such a network on one made-up sample."""
    report, weights = prepared(blocks, loss, seed)
    image = batch(1, seed=seed + 1).samples[0]
    return take_step(report, weights, settings_for(loss, **changes), image, LABEL)


def one_hot() -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """The target of the samples here."""
    target = np.zeros(CLASSES)
    target[LABEL] = 1
    return target


def locked(**changes: object) -> TrainingStep:
    """A step of a network whose convolution has some locks."""
    blocks = (Conv(depth=2), Sigmoid(), Reshape(), Dense(units=3), Sigmoid())
    stack = Stack(input_shape=(1, 6, 6)).appended(*blocks)
    slot = dataclasses.replace(stack.slots[0], **changes)  # type: ignore[arg-type]
    report = stack.replaced(slot).check(3, "bce")
    weights = network(report).copy_weights()
    settings = settings_for("bce", weight_decay=0.1)
    return take_step(report, weights, settings, batch(1).samples[0], LABEL)
