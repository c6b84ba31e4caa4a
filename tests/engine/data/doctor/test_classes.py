"""What is said of the classes, on data with one planted fault each."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.data.doctor import examine
from engine.data.doctor.examination import Examination, Finding, LeaveOutClasses
from engine.data.parts import Parts, Samples
from engine.data.sources import choose

NAMES = ("apple", "pear", "plum")


def samples(*counts: int, numbers: Sequence[int] = (), seed: int = 0) -> Samples:
    """So many samples of each class, all different."""
    labels = np.repeat(np.array(numbers or range(len(counts))), counts)
    images = np.random.default_rng(seed).integers(0, 256, (len(labels), 1, 4, 4), dtype=np.uint8)
    return Samples(images, labels)


def report_on(parts: Parts, limit: int = 0) -> Examination:
    return examine(parts, *choose(parts, "some data", limit=limit), limit)


def findings(parts: Parts, limit: int = 0) -> dict[str, Finding]:
    return {each.kind: each for each in report_on(parts, limit).findings}


def test_good_data_have_a_clean_bill_of_health() -> None:
    parts = Parts(samples(80, 90, 100), samples(40, 40, 40, seed=1), NAMES)
    report = report_on(parts)
    assert report.findings == ()
    assert (report.duplicates, report.leaks) == (0, 0)
    assert [tuple(each) for each in report.classes] == [
        (0, "apple", 80, 40),
        (1, "pear", 90, 40),
        (2, "plum", 100, 40),
    ]


def test_a_nearly_empty_class_is_named_and_offered_for_exclusion() -> None:
    found = findings(Parts(samples(20, 9, 10), samples(40, 40, 40, seed=1), NAMES))
    assert found.keys() == {"few_samples"}
    assert "1 class has fewer than 10 training samples: pear (9)." in found["few_samples"].found
    assert found["few_samples"].advice == "Add images of it, or leave it out."
    assert found["few_samples"].remedy == LeaveOutClasses((1,))


def test_where_fewer_than_two_classes_would_be_left_none_is_offered() -> None:
    found = findings(Parts(samples(20, 9, 8), samples(40, 40, 40, seed=1), NAMES))
    assert "2 classes have" in found["few_samples"].found
    assert found["few_samples"].remedy is None
    assert found["few_samples"].advice == "Add images."


def test_few_samples_by_the_limit_are_the_users_choice() -> None:
    parts = Parts(samples(20, 20, 3), samples(40, 40, 40, seed=1), NAMES)
    assert findings(parts, limit=5)["few_samples"].remedy == LeaveOutClasses((2,))


def test_imbalance_says_what_the_answer_that_needs_no_network_scores() -> None:
    found = findings(Parts(samples(300, 100, 100), samples(90, 30, 30, seed=1), NAMES))
    assert found.keys() == {"imbalance"}
    assert "apple has 300 training samples, pear 100." in found["imbalance"].found
    assert "Always answering apple would be right for 60 % of" in found["imbalance"].found
    assert "balanced accuracy" in found["imbalance"].advice
    assert "would be 33.3 % for that answer" in found["imbalance"].advice


def test_a_test_part_alone_may_be_unbalanced_as_behind_a_limit() -> None:
    parts = Parts(samples(90, 90), samples(30, 90, seed=1), NAMES)
    for found in (findings(parts), findings(parts, limit=20)):
        assert found.keys() == {"imbalance"}
        assert found["imbalance"].found == (
            "The classes of the test part are unbalanced: pear has 90 test samples, apple 30. "
            "Always answering pear would be right for 75 % of the test samples."
        )


def test_a_little_imbalance_is_none() -> None:
    assert not findings(Parts(samples(299, 100), samples(89, 30, seed=1), NAMES))


def test_classes_without_test_samples_are_named() -> None:
    found = findings(Parts(samples(20, 20, 20), samples(60, 60, seed=1), NAMES))
    assert found.keys() == {"not_tested"}
    assert "1 class has no test sample: plum. Nothing says" in found["not_tested"].found
    assert found["not_tested"].remedy == LeaveOutClasses((2,))


def test_test_samples_of_classes_that_are_not_learned_are_counted() -> None:
    test = samples(60, 60, 7, seed=1)
    files = tuple(f"{place}.png" for place in range(127))
    found = findings(Parts(samples(20, 20), Samples(test.images, test.numbers, files), NAMES))
    assert found.keys() == {"not_learned"}
    assert "7 test samples are left out, being of a class without training samples: plum." in (
        found["not_learned"].found
    )
    assert found["not_learned"].files == files[120:]


def test_classes_that_were_not_chosen_are_no_finding() -> None:
    parts = Parts(samples(20, 20, 20), samples(60, 60, 7, seed=1), NAMES)
    assert examine(parts, *choose(parts, "some data", classes=[0, 1])).findings == ()


@pytest.mark.parametrize("divided", [True, False])
def test_a_small_test_part_is_said_to_be_one(divided: bool) -> None:
    parts = (
        Parts(samples(50, 50), None) if divided else Parts(samples(50, 50), samples(10, 10, seed=1))
    )
    found = findings(parts)
    assert found.keys() == {"small_test"}
    assert "The test part has 20 samples: one is 5 % of the accuracy" in found["small_test"].found
    # Twice the standard error of a share of 0.9 in 20.
    assert "an accuracy of 90 % by up to 13.4 %." in found["small_test"].found
    assert ("Raise the test split" in found["small_test"].advice) == divided


def test_labels_beyond_the_names_are_out_of_range() -> None:
    strange = samples(20, 20, 12, numbers=[0, 1, 7])
    report = report_on(Parts(strange, samples(60, 60, seed=1), NAMES[:2]))
    (found,) = (each for each in report.findings if each.kind == "out_of_range")
    assert "12 samples have labels out of range: 7, but names are known for the labels 0 to 1" in (
        found.found
    )
    assert found.training.tolist() == list(range(40, 52))
    assert found.remedy == LeaveOutClasses((7,))
    assert report.classes[2].name == "7"


def test_a_lone_label_far_behind_the_others_is_out_of_range() -> None:
    strange = samples(20, 20, 20, 1, numbers=[0, 1, 2, 255])
    found = findings(Parts(strange, samples(60, 60, 60, seed=1)))
    assert "1 sample has labels out of range: 255, far behind the others, which end at 2." in (
        found["out_of_range"].found
    )
    assert found["out_of_range"].training.tolist() == [60]
    assert found["out_of_range"].remedy == LeaveOutClasses((255,))
    assert "few_samples" not in found  # it is said once


def test_a_gap_of_classes_that_were_not_chosen_is_none() -> None:
    parts = Parts(samples(20, 20, 20, 3), samples(60, 60, 60, 60, seed=1))
    report = examine(parts, *choose(parts, "some data", classes=[0, 1, 3]))
    assert [each.kind for each in report.findings] == ["few_samples", "imbalance"]


def test_the_most_serious_comes_first() -> None:
    strange = samples(30, 10, 1, numbers=[0, 1, 255])
    report = report_on(Parts(strange, samples(5, 5, seed=1)))
    severities = [each.severity for each in report.findings]
    assert severities == sorted(severities, key=["serious", "warning", "note"].index)
    assert set(severities) == {"serious", "warning"}


def test_a_single_class_is_nothing_to_tell_apart() -> None:
    found = findings(Parts(samples(20), samples(120, seed=1), NAMES))
    assert found.keys() == {"one_class"}
    assert "All training samples are of one class: apple." in found["one_class"].found


NOTHING = Finding("imbalance", "note", "", "")
COUNTS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 60)), min_size=1, max_size=6)


@given(COUNTS, st.booleans())
def test_what_is_said_of_classes_is_what_loops_count(
    counts: list[tuple[int, int]], named: bool
) -> None:
    assume(any(tested for _, tested in counts))
    names = tuple("abcdef") if named else ()
    training = samples(*(trained for trained, _ in counts))
    parts = Parts(training, samples(*(tested for _, tested in counts), seed=1), names)
    found = findings(parts)
    called = "abcdef" if named else "012345"
    few, tested_none, most, least, tests = [], [], counts[0][0], counts[0][0], 0
    largest = smallest = 0
    for place, (trained, tested) in enumerate(counts):
        if trained < 10:
            few.append(f"{called[place]} ({trained})")
        if tested == 0:
            tested_none.append(called[place])
        if trained > most:
            most, largest = trained, place
        if trained < least:
            least, smallest = trained, place
        tests += tested
    assert ("small_test" in found) == (tests < 100)
    assert ("not_tested" in found) == bool(tested_none)
    if tested_none:
        assert f": {', '.join(tested_none)}. " in found["not_tested"].found
    assert "out_of_range" not in found
    assert ("few_samples" in found) == bool(few)
    if few:
        assert f"training samples: {', '.join(few)}. So few" in found["few_samples"].found
    if most >= 3 * least:
        expected = 100 * counts[largest][1] / tests
        one, other = called[largest], called[smallest]
        assert found["imbalance"].found == (
            f"The classes are unbalanced: {one} has {most:,} training samples, {other} {least:,}. "
            f"Always answering {one} would be right for {expected:.3g} % of the test samples."
        )
    else:
        assert "training samples" not in found.get("imbalance", NOTHING).found
