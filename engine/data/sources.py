"""Find data sets by name or folder, and load their training and test samples.

Folders are asked for through os.path, which answers no where pathlib raises: for a folder that may
not be entered, a name too long, an unknown ~user.
"""

import logging
import math
import os
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Shape, format_shape
from engine.data.dataset import Dataset
from engine.data.equal_images import without_copies
from engine.data.image_files.image_folder import (
    class_names_of,
    read_image_archive,
    read_image_folder,
    why_no_images,
)
from engine.data.image_form import AS_IS, ImageForm, in_form
from engine.data.images import Bytes, Images, LazyImages, blocks, joined
from engine.data.known.known_sets import KNOWN_SETS, KnownSet, read_cifar
from engine.data.names import LISTED, listed_classes
from engine.data.parts import Parts, Samples, split, validation_places
from engine.data.readers.csv_pixels import read_csv
from engine.data.readers.idx import (
    PARTS,
    RANKS,
    find_pair_of,
    has_idx_files,
    read_images_and_labels,
    why_incomplete,
)
from engine.data.readers.npz import read_npz
from engine.data.reading import Report, unheard
from engine.errors import DataError
from engine.inputs.drawings import Drawing, fits
from engine.inputs.scaling import Scaling

ScalingKind = Literal["unit", "standard"]
Copies = Literal["keep", "leave_out"]
_logger = logging.getLogger(__name__)
_RESOURCES = Path(__file__).parents[2] / "resources"
BUNDLED = {"mnist": _RESOURCES / "mnist", "scenes": _RESOURCES / "scenes" / "scenes.npz"}
NAMES = (*BUNDLED, *KNOWN_SETS)
ARCHIVE = ".zip"
FILES = (".npz", ".csv", ".csv.gz", ARCHIVE)  # endings of files that hold a whole data set


def class_numbers(data: str, wanted: Sequence[str]) -> tuple[int, ...]:
    """Return the numbers of classes of some data that are given by number or by name.

    A number that is also a name is the name. Raises DataError if a name is none of theirs, or the
    data cannot be read.
    """
    try:
        names = class_names(data)
    except DataError:
        if not all(map(_is_number, wanted)):
            raise
        names = ()  # whoever reads the data says what is wrong with it
    return tuple(_number(each, names, data) for each in wanted)


def numbers_of_learned(
    data: str, names: Sequence[str], numbers: tuple[int, ...]
) -> tuple[int, ...]:
    """Return the numbers in some data of classes that a network has learned, by their names.

    They had `numbers` where they were learned, which stay if names say nothing. Raises DataError
    if a class is missing, or their order is another: that of the outputs is not to be changed.
    """
    try:
        found = class_names(data)
    except DataError:
        return numbers  # whoever reads the data says what is wrong with it
    if not found or len(names) != len(numbers):
        return numbers
    place_of = {name: place for place, name in enumerate(found)}
    places = [
        place_of.get(name, number if name == str(number) else None)  # one beyond all names
        for name, number in zip(names, numbers, strict=True)
    ]
    missing = [name for name, place in zip(names, places, strict=True) if place is None]
    known = tuple(place for place in places if place is not None)
    if not missing and known == tuple(sorted(known)):
        return known
    what = f"no class called {missing[0]!r}" if missing else "its classes in another order"
    raise DataError(
        f"{data} has {what}, but the network has learned {listed_classes(names, LISTED)}, in this "
        f"order. The classes of the data are {listed_classes(found, LISTED)}. Give those to take "
        "with --classes."
    )


