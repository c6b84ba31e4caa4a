"""Findings: what a network says of the test samples, and which of these a report shows."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.exports.trained_network import TrainedNetwork
from engine.files.atomic import ProgressReport
from engine.model.network import NO_ANSWER, answers
from engine.training.evaluation import Confusion, evaluate
from engine.training.executor import Executor

EXAMPLES, MISTAKES = 12, 24  # samples that are shown
_PORTION = 2_000  # samples between two looks at whether the work shall end


@dataclass(frozen=True, eq=False)
class Findings:
    """The outcome over test samples, whose `outputs` (n, classes) are in their order."""

    samples: Dataset
    outputs: Array
    loss: float
    confusion: Confusion

    def examples(self) -> list[int]:
        """Return the places of samples to be shown: the first of each class, then the second, …"""
        labels = self.samples.labels
        turn = np.empty(len(labels), np.int64)
        for label in np.unique(labels):
            (of_class,) = np.nonzero(labels == label)
            turn[of_class] = np.arange(len(of_class))
        return _ints(np.lexsort((labels, turn))[:EXAMPLES])

    def mistakes(self) -> list[int]:
        """Return the places of all samples that were taken for another class, the worst first.

        The worst are those whose wrong class got most above the true one.
        """
        labels = self.samples.labels
        said = answers(self.outputs)
        (wrong,) = np.nonzero((said != NO_ANSWER) & (said != labels))
        above = np.zeros(len(labels))
        above[wrong] = self.outputs[wrong, said[wrong]] - self.outputs[wrong, labels[wrong]]
        return _ints(wrong[np.argsort(-above[wrong], kind="stable")])


def find(network: TrainedNetwork, report: ProgressReport) -> Findings | None:
    """Run a network over its test samples; None if there are none that fit."""
    test = network.test
    if test is None or not len(test) or not _fits(network, test):
        return None
    samples = replace(test, scaling=network.scaling)
    executor = Executor(network.network(), network.settings.loss)
    try:
        parts = []
        for start in range(0, len(samples), _PORTION):
            places = np.arange(start, min(start + _PORTION, len(samples)))
            parts.append(evaluate(executor, samples.take(places)))
            report(int(places[-1] + 1) / len(samples))
    finally:
        executor.close()
    return Findings(
        samples,
        np.concatenate([part.outputs for part in parts]),
        sum(part.loss * part.samples for part in parts) / len(samples),
        Confusion.total([part.confusion for part in parts]),
    )


def _fits(network: TrainedNetwork, test: Dataset) -> bool:
    shape, classes = network.report.rows[0].input_shape, len(network.class_names)
    return test.input_shape == shape and len(test.classes) == classes


def _ints(places: NDArray[np.integer]) -> list[int]:
    found: list[int] = places.tolist()
    return found
