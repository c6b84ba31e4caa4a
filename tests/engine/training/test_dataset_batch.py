"""Batches of a data set, the memory that they are put into, and how their images are changed."""

import math

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine import random_streams
from engine.array_types import Array
from engine.compute.native.native_numerics import NativeNumerics
from engine.compute.plain_numerics import Numerics, PlainNumerics
from engine.data.dataset import Dataset
from engine.data.images import Bytes
from engine.inputs.scaling import UNIT, Scaling
from engine.model.settings import Settings
from engine.training.dataset_batch import Augmentation, DatasetBatch
from engine.training.events import BatchDone, EpochDone
from tests.augmenting import augmented
from tests.engine import oracles
from tests.engine.networks import dataset, predict
from tests.engine.training_runs import SETTINGS, training

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


ALL = {"shift": 1.5, "rotate": 20.0, "zoom": 15.0, "noise": 0.05, "flip": True}
FILLS = {"black": 0, "grey": 128, "white": 255}
BITS = 2**64


def draw(key: int, number: int) -> int:
    """Return a number of SplitMix64 (Steele, Lea and Flood, 2014)."""
    state = (key + number * 0x9E3779B97F4A7C15) % BITS
    state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9 % BITS
    state = (state ^ (state >> 27)) * 0x94D049BB133111EB % BITS
    return state ^ (state >> 31)


def key_of(settings: Settings, epoch: int, place: int) -> int:
    return draw(int(random_streams.key(settings.seed, "augmentation", epoch=epoch)), place + 1)


def signed(key: int, number: int) -> float:
    return (draw(key, number) >> 11) / 2**52 - 1


def warped(image: Bytes, settings: Settings, key: int) -> Array:
    """Warp one image (channels, H, W) by scipy."""
    down, across = (settings.shift * signed(key, number) for number in (1, 2))
    angle = math.radians(settings.rotate) * signed(key, 3)
    size = 1 + settings.zoom / 100 * signed(key, 4)
    mirror = -1 if settings.flip and signed(key, 5) < 0 else 1
    turned = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) / size
    matrix = np.diag([1, mirror]) @ turned
    middle = (np.array(image.shape[1:]) - 1) / 2
    offset = middle - matrix @ np.add(middle, (down, across))
    found: Array = np.stack(
        [
            scipy.ndimage.affine_transform(
                channel.astype(float),
                matrix,
                offset,
                order=1,
                mode="grid-constant",
                cval=FILLS[settings.background],
            )
            for channel in image
        ]
    )
    return found


def noise_of(key: int, count: int) -> Array:
    """Sum four parts of 16 bits for each value, about their mean, in their deviation."""
    sums = []
    for number in range(1, count + 1):
        bits = draw(draw(key, 6), number)
        sums.append(sum((bits >> place) & 0xFFFF for place in (0, 16, 32, 48)) - 2 * 65535)
    return np.array(sums) / (65536 * math.sqrt(4 / 12))


def pictures(count: int, *shape: int, seed: int = 0) -> Bytes:
    dice = np.random.default_rng(seed)
    return dice.integers(0, 256, (count, *shape), dtype=np.uint8)


@given(
    st.tuples(st.sampled_from([1, 3]), st.integers(1, 12), st.integers(1, 12)),
    st.fixed_dictionaries(
        {
            "shift": st.floats(0, 6),
            "rotate": st.floats(0, 180),
            "zoom": st.floats(0, 90),
            "flip": st.booleans(),
            "background": st.sampled_from(sorted(FILLS)),
            "seed": st.integers(0, 2**31 - 1),
        }
    ),
    st.integers(1, 100),
)
@example((1, 6, 9), {"zoom": 5e-324}, 1)  # a hundredth of which is 0
def test_images_are_warped_as_scipy_does(
    shape: tuple[int, int, int], changes: dict[str, object], epoch: int
) -> None:
    settings, images = Settings().with_changes(**changes), pictures(3, *shape)
    found = augmented(images, settings, settings.seed, epoch)
    for place, image in enumerate(images):
        expected = warped(image, settings, key_of(settings, epoch, place))
        np.testing.assert_allclose(found[place], expected, atol=1)


