"""The weight store and the weights before training."""

import math

import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import BatchNorm, Conv, Dense, KnownBlock, Reshape, Sigmoid
from engine.model.stack import BlockSlot, ShapeReport, Stack
from engine.model.weights import Weights, WeightStore, initial_weights

CONV, DENSE = 3, 8  # slot ids


def report(conv: Conv | None = None, dense: Dense | None = None, *more: KnownBlock) -> ShapeReport:
    slots = [
        BlockSlot(CONV, conv or Conv(depth=2)),
        BlockSlot(5, Reshape()),
        BlockSlot(DENSE, dense or Dense(units=2)),
        *(BlockSlot(20 + i, block) for i, block in enumerate(more)),
    ]
    return Stack(tuple(slots), (1, 6, 6)).check(2, "mse")


def filled(checked: ShapeReport, value: float) -> Weights:
    """Weights of the right shapes, all of one value."""
    return {
        row.slot.id: {
            name: np.full(shape, value, np.float32)
            for name, shape in (row.array_shapes or {}).items()
        }
        for row in checked.rows
    }


def held(store: WeightStore, checked: ShapeReport) -> dict[int, float]:
    """The value of each slot that the store has weights for."""
    return {
        slot: float(arrays["weight"].flat[0]) for slot, arrays in store.fitting(checked).items()
    }


def test_what_was_put_is_found_again_by_slot() -> None:
    store, checked = WeightStore(), report()
    assert store.fitting(checked) == {}
    store.put(filled(checked, 4.0))
    assert held(store, checked) == {CONV: 4.0, DENSE: 4.0}
    found = store.fitting(checked)
    assert found[CONV]["weight"].shape == (2, 1, 3, 3)
    assert found[CONV]["bias"].shape == (2, 4, 4)
    store.put({CONV: filled(checked, 6.0)[CONV]})
    assert held(store, checked) == {CONV: 6.0, DENSE: 4.0}


def test_an_edit_does_not_lose_what_the_old_shapes_had_learned() -> None:
    store, before = WeightStore(), report()
    store.put(filled(before, 1.0))
    after = report(conv=Conv(depth=3))
    assert held(store, after) == {}, "depth 3 changes what the Dense behind it gets, too"
    store.put(filled(after, 2.0))
    assert held(store, after) == {CONV: 2.0, DENSE: 2.0}
    assert held(store, before) == {CONV: 1.0, DENSE: 1.0}, "undo finds the old arrays"


def drawn(initializer: str) -> ShapeReport:
    stack = Stack(
        (
            BlockSlot(1, Conv(depth=40, kernel_size=5)),
            BlockSlot(2, Reshape()),
            BlockSlot(3, Dense(units=60)),
        ),
        (20, 9, 9),
    )
    checked = stack.check(60, "mse")
    assert checked.problem is None, initializer
    return checked


def weights_of(initializer: str, seed: int = 0) -> dict[str, Array]:
    weights = initial_weights(drawn(initializer), seed, initializer)
    return {f"{slot}.{name}": a for slot, arrays in weights.items() for name, a in arrays.items()}


FANS = {"1.weight": (20 * 25, 40 * 25), "3.weight": (40 * 25, 60)}  # in, out


@pytest.mark.parametrize("name", FANS)
def test_lecun_scales_with_the_number_of_inputs(name: str) -> None:
    values = weights_of("lecun")[name]
    check_normal(values, 1 / math.sqrt(FANS[name][0]))


@pytest.mark.parametrize("name", FANS)
def test_glorot_is_uniform_between_its_bounds(name: str) -> None:
    values = weights_of("glorot")[name]
    bound = math.sqrt(6 / sum(FANS[name]))
    assert 0.99 * bound < np.abs(values).max() <= bound * (1 + 1e-6)
    assert values.std() == pytest.approx(bound / math.sqrt(3), rel=0.03)
    assert abs(values.mean()) < 4 * bound / math.sqrt(values.size)


def test_standard_normal_is_that_of_the_notebook_biases_too() -> None:
    found = weights_of("normal")
    for name, values in found.items():
        if name != "3.bias":  # 60 numbers say little
            check_normal(values, 1.0)
    assert 0.5 < found["3.bias"].std() < 1.5


@pytest.mark.parametrize("initializer", ["lecun", "glorot"])
def test_biases_start_at_0(initializer: str) -> None:
    found = weights_of(initializer)
    assert not found["1.bias"].any()
    assert not found["3.bias"].any()


@pytest.mark.parametrize("initializer", ["lecun", "glorot", "normal"])
def test_batch_norm_starts_with_scale_1_and_the_statistics_of_a_standard_normal(
    initializer: str,
) -> None:
    stack = Stack((BlockSlot(4, BatchNorm()),), (3, 2, 2))
    found = initial_weights(stack.check(2, "mse"), 0, initializer)[4]
    assert list(found) == ["weight", "bias", "running_mean", "running_variance"]
    assert found["weight"].tolist() == found["running_variance"].tolist() == [1, 1, 1]
    assert found["running_mean"].tolist() == [0, 0, 0]
    assert found["bias"].any() == (initializer == "normal")


def check_normal(values: Array, deviation: float) -> None:
    """Check mean, spread and the share within one deviation of a normal distribution."""
    share = 4 / math.sqrt(values.size)
    assert abs(values.mean()) < share * deviation
    assert values.std() == pytest.approx(deviation, rel=share)
    assert np.mean(np.abs(values) < deviation) == pytest.approx(0.6827, abs=share)


def test_the_seed_decides_and_each_slot_has_its_own_numbers() -> None:
    first, again, other = (weights_of("normal", seed) for seed in (1, 1, 2))
    assert all(np.array_equal(first[name], again[name]) for name in first)
    assert not any(np.array_equal(first[name], other[name]) for name in first)
    pair = Stack((BlockSlot(1, Dense(units=4)), BlockSlot(2, Dense(units=4))), (4,)).check(4, "mse")
    weights = initial_weights(pair, 0, "normal")
    assert not np.array_equal(weights[1]["weight"], weights[2]["weight"])


def test_an_edit_elsewhere_does_not_change_the_weights_of_a_slot() -> None:
    plain = initial_weights(report(), 0, "lecun")
    behind = initial_weights(report(None, Dense(units=9), Sigmoid()), 0, "lecun")
    assert np.array_equal(plain[CONV]["weight"], behind[CONV]["weight"])
    stack = Stack((BlockSlot(60, Sigmoid()), BlockSlot(CONV, Conv(depth=2))), (1, 6, 6))
    in_front = initial_weights(stack.check(2, "mse"), 0, "lecun")
    assert np.array_equal(plain[CONV]["weight"], in_front[CONV]["weight"])


def test_kept_weights_are_copied_where_they_fit_and_drawn_anew_where_not() -> None:
    kept = filled(report(), 3.0)
    weights = initial_weights(report(dense=Dense(units=5)), 0, "lecun", kept=kept)
    assert (weights[CONV]["weight"] == 3.0).all()
    assert weights[DENSE]["weight"].shape == (5, 32)
    assert weights[DENSE]["weight"].std() > 0
    weights[CONV]["weight"][...] = 9.0
    assert (kept[CONV]["weight"] == 3.0).all()


def test_the_type_is_float32_unless_asked_otherwise() -> None:
    kept = {CONV: filled(report(), 3.0)[CONV]}
    for dtype in (np.float32, np.float64):
        weights = initial_weights(report(), 0, "lecun", kept=kept, dtype=dtype)
        arrays = [array for own in weights.values() for array in own.values()]
        assert {array.dtype for array in arrays} == {np.dtype(dtype)}
