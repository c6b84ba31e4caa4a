"""Products with large weights, shared between threads: numpy's, however they are cut."""

from collections.abc import Iterator

import numpy as np
import pytest

from engine.array_types import Array
from engine.compute.numerics import numerics
from engine.compute.thread_pool import Pool
from tests.engine.closeness import relative_error


@pytest.fixture(params=[1, 3])
def pool(request: pytest.FixtureRequest) -> Iterator[Pool]:
    pool = numerics().thread_pool(request.param)
    yield pool
    pool.close()


@pytest.mark.parametrize(
    ("samples", "units", "inputs"),
    [
        (3, 101, 3380),
        (8, 100, 3380),
        (9, 7, 9_001),
        (64, 3, 2000),
        (65, 100, 997),
        (300, 70, 112),
        (9, 5000, 70),
        (20, 1, 1),
    ],
)
@pytest.mark.parametrize(("dtype", "tolerance"), [(np.float32, 1e-5), (np.float64, 1e-12)])
def test_products(
    pool: Pool,
    samples: int,
    units: int,
    inputs: int,
    dtype: type[np.floating],
    tolerance: float,
) -> None:
    dice, twin = np.random.default_rng(5), numerics()
    x, w, b, g = (
        dice.standard_normal(shape)
        for shape in ((samples, inputs), (units, inputs), (units,), (samples, units))
    )
    own_x, own_w, own_b, own_g = (array.astype(dtype) for array in (x, w, b, g))
    outputs, back, first = np.full_like(own_g, np.nan), np.full_like(own_x, np.nan), units // 3
    formed, changed = np.full_like(own_w[first:], np.nan), own_w.copy()
    twin.dense_outputs(own_x, own_w, own_b, outputs, pool)
    twin.dense_input_gradient(own_g, own_w, back, pool)
    twin.add_product(changed, own_g, own_x, np.array([-0.3, 0.7], dtype), pool)
    twin.write_product(formed, own_g, own_x, first)
    product = np.einsum("nu,ni->ui", g, x)
    expected: list[tuple[Array, Array]] = [
        (outputs, np.einsum("ni,ui->nu", x, w) + b),
        (back, np.einsum("nu,ui->ni", g, w)),
        (changed, 0.7 * w - 0.3 * product),
        (formed, product[first:]),
    ]
    for found, right in expected:
        assert relative_error(found, right) <= tolerance
