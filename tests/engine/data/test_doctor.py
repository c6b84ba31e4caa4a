"""What is said of data with one planted fault each, and of a folder with nearly all of them."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.data.doctor import Examination, Finding, examine
from engine.data.parts import Parts, Refused, Samples
from engine.data.sources import choose
from engine.inputs.drawings import Drawing
from engine.inputs.scaling import Scaling
from tests.approved import assert_approved

NAMES = ("apple", "pear", "plum")


def samples(*counts: int, numbers: Sequence[int] = (), seed: int = 0) -> Samples:
    """So many samples of each class, all different."""
    labels = np.repeat(np.array(numbers or range(len(counts))), counts)
    images = np.random.default_rng(seed).integers(0, 256, (len(labels), 1, 4, 4), dtype=np.uint8)
    return Samples(images, labels)


def for_test(*counts: int) -> Samples:
    return samples(*counts, seed=1)


def in_files(part: str, count: int) -> Samples:
    """Images of two classes, each in a file of its own."""
    files = tuple(f"{part}/{'no' if place % 2 else 'yes'}/{place}.png" for place in range(count))
    images = np.random.default_rng(len(part)).integers(0, 256, (count, 3, 4, 4), dtype=np.uint8)
    return Samples(images, np.arange(count) % 2, files)


TRAIN, TEST = in_files("train", 40), in_files("test", 100)
MANY = tuple(f"yes/{place}.png" for place in range(9))
EQUAL, CLASH = in_files("train", 40), in_files("train", 40)
EQUAL.images[:][5] = 77
EQUAL.images[:][9] = EQUAL.images[1]
CLASH.images[:][4] = CLASH.images[1]
LEAK = in_files("test", 100)
WHITE = samples(60, 60)
WHITE.images[:][:, :, [0, -1]] = WHITE.images[:][..., [0, -1]] = 250
LEAK.images[:][7] = EQUAL.images[3]
REFUSED = (Refused("yes/a.png", "It is cut off."), Refused("no/b.png", "It is empty."))

# Parts, the limit per class, the classes that were chosen.
Scenario = tuple[Parts, int, Sequence[int]]
SCENARIOS: dict[str, Scenario] = {
    "all is well": (Parts(samples(80, 90, 100), for_test(40, 40, 40), NAMES), 0, ()),
    "a class is nearly empty": (Parts(samples(20, 9, 10), for_test(40, 40, 40), NAMES), 0, ()),
    "two of three are": (Parts(samples(20, 9, 8), for_test(40, 40, 40), NAMES), 0, ()),
    "below the limit": (Parts(samples(20, 20, 3), for_test(40, 40, 40), NAMES), 5, ()),
    "unbalanced": (Parts(samples(300, 100, 100), for_test(90, 30, 30), NAMES), 0, ()),
    "hardly unbalanced": (Parts(samples(299, 100), for_test(89, 30)), 0, ()),
    "the test part alone": (Parts(samples(90, 90), for_test(30, 90), NAMES), 0, ()),
    "unbalanced behind a limit": (Parts(samples(90, 90), for_test(30, 90), NAMES), 20, ()),
    "a class is not tested": (Parts(samples(20, 20, 20), for_test(60, 60), NAMES), 0, ()),
    "a class is not learned": (Parts(samples(20, 20), for_test(60, 60, 7), NAMES), 0, ()),
    "it was not chosen": (Parts(samples(20, 20, 20), for_test(60, 60, 7), NAMES), 0, (0, 1)),
    "a small test part": (Parts(samples(50, 50), for_test(10, 10)), 0, ()),
    "a small part for the test": (Parts(samples(50, 50), None), 0, ()),
    "a label without a name": (
        *(Parts(samples(20, 20, 12, numbers=[0, 1, 7]), for_test(60, 60), NAMES[:2]), 0, ()),
    ),
    "a label far behind": (
        *(Parts(samples(20, 20, 20, 1, numbers=[0, 1, 2, 255]), for_test(60, 60, 60)), 0, ()),
    ),
    "a gap of what was not chosen": (
        *(Parts(samples(20, 20, 20, 3), for_test(60, 60, 60, 60)), 0, (0, 1, 3)),
    ),
    "one class": (Parts(samples(20), for_test(120), NAMES), 0, ()),
    "several, the most serious first": (
        *(Parts(samples(30, 10, 1, numbers=[0, 1, 255]), for_test(5, 5)), 0, ()),
    ),
    "files were refused": (Parts(TRAIN, TEST, refused=REFUSED), 0, ()),
    "turned, transparent": (Parts(TRAIN, TEST, turned=MANY[:1], transparent=MANY), 0, ()),
    "another size than the rest": (Parts(TRAIN, TEST, resized=TRAIN.files[:3]), 0, ()),
    "all had another size": (Parts(TRAIN, TEST, resized=TRAIN.files + TEST.files), 0, ()),
    "what the reader decided": (Parts(TRAIN, TEST, notes=("So it is read.",)), 0, ()),
    "equal and constant images": (Parts(EQUAL, LEAK), 0, ()),
    "without files": (
        *(Parts(Samples(EQUAL.images, EQUAL.numbers), Samples(LEAK.images, LEAK.numbers)), 0, ()),
    ),
    "a white background": (Parts(WHITE, for_test(60, 60)), 0, ()),
    "two labels": (Parts(CLASH, TEST, ("good", "bad")), 0, ()),
}


def report_on(parts: Parts, limit: int = 0, classes: Sequence[int] = ()) -> Examination:
    return examine(parts, *choose(parts, "some data", classes, limit), limit)


def written(report: Examination) -> str:
    """Write findings, with the places and files that they are about and what a click does."""
    lines = []
    for each in report.findings:
        lines.append(f"    {each.severity} ({each.kind}): {each.found}")
        lines.append(f"        {each.advice or '–'}")
        places = [*each.training.tolist(), *(f"test {place}" for place in each.test)]
        for what, said in (
            ("places", places[:6]),
            ("files", each.files[:4]),
            ("train without the classes", each.without_classes),
            ("train without", each.without_copies and ["copies"]),
            ("setting", each.setting and [each.setting]),
        ):
            if said:
                lines.append(f"        {what}: {', '.join(map(str, said))}")
    return "\n".join(lines or ["    –"])


def test_what_is_said_is_approved() -> None:
    said = {name: written(report_on(*scenario)) for name, scenario in SCENARIOS.items()}
    assert_approved("doctor.txt", "".join(f"{name}:\n{text}\n" for name, text in said.items()))


def test_a_white_background_is_no_finding_where_inputs_are_standardised() -> None:
    parts = Parts(WHITE, for_test(60, 60))
    training, test = choose(parts, "some data")
    standard = replace(training, scaling=Scaling((0.9,), (0.2,)))
    assert [each.kind for each in examine(parts, training, test).findings] == ["bright"]
    assert examine(parts, standard, test).findings == ()


def test_an_own_drawing_is_named_by_its_number() -> None:
    parts = Parts(TRAIN, TEST, ("yes", "no"))
    drawing = Drawing.of(TRAIN.images[:][1], "no")
    (found,) = examine(parts, *choose(parts, "some data", drawings=[drawing])).findings
    assert found.training.tolist() == [1, 40]
    assert "such as train/no/1.png and training image 41" in found.found
    assert found.files == ("train/no/1.png",)


COUNTS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 60)), min_size=1, max_size=6)


@given(COUNTS, st.booleans())
def test_what_is_said_of_classes_is_what_loops_count(
    counts: list[tuple[int, int]], named: bool
) -> None:
    assume(any(test for _, test in counts))
    called = "abcdef" if named else "012345"
    names = tuple(called) if named else ()
    training = samples(*(trained for trained, _ in counts))
    report = report_on(Parts(training, for_test(*(test for _, test in counts)), names))
    found: dict[str, Finding] = {each.kind: each for each in report.findings}
    few = [place for place, (trained, _) in enumerate(counts) if trained < 10]
    untested = [place for place, (_, test) in enumerate(counts) if not test]
    for kind, places in (("few_samples", few), ("not_tested", untested)):
        assert (kind in found) == bool(places)
        without = tuple(places) if len(counts) - len(places) > 1 else ()
        assert not places or found[kind].without_classes == without
        shown = [called[each] if kind == "not_tested" else f"{called[each]} (" for each in places]
        assert not places or all(each in found[kind].found for each in shown[:5])
    tests = sum(test for _, test in counts)
    assert ("small_test" in found) == (tests < 100)
    assert "out_of_range" not in found
    most, least = (pick(trained for trained, _ in counts) for pick in (max, min))
    largest = next(place for place, (trained, _) in enumerate(counts) if trained == most)
    said = found["imbalance"].found if "imbalance" in found else ""
    assert ("training samples" in said) == (most >= 3 * least and len(counts) > 1)
    if "training samples" in said:
        assert f"{called[largest]} has {most:,} training samples" in said
        assert f"would be right for {100 * counts[largest][1] / tests:.3g} % of" in said
