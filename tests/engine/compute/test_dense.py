"""Products with large weights, shared between threads: numpy's, however they are cut."""

from collections.abc import Iterator

import numpy as np
import pytest

from engine.array_types import Array
from engine.compute.numerics import numerics
from engine.compute.thread_pool import Pool
from tests.engine.closeness import relative_error


@pytest.fixture(params=[1, 2, 3])
def pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    pool = numerics().thread_pool(request.param)
    yield pool
    pool.close()


each_size = pytest.mark.parametrize(
    ("samples", "units", "inputs"),
    [
        (1, 100, 3380),
        (3, 101, 3380),
        (8, 100, 3380),
        (9, 7, 50_001),
        (64, 3, 2000),
        (65, 100, 997),
        (17, 201, 768),
        (300, 70, 112),
        (130, 9, 2051),
        (67, 143, 321),
        (9, 5000, 70),
        (20, 1, 1),
    ],
)
each_type = pytest.mark.parametrize(
    ("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-12)]
)


def drawn(*shapes: tuple[int, ...]) -> list[Array]:
    rng = np.random.default_rng(5)
    return [rng.standard_normal(shape) for shape in shapes]


@each_size
@each_type
def test_outputs(
    pool: Pool,
    samples: int,
    units: int,
    inputs: int,
    dtype: type[np.floating],
    tolerance: float,
) -> None:
    x, w, b = drawn((samples, inputs), (units, inputs), (units,))
    out = np.full((samples, units), np.nan, dtype)
    numerics().dense_outputs(x.astype(dtype), w.astype(dtype), b.astype(dtype), out, pool)
    assert relative_error(out, np.einsum("ni,ui->nu", x, w) + b) <= tolerance


@each_size
@each_type
def test_input_gradient(
    pool: Pool,
    samples: int,
    units: int,
    inputs: int,
    dtype: type[np.floating],
    tolerance: float,
) -> None:
    gradient, w = drawn((samples, units), (units, inputs))
    out = np.full((samples, inputs), np.nan, dtype)
    numerics().dense_input_gradient(gradient.astype(dtype), w.astype(dtype), out, pool)
    assert relative_error(out, np.einsum("nu,ui->ni", gradient, w)) <= tolerance


@each_size
@each_type
def test_a_product_is_added_in_place(
    pool: Pool,
    samples: int,
    units: int,
    inputs: int,
    dtype: type[np.floating],
    tolerance: float,
) -> None:
    left, right, w = drawn((samples, units), (samples, inputs), (units, inputs))
    changed = w.astype(dtype)
    scales = np.array([-0.3, 0.7], dtype)
    numerics().add_product(changed, left.astype(dtype), right.astype(dtype), scales, pool)
    assert relative_error(changed, 0.7 * w - 0.3 * np.einsum("nu,ni->ui", left, right)) <= tolerance


@each_size
@each_type
def test_a_product_of_some_columns_is_written(
    pool: Pool,
    samples: int,
    units: int,
    inputs: int,
    dtype: type[np.floating],
    tolerance: float,
) -> None:
    left, right = drawn((samples, units), (samples, inputs))
    first, expected = units // 3, np.einsum("nu,ni->ui", left, right)
    out = np.full((units - first, inputs), np.nan, dtype)
    numerics().write_product(out, left.astype(dtype), right.astype(dtype), first)
    assert relative_error(out, expected[first:]) <= tolerance
