"""Findings about the classes: how many samples each has, and labels that fit none."""

from collections.abc import Iterator, Sequence
from math import sqrt

import numpy as np

from engine.data.balance import is_unbalanced
from engine.data.dataset import Dataset
from engine.data.doctor.examination import ClassCount, Finding, LeaveOutClasses, Places
from engine.data.doctor.wording import share, verb
from engine.data.names import in_quotes, listed, listed_classes
from engine.data.parts import Parts
from engine.text.words import count

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
