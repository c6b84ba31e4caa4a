"""What a network said of the test samples, epoch by epoch; of very many samples, some are kept."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Array
from engine.data.dataset import Dataset, fingerprint
from engine.errors import RunError
from engine.files.atomic import ProgressReport, no_report
from engine.model.network import NO_ANSWER, answers
from engine.runs.run_folder import Run

MOST_SAMPLES = 10_000  # of a test part; an epoch then takes 50 kB of a file

_LARGEST = float(np.finfo(np.float16).max)
_GOLDEN = (5**0.5 - 1) / 2

Indices = NDArray[np.integer[Any]]


class Condensed(NamedTuple):
    """What is kept of the outputs for n samples: said, certainty and true_output (..., n)."""

    said: Indices
    certainty: Array
    true_output: Array


@dataclass(frozen=True, eq=False)
class KeptSamples:
    """The n samples of a test part of which predictions are kept.

    `labels` (n,) are their true classes and `places` (n,) where they are in the part, ascending.
    `test_samples` counts the whole part, whose fingerprint is `digest`. Classes are indices of the
    network's outputs.
    """

    labels: NDArray[np.int64]
    places: NDArray[np.int64]
    test_samples: int
    classes: int
    digest: str

    @classmethod
    def of(cls, test: Dataset) -> "KeptSamples":
        """Choose samples of a test part: all, or `MOST_SAMPLES` that are all over it."""
        places = kept_places(len(test))
        return cls(test.labels[places], places, len(test), len(test.classes), fingerprint(test))

    def __len__(self) -> int:
        return len(self.places)

    @property
    def note(self) -> str:
        """Say how many of the test samples were kept; empty if they are all."""
        if len(self) == self.test_samples:
            return ""
        return (
            f"Predictions are kept of {len(self):,} of the {self.test_samples:,} test images, "
            "evenly chosen."
        )

    def index_of_place(self, place: int) -> int | None:
        """Return the index of the sample at a place in the test part; None if it was not kept."""
        index = int(np.searchsorted(self.places, place))
        return index if index < len(self) and self.places[index] == place else None

    def condense(self, outputs: Array) -> Condensed:
        """Keep of the outputs (..., test samples, classes) for a whole part what is worth keeping.

        The outputs become float16, which ends at ±65,504.
        """
        outputs = outputs if len(self) == outputs.shape[-2] else outputs[..., self.places, :]
        true_outputs = outputs[..., np.arange(len(self)), self.labels]
        said = answers(outputs)
        places = np.maximum(said, 0)[..., np.newaxis]
        # Of a few values each, numpy finds the largest far more slowly than its place.
        largest = np.take_along_axis(outputs, places, axis=-1)[..., 0]
        certainty = np.where(said == NO_ANSWER, np.nan, largest)
        halves = (
            np.clip(values, -_LARGEST, _LARGEST).astype(np.float16)
            for values in (certainty, true_outputs)
        )
        return Condensed(said, *halves)


@dataclass(frozen=True, eq=False)
class RunPredictions:
    """What a network said of n kept test samples after each of E epochs, which ascend.

    `said` (E, n) is the class with the largest output, `certainty` (E, n) that output, and
    `true_output` (E, n) the output of the true class. Where the largest is not finite, they are
    `NO_ANSWER` and NaN. Epochs count from the start of the run, or of the network where several
    runs are joined.
    """

    samples: KeptSamples
    epochs: NDArray[np.int64]
    said: Indices
    certainty: Array
    true_output: Array

    @classmethod
    def of(cls, samples: KeptSamples, by_epoch: Iterable[tuple[int, Array]]) -> "RunPredictions":
        """Make predictions of the outputs (test samples, classes) after each epoch."""
        pairs = [(epoch, samples.condense(outputs)) for epoch, outputs in by_epoch]
        epochs = np.array([epoch for epoch, _ in pairs], np.int64)
        shape = len(pairs), len(samples)
        said, certainty, true_output = (
            np.array([kept[field] for _, kept in pairs]).reshape(shape) for field in range(3)
        )
        return cls(samples, epochs, said, certainty, true_output)

    @cached_property
    def right(self) -> NDArray[np.bool_]:
        """Whether the network was right, epoch by epoch and sample by sample: (E, n)."""
        right: NDArray[np.bool_] = self.said == self.samples.labels
        return right


def kept_places(count: int, most: int = MOST_SAMPLES) -> NDArray[np.int64]:
    """Return the places of so many samples that are kept: all, or one of each of `most` stretches.

    Where in a stretch differs from one to the next, or classes that take turns would be missed.
    """
    kept = min(count, most)
    edges = np.arange(kept + 1) * count // max(kept, 1)
    shares = np.arange(kept) * _GOLDEN % 1.0
    places: NDArray[np.int64] = edges[:-1] + (shares * np.diff(edges)).astype(np.int64)
    return places


def predict_kept(
    run: Run, test: Dataset, epochs: Sequence[int], report: ProgressReport = no_report
) -> RunPredictions:
    """Predict the samples of a test part with the weights that were kept after some epochs.

    `report` is called with the fraction done; what it raises ends the work.
    Raises RunError if an epoch was not kept or the network does not fit, DataError if the samples
    are not such that the network takes, WeightsError if weights cannot be read.
    """
    if missing := sorted(set(epochs) - set(run.kept_epochs)):
        raise RunError(
            f"{run.folder} has no weights of epoch {missing[0]}. Choose one that was kept."
        )
    ordered = sorted(set(epochs))
    return RunPredictions.of(KeptSamples.of(test), _outputs(run, test, ordered, report))


def _outputs(
    run: Run, test: Dataset, epochs: Sequence[int], report: ProgressReport
) -> Iterator[tuple[int, Array]]:
    """Give the outputs (samples, classes) after each epoch."""
    from engine.model.network import Network
    from engine.training.evaluation import evaluate
    from engine.training.executor import Executor
    from engine.training.samples import check_data, learned_scaling

    for number, epoch in enumerate(epochs):
        report(number / len(epochs))
        project = run.project_after(epoch)
        shapes = project.check()
        check_data(shapes, test)
        samples = test.scaled(learned_scaling(project, test.input_shape))
        executor = Executor(Network(shapes, project.weights), project.settings.loss)
        try:
            yield epoch, evaluate(executor, samples).outputs
        finally:
            executor.close()
    report(1.0)
