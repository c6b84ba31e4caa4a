"""Dense layers in a captured step."""

import numpy as np
import pytest

from engine.compute.native.native_numerics import NativeNumerics
from tests.engine.compute.native.replaying import assert_replays


@pytest.mark.parametrize("samples", [1, 4, 9, 70])
@pytest.mark.parametrize("units", [7, 131])  # few are not shared between threads
@pytest.mark.parametrize("threads", [1, 2])
def test_products_replay(threads: int, units: int, samples: int) -> None:
    dice, pool = np.random.default_rng(1), NativeNumerics.thread_pool(threads)
    weights, product, inputs, bias, gradient = (
        dice.random(shape, np.float32)
        for shape in ((units, 601), (units, 601), (samples, 601), (units,), (samples, units))
    )
    outputs, back, formed = (
        np.empty_like(gradient),
        np.empty_like(inputs),
        np.empty_like(weights[2:]),
    )
    scales = np.array([-0.1, 0.5], np.float32)

    def work() -> None:
        NativeNumerics.dense_outputs(inputs, weights, bias, outputs, pool)
        NativeNumerics.dense_input_gradient(gradient, weights, back, pool)
        NativeNumerics.add_product(product, gradient, inputs, scales, pool)
        NativeNumerics.write_product(formed, gradient, inputs, 2)

    changing = weights, product, inputs, bias, gradient
    assert_replays(work, changing, (outputs, back, product, formed), threads)
    pool.close()
