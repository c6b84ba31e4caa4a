"""Block times: how long each block of a network takes in a step of training."""

import time
from collections.abc import Callable

import numpy as np

from engine.array_types import Array, quiet_overflow
from engine.compute.pass_context import PassContext
from engine.model.network import Network, run_back, run_layers

PASSES = 5


def block_times(
    network: Network, inputs: Array, before: Callable[[], object] = lambda: None
) -> Array:
    """Return how many s each layer takes for a batch (n, channels, h, w), forward and back.

    It is the least of some passes in one thread: what else the machine does only adds to it. The
    running statistics of the network change. `before` is called before each pass, and may raise to
    end it.
    """
    layers, workspaces = network.layers, network.workspaces()
    context = PassContext(training=True, samples=len(inputs))
    ticks: list[float] = []  # before each layer on the way there, then on the way back

    def tick() -> None:
        ticks.append(time.perf_counter())

    best = np.full(len(layers), np.inf)
    for _ in range(PASSES):
        before()
        ticks.clear()
        with quiet_overflow():
            outputs = run_layers(layers, workspaces, inputs, context, before_layer=tick)
            list(run_back(layers, workspaces, np.ones_like(outputs[-1]), tick))
            tick()
        taken = np.diff(ticks)
        there, back_again = taken[: len(layers)], taken[len(layers) :][::-1]
        best = np.minimum(best, there + back_again)
    return best
