"""Predictions as a run keeps them, written down as what was said, for tests."""

from collections.abc import Sequence

import numpy as np

from engine.data.dataset import Dataset, fingerprint
from engine.runs.predictions import KeptSamples, RunPredictions


def made_test(labels: Sequence[int], classes: tuple[str, ...] = ("0", "1")) -> Dataset:
    """Return test samples with these labels; each image is of another grey."""
    images = np.zeros((len(labels), 1, 28, 28), np.uint8)
    images += np.arange(len(labels), dtype=np.uint8)[:, None, None, None]
    numbers = tuple(range(len(classes)))
    return Dataset(images, np.array(labels, np.int64), numbers, class_names=classes)


def made_predictions(
    test: Dataset, said: Sequence[Sequence[int]], certainty: float = 0.75, first: int = 1
) -> RunPredictions:
    """Return predictions of all samples: what was said of each after each epoch, equally sure."""
    told = np.array(said, np.int64).reshape(len(said), len(test))
    places = np.arange(len(test))
    samples = KeptSamples(test.labels, places, len(test), len(test.classes), fingerprint(test))
    sure = np.full(told.shape, certainty, np.float16)
    true = np.where(told == test.labels, certainty, 1 - certainty).astype(np.float16)
    return RunPredictions(samples, np.arange(first, first + len(told)), told, sure, true)
