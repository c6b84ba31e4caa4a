"""DataSummary: what some data holds, in figures: samples per class, and mean pictures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Shape
from engine.data.dataset import Dataset
from engine.data.parts import Parts, Samples

Report = Callable[[float], None]
_MOST_IMAGES = 1_000  # of a class, for its mean picture
_MOST_BYTES = 64_000_000  # of the images of all mean pictures together


@dataclass(frozen=True, eq=False)
class ClassSummary:
    """One class: how many samples there are, how many of them are used, and their mean picture.

    `training` and `test` count what is used, `unused` the rest. The mean picture is
    (channels, height, width).
    """

    number: int
    name: str
    training: int
    test: int
    unused: int
    mean: NDArray[np.uint8]

    @property
    def used(self) -> bool:
        """Whether the class is among the chosen ones."""
        return self.training + self.test > 0

    @property
    def total(self) -> int:
        """How many samples there are."""
        return self.training + self.test + self.unused


@dataclass(frozen=True, eq=False)
class DataSummary:
    """All classes of some data in the order of their numbers.

    `shape` is that of one image; `validation` counts the training samples that are held out.
    """

    classes: tuple[ClassSummary, ...]
    shape: Shape
    validation: int = 0


def summarise(
    parts: Parts,
    train: Dataset | None,
    test: Dataset | None,
    validation: int,
    drawn: Sequence[str],
    report: Report,
) -> DataSummary:
    """Summarise what was read, and what was chosen of it for training and test.

    `drawn` are the names of the classes of one's own drawings, which are trained on too. `report`
    is called with the fraction done, 0 to 1; what it raises ends the work.
    """
    numbers = [part.numbers for part in (parts.training, parts.test) if part is not None]
    found, counts = np.unique(np.concatenate(numbers), return_counts=True)
    total = dict(zip(found.tolist(), counts.tolist(), strict=True))
    used = [_counts(train), _counts(test)]
    classes = []
    for place, number in enumerate(total):
        report(place / (len(total) + 1))
        name = parts.name_of(number)
        training, tested = (part.get(number, 0) for part in used)
        own = drawn.count(name) if training else 0
        classes.append(
            ClassSummary(
                number,
                name,
                training,
                tested,
                max(0, total[number] - (training - own) - tested),
                _mean_picture(parts, number, len(total)),
            )
        )
    report(1.0)
    return DataSummary(tuple(classes), parts.training.images.shape[1:], validation)


def _counts(part: Dataset | None) -> dict[int, int]:
    """Count the samples of each class, by its number."""
    if part is None:
        return {}
    counts = np.bincount(part.labels, minlength=len(part.classes))
    return dict(zip(part.classes, counts.tolist(), strict=True))


def _mean_picture(parts: Parts, number: int, classes: int) -> NDArray[np.uint8]:
    """Average the training images of a class, or its test images if it has no others.

    Of very many images it takes some, evenly.
    """
    samples: Samples = parts.training
    places = np.flatnonzero(samples.numbers == number)
    if not places.size and parts.test is not None:
        samples = parts.test
        places = np.flatnonzero(samples.numbers == number)
    size = max(1, int(np.prod(samples.images.shape[1:])))
    most = max(1, min(_MOST_IMAGES, _MOST_BYTES // (size * classes)))
    mean = samples.images[_evenly(places, most)].mean(axis=0, dtype=np.float32)
    rounded: NDArray[np.uint8] = np.rint(mean).astype(np.uint8)
    return rounded


def _evenly(places: NDArray[np.intp], most: int) -> NDArray[np.intp]:
    """Keep at most so many places, at even distances."""
    if len(places) <= most:
        return places
    return places[np.linspace(0, len(places) - 1, most).astype(np.intp)]
