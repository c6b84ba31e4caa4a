"""Own drawings among the training samples."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from engine.array_types import Shape
from engine.data.dataset import Dataset
from engine.data.image_form import ImageForm, in_form
from engine.data.images import Bytes, Images, LazyImages, joined
from engine.inputs.drawings import Drawing, fits


def with_drawings(training: Dataset, drawings: Sequence[Drawing]) -> Dataset:
    """Put drawings behind the training samples, brought to the size and the colours of these.

    One of a class that is not trained on is left out, and so is one of another size where images
    are oblong.
    """
    shape, names = training.input_shape, training.class_names
    used = [each for each in drawings if each.class_name in names and fits(each, shape)]
    if not used:
        return training
    added = np.stack([_formed(each, shape) for each in used])
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


def _formed(drawing: Drawing, shape: Shape) -> Bytes:
    image = drawing.image
    if drawing.shape == shape:
        return image
    form = ImageForm(shape[1], "grey" if shape[0] == 1 else "rgb", "fit")
    formed: Bytes = in_form(image[np.newaxis], form, "a drawing")[0]
    return formed
