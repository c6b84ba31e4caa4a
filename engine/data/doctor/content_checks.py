"""Findings about the images themselves: equal ones, and those with nothing to see."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.data.dataset import Dataset
from engine.data.doctor.examination import Finding, Kind, LeaveOutCopies, Severity
from engine.data.doctor.wording import share, verb
from engine.data.equal_images import EqualImages, Places
from engine.text.words import count


def content_findings(
    training: Dataset, test: Dataset, equal: EqualImages, constant: Places, *, as_one_part: bool
) -> Iterator[Finding]:
    """Say which images are in both parts, have several labels, occur again or show nothing.

    Places count through both parts, the training samples first.
    """
    both = _BothParts(training, test, as_one_part)
    yield from _leaks(both, equal)
    yield from _conflicts(both, equal)
    yield from _duplicates(both, equal)
    yield from _constant(both, constant)


@dataclass(frozen=True, eq=False)
class _BothParts:
    """Training and test samples, counted through; they may be of one part that was divided."""

    training: Dataset
    test: Dataset
    as_one_part: bool

    def finding(
        self,
        kind: Kind,
        severity: Severity,
        places: Places,
        found: str,
        advice: str,
    ) -> Finding:
        """Make a finding about the samples at some places."""
        ours, theirs = self._divided(places)
        files = [self.training.files[place] for place in ours if self.training.files]
        files += [self.test.files[place] for place in theirs if self.test.files]
        copied = kind != "constant" and (len(ours) > 0 or self.as_one_part)
        remedy = LeaveOutCopies() if copied else None
        paired = copied and len(ours) > 0 and len(theirs) > 0
        return Finding(
            kind,
            severity,
            found,
            advice,
            ours,
            theirs,
            places if paired else places[:0],
            tuple(filter(None, files)),
            remedy,
        )

    def name(self, place: np.intp) -> str:
        """Return how a sample is called: its file, or its number in its part."""
        part, index = self._part_and_index(place)
        if part.files and part.files[index]:  # an own drawing has no file
            return part.files[index]
        return f"{'training' if part is self.training else 'test'} image {index + 1:,}"

    def class_name(self, place: np.intp) -> str:
        """Return the name of the class of a sample."""
        part, index = self._part_and_index(place)
        return part.class_names[int(part.labels[index])]

    def _part_and_index(self, place: np.intp) -> tuple[Dataset, int]:
        first = len(self.training)
        return (self.training, int(place)) if place < first else (self.test, int(place) - first)

    def _divided(self, places: Places) -> tuple[Places, Places]:
        first = len(self.training)
        return places[places < first], places[places >= first] - first


def _leaks(both: _BothParts, equal: EqualImages) -> Iterator[Finding]:
    number, places = len(equal.leaks), equal.in_both_parts
    if not number:
        return
    yield both.finding(
        "leaks",
        "serious",
        places,
        f"{count(number, 'test image')} ({share(number / len(both.test))}) "
        f"{verb(number, 'is', 'are')} also in the training part, {_example(both, equal, places)}. "
        "The test accuracy then counts what may have been learned by heart.",
        "Leave them out of the training part, or delete them there.",
    )


def _conflicts(both: _BothParts, equal: EqualImages) -> Iterator[Finding]:
    places = equal.conflicts
    number = equal.different(places)
    if not number:
        return
    group = places[equal.groups[places] == equal.groups[places[0]]]
    first = group[0]
    other = next(place for place in group if both.class_name(place) != both.class_name(first))
    yield both.finding(
        "conflicts",
        "serious",
        places,
        f"{count(number, 'image')} {verb(number, 'occurs', 'occur')} with different labels: "
        f"{both.name(first)} is labelled {both.class_name(first)}, {both.name(other)}, which is "
        f"equal, {both.class_name(other)}.",
        "Delete what has the wrong label, or train without these images.",
    )


def _duplicates(both: _BothParts, equal: EqualImages) -> Iterator[Finding]:
    number = equal.copies(as_one_part=both.as_one_part)
    if not number:
        return
    places = equal.repeated(as_one_part=both.as_one_part)
    where = "in the data" if both.as_one_part else "in the same part"
    yield both.finding(
        "duplicates",
        "note",
        places,
        f"{count(number, 'image')} {verb(number, 'is a copy', 'are copies')} of another {where}, "
        f"{_example(both, equal, places)}. What occurs twice counts twice.",
        "Delete the copies or leave them out, unless it is meant.",
    )


def _constant(both: _BothParts, places: Places) -> Iterator[Finding]:
    number = len(places)
    if not number:
        return
    yield both.finding(
        "constant",
        "warning",
        places,
        f"{count(number, 'image')} {verb(number, 'has', 'have')} one colour all over, as "
        f"{both.name(places[0])}: there is nothing to see.",
        f"Delete {verb(number, 'it', 'them')}, or save {verb(number, 'it', 'them')} anew.",
    )


def _example(both: _BothParts, equal: EqualImages, places: Places) -> str:
    """Name the first and the last image of the first group of equal ones."""
    group = places[equal.groups[places] == equal.groups[places[0]]]
    return f"such as {both.name(group[0])} and {both.name(group[-1])}"
