"""Evaluation: what a network says of labelled samples, and how often it is right."""

from dataclasses import dataclass

import numpy as np

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.training.confusion import Confusion
from engine.training.dataset_batch import DatasetBatch
from engine.training.executor import Executor

_BLOCK = 65_536  # samples whose losses are computed together


@dataclass(frozen=True)
class Evaluation:
    """The outcome over a data set.

    `outputs` (n, classes) are in the order of the data set, and are not written to.
    """

    samples: int
    accuracy: float
    loss: float
    confusion: Confusion
    outputs: Array


def evaluate(executor: Executor, dataset: Dataset) -> Evaluation:
    """Run the executor's network over all samples of a data set, in blocks.

    Raises InterruptedWorkError if the executor is interrupted.
    """
    everything = np.arange(len(dataset))
    outputs = executor.outputs(DatasetBatch(dataset, everything, numerics=executor.numerics))
    outputs.setflags(write=False)
    loss_sum, parts = 0.0, []
    for start in range(0, len(outputs), _BLOCK):  # or targets and their like take most memory
        part = slice(start, start + _BLOCK)
        targets = dataset.batch_targets(part, outputs.dtype)
        loss_sum += float(
            executor.loss.values(outputs[part], targets, executor.numerics).sum(dtype=np.float64)
        )
        parts.append(Confusion.of(dataset.labels[part], outputs[part]))
    confusion = Confusion.total(parts)
    return Evaluation(
        samples=len(dataset),
        accuracy=confusion.accuracy,
        loss=loss_sum / len(outputs),
        confusion=confusion,
        outputs=outputs,
    )
