"""Compile the engine's loops, so that no first step has to wait for it.

Run as `python -m engine.training.warm_up`; the set-up does. Compiled loops stay in a cache.
"""

import threading
from collections.abc import Callable
from functools import cache

import numpy as np

from engine.blocks import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    LeakyReLU,
    MaxPool,
    ReLU,
    Reshape,
    Sigmoid,
    Softmax,
    Tanh,
)
from engine.compute.threads import COMPILER_THREAD
from engine.data.dataset import Dataset
from engine.model.network import Network
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.weights import initial_weights
from engine.training.augmentation import augmented
from engine.training.evaluation import DatasetBatch
from engine.training.executor import Executor
from engine.training.optimizers import SGD, Adam, Optimizer, Rule


@cache
def warm_up(dtype: type[np.floating] = np.float32) -> None:
    """Do training steps, of one sample and of several, that use every compiled loop; once.

    The network trains in float32; what explains and checks it computes in float64.
    """
    stack = Stack().appended(
        Conv(depth=4, kernel_size=3),
        Sigmoid(),
        MaxPool(),
        BatchNorm(),
        Conv(depth=4, kernel_size=5, padding="same"),
        ReLU(),
        MaxPool(size=3, stride=1),
        Tanh(),
        AvgPool(size=2, stride=1),
        LeakyReLU(),
        Dropout(),
        Conv(depth=32, kernel_size=3, padding="same"),
        Conv(depth=32, kernel_size=3, padding="same"),  # so many maps that Winograd's way pays
        Reshape(),
        Dense(units=100),  # so many that the threads share it
        Softmax(),
        Dense(units=2),
        Sigmoid(),
    )
    report = stack.check(2, "bce")
    network = Network(report, initial_weights(report, 0, "lecun", dtype=dtype))
    samples = Dataset(np.zeros((80, *stack.input_shape), np.uint8), np.zeros(80, np.int64), (0, 1))
    executor = Executor(network, "bce", threads=2)
    try:
        rules: tuple[Rule, ...] = SGD(), SGD(0.9), Adam()
        for count, rule in zip((1, 16, 80), rules, strict=True):
            result = executor.gradients(DatasetBatch(samples, np.arange(count)))
            Optimizer(rule, network.parameters, executor.pool).update(result.gradients, 0.1)
        augmented(samples.images[:1], Settings(shift=1.0, noise=0.1), 0, 1)
    finally:
        executor.close()


class WarmUp:
    """Compiles the loops in a thread of its own, for nothing can stop a compiler.

    So whoever waits for them can be called away. `ended` is called in that thread, at its end.
    """

    def __init__(self, ended: Callable[[], None] = lambda: None) -> None:
        self._ended, self._over = ended, threading.Event()
        self._fault: BaseException | None = None
        # Python waits for it at its end, for a compiler must not be cut off: see `process_exit.py`.
        threading.Thread(target=self._run, name=COMPILER_THREAD).start()

    def done(self, seconds: float = 0.0) -> bool:
        """Return whether all is compiled, after some seconds at most. Raises what went wrong."""
        if not self._over.wait(seconds):
            return False
        if self._fault is not None:
            raise self._fault
        return True

    def _run(self) -> None:
        try:
            warm_up()
        except BaseException as error:  # it is raised where the loops are waited for
            self._fault = error
        self._over.set()
        self._ended()


if __name__ == "__main__":
    warm_up()
    warm_up(np.float64)