def class_names(data: str) -> tuple[str, ...]:
    """Return what the classes of some data are called; entry i is the name of class i.

    It is empty if their numbers are their names. Raises DataError if the data cannot be read.
    """
    if data in KNOWN_SETS:
        return KNOWN_SETS[data].class_names
    path = Path(_path_of(data))
    if os.path.isdir(path):
        return () if has_idx_files(path) else class_names_of(path)
    if os.path.isfile(path) and path.name.lower().endswith(ARCHIVE):
        return class_names_of(path)
    return read(data).class_names


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _number(wanted: str, names: tuple[str, ...], data: str) -> int:
    """Return the number of a class; case and outer spaces count only where names differ in them."""
    if wanted in names:
        return names.index(wanted)
    plain = [name.strip().casefold() for name in names]
    alike = [place for place, name in enumerate(plain) if name == wanted.strip().casefold()]
    if len(alike) == 1:
        return alike[0]
    if _is_number(wanted):
        return int(wanted.lstrip("0")[:9] or "0")  # longer ones are no classes
    if not names:
        raise DataError(
            f"The classes of {data} have no names, so {wanted!r} is none of them. Give numbers, "
            "such as 0,1."
        )
    raise DataError(
        f"{data} has no class called {wanted!r}; its classes are {listed_classes(names, LISTED)}. "
        "Give some of these, or their numbers."
    )


def name_of(data: str) -> str:
    """Return what data is called, without the folders on the way to it.

    They may be those of another system, whose paths have a backslash between them.
    """
    return data if data in NAMES else re.split(r"[/\\]", data.rstrip("/\\"))[-1] or data


def load(
    data: str,
    classes: Collection[int] | None = None,
    limit: int | None = None,
    test_split: float = 20.0,
    seed: int = 0,
    form: ImageForm = AS_IS,
    scaling: ScalingKind = "unit",
    copies: Copies = "keep",
    drawings: Sequence[Drawing] = (),
    validation_split: float = 0.0,
    report: Report = unheard,
) -> tuple[Dataset, Dataset]:
    """Load the training and the test samples of some data: `read`, then `choose`.

    Raises DataError if the files are missing, faulty or do not suit.
    """
    try:
        parts = read(data, form, report)
        chosen = classes, limit, test_split, seed, scaling, copies, drawings, validation_split
        training, test = choose(parts, data, *chosen)
    except DataError as error:
        _logger.warning("Data is refused: %s", error)
        raise
    _logger.info("%s: %d training and %d test samples", data, len(training), len(test))
    return training, test


def load_pair(images_path: Path, labels_path: Path, form: ImageForm = AS_IS) -> Dataset:
    """Load the samples of one images file and its labels file, brought to a form.

    Raises DataError if a file is faulty or the two do not go together.
    """
    images, labels = read_images_and_labels(images_path, labels_path)
    name = images_path.name
    return Dataset.from_numbers(in_form(images, form, name), labels, name)


def read(data: str, form: ImageForm = AS_IS, report: Report = unheard) -> Parts:
    """Read all samples of one of `NAMES`, of a folder or of a file, brought to a form.

    A folder holds four IDX files, or images in class folders; a file ends in one of `FILES`.
    `report` is called in this thread, and ends the reading by raising something.
    Raises DataError if the files are missing or faulty.
    """
    path = Path(_path_of(data))
    if data in KNOWN_SETS:
        return read_known(KNOWN_SETS[data]).in_form(form, data)
    if os.path.isfile(path):
        if path.name.lower().endswith(ARCHIVE):
            return read_image_archive(path, form, report)
        return _reader(path)(path).in_form(form, data)
    folder = _folder(data)
    if has_idx_files(folder):
        return Parts(*_read_idx(folder)).in_form(form, data)
    return read_image_folder(folder, form, report)


def choose(
    parts: Parts,
    data: str,
    classes: Collection[int] | None = None,
    limit: int | None = None,
    test_split: float = 20.0,
    seed: int = 0,
    scaling: ScalingKind = "unit",
    copies: Copies = "keep",
    drawings: Sequence[Drawing] = (),
    validation_split: float = 0.0,
) -> tuple[Dataset, Dataset]:
    """Make the training and the test samples of what was read from some data.

    Only samples of `classes` are kept (none means all), and of the training samples only the first
    `limit` of each class (0 or none means all). Both data sets have the same classes. If there is
    no test part, `test_split` percent are for the test, drawn by the seed. The scaling is to
    0 to 1, or standard: by the mean and the deviation of the training samples, without the
    `validation_split` percent of them that the seed holds out for validation. Copies are kept, or
    left out as `without_copies` does it, of data without a test part before it is divided. Own
    drawings of the classes come behind the training samples, beyond the limit.
    Raises DataError if too few samples are left, or the parts do not go together.
    """
    training, test = _divided(parts, data, test_split, seed, copies)
    first, second = (
        Dataset.from_numbers(part.images, part.numbers, name, parts.class_names, part.files)
        for part, name in (
            (training, f"the training samples of {data}"),
            (test, f"the test samples of {data}"),
        )
    )
    first, second = _fitting(first, second, data, classes, limit)
    first = with_drawings(first, drawings)
    if scaling == "unit":
        return first, second
    standard = standard_scaling(first.images, _learned_from(len(first), validation_split, seed))
    return replace(first, scaling=standard), replace(second, scaling=standard)


