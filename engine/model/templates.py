"""Templates: projects to start from."""

from collections.abc import Collection
from dataclasses import replace

import msgspec

from engine.array_types import Shape
from engine.blocks import (
    Add,
    BatchNorm,
    Conv,
    Dense,
    GlobalAvgPool,
    KnownBlock,
    MaxPool,
    ReLU,
    Reshape,
    Sigmoid,
    Softmax,
    Tanh,
)
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack


def notebook() -> Project:
    """Return the notebook's network and settings: digits 0 and 1, 100 of each."""
    stack = Stack().appended(
        Conv(depth=5, kernel_size=3, bias="position"),
        Sigmoid(),
        Reshape(),
        Dense(units=100),
        Sigmoid(),
        Dense(units=2),
        Sigmoid(),
    )
    return Project(stack, Settings())


def digits() -> Project:
    """Return a network of the notebook's blocks for all ten digits."""
    stack = Stack().appended(
        Conv(depth=8, kernel_size=5, bias="channel"),
        Tanh(),
        Reshape(),
        Dense(units=100),
        Sigmoid(),
        Dense(units=10),
        Sigmoid(),
    )
    settings = Settings(
        learning_rate=1.0, batch_size=32, epochs=20, classes=tuple(range(10)), limit=0
    )
    return Project(stack, settings)


def lenet() -> Project:
    """Return a network in the manner of LeNet-5 for all ten digits (LeCun et al., 1998)."""
    stack = Stack().appended(
        Conv(depth=16, kernel_size=5, padding="same", bias="channel"),
        ReLU(),
        MaxPool(),
        Conv(depth=32, kernel_size=5, bias="channel"),
        ReLU(),
        MaxPool(),
        Reshape(),
        Dense(units=128),
        ReLU(),
        Dense(units=10),
        Softmax(),
    )
    settings = Settings(
        loss="cross_entropy",
        optimizer="adam",
        learning_rate=0.001,
        batch_size=64,
        epochs=10,
        classes=tuple(range(10)),
        limit=0,
    )
    return Project(stack, settings)


def resnet_small() -> Project:
    """Return a network with skip connections for all ten digits (He et al., 2015)."""
    stack = Stack().appended(
        Conv(depth=16, kernel_size=3, padding="same", bias="channel"), BatchNorm(), ReLU()
    )
    for depth, stride in ((16, 1), (32, 2)):
        stack = stack.appended(*_residual_group(stack, depth, stride))
    stack = stack.appended(GlobalAvgPool(), Dense(units=10), Softmax())
    settings = Settings(
        loss="cross_entropy",
        optimizer="adam",
        learning_rate=0.01,
        schedule="cosine",
        batch_size=32,
        epochs=8,
        classes=tuple(range(10)),
        limit=0,
    )
    return Project(stack, settings)


def _residual_group(stack: Stack, depth: int, stride: int) -> tuple[KnownBlock, ...]:
    """Return the blocks that add to the output of a stack what two Convs make of it."""
    source = stack.slots[-1].id
    through = Add(source=source, through="conv", stride=stride)
    return (
        Conv(depth=depth, kernel_size=3, padding="same", stride=stride, bias="channel"),
        BatchNorm(),
        ReLU(),
        Conv(depth=depth, kernel_size=3, padding="same", bias="channel"),
        BatchNorm(),
        through if stride > 1 else Add(source=source),
        ReLU(),
    )


def colour() -> Project:
    """Return a network with two Conv stages for pictures in red, green and blue.

    It is made for the four classes of the bundled scenes. Images of any other size or kind are
    brought to 32×32 pixels in RGB, which the settings may change; `suited` fits it to others.
    """
    stack = Stack(input_shape=(3, 32, 32)).appended(
        Conv(depth=16, kernel_size=5, padding="same", bias="channel"),
        BatchNorm(),
        ReLU(),
        MaxPool(),
        Conv(depth=32, padding="same", bias="channel"),
        BatchNorm(),
        ReLU(),
        MaxPool(),
        Reshape(),
        Dense(units=128),
        ReLU(),
        Dense(units=4),
        Softmax(),
    )
    settings = Settings(
        loss="cross_entropy",
        optimizer="adam",
        learning_rate=0.002,
        schedule="cosine",
        batch_size=32,
        epochs=15,
        dataset="scenes",
        classes=tuple(range(4)),
        limit=0,
        image_size=32,
        colour="rgb",
    )
    return Project(stack, settings)


def blank() -> Project:
    """Return an empty stack with the notebook's settings."""
    return Project()


TEMPLATES = {
    "notebook": notebook,
    "digits": digits,
    "lenet": lenet,
    "resnet-small": resnet_small,
    "colour": colour,
    "blank": blank,
}


def suited(project: Project, images: Shape, classes: Collection[int]) -> Project:
    """Fit an untrained network to other images (channels, height, width) and classes.

    Its last Dense block gets a unit for each class; the other blocks take images of any size that
    is not too small for them.
    """
    stack = replace(project.stack, input_shape=images)
    for slot in reversed(stack.slots):
        if isinstance(slot.block, Dense):
            block = msgspec.structs.replace(slot.block, units=len(classes))
            stack = stack.replaced(replace(slot, block=block))
            break
    settings = project.settings.with_changes(classes=tuple(sorted(classes)))
    return replace(project, stack=stack, settings=settings)
