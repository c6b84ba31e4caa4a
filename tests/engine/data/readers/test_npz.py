"""Pictures and labels from `.npz` files: every layout that is read, and what is refused."""

import io
import struct
import zipfile
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine.data.images import LazyImages
from engine.data.parts import Parts
from engine.data.readers.npz import read_npz
from engine.errors import DataError
from tests.approved import assert_approved, refusal

DICE = np.random.default_rng(3)
GREY = DICE.integers(0, 256, (6, 4, 5), np.uint8)
COLOUR = DICE.integers(0, 256, (6, 4, 5, 3), np.uint8)
LABELS = np.array([2, 0, 1, 2, 0, 1])


def write(path: Path, arrays: dict[str, NDArray[np.generic]], compressed: bool = False) -> Path:
    save = np.savez_compressed if compressed else np.savez
    save(path, allow_pickle=True, **arrays)
    return path


def read(tmp_path: Path, **arrays: NDArray[np.generic]) -> Parts:
    return read_npz(write(tmp_path / "data.npz", arrays))


@st.composite
def layouts(draw: st.DrawFn) -> tuple[NDArray[np.generic], NDArray[np.uint8], int]:
    """Draw images as a file may hold them, as they are to be read, and the end of their scale."""
    channels, scale = draw(st.sampled_from([1, 3])), draw(st.sampled_from([1, 16, 255]))
    in_rows = draw(st.booleans())
    height = draw(st.sampled_from([2, 4, 5]))  # 3 may as well be channels
    width = height if in_rows else draw(st.sampled_from([2, 4, 5]))
    dice = np.random.default_rng(draw(st.integers(0, 9)))
    kind = draw(st.sampled_from(["u1", "i8", "f4", "f8"]))
    values = dice.integers(0, scale + 1, (6, channels, height, width)).astype(kind)
    if kind == "f8":  # with fractions
        values *= dice.random(values.shape)
    values[0, 0, 0, 0] = scale
    expected = np.rint(values * (255 / scale)).astype(np.uint8)
    last = values.transpose(0, 2, 3, 1)
    stored = last.reshape(6, -1) if in_rows else draw(st.sampled_from([values, last]))
    if channels == 1 and not in_rows and draw(st.booleans()):
        stored = values[:, 0]
    stored = np.asfortranarray(stored) if draw(st.booleans()) else np.ascontiguousarray(stored)
    return stored, expected, scale


@given(layouts(), st.booleans(), st.sampled_from(["x_train y_train", "x y", "images labels"]))
def test_images_are_read_in_every_layout(
    tmp_path_factory: pytest.TempPathFactory,
    drawn: tuple[NDArray[np.generic], NDArray[np.uint8], int],
    compressed: bool,
    names: str,
) -> None:
    stored, expected, scale = drawn
    images, labels = names.split()
    path = tmp_path_factory.mktemp("npz") / "data.npz"
    parts = read_npz(write(path, {images: stored, labels: LABELS}, compressed))
    assert parts.test is None
    assert np.array_equal(parts.training.images, expected)
    assert parts.training.numbers.tolist() == LABELS.tolist()
    said = [f"from 0 to {scale}," in note for note in parts.notes]
    assert said.count(True) == (scale < 255)
    in_rows = [note for note in parts.notes if "not all red first" in note]
    assert len(in_rows) == (stored.ndim == 2 and expected.shape[1] == 3)


def test_a_test_part_is_read_on_the_same_scale_and_its_words_are_numbered_alike(
    tmp_path: Path,
) -> None:
    train, test = np.array(["dog", "cat", "dog", "bee", "cat", "dog"]), np.array(["ant", "cat"])
    parts = read(tmp_path, x_train=GREY, y_train=train, x_test=GREY[:2] % 9, y_test=test)
    assert parts.class_names == ("ant", "bee", "cat", "dog")
    assert parts.training.numbers.tolist() == [3, 2, 3, 1, 2, 3]
    assert parts.test is not None
    assert parts.test.numbers.tolist() == [0, 2]
    assert np.array_equal(parts.test.images[:, 0], GREY[:2] % 9)


def test_arrays_that_are_not_read_are_said(tmp_path: Path) -> None:
    parts = read(tmp_path, x_train=GREY, y_train=LABELS, x_test=GREY, y_val=LABELS)
    assert parts.notes == ("Other arrays of the file were left out: x_test, y_val.",)


