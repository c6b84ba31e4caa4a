"""Layerscope's training step: the one that Training does, with all it does besides arithmetic."""

import threading
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks.peers.describing import built
from benchmarks.peers.net import CLASSES, Arrays, Net, draw_arrays, draw_samples
from benchmarks.peers.step import LayerSeconds
from engine.blocks.base import Layer
from engine.cli.bench import make_endless_training
from engine.data.dataset import Dataset
from engine.training.events import BatchDone


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

    def layer_seconds(self) -> LayerSeconds:
        """Do a step with a clock at every layer; the thread that took longest counts."""
        self()  # awake, with all in its cache
        watches = [_Watch(each.layer) for each in self._training.network.layers]
        started = time.perf_counter()
        self()
        whole = time.perf_counter() - started
        found = [watch.finish() for watch in watches]
        return [*found, (whole - sum(map(sum, found)), 0.0)]


class _Watch:
    """Clocks at the two passes of a layer, until they are taken away again."""

    def __init__(self, layer: Layer) -> None:
        self._layer = layer
        self._forward: defaultdict[int, float] = defaultdict(float)  # seconds by thread
        self._backward: defaultdict[int, float] = defaultdict(float)
        self._put("forward", _timed(layer.forward, self._forward))
        self._put("backward", _timed(layer.backward, self._backward))

    def finish(self) -> tuple[float, float]:
        """Take the clocks away, and return the seconds of both passes."""
        del self._layer.__dict__["forward"], self._layer.__dict__["backward"]
        return max(self._forward.values(), default=0.0), max(self._backward.values(), default=0.0)

    def _put(self, name: str, function: Callable[..., Any]) -> None:
        self._layer.__dict__[name] = function


def _timed(function: Callable[..., Any], seconds: dict[int, float]) -> Callable[..., Any]:
    def timed(*arguments: Any, **options: Any) -> Any:
        started = time.perf_counter()
        try:
            return function(*arguments, **options)
        finally:
            seconds[threading.get_ident()] += time.perf_counter() - started

    return timed
