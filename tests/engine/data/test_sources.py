"""Data by its name, folder or file: found, divided into parts, chosen from, and scaled."""

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.data import load_pair
from engine.data.dataset import Dataset
from engine.data.image_form import ImageForm, in_form
from engine.data.images import ImageFile, LazyImages
from engine.data.parts import Parts, Samples
from engine.data.sources import (
    BUNDLED,
    choose,
    class_names,
    find_pair,
    load,
    name_of,
    read,
    standard_scaling,
    why_missing,
    with_drawings,
)
from engine.errors import DataError
from engine.inputs.drawings import Drawing
from engine.model.settings import Settings
from engine.training.samples import data_key, split
from tests.engine.data.idx_files import write_idx, write_pair
from tests.engine.data.pictures import shades, write_archive, write_files
from tests.picture_sets import colour_forms, write_set

OFFICIAL = ("train-images-idx3-ubyte", "train-labels-idx1-ubyte")


def test_the_bundled_digits_are_all_there() -> None:
    training, test = load("mnist")
    assert (len(training), len(test)) == (10_000, 2_000)
    assert training.classes == test.classes == tuple(range(10))
    assert training.input_shape == test.input_shape == (1, 28, 28)
    per_class = [sum(1 for label in training.labels if label == index) for index in range(10)]
    assert all(850 <= number <= 1150 for number in per_class)
    assert {int(training.images[:].min()), int(training.images[:].max())} == {0, 255}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("mnist", "mnist"),
        ("/home/ann/cats", "cats"),
        ("/home/ann/cats/", "cats"),
        ("C:\\Users\\Ann\\cats.zip", "cats.zip"),
        ("cats", "cats"),
        ("/", "/"),
    ],
)
def test_what_data_is_called_tells_no_folder(data: str, name: str) -> None:
    assert name_of(data) == name


@pytest.mark.parametrize("ending", ["", ".gz"])
@pytest.mark.parametrize("separator", ["-", "."])
@pytest.mark.parametrize("prefix", ["t10k", "test"])
def test_a_folder_with_four_files_is_read_under_all_usual_names(
    tmp_path: Path, prefix: str, separator: str, ending: str
) -> None:
    images, labels = f"images{separator}idx3-ubyte{ending}", f"labels{separator}idx1-ubyte{ending}"
    write_pair(tmp_path, [8, 6, 8], f"train-{images}", f"train-{labels}")
    write_pair(tmp_path, [6], f"{prefix}-{images}", f"{prefix}-{labels}")

    training, test = load(str(tmp_path))

    assert training.labels.tolist() == [1, 0, 1]
    assert [int(image[0, 0, 0]) for image in training.images[:]] == [0, 1, 2]
    assert test.labels.tolist() == [0]
    assert training.classes == test.classes == (6, 8)


def test_a_missing_file_of_a_folder_is_named(tmp_path: Path) -> None:
    write_pair(tmp_path, [8], *OFFICIAL)
    with pytest.raises(
        DataError, match="no readable file of test images: t10k-images-idx3-ubyte is"
    ):
        load(str(tmp_path))


def test_the_bundled_scenes_are_four_classes_in_colour() -> None:
    training, test = load("scenes")
    assert training.class_names == class_names("scenes") == ("balloon", "boat", "flower", "house")
    for part, each in ((training, 100), (test, 25)):
        assert part.input_shape == (3, 32, 32)
        assert np.bincount(part.labels).tolist() == [each] * 4
    pictures = {image.tobytes() for part in (training, test) for image in np.asarray(part.images)}
    assert len(pictures) == 500, "no test image is among the training images"
    assert why_missing("scenes") == ""
    assert BUNDLED["scenes"].stat().st_size < 800_000


def test_what_is_no_data_set_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"If it was moved or renamed, choose where it is now\.$"):
        load("~no-such-user/digits")
    for data in ("mnits", "x" * 5000, "null\0byte"):
        with pytest.raises(
            DataError, match=r"mnist, scenes, mnist-full, fashion-mnist, .*, cifar-10, a folder"
        ):
            load(data)
    path = write_idx(tmp_path / "file", (1,), [1])
    with pytest.raises(DataError, match="is a file"):
        load(str(path))


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        OFFICIAL,
        ("t10k-images.idx3-ubyte", "t10k-labels.idx1-ubyte"),
        ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
        ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte"),
        ("t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte.gz"),
        ("my-images.idx", "my-labels.idx"),
    ],
)
def test_the_other_half_of_a_pair_is_found_from_either(
    tmp_path: Path, images: str, labels: str
) -> None:
    pair = write_pair(tmp_path, [3, 1], images, labels)
    assert find_pair(pair[0]) == pair
    assert find_pair(pair[1]) == pair
    assert load_pair(*pair).labels.tolist() == [1, 0]


