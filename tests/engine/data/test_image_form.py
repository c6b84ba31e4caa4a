"""The form of images: against Pillow and plain arithmetic, one picture after the other."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from engine.data import load
from engine.data.image_form import AS_IS, Colour, ImageForm, in_form, picture_in_form
from engine.data.images import ImageFile, LazyImages
from engine.errors import DataError

Bytes = NDArray[np.uint8]
GREYS = {"black": 0, "grey": 128, "white": 255}
sides = st.integers(1, 40)
forms = st.builds(
    ImageForm,
    st.integers(0, 40),
    st.sampled_from(["as_is", "grey", "rgb"]),
    st.sampled_from(["fit", "crop", "stretch"]),
    st.sampled_from(["black", "grey", "white"]),
)


def images(channels: int, height: int, width: int, count: int = 3) -> Bytes:
    dice = np.random.default_rng(height * 41 + width)
    return dice.integers(0, 256, (count, channels, height, width), dtype=np.uint8)


def picture(image: Bytes) -> Image.Image:
    return Image.fromarray(image[0] if len(image) == 1 else np.moveaxis(image, 0, 2).copy())


def resized(one: Image.Image, size: tuple[int, int], box: tuple[int, ...]) -> Image.Image:
    left, top, right, bottom = box
    wide = one.resize(
        (size[0], one.height), Image.Resampling.BILINEAR, (left, 0, right, one.height)
    )
    return wide.resize(size, Image.Resampling.BILINEAR, (0, top, size[0], bottom))


def plainly(image: Bytes, form: ImageForm) -> Bytes:
    """Bring one image to a form as a user of Pillow would."""
    one = picture(image)
    if form.colour != "as_is":
        one = one.convert("L" if form.colour == "grey" else "RGB")
    size, filled = (form.size, form.size), GREYS[form.background]
    if form.size and form.fit == "stretch":
        one = resized(one, size, (0, 0, *one.size))
    elif form.size and form.fit == "crop":
        side = min(one.size)
        left, top = (one.width - side) // 2, (one.height - side) // 2
        box = (left, top, left + side, top + side)
        one = resized(one, size, box)
    elif form.size:
        fill = filled if one.mode == "L" else (filled,) * 3
        long = max(one.size)
        across, down = (max(1, round(side * form.size / long)) for side in one.size)
        canvas = Image.new(one.mode, size, fill)
        place = ((form.size - across) // 2, (form.size - down) // 2)
        canvas.paste(resized(one, (across, down), (0, 0, *one.size)), place)
        one = canvas
    values = np.asarray(one)
    return values[np.newaxis] if values.ndim == 2 else np.moveaxis(values, 2, 0)


@given(st.sampled_from([1, 3]), sides, sides, forms)
def test_images_get_the_form_that_pillow_gives_each(
    channels: int, height: int, width: int, form: ImageForm
) -> None:
    before = images(channels, height, width)
    formed = in_form(before, form, "these")
    assert formed.shape[1:] == form.shape_of(before.shape[1:])
    for image, found in zip(before, np.asarray(formed), strict=True):
        np.testing.assert_array_equal(found, plainly(image, form))
        np.testing.assert_array_equal(found, picture_in_form(picture(image), form))


def test_images_that_have_the_form_are_not_copied() -> None:
    grey = images(1, 28, 28)
    for form in (AS_IS, ImageForm(28, "grey"), ImageForm(colour="grey", fit="crop")):
        assert in_form(grey, form, "these") is grey


def test_many_images_are_formed_as_a_few_are() -> None:
    many = images(1, 100, 90, count=1800)  # more than are worked on at a time
    formed = in_form(many, ImageForm(20), "these")
    for place in (0, 887, 888, 1799):
        np.testing.assert_array_equal(formed[place], plainly(many[place], ImageForm(20)))


def test_more_than_memory_holds_is_refused_before_it_is_taken() -> None:
    many = np.broadcast_to(np.zeros(1, np.uint8), (1_000_000, 1, 28, 28))
    with pytest.raises(DataError, match=r"my/data: 1,000,000 images of 3×1024×1024 would take"):
        in_form(many, ImageForm(1024, "rgb"), "my/data")


@pytest.mark.parametrize("colour", ["as_is", "rgb"])
def test_data_is_loaded_in_a_form(colour: Colour) -> None:
    plain, _ = load("mnist", (3, 8), 5)
    train, test = load("mnist", (3, 8), 5, form=ImageForm(20, colour))
    assert train.input_shape == test.input_shape == ((3 if colour == "rgb" else 1), 20, 20)
    np.testing.assert_array_equal(train.labels, plain.labels)
    for image, whole in zip(np.asarray(train.images), np.asarray(plain.images), strict=True):
        np.testing.assert_array_equal(image, plainly(whole, ImageForm(20, colour)))


def test_parts_of_two_sizes_go_together_in_a_form(tmp_path: Path) -> None:
    path, labels = tmp_path / "two.npz", np.array([0, 1, 0])
    small, large = images(1, 8, 8)[:, 0], images(1, 12, 12)[:, 0]
    np.savez(path, x_train=small, y_train=labels, x_test=large, y_test=labels)
    with pytest.raises(DataError, match=r"training images are 1×8×8, but the test images 1×12×12"):
        load(str(path))
    train, test = load(str(path), form=ImageForm(8))
    assert train.input_shape == test.input_shape == (1, 8, 8)


@given(form=forms, channels=st.sampled_from([1, 3]))
def test_images_in_a_file_are_formed_when_they_are_read(
    tmp_path_factory: pytest.TempPathFactory, form: ImageForm, channels: int
) -> None:
    values = images(channels, 7, 5, count=9)
    path = tmp_path_factory.mktemp("images") / "images"
    path.write_bytes(values.tobytes())
    found = in_form(LazyImages(ImageFile(path, 0, values.shape)), form, "test")
    assert isinstance(found, LazyImages)
    assert np.array_equal(found[:], np.asarray(in_form(values, form, "test")))
    assert found[:0].shape == (0, *found.shape[1:])
