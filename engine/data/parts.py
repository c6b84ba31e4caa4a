"""What a reader of data finds: images, the number of the class of each, and the classes' names."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.array_types import format_shape
from engine.data.image_form import ImageForm, in_form
from engine.data.images import CHANNELS, Images, blocks, channels_first, subset
from engine.errors import DataError
from engine.inputs.drawings import LONGEST_NAME
from engine.inputs.validation_split import held_out_count
from engine.random_streams import stream
from engine.text.letters import printable

Places = NDArray[np.intp]
MOST_CLASSES = 1000
SCALES = (1.0, 16.0, 255.0)  # the ends of the scales that pixels are written on
LARGEST = 999_999  # number of a class
_SHOWN_LETTERS = 40  # of a label that is refused


def validation_places(count: int, percent: float, seed: int) -> tuple[Places, Places]:
    """Return the places of so many training samples that are kept, and those that are held out.

    Which they are follows from the seed. Raises DataError if no sample would be left on one side.
    """
    if percent == 0.0:
        return np.arange(count), np.empty(0, dtype=np.intp)
    held = held_out_count(count, percent)
    if not 0 < held < count:
        raise DataError(
            f"A validation split of {percent:g} % leaves no sample on one side of {count} training "
            "samples. Choose another split, or more samples per class."
        )
    order = stream(seed, "split").permutation(count)
    return np.sort(order[held:]), np.sort(order[:held])


@dataclass(frozen=True, eq=False)
class Samples:
    """Images (n, channels, height, width) of bytes, and the numbers (n,) of their classes.

    `files` are where the images are from, (n,) in words, if each has a file of its own: their
    names from the folder or archive on, with slashes.
    """

    images: Images
    numbers: NDArray[np.int64]
    files: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.images)

    def take(self, places: NDArray[np.intp]) -> "Samples":
        """Keep the samples at some places."""
        files = tuple(self.files[place] for place in places) if self.files else ()
        return Samples(subset(self.images, places), self.numbers[places], files)

    def in_form(self, form: ImageForm, source: str) -> "Samples":
        """Bring the images to a form; raise DataError, naming the source, if they are too large."""
        return replace(self, images=in_form(self.images, form, source))


class Refused(NamedTuple):
    """A file that gave no sample, and why."""

    file: str
    reason: str


@dataclass(frozen=True, eq=False)
class Parts:
    """The training samples of some data, the test samples if it has any, and the classes' names.

    Entry i of `class_names` is the name of class i; without names, its number is its name.
    Of image files: which were `refused`, which were turned since their EXIF data says so, which
    had transparent pixels, and which had another size than the images have now. `notes` are
    sentences on what else a reader has decided.
    """

    training: Samples
    test: Samples | None
    class_names: tuple[str, ...] = ()
    refused: tuple[Refused, ...] = ()
    turned: tuple[str, ...] = ()
    transparent: tuple[str, ...] = ()
    resized: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @cached_property
    def classes(self) -> tuple[int, ...]:
        """The numbers of the classes that there are training samples of, in order."""
        return tuple(np.unique(self.training.numbers).tolist())

    def name_of(self, number: int) -> str:
        """Return what a class is called; one without a name is called its number."""
        return self.class_names[number] if number < len(self.class_names) else str(number)

    def in_form(self, form: ImageForm, source: str) -> "Parts":
        """Bring all images to a form; raise DataError, naming the source, if they are too large."""
        test = None if self.test is None else self.test.in_form(form, source)
        return replace(self, training=self.training.in_form(form, source), test=test)


def split(samples: Samples, percent: float, seed: int) -> tuple[Samples, Samples]:
    """Divide samples into training and test, so many percent of each class being for the test.

    Which they are follows from the seed. Of a class with two samples or more, one at least is in
    each part; a single one is for training.
    """
    dice = stream(seed, "test_split")
    test = np.zeros(len(samples), dtype=bool)
    for number in np.unique(samples.numbers):
        places = dice.permutation(np.flatnonzero(samples.numbers == number))
        wanted = round(len(places) * percent / 100)
        test[places[: min(max(1, wanted), len(places) - 1)]] = True
    return samples.take(np.flatnonzero(~test)), samples.take(np.flatnonzero(test))


def numbered(labels: NDArray[Any], source: str) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """Return the number of each label (n,), and the names of the numbers if labels are words.

    Labels that are whole numbers from 0 on are their own numbers. Words are numbered in their
    natural order. Raises DataError if there are too many classes, or a label is no such number,
    empty, or a whole text.
    """
    if labels.dtype.kind == "U":
        words, places = np.unique(labels, return_inverse=True)
        called = [_class_name(str(word), source) for word in words]
        names = tuple(sorted(set(called), key=natural_key))
        _require_few(len(names), source)
        number_of = {name: number for number, name in enumerate(names)}
        return np.array([number_of[name] for name in called], np.int64)[places], names
    odd = labels[~((labels >= 0) & (labels <= LARGEST) & (np.floor(labels) == labels))]
    if len(odd):
        raise DataError(
            f"{source} has labels that are no classes, such as {odd[0]:g}. Labels are words, or "
            f"whole numbers from 0 to {LARGEST:,}."
        )
    _require_few(len(np.unique(labels)), source)
    return labels.astype(np.int64), ()


def natural_key(name: str) -> tuple[list[str | tuple[int, str]], str]:
    """Return what to sort names by, so that 2 comes before 10 and case does not matter first."""
    pieces = re.split(r"([0-9]+)", name.casefold())
    return [
        (len(piece.lstrip("0")), piece.lstrip("0")) if place % 2 else piece
        for place, piece in enumerate(pieces)
    ], name


def _class_name(word: str, source: str) -> str:
    """Return a label as the name of a class; refuse one that says nothing or is a whole text."""
    if not word.strip():
        raise DataError(f"{source} has labels that are empty. Give each image a label.")
    if len(word) > LONGEST_NAME:
        raise DataError(
            f"{source} has labels of {len(word):,} letters, such as {word[:_SHOWN_LETTERS]!r}…; "
            f"at most {LONGEST_NAME} are the name of a class. Check which column or array holds "
            "the labels."
        )
    return printable(word)


def _require_few(classes: int, source: str) -> None:
    if classes > MOST_CLASSES:
        raise DataError(
            f"{source} has {classes:,} classes; at most {MOST_CLASSES:,} are told apart. "
            "Check which column or array holds the labels."
        )


def scale_of(arrays: Sequence[NDArray[Any]], source: str) -> float:
    """Return the end of the scale of all values: 1, 16 or 255, the smallest that holds them.

    Raises DataError if a value is negative, larger than 255 or no number.
    """
    lowest = min(float(values.min()) for values in arrays)
    highest = max(float(values.max()) for values in arrays)
    if not (lowest >= 0 and highest <= SCALES[-1]):  # also where one is no number
        raise DataError(
            f"{source} has values from {lowest:g} to {highest:g}; those of pictures go from 0 to "
            "1, to 16 or to 255. Bring them to one of these."
        )
    return next(each for each in SCALES if highest <= each)


def notes_on(scale: float, images: Images, in_rows: bool) -> tuple[str, ...]:
    """Say what was supposed of images that may be otherwise: their scale, the order of colours.

    `in_rows` says that the file has rows of pixels (n, values).
    """
    notes = []
    if scale != SCALES[-1]:
        notes.append(
            f"No pixel is larger than {scale:g}, so they were taken to be on a scale from 0 to "
            f"{scale:g}, and {scale:g} became white."
        )
    if in_rows and images.shape[1] == 3:
        notes.append(
            "The rows were taken to hold red, green and blue of the first pixel, then of the next, "
            "and not all red first."
        )
    return tuple(notes)


def as_bytes(values: NDArray[Any], scale: float) -> NDArray[np.uint8]:
    """Bring values on a scale from 0 to there to one from 0 to 255."""
    if values.dtype == np.uint8 and scale == SCALES[-1]:
        return values
    brought = np.empty(values.shape, np.uint8)
    for block in blocks(values):
        brought[block] = np.rint(values[block] * (SCALES[-1] / scale))
    return brought


def pictures_of(values: NDArray[np.uint8], source: str) -> NDArray[np.uint8]:
    """Return images (n, channels, height, width) of arrays as files hold them.

    They are (n, height, width), or with channels before or after these, or rows (n, values) of
    square images. Raises DataError for any other shape.
    """
    if values.ndim == 2:
        values = _squares(values, source)
    in_colour = values.ndim == 4 and not {values.shape[1], values.shape[3]}.isdisjoint(CHANNELS)
    if in_colour or values.ndim == 3:
        return channels_first(values)
    raise DataError(
        f"{source} has the shape {format_shape(values.shape)}; images are count × height × width, "
        "in colour with 3 at the end or after the count."
    )


def _squares(values: NDArray[np.uint8], source: str) -> NDArray[np.uint8]:
    """Return rows of pixels as squares, in colour with the three values of a pixel together."""
    count = values.shape[1]
    for channels in (1, 3):
        side = round((count / channels) ** 0.5)
        if channels * side * side == count and side:
            return values.reshape(-1, side, side, channels)
    raise DataError(
        f"{source} has {count:,} pixels a row, which is no square image: such has 784 (28×28), or "
        "3,072 (32×32 in red, green and blue). Check which columns are pixels."
    )
