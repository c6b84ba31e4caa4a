"""Training runs over made-up samples, for the tests."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from engine.model.settings import Settings
from engine.model.stack import ShapeReport
from engine.model.weights import Weights
from engine.training.events import Finished
from engine.training.run import Training
from tests.engine.networks import dataset, fitting

SETTINGS = Settings(learning_rate=0.5, batch_size=8, epochs=3, classes=(0, 1, 2), limit=0)


@contextmanager
def training(
    settings: Settings = SETTINGS,
    samples: int = 50,
    report: ShapeReport | None = None,
    kept: Weights | None = None,
    **options: object,
) -> Iterator[Training]:
    """Open a run over the made-up samples, and end its threads."""
    made = Training(
        report or fitting(loss=settings.loss),
        settings,
        dataset(samples),
        dataset(20, seed=3),
        kept,
        **options,  # type: ignore[arg-type]
    )
    try:
        yield made
    finally:
        made.close()


def trained(settings: Settings = SETTINGS, samples: int = 50, **options: object) -> Weights:
    """Train to the end; return the weights."""
    with training(settings, samples, **options) as run:  # type: ignore[arg-type]
        assert isinstance(list(run.run())[-1], Finished)
        return run.weights()


def same(one: Weights, other: Weights) -> bool:
    """Whether two networks have the same weights, bit for bit."""
    bits, expected = (
        {
            (slot, name): (array.dtype, array.shape, array.tobytes())
            for slot, arrays in weights.items()
            for name, array in arrays.items()
        }
        for weights in (one, other)
    )
    assert bits.keys() == expected.keys()
    return bits == expected


def all_finite(weights: Weights) -> bool:
    return all(np.isfinite(a).all() for arrays in weights.values() for a in arrays.values())


class StopAfter:
    """Says stop once, at the n-th time it is asked, whichever thread asks."""

    def __init__(self, asked: int) -> None:
        self.left = asked
        self.lock = threading.Lock()

    def __call__(self) -> bool:
        with self.lock:
            self.left -= 1
            return self.left == 0
