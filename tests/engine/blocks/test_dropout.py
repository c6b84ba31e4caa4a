"""Dropout while training: which values are left out, and that nothing else decides it."""

import itertools

import numpy as np
import pytest

from engine.array_types import Array, Shape
from engine.blocks import Dropout
from engine.compute.pass_context import PassContext
from engine.compute.workspace import Workspace
from tests.engine.closeness import relative_error

STEP = PassContext(training=True, seed=3, counters=np.array([2, 5]))


def dropped(
    inputs: Array,
    run: PassContext = STEP,
    rate: float = 0.25,
    slot: int = 4,
    gradient: Array | None = None,
) -> Array:
    """Return the outputs for a part of a batch, or with a gradient what comes back of it."""
    layer = Dropout(rate=rate).layer(inputs.shape[1:], {})
    workspace = Workspace(inputs.dtype, slot_id=slot)
    workspace.run = run
    outputs = layer.forward(inputs, workspace)
    if gradient is None:
        return outputs
    back = layer.backward(gradient, workspace, wants_inputs=True).inputs
    assert back is not None
    return back


def at(first: int) -> PassContext:
    return PassContext(training=True, seed=3, counters=np.array([2, 5]), first=first, samples=60)


@pytest.mark.parametrize("shape", [(1,), (5,), (16,), (17, 1), (3, 4, 2)], ids=str)
def test_how_a_batch_is_cut_does_not_matter(shape: Shape) -> None:
    inputs = np.random.default_rng(0).standard_normal((60, *shape))
    whole = dropped(inputs, at(0))
    for cuts in ([0, 30, 60], [0, 1, 2, 59, 60], [0, 7, 33, 60]):
        parts = [dropped(inputs[a:b], at(a)) for a, b in itertools.pairwise(cuts)]
        assert np.array_equal(np.concatenate(parts), whole)
    assert np.array_equal(dropped(inputs[:9], at(0)), whole[:9]), "nor how large it is"


@pytest.mark.parametrize(
    ("rate", "dtype"), [(0.05, np.float32), (0.25, np.float64), (0.95, np.float32)]
)
def test_the_share_and_the_mean_are_kept(rate: float, dtype: type[np.floating]) -> None:
    outputs = dropped(np.ones((500, 601), dtype), rate=rate)
    assert outputs.dtype == dtype
    kept = outputs[outputs != 0]
    np.testing.assert_allclose(kept, 1 / (1 - rate), rtol=1e-6)
    deviation = np.sqrt(rate * (1 - rate) / outputs.size)
    assert abs(1 - kept.size / outputs.size - rate) < 4 * deviation
    assert abs(outputs.mean(dtype=np.float64) - 1) < 4 * deviation / (1 - rate)
    for axis, values in ((0, 500), (1, 601)):  # neither a sample nor a unit is preferred
        shares = (outputs == 0).mean(axis=axis)
        assert np.abs(shares - rate).max() < 5.5 * np.sqrt(rate * (1 - rate) / values)


def test_samples_are_masked_apart_from_each_other() -> None:
    masks = dropped(np.ones((50, 200)), rate=0.5) != 0
    agreement = (masks[:, None] == masks[None]).mean(axis=2)[~np.eye(50, dtype=bool)]
    assert np.abs(agreement - 0.5).max() < 0.2


def test_each_step_slot_and_seed_has_its_own_mask_and_the_same_again() -> None:
    inputs = np.ones((4, 100))
    runs = [
        STEP,
        PassContext(training=True, seed=3, counters=np.array([2, 6])),
        PassContext(training=True, seed=3, counters=np.array([3, 5])),
        PassContext(training=True, seed=4, counters=np.array([2, 5])),
    ]
    masks = [dropped(inputs, run) for run in runs] + [dropped(inputs, slot=5)]
    for i, mask in enumerate(masks):
        for other in masks[i + 1 :]:
            assert 0.4 < (mask == other).mean() < 0.85  # 0.625 where they are independent
    assert all(
        np.array_equal(dropped(inputs, run), mask) for run, mask in zip(runs, masks, strict=False)
    )


def test_the_gradient_passes_where_the_value_passed() -> None:
    inputs = np.random.default_rng(1).uniform(1, 2, (8, 30))
    gradient = np.random.default_rng(2).standard_normal((8, 30))
    mask = dropped(inputs) / inputs
    assert relative_error(dropped(inputs, gradient=gradient), gradient * mask) <= 1e-12


@pytest.mark.parametrize(("run", "rate"), [(PassContext(), 0.5), (STEP, 0.0)])
def test_nothing_is_left_out_when_tested_or_at_a_rate_of_0(run: PassContext, rate: float) -> None:
    inputs = np.random.default_rng(1).standard_normal((8, 30))
    assert np.array_equal(dropped(inputs, run, rate), inputs)
    assert np.array_equal(dropped(inputs, run, rate, gradient=inputs + 1), inputs + 1)
