"""Images in a file are indexed as arrays of numpy are."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.data.image_form import ImageForm, in_form
from engine.data.images import ImageFile, Images, LazyImages, blocks, joined, subset
from engine.data.readers.idx import read_images_and_labels
from engine.errors import DataError, LostDataError
from tests.engine.data.idx_files import idx_bytes

COUNT = 23
FORM = ImageForm(5, "grey", "crop")
SHAPES = {"grey": (COUNT, 3, 2), "first": (COUNT, 3, 4, 2), "last": (COUNT, 4, 2, 3)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of random images for each way to store them, and what a plain reading gives."""
    place = tmp_path_factory.mktemp("images")
    dice = np.random.default_rng(1)
    for name, shape in SHAPES.items():
        values = dice.integers(0, 256, shape, dtype=np.uint8)
        (place / name).write_bytes(b"head" + values.tobytes())
    return place


def opened(folder: Path, name: str) -> tuple[LazyImages, NDArray[np.uint8]]:
    """Return images in a file, as they are, in another form or behind others, and an array."""
    if name in ("formed", "joined"):
        images, expected = opened(folder, "first")
        if name == "joined":
            return joined(expected[:5], images), np.concatenate([expected[:5], expected])
        formed = in_form(images, FORM, "these")
        assert isinstance(formed, LazyImages)
        return formed, np.asarray(in_form(expected, FORM, "these"))
    values = np.fromfile(folder / name, np.uint8)[4:].reshape(SHAPES[name])
    file = ImageFile(folder / name, 4, SHAPES[name], channels_last=name == "last")
    if name == "grey":
        return LazyImages(file), values[:, np.newaxis]
    return LazyImages(file), values.transpose(0, 3, 1, 2) if name == "last" else values


def indices(count: int) -> st.SearchStrategy[Any]:
    """Whatever picks some of so many images."""
    lists = st.lists(st.integers(-count, count - 1), max_size=30) if count else st.just([])
    arrays = lists.map(lambda places: np.array(places, dtype=np.int64))
    masks = st.lists(st.booleans(), min_size=count, max_size=count).map(
        lambda bits: np.array(bits, dtype=bool)
    )
    return st.one_of(st.slices(count), arrays, masks)


@settings(max_examples=25, deadline=None)
@given(data=st.data(), name=st.sampled_from([*SHAPES, "formed", "joined"]))
def test_indexing_gives_what_numpy_gives(folder: Path, data: st.DataObject, name: str) -> None:
    images: Images
    images, expected = opened(folder, name)
    for _ in range(data.draw(st.integers(0, 3), "parts of parts")):
        index = data.draw(indices(len(expected)), "part")
        if not isinstance(index, slice):
            images, expected = subset(images, index), expected[index]
    assert isinstance(images, LazyImages)
    assert images.shape == expected.shape
    assert len(images) == len(expected)
    index = data.draw(indices(len(expected)), "index")
    found = images[index]
    assert found.dtype == np.uint8
    assert found.shape == expected[index].shape
    assert np.array_equal(found, expected[index])
    for place in range(-len(expected), len(expected)):
        assert np.array_equal(images[place], expected[place])


@pytest.mark.parametrize("index", [COUNT, -COUNT - 1, np.array([0, COUNT]), np.array([-COUNT - 1])])
def test_what_is_out_of_bounds_is_refused(folder: Path, index: Any) -> None:
    images, expected = opened(folder, "grey")
    for each in (images, expected):
        with pytest.raises(IndexError):
            each[index]


@pytest.mark.parametrize("index", [np.array([0.0]), np.zeros((2, 2), int), np.ones(3, bool)])
def test_other_indices_are_refused(folder: Path, index: Any) -> None:
    with pytest.raises(IndexError):
        opened(folder, "grey")[0][index]


def test_an_array_of_all_can_be_had(folder: Path) -> None:
    images, expected = opened(folder, "last")
    assert np.array_equal(np.asarray(images), expected)
    assert np.asarray(images, np.float32).dtype == np.float32


@pytest.mark.parametrize("size", [1, 12, 70, 10_000])
def test_blocks_cover_all_images_once(folder: Path, size: int) -> None:
    images, expected = opened(folder, "grey")
    parts = list(blocks(images, size))
    assert np.array_equal(np.concatenate([images[part] for part in parts]), expected)
    assert all((part.stop - part.start) * 6 <= max(size, 6) for part in parts)