REFUSED: tuple[dict[str, NDArray[Any]], ...] = (
    {"a": GREY},
    {"x": GREY, "y": LABELS[:4]},
    {"x": GREY - 300.0, "y": LABELS},
    {"x": GREY * np.nan, "y": LABELS},
    {"x": GREY, "y": LABELS - 1},
    {"x": GREY, "y": np.array(["ant", "x" * 501] * 3)},
    {"x": GREY, "y": LABELS + 0.5},
    {"x": GREY.reshape(6, 20), "y": LABELS},
    {"x": COLOUR.reshape(6, 4, 3, 5), "y": LABELS},
    {"x": GREY.astype("U3"), "y": LABELS},
    {"x": GREY[:0], "y": LABELS[:0]},
    {"x": np.array([None] * 6), "y": LABELS},
    {"x": GREY > 3 + 0j, "y": LABELS.astype("M8[s]")},
    {"x": np.arange(2000).reshape(2000, 1) % 9, "y": np.arange(2000)},
    # Words of impossible letters
    *(
        {"x": GREY, "y": np.full((6, 2), letter, f"{order}u4").view(f"{order}U2")[:, 0]}
        for order in "<>"
        for letter in (0x110000, 0x61000000, 0xD800)
    ),
)


def test_what_is_no_data_set_is_refused_in_approved_words(tmp_path: Path) -> None:
    said = "".join(refusal(partial(read, tmp_path, **each), tmp_path) for each in REFUSED)
    assert_approved("refused_npz.txt", said)


@pytest.mark.parametrize("text", ["\0", "{'a': \0}", "(" * 9000, "{'descr': '|u1'", "{1:", "-"])
def test_headers_that_are_none_are_refused(tmp_path: Path, text: str) -> None:
    npy = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode()
    with zipfile.ZipFile(tmp_path / "bad.npz", "w") as file:
        file.writestr("x.npy", npy)
        file.writestr("y.npy", npy)
    with pytest.raises(DataError, match=r"is no array of numpy|does not fit into memory"):
        read_npz(tmp_path / "bad.npz")


def test_a_header_that_says_too_much_is_refused_before_the_values_are_read(tmp_path: Path) -> None:
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (60000, 9000, 9000), }\n"
    npy = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    path = tmp_path / "large.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("x.npy", npy + bytes(1000))
        file.writestr("y.npy", npy)
    with pytest.raises(DataError, match="more than the 2 GiB that are read"):
        read_npz(path)


@pytest.fixture(scope="module")
def whole() -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, x_train=GREY, y_train=LABELS, x_test=COLOUR[..., 0], y_test=LABELS)
    return file.getvalue()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.data())
def test_a_damaged_file_is_read_the_same_or_refused(
    tmp_path: Path, whole: bytes, data: st.DataObject
) -> None:
    damaged = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged.npz"
    end = data.draw(st.integers(0, len(damaged))) if data.draw(st.booleans()) else None
    path.write_bytes(bytes(damaged[:end]))
    try:
        parts = read_npz(path)
    except DataError:
        return
    assert np.array_equal(parts.training.images[:, 0], GREY)


@pytest.mark.parametrize(
    "shape", [(7, 4, 5), (7, 4, 5, 3), (7, 3, 4, 5), (7, 1, 4, 5), (7, 16), (7, 48), (7, 5, 3, 3)]
)
def test_very_many_images_stay_in_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shape: tuple[int, ...]
) -> None:
    images, labels = DICE.integers(0, 256, shape, np.uint8), np.arange(7)
    images[0] = 255
    arrays = {"x_train": images, "y_train": labels, "x_test": images[:1], "y_test": labels[:1]}
    path = write(tmp_path / "data.npz", arrays)
    expected = read_npz(path)
    monkeypatch.setattr("engine.data.readers.npz.LARGE", images.size + 127)  # the header takes 128
    found = read_npz(path)
    assert isinstance(expected.training.images, np.ndarray)
    assert isinstance(found.training.images, LazyImages)
    assert np.array_equal(found.training.images[:], expected.training.images)
    assert found.training.images.shape == expected.training.images.shape
    assert found.test is not None
    assert expected.test is not None
    assert isinstance(found.test.images, np.ndarray)
    assert np.array_equal(found.test.images, expected.test.images[:])


@pytest.mark.parametrize(
    "images",
    [GREY % 16, GREY.astype(np.int16), np.asfortranarray(GREY), GREY / 255],
    ids=["scale", "type", "order", "floats"],
)
def test_images_that_are_not_there_as_they_are_used_are_read_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, images: NDArray[np.generic]
) -> None:
    path = write(tmp_path / "data.npz", {"x": images, "y": LABELS})
    expected = read_npz(path).training.images
    monkeypatch.setattr("engine.data.readers.npz.LARGE", 50)
    found = read_npz(path).training.images
    assert isinstance(found, np.ndarray)
    assert np.array_equal(found, expected[:])


def test_damage_of_very_many_images_is_noticed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.readers.npz.LARGE", 50)
    path = write(tmp_path / "data.npz", {"x": GREY, "y": LABELS})
    content = bytearray(path.read_bytes())
    content[content.index(GREY.tobytes()) + 7] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match="damaged"):
        read_npz(path)
