import numpy as np
import pytest

from benchmarks.scaling import fitted_powers, power_over

X = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]


def test_a_power_is_found_again_though_it_is_measured_with_noise() -> None:
    dice = np.random.default_rng(0)
    (law,) = fitted_powers(X, [3 * x**1.7 * float(dice.uniform(0.99, 1.01)) for x in X])
    assert (law.first, law.last) == (1, 64)
    assert law.exponent == pytest.approx(1.7, abs=0.02)
    assert law.factor == pytest.approx(3, rel=0.05)


def test_a_bend_is_found_where_it_is() -> None:
    low, high = fitted_powers(X, [5.0 if x <= 8 else 5 * x / 8 for x in X])
    assert (low.first, low.last, high.first, high.last) == (1, 8, 8, 64)
    assert (low.exponent, high.exponent) == pytest.approx((0, 1), abs=1e-12)
    other = power_over(X, [1.0 if x < 8 else x**2 for x in X], high)
    assert other.first == 8
    assert other.exponent == pytest.approx(2)