@given(st.floats(0.001, 1), st.integers(0, 1000), st.integers(1, 9))
def test_noise_is_nearly_normal_with_the_deviation_of_the_settings(
    noise: float, seed: int, epoch: int
) -> None:
    settings, images = Settings(noise=noise, seed=seed), pictures(2, 1, 6, 7, seed=seed)
    found = augmented(images, settings, seed, epoch)
    for place, image in enumerate(images):
        added = 255 * noise * noise_of(key_of(settings, epoch, place), 42).reshape(1, 6, 7)
        np.testing.assert_allclose(found[place], np.clip(image + added, 0, 255), atol=0.51)


def test_what_becomes_of_an_image_depends_on_seed_epoch_and_place_alone() -> None:
    images, settings = pictures(40, 1, 9, 9), Settings().with_changes(**ALL)
    whole = augmented(images, settings, 7, 2)
    order = np.random.default_rng(1).permutation(40)
    change = Augmentation.of(settings.with_changes(seed=7), 2)
    assert change is not None
    for part in (order[:1], order[1:17], order[17:]):
        np.testing.assert_array_equal(change.apply(images[part], part), whole[part])
    one = np.repeat(images[:1], 40, axis=0)
    changed = [augmented(one, settings, seed, epoch) for seed, epoch in ((7, 2), (8, 2), (7, 3))]
    every = np.concatenate(changed).reshape(120, -1)
    assert len(np.unique(every, axis=0)) == 120


def batches(settings: Settings) -> list[NDArray[np.int64]]:
    """Return the places of the samples in each batch of the first epoch."""
    order = random_streams.stream(settings.seed, "shuffle", epoch=1).permutation(50)
    return [order[start : start + 8] for start in range(0, 50, 8)]


@pytest.mark.parametrize("threads", [1, 2])
def test_a_step_learns_from_the_changed_images_of_its_samples(threads: int) -> None:
    settings = SETTINGS.with_changes(**ALL, learning_rate=1e-8)
    data, first = dataset(50), batches(settings)[0]
    with training(settings, threads=threads) as run:
        network = run.network
        changed = augmented(np.asarray(data.images), settings, settings.seed, 1)
        inputs = data.scaling.inputs(changed[first])
        outputs = predict(network, inputs).astype(np.float64)
        event = next(run.run())
    assert isinstance(event, BatchDone)
    targets = data.batch_targets(first, np.float64)
    losses = [oracles.bce(y, t) for y, t in zip(outputs, targets, strict=True)]
    assert event.loss == pytest.approx(np.mean(losses), rel=1e-5)


def test_tests_and_validation_see_the_images_as_they_are() -> None:
    settings = SETTINGS.with_changes(**ALL, validation_split=20.0)
    with training(settings) as run:
        last = [event for event in run.run() if isinstance(event, EpochDone)][-1]
        for samples, found in ((run.test, last.test), (run.validation, last.validation)):
            assert samples is not None
            assert found is not None
            outputs = predict(run.network, samples.batch_inputs(slice(None)))
            np.testing.assert_allclose(found.outputs, outputs, atol=1e-6)


@pytest.mark.parametrize("size", [1, 8, 50])
def test_the_shards_of_a_batch_have_the_inputs_of_the_whole(size: int) -> None:
    data, places = dataset(50), np.random.default_rng(size).permutation(50)[:size]
    change = Augmentation.of(Settings().with_changes(**ALL), 3)
    batch = DatasetBatch(data, places, change)
    whole = batch.inputs(slice(0, size), np.float32)
    for cut in {0, 1, size // 3, size - 1}:
        parts = [batch.inputs(part, np.float32) for part in (slice(0, cut), slice(cut, size))]
        np.testing.assert_array_equal(np.concatenate(parts), whole)
