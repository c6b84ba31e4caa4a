"""ChangedImages: training images as augmentation brings them to the network in some epoch."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.array_types import Shape
from engine.data.images import Bytes, Images
from engine.data.validation import Places
from engine.training.augmentation import Augmentation


class ChangedImages:
    """Images (n, channels, height, width), of which those at some places are trained on.

    Each of these is changed when it is indexed, so that it costs nothing until it is seen; the
    others are as they are.
    """

    def __init__(self, images: Images, trained_on: Places, augmentation: Augmentation) -> None:
        self._images, self._augmentation = images, augmentation
        self._turns = np.full(len(images), -1)
        self._turns[trained_on] = np.arange(len(trained_on))

    @property
    def shape(self) -> Shape:
        """The number of images, and the shape of each."""
        return self._images.shape

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: Any, /) -> Bytes:
        places = np.arange(len(self))[index]
        changed = self._changed(np.atleast_1d(places))
        return changed if np.ndim(places) else changed[0]

    def __array__(self, dtype: Any = None, /) -> NDArray[Any]:
        """Return all images, changed."""
        return self._changed(np.arange(len(self))).astype(dtype or np.uint8)

    def _changed(self, places: Places) -> Bytes:
        images, turns = self._images[places].copy(), self._turns[places]
        there = turns >= 0
        if there.any():
            images[there] = self._augmentation.apply(images[there], turns[there])
        return images