def with_drawings(training: Dataset, drawings: Sequence[Drawing]) -> Dataset:
    """Put drawings behind the training samples, brought to the size and the colours of these.

    One of a class that is not trained on is left out, and so is one of another size where images
    are oblong.
    """
    shape, names = training.input_shape, training.class_names
    used = [each for each in drawings if each.class_name in names and fits(each, shape)]
    if not used:
        return training
    added = np.stack([_drawing_formed(each, shape) for each in used])
    labels = np.array([names.index(each.class_name) for each in used], dtype=np.int64)
    files = ("",) * len(used) if training.files else ()
    images: Images = (
        joined(training.images, added)
        if isinstance(training.images, LazyImages)
        else np.concatenate([np.asarray(training.images), added])
    )
    return replace(
        training,
        images=images,
        labels=np.concatenate([training.labels, labels]),
        files=training.files + files,
    )


def _drawing_formed(drawing: Drawing, shape: Shape) -> Bytes:
    image = drawing.image
    if drawing.shape == shape:
        return image
    form = ImageForm(shape[1], "grey" if shape[0] == 1 else "rgb", "fit")
    formed: Bytes = in_form(image[np.newaxis], form, "a drawing")[0]
    return formed


def standard_scaling(images: Images, counted: NDArray[np.intp]) -> Scaling:
    """Find the mean and the deviation of each channel of images (n, channels, height, width).

    Only the images at the `counted` places count.
    Sums are of whole numbers, so they are exact. A channel that is the same everywhere has the
    deviation 1: it becomes 0.
    """
    whole, channels, *plane = images.shape
    mask = np.zeros(whole, bool)
    mask[counted] = True
    sums, squares = ([0] * channels for _ in range(2))
    for block in blocks(images):
        values = images[block][mask[block]].astype(np.uint32)
        for channel in range(channels):
            flat = values[:, channel].reshape(-1)
            sums[channel] += int(flat.sum(dtype=np.uint64))
            squares[channel] += int((flat * flat).sum(dtype=np.uint64))
    size = np.count_nonzero(mask) * math.prod(plane)
    spreads = [size * square - total**2 for total, square in zip(sums, squares, strict=True)]
    return Scaling(
        tuple(total / (255 * size) for total in sums),
        tuple(math.sqrt(spread) / (255 * size) if spread else 1.0 for spread in spreads),
    )


def _learned_from(count: int, validation_split: float, seed: int) -> NDArray[np.intp]:
    """Return the places of the training samples that are not held out for validation."""
    try:
        return validation_places(count, validation_split, seed)[0]
    except DataError:  # training will say so
        return np.arange(count)


def _reader(path: Path) -> Callable[[Path], Parts]:
    """Return what reads a file, by its ending."""
    for endings, read in ((".npz",), read_npz), ((".csv", ".csv.gz"), read_csv):
        if path.name.lower().endswith(endings):
            return read
    raise DataError(
        f"{path} is a file of another kind than those that are read: {', '.join(FILES)}. Give one "
        "of these, or the folder that holds the images or the four IDX files."
    )


def _divided(
    parts: Parts, data: str, test_split: float, seed: int, copies: Copies
) -> tuple[Samples, Samples]:
    """Return the samples for training and for the test; copies are left out before dividing."""
    training = parts.training
    if copies == "leave_out":
        training = without_copies(training, parts.test)
    test = parts.test
    divided = split(training, test_split, seed) if test is None else (training, test)
    if not all(map(len, divided)):
        without = " without copies" if len(training) < len(parts.training) else ""
        raise DataError(
            f"{data} has too few samples{without} for a training and a test part. Each class needs "
            "two."
        )
    return divided


