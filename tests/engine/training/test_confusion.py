"""The confusion counts and scores, against plain loops."""

import math

import numpy as np
import pytest

from engine.training.evaluation import Confusion


@pytest.mark.parametrize(("classes", "samples"), [(2, 7), (10, 500), (26, 2000)])
def test_counts_and_scores_are_those_of_a_loop(classes: int, samples: int) -> None:
    dice = np.random.default_rng(classes)
    labels = dice.integers(0, classes, samples)
    outputs = dice.normal(size=(samples, classes)) + 2 * np.eye(classes)[labels]
    confusion = Confusion.of(labels, outputs)
    counts = [[0] * classes for _ in range(classes)]
    for label, row in zip(labels.tolist(), outputs.tolist(), strict=True):
        counts[label][row.index(max(row))] += 1
    assert confusion.counts.tolist() == counts
    right = sum(counts[name][name] for name in range(classes))
    assert confusion.right == right
    assert confusion.accuracy == right / samples
    for name in range(classes):
        is_one, taken = sum(counts[name]), sum(counts[other][name] for other in range(classes))
        recall, precision = counts[name][name] / is_one, counts[name][name] / taken
        assert confusion.recall[name] == pytest.approx(recall)
        assert confusion.precision[name] == pytest.approx(precision)
        assert confusion.f1[name] == pytest.approx(2 / (1 / recall + 1 / precision))
        assert confusion.rates[name].tolist() == pytest.approx([n / is_one for n in counts[name]])
    recalls = [counts[name][name] / sum(counts[name]) for name in range(classes)]
    assert confusion.balanced_accuracy == pytest.approx(sum(recalls) / classes)


@pytest.mark.parametrize(
    ("samples", "unbalanced"), [([90, 30], True), ([89, 30], False), ([9, 0], False), ([0], False)]
)
def test_classes_are_unbalanced_from_three_to_one_on(samples: list[int], unbalanced: bool) -> None:
    assert Confusion(np.diag(samples)).is_unbalanced == unbalanced


def test_what_would_divide_by_nothing_is_no_number() -> None:
    """Class 1 has no sample and class 2 is never named."""
    labels = np.array([0, 0, 2])
    outputs = np.array([[1.0, 0, 0], [0, 1.0, 0], [1.0, 0, 0]])
    confusion = Confusion.of(labels, outputs)
    assert math.isnan(confusion.recall[1])
    assert math.isnan(confusion.precision[2])
    assert np.isnan(confusion.rates[1]).all()
    assert confusion.f1.tolist() == [2 / 4, 0.0, 0.0]
    assert confusion.recall[2] == 0.0
    assert math.isnan(Confusion(np.zeros((2, 2), dtype=np.int64)).accuracy)
    assert confusion.balanced_accuracy == (0.5 + 0) / 2  # of the classes that have samples
    assert math.isnan(Confusion(np.zeros((2, 2), np.int64)).balanced_accuracy)


def test_the_most_frequent_confusions_are_those_of_a_loop() -> None:
    counts = np.random.default_rng(3).integers(0, 4, (7, 7)) * 5
    counts[2] = 0
    pairs = sorted(
        ((-int(counts[i][j]), i, j) for i in range(7) for j in range(7) if i != j and counts[i][j]),
    )
    for most in (1, 5, 100):
        found = Confusion(counts).most_frequent(most)
        assert [(-each.samples, each.true, each.said) for each in found] == pairs[:most]
        for each in found:
            assert each.share == pytest.approx(each.samples / sum(counts[each.true]))
    assert Confusion(np.diag([1, 2, 3])).most_frequent(5) == []


def test_what_is_not_finite_is_taken_for_no_class_and_found_by_none() -> None:
    labels = np.array([0, 0, 0, 1, 1, 2])
    outputs = np.eye(3)[[0, 0, 1, 1, 1, 2]]
    outputs[[1, 4]] = math.nan
    outputs[5] = math.inf
    confusion = Confusion.of(labels, outputs)
    assert confusion.counts.tolist() == [[1, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert confusion.unanswered.tolist() == [1, 1, 1]
    assert (confusion.samples, confusion.without_answer, confusion.right) == (6, 3, 2)
    assert confusion.accuracy == 2 / 6
    assert confusion.recall.tolist() == [1 / 3, 1 / 2, 0]
    assert confusion.rates[0].tolist() == [1 / 3, 1 / 3, 0]
    assert confusion.balanced_accuracy == pytest.approx((1 / 3 + 1 / 2) / 3)
    parts = [Confusion.of(labels[some], outputs[some]) for some in (slice(2), slice(2, 6))]
    both = Confusion.total(parts)
    assert both.counts.tolist() == confusion.counts.tolist()
    assert both.unanswered.tolist() == [1, 1, 1]