def test_a_file_without_a_test_part_is_divided_by_the_seed(tmp_path: Path) -> None:
    images = np.arange(40, dtype=np.uint8)[:, None, None] * np.ones((2, 2), np.uint8)
    words = np.array((["cat"] * 30) + (["dog"] * 9) + ["eel"])
    np.savez(tmp_path / "pets.npz", x=images, y=words)

    def parts(split: float, seed: int) -> tuple[list[int], list[int]]:
        training, test = load(str(tmp_path / "pets.npz"), None, None, split, seed)
        assert training.class_names == test.class_names == ("cat", "dog", "eel")
        assert training.is_named
        for part in (training, test):  # the labels go with the images
            first = part.images[:, 0, 0, 0].tolist()
            assert part.labels.tolist() == [(value >= 30) + (value >= 39) for value in first]
        return training.images[:, 0, 0, 0].tolist(), test.images[:, 0, 0, 0].tolist()

    training, test = parts(20.0, 1)
    assert sorted(training + test) == list(range(40))
    assert (sum(value < 30 for value in test), sum(30 <= value < 39 for value in test)) == (6, 2)
    assert 39 in training  # the only one of its class
    assert parts(20.0, 1) == (training, test)
    assert parts(20.0, 2) != (training, test)
    assert len(parts(50.0, 1)[1]) == 15 + 4


def test_a_file_or_folder_is_looked_for_without_being_read(tmp_path: Path) -> None:
    for name in ("own.npz", "own.csv", "own.csv.gz", "own.zip"):
        (tmp_path / name).write_bytes(b"not read")
        assert why_missing(str(tmp_path / name)) == ""
    (tmp_path / "own.txt").touch()
    assert "a file of another kind" in why_missing(str(tmp_path / "own.txt"))
    gone = why_missing(str(tmp_path / "nowhere.npz"))
    assert "There is no data set, folder or file" in gone
    assert gone.endswith("choose where it is now.")
    assert "Give one of mnist" in why_missing("mnits")
    assert "There is no data set, folder or file ''" in why_missing("")  # not the folder we are in
    assert "holds no images, but other files" in why_missing(str(tmp_path))
    assert "Choose the .npz, .csv or .zip itself" in why_missing(str(tmp_path))
    (tmp_path / OFFICIAL[1]).touch()
    assert "has no readable file of training images" in why_missing(str(tmp_path))
    assert why_missing("mnist") == ""


def test_the_files_of_samples_follow_them_into_their_part() -> None:
    numbers = np.array([0, 1] * 10)
    images = np.arange(20, dtype=np.uint8).reshape(20, 1, 1, 1)
    files = tuple(f"{place}.png" for place in range(20))
    parts = Parts(Samples(images, numbers, files), None)
    for part in choose(parts, "some data", limit=4, test_split=30):
        assert part.files == tuple(f"{shade}.png" for shade in part.images[:, 0, 0, 0])


def test_a_folder_of_images_and_a_zip_of_it_are_loaded_alike(tmp_path: Path) -> None:
    names = [f"{label}/{number}.png" for label in ("cat", "dog") for number in range(10)]
    folder = write_files(tmp_path / "pets", shades(names))
    archive = write_archive(tmp_path / "PETS.ZIP", shades(names))
    assert (why_missing(str(folder)), why_missing(str(archive))) == ("", "")
    (training, test), (zipped, _) = (
        load(str(each), None, None, 30.0) for each in (folder, archive)
    )
    assert (len(training), len(test)) == (14, 6)
    assert training.class_names == test.class_names == ("cat", "dog")
    assert np.array_equal(training.images, zipped.images)
    for part in (training, test):
        assert part.labels.tolist() == [value >= 10 for value in part.images[:, 0, 0, 0]]