def _fitting(
    training: Dataset,
    test: Dataset,
    data: str,
    classes: Collection[int] | None,
    limit: int | None,
) -> tuple[Dataset, Dataset]:
    """Keep the samples that are wanted; training and test must go together."""
    if training.input_shape != test.input_shape:
        raise DataError(
            f"{data}: the training images are {format_shape(training.input_shape)}, but the test "
            f"images {format_shape(test.input_shape)}. Both must have the same size."
        )
    training = training.select(classes, limit)
    # A class that has no test sample has its name from the training samples.
    return training, replace(test.matching(training.classes), class_names=training.class_names)


def why_missing(data: str) -> str:
    """Return why one of `NAMES`, a folder or a file is not to be had; empty if it is there.

    Files are only looked for, not read.
    """
    path = Path(_path_of(data))
    try:
        if data not in KNOWN_SETS and os.path.isfile(path):
            if not path.name.lower().endswith(ARCHIVE):
                _reader(path)
            return ""
        if data in KNOWN_SETS:
            KNOWN_SETS[data].find()
            return ""
        folder = _folder(data)
        return why_incomplete(folder) if has_idx_files(folder) else why_no_images(folder)
    except DataError as error:
        return str(error)


def find_pair(path: Path) -> tuple[Path, Path]:
    """Return the images and the labels file of a pair, of which `path` names either.

    Raises DataError if its name tells neither or the other file is not beside it.
    """
    for kind, other in (("images", "labels"), ("labels", "images")):
        if kind not in path.name:
            continue
        name = path.name.replace(kind, other).replace(RANKS[kind], RANKS[other])
        plain = name.removesuffix(".gz")
        for candidate in dict.fromkeys((name, plain, f"{plain}.gz")):
            partner = path.with_name(candidate)
            if os.path.isfile(partner):
                return (path, partner) if kind == "images" else (partner, path)
        raise DataError(
            f"The {other} of {path} are missing: {name} is expected beside it. "
            "Put both files of the pair into one folder."
        )
    raise DataError(
        f"{path} has neither 'images' nor 'labels' in its name, so its other half cannot be "
        "found. Names such as t10k-images-idx3-ubyte.gz are expected."
    )


def _path_of(data: str) -> str:
    """Return a text, for a Path takes no name for the folder we are in."""
    return str(BUNDLED.get(data) or os.path.expanduser(data))


def _folder(data: str) -> Path:
    folder = _path_of(data)
    if not os.path.isdir(folder):
        if os.path.dirname(folder):  # whoever gives a path needs no list of names
            raise DataError(
                f"There is no data set, folder or file {data!r}. If it was moved or renamed, "
                "choose where it is now."
            )
        raise DataError(
            f"There is no data set, folder or file {data!r}. Give one of {', '.join(NAMES)}, a "
            "folder with a subfolder of images for each class or a .zip of it, a folder with four "
            "IDX files (train-images-idx3-ubyte.gz, ...), or a .npz or .csv file."
        )
    return Path(folder)


def read_known(known: KnownSet) -> Parts:
    """Read a known set.

    Raises DataError if it is not here, or damaged; then with the way to get it again.
    """
    folder = known.find()
    try:
        if known.form == "cifar":
            return read_cifar(folder, known.class_names)
        training, test = _read_idx(folder)
    except DataError as error:
        if folder != known.folder:
            raise
        how = f"To download {known.title} again, delete the folder {folder} first."
        raise DataError(f"{error} {how}") from error
    if known.form == "transposed_idx":
        training, test = _transposed(training), _transposed(test)
    return Parts(training, test, known.class_names)


def _transposed(samples: Samples) -> Samples:
    """Make rows of the columns of all images."""
    images = np.ascontiguousarray(np.asarray(samples.images).swapaxes(2, 3))
    return replace(samples, images=images)


def _read_idx(folder: Path) -> tuple[Samples, Samples]:
    pairs = (read_images_and_labels(*find_pair_of(folder, part)) for part in PARTS)
    training, test = (Samples(images, labels.astype(np.int64)) for images, labels in pairs)
    return training, test
