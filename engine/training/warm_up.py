"""Compile the engine's loops, so that no first step has to wait for it.

`python -m engine.training.warm_up` compiles all of them. Compiled loops stay in a cache.
"""

import hashlib
from collections.abc import Sequence
from functools import cache
from itertools import product

import numpy as np

from engine.blocks import (
    KINDS,
    AvgPool,
    Conv,
    Dense,
    DepthwiseConv,
    GlobalAvgPool,
    MaxPool,
    Reshape,
    Sigmoid,
    Softmax,
)
from engine.compute.numerics import (
    best_numerics,
    code_store,
    compiles,
    is_compiled,
    note_compiled,
)
from engine.data.dataset import Dataset
from engine.machine.library_code import give_back_code
from engine.model.losses import LOSSES
from engine.model.network import Network
from engine.model.settings import Settings
from engine.model.stack import ShapeReport, Stack
from engine.model.weights import initial_weights
from engine.training.dataset_batch import Augmentation, DatasetBatch
from engine.training.executor import Executor
from engine.training.optimizers import SGD, Adam, Optimizer, Rule, make_rule

_ANYWHERE = ("Activation", "Regularisation")  # groups of blocks that take any shape
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
        Conv(depth=4, kernel_size=5, padding="same"),
        *(kind() for kind in KINDS.values() if kind.group in _ANYWHERE and kind is not Softmax),
        MaxPool(size=3, stride=1),
        AvgPool(size=2, stride=1),
        Conv(depth=32, kernel_size=3, padding="same"),
        Conv(depth=32, kernel_size=3, padding="same"),  # so many maps that Winograd's way pays
        Reshape(),
        Dense(units=100),  # so many that the threads share it
        Softmax(),
        Dense(units=2),
        Sigmoid(),
    )
    _train(most.check(2, "bce"), "bce", dtype, (SGD(), SGD(0.9), Adam()))
    others = Stack().appended(
        Conv(depth=2, kernel_size=1, stride=2, bias="channel"),
        DepthwiseConv(),
        AvgPool(),
        GlobalAvgPool(),
        Dense(units=2),
        Softmax(),
        Reshape(),  # so that no loss is differentiated together with what is before it
    )
    for loss in LOSSES:
        _train(others.check(2, loss), loss, dtype, (SGD(weight_decay=0.1),))
    code_store().mark_complete(dtype.__name__)
    note_compiled(dtype.__name__)
    give_back_code("libllvmlite")  # the compiler, which has read nearly all of its code to start


def warm_up_network(report: ShapeReport, settings: Settings) -> None:
    """Do the steps that one network trains by, so that it can be trained by compiled loops."""
    sizes = [size for size in SIZES if size < settings.batch_size]
    _train(report, settings.loss, np.float32, [make_rule(settings)], [*sizes, settings.batch_size])
    code_store().mark_complete(loops_of(report, settings))


def loops_of(report: ShapeReport, settings: Settings) -> str:
    """Name the loops that a network trains by: the same name for all that need the same."""
    blocks = [(row.slot.block, row.slot.locked, row.input_shape) for row in report.rows]
    decides = settings.loss, settings.optimizer, bool(settings.momentum), settings.batch_size
    return hashlib.sha256(repr((blocks, decides)).encode()).hexdigest()[:16]


def _train(
    report: ShapeReport,
    loss: str,
    dtype: type[np.floating],
    rules: Sequence[Rule],
    sizes: Sequence[int] = SIZES,
) -> None:
    """Train a network by each rule, each size of a batch twice: the second step is captured."""
    weights, numerics = initial_weights(report, 0, "lecun", dtype=dtype), best_numerics()
    network = Network(report, weights, dtype, numerics)
    shape, classes = report.rows[0].input_shape, report.rows[-1].output_shape
    assert shape is not None
    assert classes is not None
    images = np.zeros((max(*sizes, SIZES[-1]), *shape), np.uint8)
    labels = np.zeros(len(images), np.int64)
    samples = Dataset(images, labels, tuple(range(int(np.prod(classes)))))
    executor = Executor(network, loss, threads=2)
    try:
        for count, rule in product(sizes, rules):
            optimizer = Optimizer(rule, network.parameters, executor.pool, numerics)
            for _ in range(2):
                batch = DatasetBatch(samples, np.arange(count), numerics=numerics)
                result = executor.gradients(batch)
                optimizer.update(result.gradients, 1e-6, steady=result.steady)
                executor.settle()
        tested = np.arange(min(len(samples), SIZES[-1]))
        executor.outputs(DatasetBatch(samples, tested, numerics=numerics))
        change = Augmentation.of(Settings(shift=1.0, noise=0.1), 1)
        assert change is not None
        change.apply(images[:1], np.arange(1), numerics)
    finally:
        executor.close()


def warm_up_all() -> None:
    """Compile the loops for both kinds of numbers: each in a process, for it uses one core."""
    from concurrent.futures import ProcessPoolExecutor  # the window need not load it
    from multiprocessing import get_context

    if is_compiled("float32") and is_compiled("float64"):
        return
    with ProcessPoolExecutor(mp_context=get_context("spawn")) as processes:
        list(processes.map(warm_up, (np.float32, np.float64)))


if __name__ == "__main__":
    warm_up_all()
