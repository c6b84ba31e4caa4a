"""A net as plain data that JSON can hold, for programs that do not know Layerscope.

Of this one description every candidate builds its training step. `describing.py` makes it; the
weights and samples that all of them begin with are drawn here.
"""

import math
from typing import Any, TypedDict

import numpy as np
from numpy.typing import NDArray

CLASSES = 10

Values = NDArray[np.float32]
Arrays = list[dict[str, Values]]  # of each block, by name


class Block(TypedDict):
    """A block with its options and shapes, which are those of one sample.

    Columns (n, 1) are vectors (n,) here. `border` are the zeros before and after the rows and the
    columns of a convolution's maps; `arrays` the shapes of what learns, and of what is remembered,
    whose names begin with "running_". The `source` among the options of an Add is the
    number, from 1, of the block whose output it adds.
    """

    kind: str
    options: dict[str, Any]
    input_shape: list[int]
    output_shape: list[int]
    border: list[list[int]]
    arrays: dict[str, list[int]]


class Optimizer(TypedDict):
    """The optimizer, "sgd", "adam" or "adamw", and its numbers."""

    kind: str
    learning_rate: float
    momentum: float
    nesterov: bool
    weight_decay: float


class Net(TypedDict):
    """A net to be trained; `words` say what it is made of, to people."""

    name: str
    words: str
    input_shape: list[int]
    blocks: list[Block]
    loss: str
    optimizer: Optimizer


def draw_arrays(net: Net) -> Arrays:
    """Draw what each block begins with: kernels and matrices of a variance of 1 / fan-in."""
    rng = np.random.default_rng(0)
    return [
        {name: _drawn(rng, name, shape) for name, shape in block["arrays"].items()}
        for block in net["blocks"]
    ]


def draw_samples(net: Net, count: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Draw images (count, channels, height, width) as bytes, and their labels."""
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (count, *net["input_shape"]), np.uint8)
    return images, np.arange(count) % CLASSES


def inputs_and_targets(net: Net, count: int) -> tuple[Values, Values]:
    """Return the images as values from 0 to 1, and one-hot targets (count, classes)."""
    images, labels = draw_samples(net, count)
    return images.astype(np.float32) / np.float32(255), np.eye(CLASSES, dtype=np.float32)[labels]


def sources(net: Net) -> list[int]:
    """Return for each block the number of an earlier one whose output it adds; 0 if none."""
    return [block["options"].get("source", 0) for block in net["blocks"]]


def fuses(net: Net) -> bool:
    """Return whether the loss takes what comes before the last activation, as Layerscope's does."""
    return (net["loss"], net["blocks"][-1]["kind"]) in {
        ("bce", "sigmoid"),
        ("cross_entropy", "softmax"),
    }


def _drawn(rng: np.random.Generator, name: str, shape: list[int]) -> Values:
    if name == "running_variance":
        return np.ones(shape, np.float32)
    if name == "running_mean":
        return np.zeros(shape, np.float32)
    drawn = rng.standard_normal(shape, np.float32)
    if name == "weight" and len(shape) > 1:
        return drawn / np.float32(math.sqrt(math.prod(shape[1:])))
    scale = np.float32(name == "weight")  # of a BatchNorm; the others are biases
    return scale + drawn * np.float32(0.1)
