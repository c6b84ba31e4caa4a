"""The two twins, function by function: the same numbers but for rounding, of the same arguments."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.array_types import Array
from engine.compute import plain_numerics
from engine.compute.convolution import Axis, Geometry
from engine.compute.native import native_numerics
from engine.compute.numerics import Numerics
from engine.compute.workspace import Workspace
from tests.engine.closeness import relative_error
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas

TWINS: tuple[Numerics, Numerics] = (plain_numerics, native_numerics)
FUNCTIONS = sorted(name for name in vars(Numerics) if not name.startswith("_") and name.islower())

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


@pytest.mark.parametrize("twin", TWINS)
def test_a_twin_has_every_function(twin: Numerics) -> None:
    assert len(FUNCTIONS) > 25
    for name in FUNCTIONS:
        assert callable(getattr(twin, name)), name
    assert twin.MULTIPLY_ADDS_AT_ONCE > 10_000_000


POINTWISE = ["sigmoid", "tanh", "relu", "softmax", "leaky_relu"]


@pytest.mark.parametrize("name", POINTWISE)
@each_type
def test_activations(name: str, dtype: Any, tolerance: float) -> None:
    inputs = 5 * drawn(1, dtype, 4, 3, 7)
    options = {"slope": 0.3} if name == "leaky_relu" else {}

    def outputs(twin: Numerics) -> Array:
        out = np.full_like(inputs, np.nan)
        getattr(twin, name)(inputs, out, **options)
        return out

    def gradients(twin: Numerics) -> Array:
        out = np.full_like(inputs, np.nan)
        slopes = drawn(2, dtype, 4, 3, 7)
        getattr(twin, f"{name}_derivative")(slopes, outputs(plain_numerics), out, **options)
        return out

    assert_close(outputs, tolerance)
    assert_close(gradients, tolerance)


@given(
    st.integers(1, 5), st.integers(1, 3), st.booleans(), st.booleans(), st.integers(1, 12), seeds
)
@settings(max_examples=25)
@pytest.mark.parametrize("channels", [2, 12])
def test_correlation(
    channels: int, size: int, stride: int, same: bool, per_map: bool, depth: int, seed: int
) -> None:
    geometry = Geometry(Axis(9, size, stride, same), Axis(8, size, stride, same))
    kernels = drawn(seed, np.float64, depth, channels, size, size)
    maps = drawn(seed + 1, np.float64, 3, channels, 9, 8)
    shape = (depth, geometry.rows.outputs, geometry.columns.outputs)
    bias = drawn(seed + 2, np.float64, *(shape[:1] if per_map else shape))
    gradient = drawn(seed + 3, np.float64, 3, *shape)

    def passes(twin: Numerics) -> list[Array]:
        workspace, outputs, inputs = Workspace(np.float64), np.empty((3, *shape)), maps.copy()
        ready = twin.prepared(maps, kernels, geometry, workspace)
        twin.correlate(ready, kernels, bias, outputs, workspace, geometry)
        found = twin.correlation_gradients(ready, gradient, kernels, inputs, workspace, geometry)
        alone = twin.correlation_gradients(ready, gradient, kernels, None, workspace, geometry)
        return [outputs, inputs, found, alone]

    for plain, native in zip(*map(passes, TWINS), strict=True):
        assert relative_error(native, plain) <= 1e-10


@given(st.integers(1, 4), st.integers(1, 4), st.integers(0, 4), seeds)
@settings(max_examples=25)
def test_max_pooling_takes_the_same_places_bit_for_bit(
    size: int, stride: int, more: int, seed: int
) -> None:
    inputs = np.round(drawn(seed, np.float32, 2, 3, size + more, size + 2 * more))  # ties, and NaN
    inputs[inputs > 1] = np.nan
    shape = (2, 3, more // stride + 1, 2 * more // stride + 1)

    def passes(twin: Numerics) -> list[Array]:
        outputs, places = np.empty(shape, np.float32), np.empty(shape, np.int32)
        twin.max_pool(inputs, size, stride, outputs, places)
        gradient = np.full_like(inputs, np.nan)
        twin.max_pool_gradient(drawn(seed, np.float32, *shape), places, gradient)
        return [outputs, places.astype(np.float64), gradient]

    for plain, native in zip(*map(passes, TWINS), strict=True):
        assert np.array_equal(plain, native, equal_nan=True)


@each_type
def test_binary_cross_entropy(dtype: Any, tolerance: float) -> None:
    dice = np.random.default_rng(3)
    outputs = np.append(dice.random(40), [0.0, 1.0, np.nan, 0.5, 1e-30]).astype(dtype)[:, None]
    targets = dice.integers(0, 2, outputs.shape).astype(dtype)

    def values(twin: Numerics) -> Array:
        out = np.empty(len(outputs), dtype)
        twin.binary_cross_entropy(outputs, targets, -100.0, out)
        return out

    plain, native = both(values)
    assert np.isnan(plain).nonzero()[0].tolist() == [42] == np.isnan(native).nonzero()[0].tolist()
    assert relative_error(np.delete(native, 42), np.delete(plain, 42)) <= tolerance


@each_type
def test_updates_in_place(dtype: Any, tolerance: float) -> None:
    def product(twin: Numerics) -> Array:
        weights, pool = drawn(1, dtype, 20, 900), twin.thread_pool(2)
        left, right = drawn(2, dtype, 40, 20), drawn(3, dtype, 40, 900)
        twin.add_product(weights, left, right, -0.1, pool)
        twin.subtract_outer(weights, left[0], right[0])
        pool.close()
        return weights

    assert_close(product, tolerance)


@given(
    st.floats(0, 3), st.floats(0, 0.5), st.floats(0, 0.3), st.floats(0, 40), st.booleans(), seeds
)
@settings(max_examples=25)
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
