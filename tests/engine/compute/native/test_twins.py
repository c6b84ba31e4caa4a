"""The two twins, function by function: the same numbers but for rounding, of the same arguments."""

from collections.abc import Callable
from inspect import isfunction, signature
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.array_types import Array, Shape
from engine.compute.activations import ACTIVATIONS
from engine.compute.native.native_numerics import NativeNumerics
from engine.compute.plain_numerics import Numerics, PlainNumerics
from tests.engine.closeness import relative_error
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas

TWINS: tuple[Numerics, Numerics] = (PlainNumerics, NativeNumerics)
FUNCTIONS = [name for name, value in vars(PlainNumerics).items() if isfunction(value)]

each_type = pytest.mark.parametrize(
    ("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-12)]
)
seeds = st.integers(0, 2**32 - 1)


def drawn(seed: int, dtype: Any, *shape: int) -> Array:
    values: Array = np.random.default_rng(seed).standard_normal(shape).astype(dtype)
    return values


def both(compute: Callable[[Numerics], Array]) -> tuple[Array, Array]:
    plain, native = map(compute, TWINS)
    return plain, native


def assert_close(compute: Callable[[Numerics], Array], tolerance: float) -> None:
    plain, native = both(compute)
    assert plain.dtype == native.dtype
    assert relative_error(native, plain) <= tolerance


def test_the_native_twin_takes_what_the_plain_one_declares() -> None:
    assert len(FUNCTIONS) > 25
    for name in FUNCTIONS:
        declared, own = (signature(getattr(twin, name)).parameters for twin in TWINS)
        assert [*map(str, own.values())] == [*map(str, declared.values())], name
        assert getattr(NativeNumerics, name) is not getattr(PlainNumerics, name), name


@pytest.mark.parametrize("kind", ACTIVATIONS)
@each_type
def test_activations(kind: str, dtype: Any, tolerance: float) -> None:
    inputs = 5 * drawn(1, dtype, 4, 3, 7)
    options = (0.3,) if kind == "leaky_relu" else ()

    def outputs(twin: Numerics) -> Array:
        out = np.full_like(inputs, np.nan)
        twin.activate(kind, options, inputs, out)
        return out

    def gradients(twin: Numerics) -> Array:
        out = np.full_like(inputs, np.nan)
        slopes = drawn(2, dtype, 4, 3, 7)
        twin.activation_gradient(kind, options, slopes, outputs(PlainNumerics), out)
        return out

    def in_place(twin: Numerics) -> Array:
        values, slopes = inputs.copy(), drawn(2, dtype, 4, 3, 7)
        twin.activate(kind, options, values, values)
        twin.activation_gradient(kind, options, slopes, values, slopes)
        return np.stack([values, slopes])

    assert_close(outputs, tolerance)
    assert_close(gradients, tolerance)
    for twin in TWINS:
        apart = np.stack([outputs(twin), gradients(twin)])
        assert relative_error(in_place(twin), apart) <= tolerance


@given(st.integers(1, 9), st.integers(1, 4), st.integers(0, 40), st.integers(1, 80), seeds)
@settings(max_examples=15)
@example(20, 20, 30, 2, 0)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_max_pooling_takes_the_same_places_bit_for_bit(
    dtype: Any, size: int, stride: int, more: int, channels: int, seed: int
) -> None:
    """Many values are equal; NaN, infinity and zero of both signs are among them."""
    inputs = np.round(drawn(seed, dtype, 2, channels, size + more, size + more // 2))
    inputs[inputs > 2] = np.inf
    inputs[inputs < -2] = -np.inf
    dice = np.random.default_rng(seed).random(inputs.shape)
    inputs[dice < 0.05] = np.nan
    inputs[dice > 0.95] = np.copysign(np.nan, -1)
    shape = (2, channels, more // stride + 1, more // 2 // stride + 1)

    def passes(twin: Numerics) -> list[Array]:
        outputs, places = np.empty(shape, dtype), np.empty(shape, np.int32)
        twin.max_pool(inputs, size, stride, outputs, places)
        gradient = np.full_like(inputs, np.nan)
        slopes = drawn(seed, dtype, *shape).round(1)  # a sum in any order
        twin.max_pool_gradient(slopes, places, gradient)
        return [outputs, places.astype(np.float64), gradient]

    for plain, native in zip(*map(passes, TWINS), strict=True):
        assert np.array_equal(plain, native, equal_nan=True)


@given(st.integers(1, 9), st.integers(1, 80), st.integers(0, 30), seeds)
@settings(max_examples=12)
@example(3, 5, 5, 0)  # 30 places: the last by columns
@example(3, 5, 6, 0)  # 42 places: map by map
@example(3, 1100, 0, 0)  # vectors of several blocks
def test_batch_normalisation(samples: int, maps: int, side: int, seed: int) -> None:
    """Of a batch far from zero in two parts, each map with a mean and a deviation of its own."""
    dice = np.random.default_rng(seed)
    sides = (side, side + 1) if side else ()
    wide = (maps, *(1,) * len(sides))
    means, deviations = dice.normal(0, 1e4, wide), dice.uniform(0.5, 2, wide)
    inputs = means + deviations * drawn(seed, np.float64, 2 * samples, maps, *sides)
    gradient = drawn(seed + 1, np.float64, *inputs.shape)
    weight, bias = drawn(seed + 2, np.float64, 2, maps)

    def passes(twin: Numerics) -> list[Array]:
        halves = inputs[:samples], inputs[samples:]
        moments = np.array([twin.batch_moments(half) for half in halves])
        outputs, *backs = (np.full_like(inputs, np.nan) for _ in range(3))
        joint = twin.batch_norm(inputs, moments, 1e-5, weight, bias, outputs)
        whole = twin.batch_moments(inputs)[None]
        found = twin.batch_norm(inputs, whole, 1e-5, weight, bias, outputs)
        sums, own = twin.batch_norm_sums(gradient, inputs, found)
        for back, values in zip(backs, (gradient[:, 0].size, 0), strict=True):
            twin.batch_norm_gradient(gradient, inputs, found, weight, sums[None], values, back)
        again = twin.known_moments(found[0], found[1])
        running = np.ones((2, maps))
        twin.move_statistics(running[0], running[1], found, values, 0.25)
        return [*joint, *found, outputs, sums, own, *backs, *again[0], running]

    axes = (0, *range(2, inputs.ndim))
    plain = passes(PlainNumerics)
    assert relative_error(plain[0], inputs.mean(axis=axes)) <= 1e-12
    assert relative_error(plain[1], inputs.var(axis=axes)) <= 1e-9
    for one, other in zip(plain, passes(NativeNumerics), strict=True):
        assert relative_error(other, one) <= 1e-9


@pytest.mark.parametrize("twin", TWINS)
def test_a_mean_ten_thousand_deviations_from_zero_costs_float32_nothing(twin: Numerics) -> None:
    inputs = (1e4 + drawn(5, np.float64, 64, 3, 9, 9)).astype(np.float32)
    exact = inputs.astype(np.float64)
    mean, variance = exact.mean(axis=(0, 2, 3)), exact.var(axis=(0, 2, 3))
    outputs, one = np.empty_like(inputs), np.ones(3, np.float32)
    moments = twin.batch_moments(inputs)[np.newaxis]
    found = twin.batch_norm(inputs, moments, 0.0, one, 0 * one, outputs)
    assert relative_error(found[0], mean) <= 1e-12
    assert relative_error(found[1], variance) <= 1e-6
    wide = (3, 1, 1)
    right = (exact - mean.reshape(wide)) / np.sqrt(variance).reshape(wide)
    assert relative_error(outputs, right) <= 1e-6


@given(st.integers(1, 5), st.integers(1, 2100), st.floats(0, 0.95), st.integers(0, 99), seeds)
@settings(max_examples=12)
def test_dropout_draws_the_same_masks(
    samples: int, values: int, rate: float, step: int, seed: int
) -> None:
    inputs, key = drawn(seed, np.float32, samples, values), np.uint64(seed * 2**32 + 17)
    counters, found = np.array([seed, step]), []
    for twin in TWINS:
        mask, outputs, slopes = (np.empty_like(inputs) for _ in range(3))
        twin.dropout(inputs, key, counters, 7, rate, mask, outputs)
        twin.dropout_derivative(outputs, mask, slopes)
        found.append((mask, outputs, slopes))
    assert np.array_equal(found[0], found[1])


LOSSES: list[tuple[str, Shape, tuple[int, ...]]] = [
    ("binary_cross_entropy", (9,), ()),
    ("binary_cross_entropy_gradient", (9, 5), ()),
    ("cross_entropy", (9,), ()),
    ("cross_entropy_gradient", (9, 5), ()),
    ("squared_error", (9,), ()),
    ("scaled_difference", (9, 5), (2, 3)),
]
each_loss = pytest.mark.parametrize(
    ("name", "shape", "more"), LOSSES, ids=[name for name, *_ in LOSSES]
)


def loss_arguments(dtype: Any) -> tuple[Array, Array]:
    """Outputs, and targets among which a hit and a miss are in the place of every special value."""
    dice = np.random.default_rng(3)
    outputs = np.append(dice.random(39), [0.0, 0.0, 1.0, 1.0, np.nan, 1e-30]).astype(dtype)
    targets = np.append(dice.integers(0, 2, 39), [0, 1, 0, 1, 1, 1]).astype(dtype)
    return outputs.reshape(9, 5), targets.reshape(9, 5)


@each_loss
@each_type
def test_losses(
    name: str, shape: Shape, more: tuple[int, ...], dtype: Any, tolerance: float
) -> None:
    outputs, targets = loss_arguments(dtype)

    def written(twin: Numerics) -> Array:
        out = np.empty(shape, dtype)
        getattr(twin, name)(outputs, targets, *more, out)
        return out

    plain, native = both(written)
    assert np.isnan(plain).any()
    assert np.array_equal(np.isnan(plain), np.isnan(native))
    np.testing.assert_allclose(native, plain, tolerance, 0)


@each_type
def test_the_tally_counts_the_right_answers_as_numpy_does(dtype: Any, tolerance: float) -> None:
    outputs, targets = drawn(1, dtype, 200, 3).round(), drawn(2, dtype, 200, 3).round()
    outputs[::7, 1], outputs[::14, 2], targets[3, 2] = np.nan, np.nan, np.inf
    values, sums = drawn(3, dtype, 200), np.full((2, 2), np.nan)
    for twin, out in zip(TWINS, sums, strict=True):
        twin.tally(values, outputs, targets, out)
    assert sums[0, 1] == sums[1, 1] == (np.argmax(outputs, 1) == np.argmax(targets, 1)).sum()
    assert relative_error(sums[:, 0], np.full(2, values.sum(dtype=np.float64))) <= tolerance


@each_type
@pytest.mark.parametrize("samples", [1, 30])
def test_targets_are_one_at_the_label(samples: int, dtype: Any, tolerance: float) -> None:
    dice = np.random.default_rng(samples)
    labels, places = dice.integers(0, 7, 40), dice.integers(0, 40, samples)
    for twin in TWINS:
        out = np.full((samples, 7), np.nan, dtype)
        twin.one_hot(labels, places, out)
        expected = [[float(labels[place] == i) for i in range(7)] for place in places]
        assert out.tolist() == expected


@each_type
def test_updates_in_place(dtype: Any, tolerance: float) -> None:
    def product(twin: Numerics) -> Array:
        weights, pool = drawn(1, dtype, 20, 900), twin.thread_pool(2)
        left, right = drawn(2, dtype, 40, 20), drawn(3, dtype, 40, 900)
        twin.add_product(weights, left, right, np.array([-0.1, 0.7], dtype), pool)
        twin.add_product(weights[4:9], left[:1], right[:1], np.array([2, 1], dtype), None, 4)
        twin.add_product(weights[:3], left[:5], right[:5], np.array([2, 0], dtype), None, 17)
        twin.add_scaled(weights[3:8], weights[10:15], np.array([0.5, -2], dtype))
        pool.close()
        return weights

    assert_close(product, tolerance)


@given(
    st.floats(0, 3), st.floats(0, 0.5), st.floats(0, 0.3), st.floats(0, 40), st.booleans(), seeds
)
@settings(max_examples=12)
def test_changed_images_are_the_same_byte_for_byte(
    shift: float, rotate: float, zoom: float, noise: float, flip: bool, seed: int
) -> None:
    dice = np.random.default_rng(seed)
    images = dice.integers(0, 256, (5, 3, 7, 10)).astype(np.uint8)
    places, key = dice.integers(0, 1_000_000, 5), np.uint64(seed * 2**32 + 17)
    found = []
    for twin in TWINS:
        out = np.zeros_like(images)
        twin.augment(images, places, key, shift, rotate, zoom, noise, flip, 77, out)
        found.append(out)
    if shift or rotate or zoom or noise or flip:  # else nobody asks
        assert np.array_equal(found[0], found[1])
