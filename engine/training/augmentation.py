"""Augmentation: training images are changed at random, each epoch anew, the same for a seed."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine import random_streams
from engine.compute.numerics import numerics as usual_numerics
from engine.compute.plain_numerics import Numerics
from engine.data.image_form import GREY_VALUES
from engine.data.images import Bytes
from engine.model.settings import Settings


@dataclass(frozen=True)
class Augmentation:
    """How the training images of one epoch are changed.

    What becomes of an image depends on the seed, the epoch and its place among the training
    samples, and on nothing else: not on the batch that it is in, nor on the thread.
    """

    settings: Settings
    key: np.uint64

    @classmethod
    def of(cls, settings: Settings, epoch: int) -> "Augmentation | None":
        """Return how the settings change images in an epoch; None if they leave them alone."""
        changes = settings.shift, settings.rotate, settings.zoom, settings.noise, settings.flip
        if not any(changes):
            return None
        return cls(settings, random_streams.key(settings.seed, "augmentation", epoch=epoch))

    def apply(
        self, images: Bytes, places: NDArray[np.int64], numerics: Numerics | None = None
    ) -> Bytes:
        """Change images (n, channels, H, W) from some places (n,) among the training samples."""
        settings, changed = self.settings, images.copy()  # a change may be so small that it is none
        (numerics or usual_numerics()).augment(
            images,
            places,
            self.key,
            settings.shift,
            math.radians(settings.rotate),
            settings.zoom / 100,
            settings.noise * 255,
            settings.flip,
            GREY_VALUES[settings.background],
            changed,
        )
        return changed


def augmented(images: Bytes, settings: Settings, seed: int, epoch: int) -> Bytes:
    """Return the first training images (n, channels, H, W) as an epoch, from 1 on, brings them.

    They are those that are left when validation samples have been held out, in their order.
    """
    augmentation = Augmentation.of(settings.with_changes(seed=seed), epoch)
    if augmentation is None:
        return images
    return augmentation.apply(images, np.arange(len(images)))
