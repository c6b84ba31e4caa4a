"""Convolutions of one sample at a time, in planes and by columns, against scipy.signal."""

from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.compute.native.convolution import COLUMNS, PLANES, ConvolutionWay
from tests.engine.compute.native.convolution_ways.ways import check_way
from tests.engine.compute.test_convolution import Setting
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas


@st.composite
def settings_of_few_samples(draw: st.DrawFn) -> Setting:
    """Rows shorter and longer than vectors, several blocks of maps, any kernel and stride."""
    kernel_size = draw(st.integers(1, 6))
    padding: Literal["valid", "same"] = draw(st.sampled_from(("valid", "same")))
    sides = st.integers(kernel_size if padding == "valid" else 1, 20)
    return Setting(
        samples=draw(st.integers(1, 3)),
        channels=draw(st.integers(1, 8)),
        height=draw(sides),
        width=draw(sides),
        depth=draw(st.integers(1, 14)),
        kernel_size=kernel_size,
        padding=padding,
        stride=draw(st.integers(1, 4)),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


@pytest.mark.parametrize("way", [PLANES, COLUMNS], ids=["planes", "columns"])
@settings(max_examples=20)
@given(setting=settings_of_few_samples())
@example(setting=Setting(1, 1, 40, 41, 20, 3, padding="same"))
@example(setting=Setting(1, 1, 2, 2, 3, 1, stride=3))  # columns that no kernel meets
@example(setting=Setting(2, 2, 3, 3, 2, 7, padding="same", stride=2))  # kernels larger than maps
@example(setting=Setting(3, 4, 15, 6, 13, 5))
@example(setting=Setting(3, 9, 6, 7, 5, 4, stride=4))  # one place
@example(setting=Setting(2, 3, 3, 2, 4, 6, padding="same", stride=3))  # with a border
def test_single_samples_agree_with_scipy(way: ConvolutionWay, setting: Setting) -> None:
    check_way(way, setting)
