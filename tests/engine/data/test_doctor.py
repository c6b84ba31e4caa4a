"""What is said of data with planted faults, and all its numbers against a plain second count."""

import struct
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from engine.data.dataset import Dataset
from engine.data.doctor import Examination, Finding, examine
from engine.data.parts import Parts, Refused, Samples
from engine.data.readers import idx
from engine.data.sources import choose, read
from engine.errors import DataError
from engine.inputs.drawings import Drawing
from engine.inputs.scaling import Scaling
from tests.approved import assert_approved
from tests.engine.data import plain_counts
from tests.engine.data.plain_counts import Place
from tests.engine.memory import less_memory_than
from tests.failing import failing

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


@settings(max_examples=25)
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


# Of so few shades and pixels that copies, leaks, conflicts and constant images are frequent.
SHADES = st.sampled_from([0, 255])
CLASSES = st.integers(0, 3)


@st.composite
def parts(draw: st.DrawFn, *, divided: bool) -> Parts:
    """Samples in grey or colour, with a test part or, if they are `divided` later, without."""
    channels, width = draw(st.sampled_from([(1, 2), (1, 3), (3, 2)]))
    shape = channels, 2, width
    image = st.lists(SHADES, min_size=channels * 2 * width, max_size=channels * 2 * width)
    sample = st.tuples(image, CLASSES)

    def part() -> Samples:
        drawn = draw(st.lists(sample, min_size=2, max_size=30))
        images = np.array([pixels for pixels, _ in drawn], dtype=np.uint8)
        numbers = np.array([number for _, number in drawn], dtype=np.int64)
        return Samples(images.reshape(-1, *shape), numbers)

    return Parts(part(), None if divided else part())


def examined(read: Parts) -> tuple[Examination, Dataset, Dataset]:
    try:
        training, test = choose(read, "some data")
    except DataError:
        assume(False)
    return examine(read, training, test), training, test


def finding(report: Examination, kind: str) -> Finding | None:
    found = [each for each in report.findings if each.kind == kind]
    assert len(found) <= 1
    return found[0] if found else None


def places(report: Examination, kind: str) -> set[Place]:
    """Which samples a finding is about; none if there is no such finding."""
    found = finding(report, kind)
    if found is None:
        return set()
    together = [("training", place) for place in found.training.tolist()]
    together += [("test", place) for place in found.test.tolist()]
    assert len(set(together)) == len(together) > 0
    return set(together)


@settings(max_examples=25)
@given(st.booleans().flatmap(lambda divided: parts(divided=divided)))
def test_all_counts_are_those_of_plain_loops(read: Parts) -> None:
    report, training, test = examined(read)
    found, one = plain_counts.samples(training, test), read.test is None
    assert (report.training_samples, report.test_samples) == (len(training), len(test))
    assert report.shape == training.images.shape[1:]
    assert [
        (each.number, each.training, each.test) for each in report.classes
    ] == plain_counts.class_counts(training, test)
    assert report.duplicates == plain_counts.duplicates(found, as_one_part=one)
    assert report.leaks == plain_counts.leaks(found)
    assert places(report, "duplicates") == plain_counts.repeated(found, as_one_part=one)
    assert places(report, "leaks") == plain_counts.in_both_parts(found)
    assert places(report, "conflicts") == plain_counts.conflicts(found)
    assert places(report, "constant") == plain_counts.constants(training, test)
    for kind, number in (
        ("duplicates", plain_counts.duplicates(found, as_one_part=one)),
        ("leaks", plain_counts.leaks(found)),
        ("conflicts", plain_counts.different(plain_counts.conflicts(found), found)),
        ("constant", len(plain_counts.constants(training, test))),
    ):
        said = finding(report, kind)
        assert (said is None) == (number == 0)
        assert said is None or int(said.found.split()[0]) == number
    if not one:
        check_that_equal_images_stand_side_by_side(report, found)


@settings(max_examples=25)
@given(st.booleans().flatmap(lambda divided: parts(divided=divided)))
def test_the_remedy_of_copies_cures_them(read: Parts) -> None:
    report, *_ = examined(read)
    sick = [
        each
        for each in report.findings
        if each.kind in ("leaks", "conflicts", "duplicates")
        and (len(each.training) or read.test is None)
    ]
    assert all(each.without_copies for each in sick)
    try:
        training, test = choose(read, "some data", copies="leave_out")
    except DataError:
        assume(False)
    cured = examine(read, training, test)
    assert cured.leaks == 0
    for kind in ("conflicts", "duplicates"):
        assert all(part == "test" for part, _ in places(cured, kind))
    if not sick and finding(report, "not_learned") is None:  # all test samples are compared
        assert [each.found for each in cured.findings] == [each.found for each in report.findings]


def check_that_equal_images_stand_side_by_side(
    report: Examination, found: plain_counts.Found
) -> None:
    for kind in ("duplicates", "leaks", "conflicts"):
        said = finding(report, kind)
        for part in ("training", "test"):
            places = [] if said is None else getattr(said, part).tolist()
            pixels = [found[part, place][0] for place in places]
            runs = [
                one for one, before in zip(pixels, [None, *pixels], strict=False) if one != before
            ]
            assert len(runs) == len(set(runs))


def test_of_many_images_some_are_looked_at_together_and_cancel_ends_it() -> None:
    images = np.random.default_rng(1).integers(0, 256, (300, 1, 300, 300), dtype=np.uint8)
    images[299] = images[0]
    read = Parts(Samples(images[:299], np.arange(299) % 2), Samples(images[299:], np.array([0])))
    training, test = choose(read, "some data")
    told: list[float] = []
    assert examine(read, training, test, report=told.append).leaks == 1
    assert told == sorted(told)
    assert len(told) > 3
    assert told[-1] == 1
    with pytest.raises(InterruptedError):
        examine(read, training, test, report=failing(InterruptedError()))


def test_images_in_a_file_are_never_all_in_memory(tmp_path: Path) -> None:
    """30,000 equal images, of which every one is found; together they are 24 MB."""
    count, tested = 30_000, 500
    for part, size in (("train", count), ("t10k", tested)):
        with (tmp_path / f"{part}-images-idx3-ubyte").open("wb") as file:
            file.write(struct.pack(">IIII", 0x803, size, 28, 28))
            file.truncate(16 + size * 784)
        labels = struct.pack(">II", 0x801, size) + bytes(place % 10 for place in range(size))
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(labels)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(idx, "LARGE", 1_000_000)
        read_parts = read(str(tmp_path))
    training, test = choose(read_parts, "it")
    assert not isinstance(training.images, np.ndarray)
    with less_memory_than(20_000_000):
        report = examine(read_parts, training, test)
    assert (report.duplicates, report.leaks) == (count + tested - 2, tested)
