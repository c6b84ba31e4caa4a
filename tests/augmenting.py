"""Training images as an epoch brings them."""

import numpy as np
from numpy.typing import NDArray

from engine.model.settings import Settings
from engine.training.dataset_batch import Augmentation

Bytes = NDArray[np.uint8]


def augmented(images: Bytes, settings: Settings, seed: int, epoch: int) -> Bytes:
    """Return the first training images (n, channels, H, W) as an epoch, from 1 on, brings them."""
    augmentation = Augmentation.of(settings.with_changes(seed=seed), epoch)
    if augmentation is None:
        return images
    return augmentation.apply(images, np.arange(len(images)))
