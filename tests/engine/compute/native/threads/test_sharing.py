"""Layers whose samples the threads share: the numbers are those of one thread."""

from collections.abc import Iterator

import numpy as np
import pytest

from engine.array_types import Array
from engine.compute.native.native_numerics import NativeNumerics
from engine.compute.native.threads.sharing import SHARED_VALUES, parts_of
from engine.compute.thread_pool import Pool
from tests.engine.closeness import relative_error

SAMPLES = 37
VALUES = SHARED_VALUES // SAMPLES + 1


@pytest.fixture(params=[2, 3])
def pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    made = NativeNumerics.thread_pool(request.param)
    yield made
    made.close()


def drawn(*shape: int) -> Array:
    return np.random.default_rng(len(shape)).random(shape, np.float32) + np.float32(0.5)


def test_all_samples_are_worked_on_once(pool: Pool) -> None:
    counts = np.zeros((SAMPLES, VALUES), np.float32)

    def count(rows: Array) -> None:
        rows += 1

    NativeNumerics.share(count, (counts,), pool)
    assert (counts == 1).all()


def test_few_values_stay_in_one_thread(pool: Pool) -> None:
    assert parts_of(drawn(9, 10), pool) == [slice(0, 9)]
    assert parts_of(drawn(1, 3 * SHARED_VALUES), pool) == [slice(0, 1)]
    assert parts_of(drawn(SAMPLES, VALUES), None) == [slice(0, SAMPLES)]


def test_dropout(pool: Pool) -> None:
    inputs, key, counters = drawn(SAMPLES, VALUES), np.uint64(5), np.array([2, 3])

    def masked(pool: Pool | None) -> list[Array]:
        mask, outputs = np.empty_like(inputs), np.empty_like(inputs)
        NativeNumerics.dropout(inputs, key, counters, 4, 0.3, mask, outputs, pool)
        return [mask, outputs]

    np.testing.assert_array_equal(masked(pool), masked(None))


@pytest.mark.parametrize("shape", [(VALUES,), (5, VALUES // 20, 5)])
def test_batch_normalisation(pool: Pool, shape: tuple[int, ...]) -> None:
    inputs, gradient = drawn(SAMPLES, *shape) + 100, drawn(SAMPLES, *shape)
    weight, bias = drawn(2, shape[0])

    def work(pool: Pool | None) -> list[Array]:
        moments = NativeNumerics.batch_moments(inputs, pool)
        outputs, back = np.empty_like(inputs), np.empty_like(inputs)
        found = NativeNumerics.batch_norm(inputs, moments[None], 1e-5, weight, bias, outputs, pool)
        sums, own = NativeNumerics.batch_norm_sums(gradient, inputs, found, pool)
        values = inputs[:, 0].size
        NativeNumerics.batch_norm_gradient(
            gradient, inputs, found, weight, sums[None], values, back, pool
        )
        return [moments, outputs, sums, own, back]

    for shared, alone, close in zip(
        work(pool), work(None), (1e-10, 1e-5, 1e-10, 1e-6, 1e-5), strict=True
    ):
        assert relative_error(shared, alone) <= close
