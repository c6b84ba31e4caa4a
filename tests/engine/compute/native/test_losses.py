"""The logarithms of the losses, against those of float64, of numbers everywhere from 0 to 1."""

import numpy as np
import pytest

from engine.array_types import Array
from engine.compute.native import losses


def numbers() -> Array:
    """Numbers everywhere, most near the ends: from the smallest to the next before 1."""
    dice = np.random.default_rng(0)
    near_0 = 10 ** dice.uniform(-43, 0, 20_000)
    near_1 = 1 - 10 ** dice.uniform(-7.2, 0, 20_000)
    around_the_cut = np.sqrt(0.5) + dice.uniform(-1e-6, 1e-6, 99)  # where powers of 2 change
    drawn = np.concatenate([near_0, near_1, around_the_cut, 2.0 ** -np.arange(1, 143)])
    return drawn.astype(np.float32)[:, np.newaxis]


def cross_entropies(outputs: Array, targets: Array, binary: bool) -> Array:
    """Return what the loops write of samples with one class."""
    loop = losses.binary_cross_entropy if binary else losses.cross_entropy
    values = np.empty(len(outputs), np.float32)
    loop(outputs, targets, values)
    return values


def largest_error(found: Array, right: Array) -> float:
    """Return the largest relative error; both are 0 at the same places."""
    zero = right == 0
    assert not found[zero].any()
    return float(np.abs(found[~zero] / right[~zero] - 1).max())


@pytest.mark.parametrize("binary", [True, False])
def test_logarithms_are_right_to_their_last_digits(binary: bool) -> None:
    y = numbers()
    found = cross_entropies(y, np.ones_like(y), binary)
    right = np.minimum(-np.log(y[:, 0].astype(np.float64)), 100)
    assert largest_error(found, right) <= 2e-7


def test_logarithms_of_what_is_left_to_1_are_right_to_their_last_digits() -> None:
    y = numbers()
    found = cross_entropies(y, np.zeros_like(y), True)
    assert largest_error(found, -np.log1p(-y[:, 0].astype(np.float64))) <= 3e-7


def test_a_target_between_0_and_1_has_a_share_of_both() -> None:
    y = numbers()
    share = np.random.default_rng(1).random(y.shape, np.float32)
    found = cross_entropies(y, share, True)
    exact, part = y[:, 0].astype(np.float64), share[:, 0].astype(np.float64)
    hit, miss = np.minimum(-np.log(exact), 100), -np.log1p(-exact)
    assert largest_error(found, part * hit + (1 - part) * miss) <= 5e-7


@pytest.mark.parametrize("samples", [1, 7, 8, 16, 21, 64])
def test_the_ends_and_nan_are_exact_in_batches_of_any_size(samples: int) -> None:
    y = np.resize(np.array([0, 1, np.nan], np.float32), (samples, 1))
    hits, misses = (cross_entropies(y, np.full_like(y, target), True) for target in (1, 0))
    np.testing.assert_array_equal(hits, np.resize([100, 0, np.nan], samples))
    np.testing.assert_array_equal(misses, np.resize([0, 100, np.nan], samples))
    np.testing.assert_array_equal(cross_entropies(y, np.ones_like(y), False), hits)
