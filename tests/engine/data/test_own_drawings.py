"""Own drawings among the training samples."""

from pathlib import Path

import numpy as np
import pytest

from engine.data.dataset import Dataset
from engine.data.image_form import ImageForm, in_form
from engine.data.images import ImageFile, LazyImages
from engine.data.sources import load, with_drawings
from engine.inputs.drawings import Drawing
from tests.picture_sets import colour_forms, write_set

DICE = np.random.default_rng(3)


def images(count: int, *shape: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    return DICE.integers(0, 256, (count, *shape), dtype=np.uint8)


def training(*shape: int) -> Dataset:
    return Dataset(images(4, *shape), np.array([0, 1, 1, 0]), (3, 8), "few", ("three", "eight"))


def test_they_come_behind_the_others_with_their_classes() -> None:
    few, own = training(1, 6, 5), images(2, 1, 6, 5)
    drawings = [Drawing.of(own[0], "eight"), Drawing.of(own[1], "three")]
    joined = with_drawings(few, drawings)
    np.testing.assert_array_equal(joined.images[:], np.concatenate([few.images[:], own]))
    assert joined.labels.tolist() == [0, 1, 1, 0, 1, 0]
    assert joined.class_names == ("three", "eight")


def test_what_does_not_suit_is_left_out() -> None:
    """One of another class, and one of another size where no square is asked for."""
    few = training(1, 6, 5)
    strange = Drawing.of(images(1, 1, 6, 5)[0], "nine"), Drawing.of(images(1, 1, 5, 5)[0], "three")
    assert with_drawings(few, strange) is few


def test_another_size_and_other_colours_are_brought_to_those_of_the_data() -> None:
    grey = np.full((1, 4, 4), 90, np.uint8)
    joined = with_drawings(training(3, 8, 8), [Drawing.of(grey, "three")])
    np.testing.assert_array_equal(joined.images[4], np.full((3, 8, 8), 90))
    colour = np.stack([np.full((4, 4), each, np.uint8) for each in (200, 100, 0)])
    (shade,) = np.unique(
        with_drawings(training(1, 8, 8), [Drawing.of(colour, "eight")]).images[4]
    ).tolist()
    assert shade == pytest.approx(0.299 * 200 + 0.587 * 100, abs=1)


def test_images_in_a_file_stay_there_in_another_form(tmp_path: Path) -> None:
    stored, own = images(5, 2, 3), images(1, 1, 4, 4)
    (tmp_path / "images").write_bytes(stored.tobytes())
    in_file = LazyImages(ImageFile(tmp_path / "images", 0, stored.shape))
    formed = in_form(in_file, ImageForm(4), "few")
    joined = with_drawings(
        Dataset(formed, np.array([0, 1, 0, 1, 0]), (0, 1)), [Drawing.of(own[0], "1")]
    )
    assert isinstance(joined.images, LazyImages)
    np.testing.assert_array_equal(joined.images[:], np.concatenate([formed[:], own]))


def test_load_takes_them_beyond_the_limit(tmp_path: Path) -> None:
    data = str(write_set("colour", tmp_path / "forms.npz", 3, 1))
    own, _ = colour_forms(1, seed=9)
    drawing = Drawing.of(np.moveaxis(own[0], -1, 0), "red circle")
    plain, test = load(data, limit=2)
    joined, same = load(data, limit=2, drawings=(drawing,))
    assert (len(plain), len(joined)) == (18, 19)
    assert joined.class_names[joined.labels[-1]] == "red circle"
    np.testing.assert_array_equal(joined.images[-1], drawing.image)
    np.testing.assert_array_equal(same.images[:], test.images[:])
