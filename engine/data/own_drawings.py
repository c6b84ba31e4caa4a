"""Own drawings among the training samples."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Shape
from engine.data.dataset import Dataset
from engine.data.image_form import ImageForm, in_form
from engine.data.images import Bytes, Images, ImagesInFile, Index
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
        JoinedImages(training.images, added)
        if isinstance(training.images, ImagesInFile)
        else np.concatenate([np.asarray(training.images), added])
    )
    return replace(
        training,
        images=images,
        labels=np.concatenate([training.labels, labels]),
        files=training.files + files,
    )


class JoinedImages:
    """Images in a file, and behind them others in memory."""

    dtype = np.dtype(np.uint8)
    ndim = 4

    def __init__(
        self, stored: ImagesInFile, added: Bytes, places: NDArray[np.integer[Any]] | None = None
    ) -> None:
        self._stored, self._added = stored, added
        whole = np.arange(len(stored) + len(added), dtype=np.uint32)
        self._places = whole if places is None else places

    @property
    def shape(self) -> Shape:
        """The number of images, and the shape of each."""
        return len(self), *self._added.shape[1:]

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: Index) -> Bytes:
        places = np.atleast_1d(self._places[index]).astype(np.int64)
        images = np.empty((len(places), *self._added.shape[1:]), np.uint8)
        in_file = places < len(self._stored)
        if in_file.any():
            images[in_file] = self._stored[places[in_file]]
        images[~in_file] = self._added[places[~in_file] - len(self._stored)]
        one: Bytes = images[0]
        return one if isinstance(index, int | np.integer) else images

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return self[:].astype(dtype or np.uint8, copy=False)

    def at(self, places: NDArray[np.integer[Any]] | slice) -> "JoinedImages":
        """Return a part of the images; those in the file stay there."""
        return JoinedImages(self._stored, self._added, self._places[places])


def _formed(drawing: Drawing, shape: Shape) -> Bytes:
    image = drawing.image
    if drawing.shape == shape:
        return image
    form = ImageForm(shape[1], "grey" if shape[0] == 1 else "rgb", "fit")
    formed: Bytes = in_form(image[np.newaxis], form, "a drawing")[0]
    return formed
