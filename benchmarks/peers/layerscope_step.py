"""Layerscope's training step: the one that Training does, with all it does besides arithmetic."""

import numpy as np

from benchmarks.peers.describing import built
from benchmarks.peers.net import CLASSES, Arrays, Net, draw_arrays, draw_samples
from engine.data.dataset import Dataset
from engine.training.benchmark import make_endless_training
from engine.training.run import BatchDone


class LayerscopeStep:
    """A step on the next batch of a run, whose epochs have so many."""

    def __init__(self, net: Net, batch_size: int, threads: int, *, batches: int) -> None:
        stack, settings = built(net)
        images, labels = draw_samples(net, batches * batch_size)
        samples = Dataset(images, labels, tuple(range(CLASSES)))
        report = stack.check(CLASSES, settings.loss)
        self._training = make_endless_training(report, settings, samples, batch_size, threads)
        self._ids = [slot.id for slot in stack]
        self._training.replace_weights(dict(zip(self._ids, draw_arrays(net), strict=True)))
        self._events = self._training.run()

    def __call__(self) -> float:
        while not isinstance(event := next(self._events), BatchDone):
            pass
        return event.loss

    def arrays(self) -> Arrays:
        """Copy the arrays of each block as they are now."""
        weights = self._training.weights()
        return [{n: np.array(a) for n, a in weights.get(i, {}).items()} for i in self._ids]
