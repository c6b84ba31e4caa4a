"""What an examination of data says: counts, and findings with what can be done about each."""

from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Shape
from engine.data.parts import Refused

Kind = Literal[
    "refused",
    "turned",
    "transparent",
    "resized",
    "reading",
    "few_samples",
    "one_class",
    "out_of_range",
    "not_learned",
    "not_tested",
    "imbalance",
    "small_test",
    "duplicates",
    "leaks",
    "conflicts",
    "constant",
]
Severity = Literal["serious", "warning", "note"]
"""Serious is what makes results wrong, a warning what makes them worse; a note is to be known."""

SEVERITIES: tuple[Severity, ...] = ("serious", "warning", "note")
HEALTHY = (
    "Healthy: every file could be read, no image is in both parts or occurs twice, and each class "
    "has enough samples."
)


Places = NDArray[np.intp]


class LeaveOutClasses(NamedTuple):
    """The remedy of training without some classes, of which these are the numbers."""

    numbers: tuple[int, ...]


@dataclass(frozen=True)
class LeaveOutCopies:
    """The remedy of training without copies: the setting `copies`, left out."""


Remedy = LeaveOutClasses | LeaveOutCopies


def _nowhere() -> Places:
    return np.empty(0, dtype=np.intp)


@dataclass(frozen=True, eq=False)
class Finding:
    """Something in the data that is worth a sentence, and what to do about it, if anything.

    `training` and `test` are the places of the samples that it is about, equal images side by side.
    `both` are the places of the same samples counted through both parts, the training samples
    first, where equal images of different parts stand side by side too; else it is empty. `files`
    are the files. The remedy is what a click can do about it, if anything; `setting` is the name of
    a setting that is to be chosen, where that is for people to say.
    """

    kind: Kind
    severity: Severity
    found: str
    advice: str
    training: Places = field(default_factory=_nowhere)
    test: Places = field(default_factory=_nowhere)
    both: Places = field(default_factory=_nowhere)
    files: tuple[str, ...] = ()
    remedy: Remedy | None = None
    setting: str = ""

    @property
    def has_samples(self) -> bool:
        """Whether it is about samples that can be shown."""
        return bool(len(self.training) or len(self.test))


class ClassCount(NamedTuple):
    """How many training and test samples a class has."""

    number: int
    name: str
    training: int
    test: int


@dataclass(frozen=True, eq=False)
class Examination:
    """How much data there is, and the findings, the most serious first.

    `duplicates` counts the images beyond the first of each group of equal ones in a part; data that
    brings no test part counts as one. `leaks` counts the test images that are in training as well.
    """

    shape: Shape
    classes: tuple[ClassCount, ...]
    refused: tuple[Refused, ...]
    duplicates: int
    leaks: int
    findings: tuple[Finding, ...]

    @property
    def training_samples(self) -> int:
        """How many training samples there are."""
        return sum(each.training for each in self.classes)

    @property
    def test_samples(self) -> int:
        """How many test samples there are."""
        return sum(each.test for each in self.classes)
