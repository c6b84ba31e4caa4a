"""The samples of a run: which are loaded, the validation split, their order in each epoch."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine import random_streams
from engine.array_types import Shape, format_shape
from engine.data.dataset import Dataset, fingerprint
from engine.data.image_form import ImageForm
from engine.data.parts import Places, validation_places
from engine.data.reading import Report, unheard
from engine.data.sources import BUNDLED, NAMES, Copies, ScalingKind, load
from engine.errors import DataError
from engine.inputs.drawings import Drawing
from engine.inputs.scaling import Scaling
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import ShapeReport

Drawings = tuple[Drawing, ...]


class DataKey(NamedTuple):
    """What decides which samples are loaded: the arguments of `load`, in their order.

    Of data that has a name, and so a test part, the test split is 0: it decides nothing. Whether
    own data has one is known only when it is read. The validation split is 0 too without a standard
    scaling, of which it decides the numbers, and so is the seed where it decides none of both.
    """

    data: str
    classes: tuple[int, ...]
    limit: int
    test_split: float
    seed: int
    form: ImageForm
    scaling: ScalingKind
    copies: Copies
    drawings: Drawings
    validation_split: float


def data_key(settings: Settings) -> DataKey:
    """Return which samples some settings choose; no disk is asked."""
    divided = settings.dataset not in NAMES
    validation_split = settings.validation_split if settings.scaling == "standard" else 0.0
    return DataKey(
        settings.dataset,
        settings.classes,
        settings.limit,
        settings.test_split if divided else 0.0,
        settings.seed if divided or validation_split else 0,
        image_form(settings),
        settings.scaling,
        settings.copies,
        settings.drawings,
        validation_split,
    )


def image_form(settings: Settings) -> ImageForm:
    """Return the form that images are brought to when they are read."""
    return ImageForm(settings.image_size, settings.colour, settings.fit, settings.background)


def load_samples(
    project: Project, report: Report = unheard, key: DataKey | None = None
) -> tuple[Dataset, Dataset]:
    """Load the training and the test samples of a project, scaled as it learned to take them.

    They are those that its settings choose, or those of a key that chooses the same elsewhere.
    Raises DataError if there is no such data.
    """
    training, test = load(*(key or data_key(project.settings)), report=report)
    scaling = learned_scaling(project, training.input_shape) or training.scaling
    return training.scaled(scaling), test.scaled(scaling)


def learned_scaling(project: Project, images: Shape) -> Scaling | None:
    """Return the standard scaling that a project has learned with, if it still holds.

    It holds for images of as many channels, until the setting is changed or all is reset. Without
    one, the scaling is that of the training samples that are not held out for validation.
    """
    scaling = project.scaling
    if scaling is None or project.settings.scaling != "standard":
        return None
    return scaling if len(scaling.mean) == images[0] else None


def digest_of_data(data: str, training: Dataset, test: Dataset) -> str:
    """Return the fingerprint of samples of some data; empty for the bundled, which never change."""
    return "" if data in BUNDLED else fingerprint(training, test)


def names_to_keep(training: Dataset) -> tuple[str, ...]:
    """Return the names of classes that have names of their own, as files can hold them."""
    names = training.class_names if training.is_named else ()
    return tuple(name.encode("utf-8", "replace").decode() for name in names)


def what_changed(data: str, before: str, now: str) -> str:
    """Say in a sentence that data is not what it was, by its fingerprints; empty if it may be."""
    if not before or before == now:
        return ""
    return (
        f"{data} has changed since this project used it last: images, labels or classes are others."
        " What was learned stays; train again to learn from the data as it is now."
    )


def changed_data(before: Project, now: Project) -> str:
    """Say in a sentence that the data of a project is not what it was; empty if it may be.

    Settings that choose other data are no change of it.
    """
    if data_key(before.settings) != data_key(now.settings):
        return ""
    return what_changed(now.settings.dataset, before.data_digest, now.data_digest)


def source_of(key: DataKey) -> tuple[str, ImageForm]:
    """Return the arguments of `read`; the rest of a key says which samples are chosen."""
    return key.data, key.form


def problem_of(settings: Settings) -> tuple[object, ...]:
    """Return what is to be learned: the source, the form of its images, and the classes.

    Losses of two problems do not measure the same.
    """
    return *source_of(data_key(settings)), settings.classes


def source_settings(key: DataKey) -> dict[str, object]:
    """Return the settings that decide what is read, as they are for a key."""
    data, form = source_of(key)
    return {
        "dataset": data,
        "image_size": form.size,
        "colour": form.colour,
        "fit": form.fit,
        "background": form.background,
    }


def split(train: Dataset, settings: Settings) -> tuple[Dataset, Dataset | None]:
    """Hold the validation samples out, drawn by the seed, if the settings want some.

    Raises DataError if no sample would be left on one side.
    """
    kept, held = split_places(len(train), settings)
    return (train.take(kept), train.take(held)) if held.size else (train, None)


def split_places(count: int, settings: Settings) -> tuple[Places, Places]:
    """Return the places of so many training samples that are kept, and those that are held out.

    Raises DataError if no sample would be left on one side.
    """
    return validation_places(count, settings.validation_split, settings.seed)


def epoch_order(count: int, seed: int, epoch: int) -> NDArray[np.int64]:
    """Return in which order an epoch goes through its training samples, shuffled: (count,)."""
    return random_streams.stream(seed, "shuffle", epoch=epoch).permutation(count)


def require_several_classes(training: Dataset) -> None:
    """Raise DataError if training samples are of one class, to which no network can be fitted."""
    if len(training.classes) == 1:
        raise DataError(
            f"All of {training.name} are of one class, {training.class_names[0]}: a network has "
            "nothing to tell apart. Add images of another class, in a folder or with a label of "
            "its own."
        )


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
