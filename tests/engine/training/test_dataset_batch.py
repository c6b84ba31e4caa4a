"""Batches of a data set, and the memory that they are put into."""

import numpy as np
import pytest

from engine.compute.native.native_numerics import NativeNumerics
from engine.compute.plain_numerics import Numerics, PlainNumerics
from engine.data.dataset import Dataset
from engine.inputs.scaling import UNIT, Scaling
from engine.model.settings import Settings
from engine.training.dataset_batch import Augmentation, DatasetBatch

COLOUR = Scaling((0.5, 0.25, 0.1), (0.2, 0.3, 1.0))
WHOLE = slice(0, 6)


def samples(scaling: Scaling, seed: int = 0) -> Dataset:
    dice = np.random.default_rng(seed)
    images = dice.integers(0, 256, (20, 3, 5, 7), np.uint8)
    return Dataset(images, dice.permutation(20) % 4, (0, 1, 2, 3), scaling=scaling)


@pytest.mark.parametrize("twin", [PlainNumerics, NativeNumerics])
@pytest.mark.parametrize("scaling", [UNIT, COLOUR])
def test_inputs_have_the_bits_that_the_scaling_gives(twin: Numerics, scaling: Scaling) -> None:
    images = samples(scaling).images[:]
    inputs = np.empty((4, *images.shape[1:]), np.float32)
    places = np.array([19, 0, 3, 3])
    twin.scale_images(images, places, *scaling.numbers(3, np.float32), inputs, None)
    np.testing.assert_array_equal(inputs, scaling.inputs(images[places]))


@pytest.mark.parametrize("change", [None, Augmentation.of(Settings(shift=2.0), 1)])
def test_held_memory_takes_one_batch_after_another(change: Augmentation | None) -> None:
    places = np.array([3, 19, 0, 7, 7, 2])
    data = samples(COLOUR)
    held = DatasetBatch(data, places, change).held(np.float32)
    for turn in range(3):
        batch = DatasetBatch(data, np.roll(places, turn), change)
        held.load(batch)
        inputs = held.inputs(WHOLE, np.float32)
        np.testing.assert_array_equal(inputs, batch.inputs(WHOLE, np.float32))
        expected = COLOUR.inputs(batch.images(WHOLE))
        np.testing.assert_array_equal(inputs, expected)
        targets = held.targets(WHOLE, np.float32)
        np.testing.assert_array_equal(targets, batch.targets(WHOLE, np.float32))
        np.testing.assert_array_equal(targets.argmax(1), data.labels[batch.indices])
    first, again = held.inputs(slice(2, 4), np.float32), held.inputs(WHOLE, np.float32)
    assert np.shares_memory(first, again)