def test_threads_read_at_the_same_time(folder: Path) -> None:
    images, expected = opened(folder, "first")
    wrong = []

    def read(seed: int) -> None:
        dice = np.random.default_rng(seed)
        for _ in range(300):
            places = dice.integers(0, COUNT, 8)
            if not np.array_equal(images[places], expected[places]):
                wrong.append(places)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(read, range(4)))
    assert not wrong


@pytest.mark.parametrize("change", ["cut", "grow", "write"])
def test_a_file_that_changes_is_an_error_and_no_wrong_image(tmp_path: Path, change: str) -> None:
    path = tmp_path / "images"
    path.write_bytes(bytes(range(60)))
    os.utime(path, (1, 1))
    images = LazyImages(ImageFile(path, 0, (10, 3, 2)))
    assert images[9].tolist() == [[[54, 55], [56, 57], [58, 59]]]
    with path.open("r+b") as file:
        if change == "cut":
            file.truncate(50)
        else:
            file.seek(60 if change == "grow" else 0)
            file.write(b"x")
    for index in (slice(None), np.array([2]), 0):
        with pytest.raises(LostDataError, match=r"images was changed while it was in use\. Read"):
            images[index]


def test_a_file_that_is_replaced_is_read_on_as_it_was(tmp_path: Path) -> None:
    path, other = tmp_path / "images", tmp_path / "other"
    path.write_bytes(bytes(range(60)))
    images = LazyImages(ImageFile(path, 0, (10, 3, 2)))
    other.write_bytes(bytes(60))
    other.replace(path)
    assert images[9].tolist() == [[[54, 55], [56, 57], [58, 59]]]


def test_a_file_that_is_shorter_than_it_should_be_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "images"
    path.write_bytes(bytes(59))
    with pytest.raises(DataError, match="was changed while it was read"):
        ImageFile(path, 0, (10, 3, 2))
    with pytest.raises(DataError, match="does not exist"):
        ImageFile(tmp_path / "none", 0, (10, 3, 2))


@pytest.mark.parametrize("shape", [(6, 4, 2), (6, 3, 4, 2), (6, 4, 2, 3), (6, 1, 4, 2)])
def test_a_large_idx_file_gives_the_images_of_a_small_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...]
) -> None:
    values = np.random.default_rng(2).integers(0, 256, shape, dtype=np.uint8)
    (tmp_path / "images").write_bytes(idx_bytes(shape, values.ravel().tolist()))
    (tmp_path / "labels").write_bytes(idx_bytes((6,), range(6)))
    pair = tmp_path / "images", tmp_path / "labels"
    small, _ = read_images_and_labels(*pair)
    monkeypatch.setattr("engine.data.readers.idx.LARGE", values.size - 1)
    large, labels = read_images_and_labels(*pair)
    assert isinstance(small, np.ndarray)
    assert isinstance(large, LazyImages)
    assert np.array_equal(large, small)
    assert labels.tolist() == list(range(6))


def test_a_large_idx_file_of_another_length_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.readers.idx.LARGE", 10)
    (tmp_path / "labels").write_bytes(idx_bytes((4,), range(4)))
    for size, fault in ((23, "is cut off: .* but 23 follow"), (25, "is too long")):
        (tmp_path / "images").write_bytes(idx_bytes((4, 3, 2), [0] * size))
        with pytest.raises(DataError, match=fault):
            read_images_and_labels(tmp_path / "images", tmp_path / "labels")


def test_a_sparse_file_beyond_what_is_read_at_once_can_be_used(tmp_path: Path) -> None:
    count = 3_000_000  # 2.35 GB, of which the disk holds the last image alone
    with (tmp_path / "images").open("wb") as file:
        file.write(idx_bytes((count, 28, 28), []))
        file.seek(16 + (count - 1) * 784)
        file.write(bytes([7]) * 784)
    (tmp_path / "labels").write_bytes(idx_bytes((count,), []) + bytes(count))
    images, labels = read_images_and_labels(tmp_path / "images", tmp_path / "labels")
    assert len(images) == len(labels) == count
    assert images[count - 1].min() == 7
    assert images[count - 2].max() == 0
