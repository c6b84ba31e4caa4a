"""Scaling: how the time of a training step grows with each thing that it may have more of."""

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from engine.compute.threads import default_threads
from engine.measuring.benchmark import (
    Measurement,
    conv_stack,
    make_random_training,
    measured,
)
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.training.batch_splitting import (
    chunk_samples,
    cut_rounds,
    least_samples,
    sharded_layers,
)
from engine.training.random_stacks import CLASSES, LEARNING_RATE, RandomStack
from engine.training.run import Training

SAMPLES = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048)
DEPTHS = (4, 8, 16, 32, 64, 128)
BLOCKS = (1, 2, 3, 4, 6, 8, 12)
KERNELS = (1, 3, 5, 7, 9, 11)
SIDES = (8, 12, 16, 24, 32, 48, 64)
BATCH = 128
FLOAT = 4  # bytes
SETTINGS = Settings(loss="bce", learning_rate=LEARNING_RATE, classes=tuple(range(CLASSES)), limit=0)


@dataclass(frozen=True)
class Point:
    """One measurement of a series: of how many (`x`), and what of it lies in memory.

    `shard_bytes` are the activations and their gradients of the samples that one thread computes
    together, all layers added up.
    """

    x: int
    measurement: Measurement
    shard_bytes: int


Net = tuple[int, str, Stack, int]  # how many there are of what grows, name, stack, batch size
_padded = partial(conv_stack, padding="same")
GROWING: dict[str, Callable[[], list[Net]]] = {
    "samples": lambda: [(n, "conv8-16", conv_stack((8, 16)), n) for n in SAMPLES],
    "depth": lambda: [(n, f"conv16-{n}", conv_stack((16, n)), BATCH) for n in DEPTHS],
    "blocks": lambda: [(n, f"{n} of conv16", _padded((16,) * n), BATCH) for n in BLOCKS],
    "kernel": lambda: [(n, "conv8-16", _padded((8, 16), n), BATCH) for n in KERNELS],
    "side": lambda: [
        (n, "conv8-16", _padded((8, 16), input_shape=(1, n, n)), BATCH) for n in SIDES
    ],
}
AXES = (*GROWING, "threads", "processes")


def grown(nets: Iterable[Net], seconds: float, threads: int | None = None) -> Iterator[Point]:
    """Measure a series, each of its networks for some seconds."""
    for x, net, stack, batch_size in nets:
        yield _point(x, net, stack, batch_size, seconds, threads)


def over_threads(seconds: float) -> Iterator[Point]:
    """Measure one network with one thread, two, and so on up to the cores."""
    for threads in range(1, default_threads() + 1):
        yield _point(threads, "conv8-16", conv_stack((8, 16)), BATCH, seconds, threads)


def _point(
    x: int, net: str, stack: Stack, batch_size: int, seconds: float, threads: int | None
) -> Point:
    training = make_random_training(RandomStack(net, stack, SETTINGS), batch_size, threads)
    shard_bytes = _shard_bytes(training)
    # The best of its parts: what disturbs a few of many networks would bend the law.
    return Point(x, measured(net, training, seconds, max), shard_bytes)


def _shard_bytes(training: Training) -> int:
    network, threads = training.network, training.executor.threads
    size = training.settings.batch_size
    least = least_samples(network, sharded_layers(network, size).length)
    parts = cut_rounds(size, chunk_samples(network), threads, least)[0]
    values: int = sum(math.prod(layer.output_shape) for layer in network.layers)
    samples = max(part.stop - part.start for part in parts)
    return 2 * FLOAT * values * int(samples)
