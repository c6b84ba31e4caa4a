"""The doctor: says what is in some data, what is wrong with it, and what can be done."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from math import sqrt
from typing import Literal, NamedTuple

import numpy as np

from engine.array_types import Shape
from engine.data.dataset import Dataset, is_unbalanced
from engine.data.equal_images import EqualImages, Places, look
from engine.data.handwriting import is_bright
from engine.data.names import in_quotes, listed, listed_classes
from engine.data.parts import Parts, Refused
from engine.text.words import count

Severity = Literal["serious", "warning", "note"]
"""Serious is what makes results wrong, a warning what makes them worse; a note is to be known."""

SEVERITIES: tuple[Severity, ...] = ("serious", "warning", "note")
_SERIOUS = ("one_class", "out_of_range", "leaks", "conflicts")  # kinds of findings
_NOTES = ("turned", "transparent", "resized", "reading", "duplicates")
HEALTHY = (
    "Healthy: every file could be read, no image is in both parts or occurs twice, and each class "
    "has enough samples."
)
FEW = 10  # training samples; fewer do not show how a class varies, or which accident is typical
SMALL_TEST = 100  # samples; with fewer, one of them is more than 1 % of the accuracy
_LIKELY = 0.9  # an accuracy of which is said how far luck moves it
_LEAST_CLASSES = 2  # that a network can tell apart


def _nowhere() -> Places:
    return np.empty(0, dtype=np.intp)


@dataclass(frozen=True, eq=False)
class Finding:
    """Something in the data that is worth a sentence, and what to do about it, if anything.

    `training` and `test` are the places of the samples that it is about, equal images side by side,
    `files` the files. A click may train without some classes, by their numbers, or without copies;
    `setting` is the name of a setting that is to be chosen, where that is for people to say.
    """

    kind: str
    found: str
    advice: str
    training: Places = field(default_factory=_nowhere)
    test: Places = field(default_factory=_nowhere)
    files: tuple[str, ...] = ()
    without_classes: tuple[int, ...] = ()
    without_copies: bool = False
    setting: str = ""

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return "serious" if self.kind in _SERIOUS else "note" if self.kind in _NOTES else "warning"

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
    both = (np.bincount(part.labels, minlength=len(training.classes)) for part in (training, test))
    counts = (part.tolist() for part in both)
    classes = tuple(map(ClassCount, training.classes, training.class_names, *counts))
    as_one_part = parts.test is None
    findings = (
        *file_findings(parts),
        *_bright(training),
        *_class_findings(parts, training, classes, limit),
        *_image_findings(_BothParts(training, test, as_one_part), equal, constant),
    )
    return Examination(
        training.input_shape,
        classes,
        parts.refused,
        equal.copies(as_one_part=as_one_part),
        len(equal.leaks),
        tuple(sorted(findings, key=lambda each: SEVERITIES.index(each.severity))),
    )


def _share(part: float) -> str:
    """Write a share with three digits at most: `31.4 %`, `90 %`, `0.0123 %`."""
    return f"{100 * part:.3g} %"


def file_findings(parts: Parts) -> Iterator[Finding]:
    """Say which files were refused, turned, transparent or resized, and what else was decided."""
    if parts.refused:
        first, number = parts.refused[0], count(len(parts.refused), "file")
        yield Finding(
            "refused",
            f"{number} could not be read, such as {first.file}. {first.reason}",
            "Repair or delete such files. All others are used.",
            files=tuple(each.file for each in parts.refused),
        )
    if parts.turned:
        yield Finding(
            "turned",
            f"{count(len(parts.turned), 'photo')} stored turned or mirrored and put upright, as "
            f"the EXIF data says: {listed(parts.turned)}.",
            "Nothing is to be done, unless one looks wrong now: then its EXIF data is wrong.",
            files=parts.turned,
        )
    if parts.transparent:
        yield Finding(
            "transparent",
            f"{count(len(parts.transparent), 'image')} with transparent pixels, which show the "
            f"background: {listed(parts.transparent)}.",
            "Choose the background from which things stand out: black, grey or white.",
            files=parts.transparent,
            setting="background",
        )
    size = len(parts.training) + (0 if parts.test is None else len(parts.test))
    if 0 < 2 * len(parts.resized) < size:  # else they are not the odd ones out
        height, width = parts.training.images.shape[2:]
        yield Finding(
            "resized",
            f"{count(len(parts.resized), 'image')} of another size than the rest, brought to "
            f"{width}×{height}: {listed(parts.resized)}.",
            "Check that such images do not look different by this alone.",
            files=parts.resized,
        )
    for note in parts.notes:
        yield Finding("reading", note, "")


def _bright(training: Dataset) -> Iterator[Finding]:
    """Say that most inputs are near 1."""
    if is_bright(training):
        yield Finding(
            "bright",
            "The images have a white background: nearly all inputs are 1, and small networks learn "
            "badly from them.",
            "Standardise the inputs.",
            setting="scaling",
        )


def _class_findings(
    parts: Parts, training: Dataset, classes: Sequence[ClassCount], limit: int
) -> Iterator[Finding]:
    """Say what is wrong with the classes, of each of which `limit` samples are taken (0: all)."""
    if len(classes) < _LEAST_CLASSES:
        yield Finding(
            "one_class",
            f"All training samples are of one class: {classes[0].name}. A network has nothing to "
            "tell apart.",
            "Add images of another class, in a folder or with a label of its own.",
        )

    def without(some: Sequence[ClassCount]) -> tuple[int, ...]:
        """Offer to leave some classes out, if enough are left then."""
        enough = len(classes) - len(some) >= _LEAST_CLASSES
        return tuple(each.number for each in some) if enough else ()

    odd = _out_of_range(parts, classes)
    if odd:
        if parts.class_names:
            why = f"but names are known for the labels 0 to {len(parts.class_names) - 1:,} alone"
        else:
            last = max(each.number for each in classes if each not in odd)
            why = f"far behind the others, which end at {last:,}"
        labels = [training.classes.index(each.number) for each in odd]
        yield Finding(
            "out_of_range",
            f"{count(sum(each.training + each.test for each in odd), 'sample')} with labels out of "
            f"range: {listed([str(each.number) for each in odd])}, {why}.",
            "Correct the labels, or leave these classes out.",
            training=np.flatnonzero(np.isin(training.labels, labels)),
            without_classes=without(odd),
        )
    yield from _not_learned(parts)
    least = min(FEW, limit or FEW)
    if few := [each for each in classes if each.training < least and each not in odd]:
        yield Finding(
            "few_samples",
            f"{count(len(few), 'class', 'classes')} of fewer than {FEW} training samples: "
            f"{listed([f'{in_quotes(each.name)} ({each.training})' for each in few])}. So few do "
            "not show how a class varies.",
            "Add images, or leave such classes out." if without(few) else "Add images.",
            without_classes=without(few),
        )
    if untested := [each for each in classes if not each.test]:
        yield Finding(
            "not_tested",
            f"{count(len(untested), 'class', 'classes')} without test samples: "
            f"{listed_classes([each.name for each in untested])}. Nothing says how well a network "
            "finds such images.",
            "Add test images.",
            without_classes=without(untested),
        )
    yield from _imbalance(classes)
    tested = sum(each.test for each in classes)
    if tested < SMALL_TEST:
        luck = 2 * sqrt(_LIKELY * (1 - _LIKELY) / tested)
        more = "Raise the test split, or add" if parts.test is None else "Add"
        yield Finding(
            "small_test",
            f"The test part has {count(tested, 'sample')}: one is {_share(1 / tested)} of the "
            f"accuracy, and chance alone can shift an accuracy of {_share(_LIKELY)} by up to "
            f"{_share(luck)}.",
            f"{more} images, {SMALL_TEST} for the test at least.",
            setting="test_split" if parts.test is None else "",
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


def _not_learned(parts: Parts) -> Iterator[Finding]:
    """Find test samples of classes that no training sample shows."""
    if parts.test is None:
        return
    strange = ~np.isin(parts.test.numbers, parts.training.numbers)
    if strange.any():
        numbers, files = np.unique(parts.test.numbers[strange]).tolist(), parts.test.files
        yield Finding(
            "not_learned",
            f"{count(int(strange.sum()), 'test sample')} left out, of classes without training "
            f"samples: {listed_classes([parts.name_of(number) for number in numbers])}.",
            "Correct the labels, or add training samples of the same classes.",
            files=tuple(files[place] for place in np.flatnonzero(strange)) if files else (),
        )


def _imbalance(classes: Sequence[ClassCount]) -> Iterator[Finding]:
    """Say what imbalance does to accuracy: what the answer that needs no network would score."""
    training = {each: each.training for each in classes if each.training}
    test = {each: each.test for each in classes if each.test}
    tested = sum(test.values())
    if is_unbalanced(np.array(list(training.values()))):
        unequal, what, kind = training, "The classes are", "training"
        more = " More images of the small classes help, or a limit per class."
    elif tested >= SMALL_TEST and is_unbalanced(np.array(list(test.values()))):
        unequal, what, kind, more = test, "The classes of the test part are", "test", ""
    else:
        return
    largest, smallest = (pick(unequal, key=unequal.__getitem__) for pick in (max, min))
    yield Finding(
        "imbalance",
        f"{what} unbalanced: {largest.name} has {unequal[largest]:,} {kind} samples, "
        f"{smallest.name} {unequal[smallest]:,}. Always answering {largest.name} would be right "
        f"for {_share(largest.test / tested)} of the test samples.",
        "Go by the balanced accuracy, which is the mean over the classes and would be "
        f"{_share(1 / len(test) if largest.test else 0)} for that answer.{more}",
    )


@dataclass(frozen=True, eq=False)
class _BothParts:
    """Training and test samples, counted through; they may be of one part that was divided."""

    training: Dataset
    test: Dataset
    as_one_part: bool

    def finding(self, kind: str, places: Places, found: str, advice: str) -> Finding:
        """Make a finding about the samples at some places."""
        first = len(self.training)
        ours, theirs = places[places < first], places[places >= first] - first
        files = [self.training.files[place] for place in ours if self.training.files]
        files += [self.test.files[place] for place in theirs if self.test.files]
        copied = kind != "constant" and (len(ours) > 0 or self.as_one_part)
        return Finding(
            kind,
            found,
            advice,
            ours,
            theirs,
            tuple(filter(None, files)),
            without_copies=copied,
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


def _image_findings(both: _BothParts, equal: EqualImages, constant: Places) -> Iterator[Finding]:
    """Say which images are in both parts, have several labels, occur again or show nothing.

    Places count through both parts, the training samples first.
    """

    def group(places: Places) -> Places:
        """Return the first group of equal images."""
        found: Places = places[equal.groups[places] == equal.groups[places[0]]]
        return found

    def example(places: Places) -> str:
        """Name the first and the last image of the first group."""
        return f"such as {both.name(group(places)[0])} and {both.name(group(places)[-1])}"

    if number := len(equal.leaks):
        yield both.finding(
            "leaks",
            equal.in_both_parts,
            f"{count(number, 'test image')} ({_share(number / len(both.test))}) also in the "
            f"training part, {example(equal.in_both_parts)}. The test accuracy then counts what "
            "may have been memorised.",
            "Leave them out of the training part, or delete them there.",
        )
    if len(places := equal.conflicts):
        first, *rest = group(places)
        label = both.class_name(first)
        other = next(place for place in rest if both.class_name(place) != label)
        yield both.finding(
            "conflicts",
            places,
            f"{count(equal.different(places), 'image')} with different labels: {both.name(first)} "
            f"is labelled {label}, {both.name(other)}, which is equal, {both.class_name(other)}.",
            "Delete what has the wrong label, or train without these images.",
        )
    if number := equal.copies(as_one_part=both.as_one_part):
        places = equal.repeated(as_one_part=both.as_one_part)
        where = "in the data" if both.as_one_part else "in the same part"
        yield both.finding(
            "duplicates",
            places,
            f"{count(number, 'copy', 'copies')} of another image {where}, {example(places)}. What "
            "occurs twice counts twice.",
            "Delete the copies or leave them out, unless it is meant.",
        )
    if len(constant):
        yield both.finding(
            "constant",
            constant,
            f"{count(len(constant), 'image')} of one colour all over, such as "
            f"{both.name(constant[0])}: there is nothing to see.",
            "Delete such images, or save them anew.",
        )
