"""The samples of a run: which are loaded, whether the network takes them, the validation split."""

import math

import numpy as np

from engine import random_streams
from engine.array_types import format_shape
from engine.data.dataset import Dataset
from engine.data.image_form import ImageForm
from engine.data.sources import is_divided
from engine.errors import DataError
from engine.model.settings import Settings
from engine.model.stack import ShapeReport

DataKey = tuple[str, tuple[int, ...], int, float, int, ImageForm]


def data_key(settings: Settings) -> DataKey:
    """Return what decides which samples are loaded: the arguments of `load`.

    Data set, classes, limit, for data without a test part the test split and the seed, and the form
    of the images.
    """
    divided = is_divided(settings.dataset)
    test_split, seed = (settings.test_split, settings.seed) if divided else (0.0, 0)
    form = image_form(settings)
    return settings.dataset, settings.classes, settings.limit, test_split, seed, form


def image_form(settings: Settings) -> ImageForm:
    """Return the form that images are brought to when they are read."""
    return ImageForm(settings.image_size, settings.colour, settings.fit, settings.background)


def split(train: Dataset, settings: Settings) -> tuple[Dataset, Dataset | None]:
    """Hold the validation samples out, drawn by the seed, if the settings want some.

    Raises DataError if no sample would be left on one side.
    """
    count = round(len(train) * settings.validation_split / 100)
    if settings.validation_split == 0.0:
        return train, None
    if not 0 < count < len(train):
        raise DataError(
            f"A validation split of {settings.validation_split:g} % leaves no sample on one side "
            f"of {len(train)} training samples. Choose another split, or more samples per class."
        )
    order = random_streams.stream(settings.seed, "split").permutation(len(train))
    return train.take(np.sort(order[count:])), train.take(np.sort(order[:count]))


def check_data(report: ShapeReport, dataset: Dataset) -> None:
    """Raise DataError if images or classes of a data set are not those of a network."""
    expected = report.rows[0].input_shape or ()
    if expected != dataset.input_shape:
        raise DataError(
            f"The network takes images of {format_shape(expected)}, but those of {dataset.name} "
            f"are {format_shape(dataset.input_shape)}. Choose other data, or build a network for "
            "this size."
        )
    outputs = math.prod(report.rows[-1].output_shape or ())
    if outputs != len(dataset.classes):
        raise DataError(
            f"The network tells {outputs} classes apart, but {dataset.name} has "
            f"{len(dataset.classes)}. Choose other classes, or end the network with one unit per "
            "class."
        )
