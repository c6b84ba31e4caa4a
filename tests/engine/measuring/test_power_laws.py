import numpy as np
import pytest

from engine.measuring.power_laws import fitted_powers, power_over

X = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]


def test_a_power_is_found_again() -> None:
    (law,) = fitted_powers(X, [3 * x**1.7 for x in X])
    assert (law.first, law.last) == (1, 64)
    assert law.exponent == pytest.approx(1.7)
    assert law.factor == pytest.approx(3)
    assert law.error == pytest.approx(0, abs=1e-12)


def test_a_bend_is_found_where_it_is() -> None:
    low, high = fitted_powers(X, [5.0 if x <= 8 else 5 * x / 8 for x in X])
    assert (low.first, low.last, high.first, high.last) == (1, 8, 8, 64)
    assert (low.exponent, high.exponent) == pytest.approx((0, 1), abs=1e-12)


def test_noise_is_no_bend() -> None:
    dice = np.random.default_rng(0)
    (law,) = fitted_powers(X, [x * float(dice.uniform(0.96, 1.04)) for x in X])
    assert law.exponent == pytest.approx(1, abs=0.05)


def test_few_points_have_one_power() -> None:
    (law,) = fitted_powers([1.0, 2.0], [1.0, 8.0])
    assert law.exponent == pytest.approx(3)


def test_other_values_are_fitted_over_the_same_part() -> None:
    _, high = fitted_powers(X, [5.0 if x <= 8 else 5 * x / 8 for x in X])
    other = power_over(X, [1.0 if x < 8 else x**2 for x in X], high)
    assert other.first == 8
    assert other.exponent == pytest.approx(2)
