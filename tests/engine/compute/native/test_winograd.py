"""Winograd's way of convolving against scipy.signal, and when it is taken."""

from typing import Literal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.compute.native import winograd
from tests.engine.compute.test_convolution import Setting, check
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas


@st.composite
def settings_with_many_maps(draw: st.DrawFn) -> Setting:
    """Kernels of 3 and 5, as many maps as it needs, sides that fill no tile or several."""
    kernel_size = draw(st.sampled_from((3, 5)))
    padding: Literal["valid", "same"] = draw(st.sampled_from(("valid", "same")))
    sides = st.integers(kernel_size if padding == "valid" else 1, 15)
    channels = draw(st.integers(4, 18))
    least = -(-winograd.LEAST_PAIRS[kernel_size] // channels)
    return Setting(
        samples=draw(st.integers(1, 3)),
        channels=channels,
        height=draw(sides),
        width=draw(sides),
        depth=draw(st.integers(least, least + 12)),
        kernel_size=kernel_size,
        bias=draw(st.sampled_from(("position", "channel"))),
        padding=padding,
        seed=draw(st.integers(0, 2**32 - 1)),
    )


@settings(max_examples=25)
@given(settings_with_many_maps())
@example(Setting(2, 16, 14, 14, 32, 5))
@example(Setting(1, 4, 1, 1, 24, 3, padding="same"))
@example(Setting(9, 8, 26, 26, 16, 3))  # more than one block of tiles
def test_many_maps_agree_with_scipy(setting: Setting) -> None:
    block, inputs, parameters, gradient = setting.draw()
    assert winograd.pays(parameters["weight"].shape, 1)
    check(block, inputs, parameters, gradient, (np.float64, 1e-9), (np.float32, 1e-5))
    positive = {name: np.abs(array) for name, array in parameters.items()}
    check(block, np.abs(inputs), positive, np.abs(gradient), (np.float32, 1e-5))


@pytest.mark.parametrize("kernel_size", [3, 5])
@pytest.mark.parametrize(("channels", "depth"), [(128, 4), (4, 128)])
def test_sums_over_very_many_maps_keep_their_digits(
    channels: int, depth: int, kernel_size: int
) -> None:
    block, inputs, parameters, gradient = Setting(1, channels, 9, 9, depth, kernel_size).draw()
    positive = {name: np.abs(array) for name, array in parameters.items()}
    check(block, np.abs(inputs), positive, np.abs(gradient), (np.float32, 1e-5))


def test_it_is_taken_for_small_kernels_at_stride_1_with_many_maps() -> None:
    assert winograd.pays((32, 16, 5, 5), 1)
    assert winograd.pays((16, 8, 3, 3), 1)
    assert not winograd.pays((32, 16, 5, 5), 2)
    assert not winograd.pays((32, 16, 7, 7), 1)
    assert not winograd.pays((64, 1, 3, 3), 1)
    assert not winograd.pays((8, 8, 3, 3), 1)
