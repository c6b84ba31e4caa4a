"""The two pooling blocks against plain loops over windows."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.array_types import Array, Shape
from engine.blocks import AvgPool, MaxPool
from engine.errors import ShapeError
from tests.engine import oracles
from tests.engine.blocks.cases import run
from tests.engine.closeness import relative_error

Pool = MaxPool | AvgPool


@st.composite
def pools(draw: st.DrawFn) -> tuple[Pool, Shape]:
    """A pooling and maps that it takes."""
    size = draw(st.integers(1, 7))
    kinds: tuple[type[Pool], ...] = (MaxPool, AvgPool)
    kind = draw(st.sampled_from(kinds))
    sides = st.integers(size, 40)
    shape = (draw(st.integers(1, 9)), draw(sides), draw(sides))
    return kind(size=size, stride=draw(st.integers(0, 5))), shape


@settings(max_examples=30)
@given(pools(), st.integers(1, 3), st.integers(1, 6), st.integers(0, 1000))
@example((MaxPool(), (2, 39, 29)), 2, 1, 0)
@example((MaxPool(), (1, 2, 3)), 1, 2, 0)
@example((MaxPool(size=3, stride=1), (2, 9, 8)), 2, 1, 0)
@example((AvgPool(size=7, stride=2), (1, 40, 39)), 1, 6, 0)
def test_any_pooling_agrees_with_the_loops(
    made: tuple[Pool, Shape], samples: int, values: int, seed: int
) -> None:
    """Of few different values, so that many windows have several that are the largest."""
    block, shape = made
    rng = np.random.default_rng(seed)
    inputs = rng.integers(-values, values + 1, (samples, *shape)).astype(np.float64)
    gradient = rng.standard_normal((samples, *block.output_shape(shape)))
    right = [oracles.pool_forward(block, x) for x in inputs]
    back = [oracles.pool_backward(block, x, g) for x, g in zip(inputs, gradient, strict=True)]
    for dtype, tolerance in ((np.float32, 1e-5), (np.float64, 1e-12)):
        found = run(block.layer(shape, {}), inputs.astype(dtype), gradient)
        assert relative_error(found.outputs, np.array(right)) <= tolerance
        assert relative_error(found.inputs, np.array(back)) <= tolerance


@pytest.mark.parametrize("block", [MaxPool(size=3), AvgPool(size=3)], ids=lambda b: b.name)
def test_a_window_larger_than_the_maps_is_refused_with_a_remedy(block: Pool) -> None:
    with pytest.raises(ShapeError) as caught:
        block.output_shape((4, 5, 2))
    assert caught.value.needs == "needs maps of at least 3×3 for its window"
    assert caught.value.remedy == "Make the window 2×2 or smaller."


def test_a_stride_of_its_own_is_part_of_the_name() -> None:
    assert MaxPool().summary() == "MaxPool 2×2"
    assert MaxPool(size=3, stride=3).summary() == "MaxPool 3×3"
    assert AvgPool(size=3, stride=1).summary() == "AvgPool 3×3, stride 1"


def test_a_mean_of_ones_stays_within_0_and_1() -> None:
    """Else a loss that takes values between 0 and 1 would have no number for it."""
    for dtype in (np.float32, np.float64):
        for size in range(1, 32):
            ones: Array = np.ones((1, 1, size, size), dtype)
            layer = AvgPool(size=size).layer((1, size, size), {})
            assert run(layer, ones, np.ones((1, 1, 1, 1))).outputs.max() <= 1.0
