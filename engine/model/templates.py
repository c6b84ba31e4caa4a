"""Templates: projects to start from."""

from engine.blocks import Conv, Dense, MaxPool, ReLU, Reshape, Sigmoid, Softmax, Tanh
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack


def notebook() -> Project:
    """Return the notebook's network and settings: digits 0 and 1, 100 of each."""
    stack = Stack().appended(
        Conv(depth=5, kernel_size=3),
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
        Conv(depth=8, kernel_size=5),
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


def blank() -> Project:
    """Return an empty stack with the notebook's settings."""
    return Project()


TEMPLATES = {"notebook": notebook, "digits": digits, "lenet": lenet, "blank": blank}
