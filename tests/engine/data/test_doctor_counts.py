"""Every number of a report against a plain second count, on small data with planted faults."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from engine.data.dataset import Dataset
from engine.data.doctor import Examination, Finding, examine
from engine.data.parts import Parts, Samples
from engine.data.readers import idx
from engine.data.sources import choose, read
from engine.errors import DataError
from tests.engine.data import plain_counts
from tests.engine.data.plain_counts import Place
from tests.engine.memory import less_memory_than
from tests.failing import failing

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
    """100,000 equal images, of which every one is found; together they are 78 MB."""
    count, tested = 100_000, 1_000
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
    with less_memory_than(40_000_000):
        report = examine(read_parts, training, test)
    assert (report.duplicates, report.leaks) == (count + tested - 2, tested)
