"""The doctor: says what is in some data, what is wrong with it, and what can be done."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Literal, NamedTuple

import numpy as np

from engine.array_types import Shape
from engine.data.balance import is_unbalanced
from engine.data.dataset import Dataset
from engine.data.equal_images import EqualImages, Places, look
from engine.data.names import in_quotes, listed, listed_classes
from engine.data.parts import Parts, Refused
from engine.text.words import count

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


def verb(number: int, one: str, several: str) -> str:
    """Choose the verb that goes with a number."""
    return one if number == 1 else several


def share(part: float) -> str:
    """Write a share with three digits at most: `31.4 %`, `90 %`, `0.0123 %`."""
    return f"{100 * part:.3g} %"


def file_findings(parts: Parts) -> Iterator[Finding]:
    """Say which files were refused, turned, transparent or resized, and what else was decided."""
    if number := len(parts.refused):
        first = parts.refused[0]
        yield Finding(
            "refused",
            "warning",
            f"{count(number, 'file')} could not be read and {verb(number, 'is', 'are')} left out"
            f"{verb(number, ': ', ', such as ')}{first.file}. {first.reason.rstrip('.')}.",
            f"Repair or delete {verb(number, 'it', 'them')}. All other files are used.",
            files=tuple(each.file for each in parts.refused),
        )
    if number := len(parts.turned):
        yield Finding(
            "turned",
            "note",
            f"{count(number, 'photo')} {verb(number, 'is', 'are')} stored turned or mirrored and "
            f"{verb(number, 'was', 'were')} put upright, as the EXIF data says: "
            f"{listed(parts.turned)}.",
            "Nothing is to be done, unless one looks wrong now: then its EXIF data is wrong.",
            files=parts.turned,
        )
    if number := len(parts.transparent):
        yield Finding(
            "transparent",
            "note",
            f"{count(number, 'image')} {verb(number, 'has', 'have')} transparent pixels, which "
            f"show the background: {listed(parts.transparent)}.",
            "Choose the background from which things stand out: black, grey or white.",
            files=parts.transparent,
            setting="background",
        )
    size = len(parts.training) + (0 if parts.test is None else len(parts.test))
    number = len(parts.resized)
    if 0 < 2 * number < size:  # else they are not the odd ones out
        height, width = parts.training.images.shape[2:]
        yield Finding(
            "resized",
            "note",
            f"{count(number, 'image')} {verb(number, 'has', 'have')} another size than the rest "
            f"and {verb(number, 'was', 'were')} brought to {width}×{height}: "
            f"{listed(parts.resized)}.",
            f"Check that {verb(number, 'it does', 'they do')} not look different by this alone.",
            files=parts.resized,
        )
    for note in parts.notes:
        yield Finding("reading", "note", note, "")


FEW = 10  # training samples; fewer do not show how a class varies, or which accident is typical
SMALL_TEST = 100  # samples; with fewer, one of them is more than 1 % of the accuracy
_LIKELY = 0.9  # an accuracy of which is said how far luck moves it
_LEAST_CLASSES = 2  # that a network can tell apart


def class_counts(training: Dataset, test: Dataset) -> tuple[ClassCount, ...]:
    """Count the samples of each class in both parts, which have the same classes."""
    size = len(training.classes)
    both = (np.bincount(part.labels, minlength=size).tolist() for part in (training, test))
    return tuple(map(ClassCount, training.classes, training.class_names, *both))


def class_findings(
    parts: Parts, training: Dataset, classes: Sequence[ClassCount], limit: int
) -> Iterator[Finding]:
    """Say what is wrong with the classes, of each of which `limit` samples are taken (0: all)."""
    odd = _out_of_range(parts, classes)
    few = [each for each in classes if each.training < min(FEW, limit or FEW)]
    yield from _one_class(classes)
    yield from _stray_labels(parts, training, classes, odd)
    yield from _not_learned(parts)
    yield from _few_samples([each for each in few if each not in odd], classes)
    yield from _not_tested(classes)
    yield from _imbalance(classes)
    yield from _small_test(parts, sum(each.test for each in classes))


def _one_class(classes: Sequence[ClassCount]) -> Iterator[Finding]:
    if len(classes) < _LEAST_CLASSES:
        yield Finding(
            "one_class",
            "serious",
            f"All training samples are of one class: {classes[0].name}. A network has nothing to "
            "tell apart.",
            "Add images of another class, in a folder or with a label of its own.",
        )


def _out_of_range(parts: Parts, classes: Sequence[ClassCount]) -> list[ClassCount]:
    """Return the classes whose labels look like slips.

    Where classes have names, labels without one; else those with few samples whose numbers lie
    beyond a gap behind all others.
    """
    if parts.class_names:
        return [each for each in classes if each.number >= len(parts.class_names)]
    numbers = set(np.unique(parts.training.numbers).tolist())  # also of classes not chosen
    last = max((each.number for each in classes if each.training >= FEW), default=None)
    if last is None:
        return []
    while last + 1 in numbers:
        last += 1
    return [each for each in classes if each.number > last]


def _stray_labels(
    parts: Parts, training: Dataset, classes: Sequence[ClassCount], odd: Sequence[ClassCount]
) -> Iterator[Finding]:
    if not odd:
        return
    number = sum(each.training + each.test for each in odd)
    labels = listed([str(each.number) for each in odd])
    right = [each for each in classes if each not in odd]
    if parts.class_names:
        why = f"but names are known for the labels 0 to {len(parts.class_names) - 1:,} alone"
    else:
        why = f"far behind the others, which end at {right[-1].number:,}"
    yield Finding(
        "out_of_range",
        "serious",
        f"{count(number, 'sample')} {verb(number, 'has', 'have')} labels out of range: {labels}, "
        f"{why}.",
        "Correct the labels, or leave these classes out.",
        training=_places(training, odd),
        remedy=_leaving_out(odd, classes),
    )


def _not_learned(parts: Parts) -> Iterator[Finding]:
    """Find test samples of classes that no training sample shows."""
    if parts.test is None:
        return
    strange = ~np.isin(parts.test.numbers, parts.training.numbers)
    if not strange.any():
        return
    number = int(strange.sum())
    names = [parts.name_of(number) for number in np.unique(parts.test.numbers[strange]).tolist()]
    kind, which = verb(len(names), "a class", "classes"), listed_classes(names)
    files = parts.test.files
    yield Finding(
        "not_learned",
        "warning",
        f"{count(number, 'test sample')} {verb(number, 'is', 'are')} left out, being of "
        f"{kind} without training samples: {which}.",
        "Correct the labels, or add training samples of the same classes.",
        files=tuple(files[place] for place in np.flatnonzero(strange)) if files else (),
    )


def _few_samples(few: Sequence[ClassCount], classes: Sequence[ClassCount]) -> Iterator[Finding]:
    if not few:
        return
    remedy = _leaving_out(few, classes)
    which = listed([f"{in_quotes(each.name)} ({each.training})" for each in few])
    number = len(few)
    yield Finding(
        "few_samples",
        "warning",
        f"{count(number, 'class', 'classes')} {verb(number, 'has', 'have')} fewer than {FEW} "
        f"training samples: {which}. So few do not show how a class varies.",
        f"Add images of {verb(number, 'it', 'them')}, or leave {verb(number, 'it', 'them')} out."
        if remedy
        else "Add images.",
        remedy=remedy,
    )


def _not_tested(classes: Sequence[ClassCount]) -> Iterator[Finding]:
    without = [each for each in classes if not each.test]
    if not without:
        return
    number = len(without)
    yield Finding(
        "not_tested",
        "warning",
        f"{count(number, 'class', 'classes')} {verb(number, 'has', 'have')} no test sample: "
        f"{listed_classes([each.name for each in without])}. Nothing says how well a network finds "
        f"{verb(number, 'it', 'them')}.",
        f"Add test images of {verb(number, 'it', 'them')}.",
        remedy=_leaving_out(without, classes),
    )


def _imbalance(classes: Sequence[ClassCount]) -> Iterator[Finding]:
    """Say what imbalance does to accuracy: what the answer that needs no network would score."""
    training = {each: each.training for each in classes if each.training}
    test = {each: each.test for each in classes if each.test}
    tested = sum(test.values())
    if is_unbalanced(np.array(list(training.values()))):
        unequal, what, kind = training, "The classes are", "training"
    elif tested >= SMALL_TEST and is_unbalanced(np.array(list(test.values()))):
        unequal, what, kind = test, "The classes of the test part are", "test"
    else:
        return
    largest, smallest = (pick(unequal, key=unequal.__getitem__) for pick in (max, min))
    yield Finding(
        "imbalance",
        "warning",
        f"{what} unbalanced: {largest.name} has {unequal[largest]:,} {kind} samples, "
        f"{smallest.name} {unequal[smallest]:,}. Always answering {largest.name} would be right "
        f"for {share(largest.test / tested)} of the test samples.",
        "Go by the balanced accuracy, which is the mean over the classes and would be "
        f"{share(1 / len(test) if largest.test else 0)} for that answer."
        + (
            " More images of the small classes help, or a limit per class."
            if kind == "training"
            else ""
        ),
    )


def _small_test(parts: Parts, tested: int) -> Iterator[Finding]:
    if tested >= SMALL_TEST:
        return
    luck = 2 * sqrt(_LIKELY * (1 - _LIKELY) / tested)
    more = "Raise the test split, or add" if parts.test is None else "Add"
    yield Finding(
        "small_test",
        "warning",
        f"The test part has {count(tested, 'sample')}: one is {share(1 / tested)} of the accuracy, "
        f"and luck alone moves an accuracy of {share(_LIKELY)} by up to {share(luck)}.",
        f"{more} images, {SMALL_TEST} for the test at least.",
        setting="test_split" if parts.test is None else "",
    )


def _places(dataset: Dataset, classes: Sequence[ClassCount]) -> Places:
    """Return where the samples of some classes are."""
    labels = [dataset.classes.index(each.number) for each in classes]
    return np.flatnonzero(np.isin(dataset.labels, labels))


def _leaving_out(
    some: Sequence[ClassCount], classes: Sequence[ClassCount]
) -> LeaveOutClasses | None:
    """Offer to leave some classes out, if enough are left then."""
    if len(classes) - len(some) < _LEAST_CLASSES:
        return None
    return LeaveOutClasses(tuple(each.number for each in some))


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


def examine(
    parts: Parts,
    training: Dataset,
    test: Dataset,
    limit: int = 0,
    report: Callable[[float], None] = lambda _fraction: None,
) -> Examination:
    """Examine what was read, and the training and test samples that were chosen of it.

    `limit` is how many training samples of each class were taken at most (0: all). `report` is told
    the share that is done; what it raises ends the examination.
    """
    whole = len(training) + len(test)
    ours = look(training.images, lambda done: report(done * len(training) / whole))
    theirs = look(test.images, lambda done: report((len(training) + done * len(test)) / whole))
    equal = EqualImages.of(ours, theirs, (training.labels, test.labels))
    constant = np.flatnonzero(np.concatenate([ours.constant, theirs.constant]))
    classes = class_counts(training, test)
    as_one_part = parts.test is None
    findings = (
        *file_findings(parts),
        *class_findings(parts, training, classes, limit),
        *content_findings(training, test, equal, constant, as_one_part=as_one_part),
    )
    return Examination(
        training.input_shape,
        classes,
        parts.refused,
        equal.copies(as_one_part=as_one_part),
        len(equal.leaks),
        tuple(sorted(findings, key=lambda each: SEVERITIES.index(each.severity))),
    )
