"""Training images as an epoch brings them, each only when it is indexed."""

import numpy as np

from engine.model.settings import Settings
from engine.training.dataset_batch import Augmentation, augmented
from gui.panels.data import ChangedImages

SETTINGS = Settings(shift=2.0, rotate=20.0, noise=0.1, flip=True, seed=5)


def test_they_are_those_of_the_epoch_without_the_validation_images() -> None:
    images = np.random.default_rng(1).integers(0, 256, (9, 1, 8, 8), dtype=np.uint8)
    kept = np.array([0, 2, 3, 5, 8])
    augmentation = Augmentation.of(SETTINGS, 4)
    assert augmentation is not None
    changed = ChangedImages(images, kept, augmentation)
    expected = augmented(images[kept], SETTINGS, 5, 4)
    for place, image in zip(kept, expected, strict=True):
        np.testing.assert_array_equal(changed[int(place)], image)
    np.testing.assert_array_equal(changed[kept], expected)
    assert (expected != images[kept]).any()
    for place in (1, 4, 6, 7):
        np.testing.assert_array_equal(changed[place], images[place])
    assert changed.shape == images.shape
    assert len(changed) == 9