def test_reading_tells_how_far_it_is_and_ends_when_the_listener_wishes(tmp_path: Path) -> None:
    folder = str(write_files(tmp_path, shades([f"{n % 2}/{n}.png" for n in range(100)])))
    heard: list[tuple[int, int]] = []

    def cancel(done: int, total: int) -> None:
        if done > 30:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read(folder, report=cancel)
    assert not [thread for thread in threading.enumerate() if "decoding" in thread.name]
    read(folder, report=lambda *hears: heard.append(hears))
    assert heard[-1] == (100, 100)
    assert heard == sorted(heard)
    assert len(heard) > 3


def test_copies_are_left_out_before_the_limit_is_counted() -> None:
    shades = np.array([1, 1, 2, 3, 4, 5, 6, 7], dtype=np.uint8)
    training = Samples(shades.reshape(8, 1, 1, 1), np.array([0, 0, 0, 0, 1, 1, 1, 1]))
    test = Samples(np.array([2, 9], dtype=np.uint8).reshape(2, 1, 1, 1), np.array([0, 1]))
    kept, _ = choose(Parts(training, test), "some data", limit=2)
    assert kept.images[:, 0, 0, 0].tolist() == [1, 1, 4, 5]
    kept, tested = choose(Parts(training, test), "some data", limit=2, copies="leave_out")
    assert kept.images[:, 0, 0, 0].tolist() == [1, 3, 4, 5]
    assert tested.images[:, 0, 0, 0].tolist() == [2, 9]


def test_without_copies_data_is_divided_into_different_images() -> None:
    shades = np.repeat(np.arange(10, dtype=np.uint8), 4)  # each of ten images four times
    read = Parts(Samples(shades.reshape(-1, 1, 1, 1), (shades % 2).astype(np.int64)), None)
    parts = choose(read, "some data", test_split=40, copies="leave_out")
    kept, tested = ({int(image[0, 0, 0]) for image in part.images[:]} for part in parts)
    assert [len(part) for part in parts] == [6, 4]
    assert kept | tested == set(range(10))


def test_where_all_training_images_are_tested_too_none_is_left() -> None:
    images = np.zeros((4, 1, 2, 2), dtype=np.uint8)
    same = Samples(images, np.array([0, 1, 0, 1]))
    with pytest.raises(DataError, match="too few samples without copies for a training"):
        choose(Parts(same, same), "some data", copies="leave_out")


# Own drawings among the training samples.


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


# Standard scaling: against numpy's mean and deviation in float64.


shapes = st.tuples(st.integers(1, 6), st.sampled_from([1, 3]), st.integers(1, 5), st.integers(1, 5))


@given(shapes.flatmap(lambda shape: arrays(np.uint8, shape)))
def test_inputs_have_the_mean_0_and_the_deviation_1(images: np.ndarray) -> None:
    scaling, values = standard_scaling(images, np.arange(len(images))), images / 255
    np.testing.assert_allclose(scaling.mean, values.mean(axis=(0, 2, 3)), rtol=1e-7)
    deviation = values.std(axis=(0, 2, 3))
    constant = deviation < 1e-9
    np.testing.assert_allclose(
        np.array(scaling.deviation)[~constant], deviation[~constant], rtol=1e-7
    )
    inputs = scaling.inputs(images, np.float64)
    np.testing.assert_allclose(inputs.mean(axis=(0, 2, 3)), 0, atol=1e-4)
    np.testing.assert_allclose(inputs.std(axis=(0, 2, 3)), np.where(constant, 0, 1), atol=1e-6)


def test_validation_samples_do_not_count() -> None:
    settings = Settings(dataset="mnist", classes=(3, 8), limit=40, seed=5).with_changes(
        scaling="standard", validation_split=30.0
    )
    train, test = load(*data_key(settings))
    kept, held = split(train, settings)
    assert held is not None
    assert (len(kept), len(held)) == (56, 24)
    values = np.asarray(kept.images) / 255
    for samples in (train, test, kept, held):
        assert samples.scaling.mean == pytest.approx([values.mean()])
        assert samples.scaling.deviation == pytest.approx([values.std()])
    assert values.mean() != pytest.approx(np.mean(np.asarray(train.images)) / 255, rel=1e-6)
    again, _ = load(*data_key(settings.with_changes(seed=6)))
    assert again.scaling != train.scaling
    whole, _ = load(*data_key(settings.with_changes(limit=1, validation_split=90.0)))
    assert whole.scaling == load("mnist", (3, 8), 1, scaling="standard")[0].scaling
