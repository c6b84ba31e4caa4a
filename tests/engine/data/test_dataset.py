"""Data sets: their samples, targets and names, and the fingerprint that tells them apart."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import images
from engine.data.dataset import Dataset, fingerprint
from engine.data.images import ImageFile, LazyImages
from engine.errors import DataError
from engine.inputs.scaling import Scaling


def make(digits: list[int]) -> Dataset:
    """A data set whose i-th image of 2×3 is filled with the value i."""
    images = np.repeat(np.arange(len(digits), dtype=np.uint8), 6).reshape(-1, 2, 3)
    return Dataset.from_numbers(images, np.array(digits, dtype=np.uint8), "the test samples")


def samples(data: Dataset) -> list[tuple[int, int]]:
    """The (number of the image, digit) of every sample, by a plain loop."""
    return [
        (int(data.images[index, 0, 0, 0]), data.classes[data.labels[index]])
        for index in range(len(data))
    ]


def test_classes_are_the_digits_that_occur_ascending() -> None:
    data = make([7, 3, 7, 200])
    assert data.classes == (3, 7, 200)
    assert data.labels.tolist() == [1, 0, 1, 2]
    assert data.labels.dtype == np.int64
    assert len(data) == 4
    assert data.images.shape == (4, 1, 2, 3)
    assert data.input_shape == (1, 2, 3)


def test_the_arrays_cannot_be_written_to() -> None:
    data = make([1, 2]).select([1])
    with pytest.raises(ValueError, match="read-only"):
        data.images[:][0] = 0
    with pytest.raises(ValueError, match="read-only"):
        data.labels[0] = 0


@given(
    st.lists(st.integers(0, 9), min_size=1, max_size=40),
    st.one_of(st.none(), st.integers(0, 5)),
    st.data(),
)
def test_selection_keeps_the_first_of_each_class_in_order(
    digits: list[int], limit: int | None, draw: st.DataObject
) -> None:
    wanted = draw.draw(st.lists(st.sampled_from(digits), min_size=1))
    selected = make(digits).select(wanted, limit)

    expected: list[tuple[int, int]] = []
    seen = dict.fromkeys(range(10), 0)
    for index, digit in enumerate(digits):
        seen[digit] += 1
        if digit in wanted and (not limit or seen[digit] <= limit):
            expected.append((index, digit))
    assert samples(selected) == expected
    assert list(selected.classes) == sorted(set(wanted))


def test_a_class_without_samples_is_named_with_those_there_are() -> None:
    with pytest.raises(DataError) as caught:
        make(list(range(10))).select([1, 11])
    assert str(caught.value) == (
        "Class 11 does not occur in the test samples; its classes are 0-9. Choose among these."
    )
    with pytest.raises(DataError, match="its classes are 0, 1, 7"):
        make([7, 1, 0]).select([2])
    with pytest.raises(DataError, match="limit per class is -1"):
        make([1]).select([1], -1)
    with pytest.raises(DataError, match="shows 5, 9, but the network tells 0, 1 apart"):
        make([5, 9]).matching((0, 1))


def test_matching_numbers_the_samples_as_the_network_does() -> None:
    data = make([5, 9, 1, 5]).matching((1, 3, 5))
    assert data.classes == (1, 3, 5)
    assert data.labels.tolist() == [2, 0, 2]
    assert samples(data) == [(0, 5), (2, 1), (3, 5)]


def test_targets_are_one_at_the_class() -> None:
    data = make([7, 3, 200, 3])
    targets = data.batch_targets(np.array([0, 1, 2, 3]), np.float64)
    assert targets.dtype == np.float64
    assert targets.tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1], [1, 0, 0]]
    assert data.batch_targets(slice(1, 2)).tolist() == [[1, 0, 0]]


def test_samples_keep_the_files_that_they_are_from() -> None:
    digits = [7, 3, 7, 3, 9]
    files = tuple(f"{place}.png" for place in range(5))
    made = make(digits)
    data = Dataset.from_numbers(made.images, np.array(digits), "the test samples", (), files)
    for part in (data.select([3, 7], 1), data.take(np.array([4, 0])), data.matching((3, 9))):
        assert part.files == tuple(f"{image}.png" for image, _ in samples(part))
    assert made.take(np.array([1])).files == ()


def test_a_class_beyond_the_names_is_called_its_number() -> None:
    images = np.zeros((3, 2, 3), dtype=np.uint8)
    data = Dataset.from_numbers(images, np.array([1, 12, 0]), "the test samples", ("no", "yes"))
    assert data.class_names == ("no", "yes", "12")


# The fingerprint of data: it is another one where anything of the data is.


PIXELS = np.random.default_rng(5).integers(0, 256, (40, 1, 5, 5), dtype=np.uint8)
LABELS = np.arange(40) % 2
DATA = Dataset(PIXELS, LABELS, (3, 8), class_names=("cat", "dog"))


def with_pixel(value: int) -> Dataset:
    changed = PIXELS.copy()
    changed[39, 0, 4, 4] = value
    return replace(DATA, images=changed)


def test_the_same_content_has_the_same_fingerprint() -> None:
    again = Dataset(PIXELS.copy(), LABELS.astype(np.int64), (3, 8), "other", ("cat", "dog"))
    assert fingerprint(again, DATA) == fingerprint(DATA, DATA)
    assert fingerprint(replace(DATA, scaling=Scaling((0.5,), (0.1,)))) == fingerprint(DATA)
    assert len(fingerprint(DATA)) == 64


@pytest.mark.parametrize(
    "other",
    [
        with_pixel((int(PIXELS[39, 0, 4, 4]) + 1) % 256),
        replace(DATA, labels=LABELS[::-1]),
        replace(DATA, classes=(3, 9)),
        replace(DATA, class_names=("cat", "cow")),
        DATA.take(np.arange(39)),
        replace(DATA, images=PIXELS.reshape(40, 1, 1, 25)),
        replace(DATA, images=PIXELS[::-1], labels=LABELS),
    ],
)
def test_other_pixels_labels_classes_names_or_shapes_have_another(other: Dataset) -> None:
    assert fingerprint(DATA, other) != fingerprint(DATA, DATA)
    assert fingerprint(other, DATA) != fingerprint(DATA, DATA)


def test_images_in_a_file_have_the_fingerprint_of_those_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = fingerprint(DATA)
    (tmp_path / "pixels").write_bytes(PIXELS.tobytes())
    stored = LazyImages(ImageFile(tmp_path / "pixels", 0, (40, 5, 5)))
    assert fingerprint(replace(DATA, images=stored)) == expected
    monkeypatch.setattr(images.blocks, "__defaults__", (75,))  # three images at a time
    assert fingerprint(replace(DATA, images=stored)) == expected == fingerprint(DATA)


def test_of_very_many_images_some_all_over_them_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.data.dataset.LARGE", 500)
    monkeypatch.setattr(images.blocks, "__defaults__", (50,))  # of two images, every second one
    last = with_pixel((int(PIXELS[39, 0, 4, 4]) + 1) % 256)
    assert fingerprint(last) == fingerprint(DATA)
    changed = PIXELS.copy()
    changed[37] ^= 1
    assert fingerprint(replace(DATA, images=changed)) != fingerprint(DATA)
