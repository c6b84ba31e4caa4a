"""Compile the engine's loops, so that no first step has to wait for it.

Run as `python -m engine.training.warm_up`; the set-up does. Compiled loops stay in a cache.
"""

import threading
from collections.abc import Callable, Sequence
from functools import cache
from itertools import product

import numpy as np

from engine.blocks import (
    AvgPool,
    BatchNorm,
    Conv,
    Dense,
    Dropout,
    GlobalAvgPool,
    LeakyReLU,
    MaxPool,
    ReLU,
    Reshape,
    Sigmoid,
    Softmax,
    Tanh,
)
from engine.compute.numerics import compiles
from engine.compute.threads import COMPILER_THREAD
from engine.data.dataset import Dataset
from engine.machine.library_code import give_back_code
from engine.model.losses import LOSSES
from engine.model.network import Network
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.weights import initial_weights
from engine.training.augmentation import augmented
from engine.training.dataset_batch import DatasetBatch
from engine.training.executor import Executor
from engine.training.optimizers import SGD, Adam, Optimizer, Rule

SIZES = (1, 4, 16, 80)  # of batches: each has loops of its own


@cache
def warm_up(dtype: type[np.floating] = np.float32) -> None:
    """Do training steps, of one sample and of several, that use every compiled loop; once.

    The network trains in float32; what explains and checks it computes in float64. In plain numpy
    there is nothing to compile, and nothing is done.
    """
    if not compiles():
        return
    most = Stack().appended(
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
    _train(most, "bce", dtype, (SGD(), SGD(0.9), Adam()))
    others = Stack().appended(
        Conv(depth=2, kernel_size=1, stride=2, bias="channel"),
        AvgPool(),
        Conv(depth=2, kernel_size=7),  # which stop at one place
        Conv(depth=2, kernel_size=2, padding="same"),  # of which a part meets only the border
        GlobalAvgPool(),
        Dense(units=64),  # many units of few inputs
        Dense(units=4),  # few of many
        Dense(units=2),
        Softmax(),
        Reshape(),  # so that no loss is differentiated together with what is before it
    )
    for loss in LOSSES:
        _train(others, loss, dtype, (SGD(weight_decay=0.1),))
    give_back_code("libllvmlite")  # the compiler, which has read nearly all of its code to start


def _train(stack: Stack, loss: str, dtype: type[np.floating], rules: Sequence[Rule]) -> None:
    """Train a network by each rule, each size of a batch twice: the second step is captured."""
    report = stack.check(2, loss)
    network = Network(report, initial_weights(report, 0, "lecun", dtype=dtype))
    images = np.zeros((SIZES[-1], *stack.input_shape), np.uint8)
    samples = Dataset(images, np.zeros(len(images), np.int64), (0, 1))
    executor = Executor(network, loss, threads=2)
    try:
        for count, rule in product(SIZES, rules):
            optimizer = Optimizer(rule, network.parameters, executor.pool)
            for _ in range(2):
                result = executor.gradients(DatasetBatch(samples, np.arange(count)))
                optimizer.update(result.gradients, 1e-6, steady=result.steady)
                executor.settle()
        executor.outputs(DatasetBatch(samples, np.arange(len(samples))))
        augmented(images[:1], Settings(shift=1.0, noise=0.1), 0, 1)
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


def warm_up_all() -> None:
    """Compile the loops for both kinds of numbers: each in a process, for it uses one core."""
    from concurrent.futures import ProcessPoolExecutor  # the window need not load it
    from multiprocessing import get_context

    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        list(processes.map(warm_up, (np.float32, np.float64)))


if __name__ == "__main__":
    warm_up_all()
