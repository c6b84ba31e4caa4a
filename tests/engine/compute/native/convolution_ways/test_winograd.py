"""Winograd's way of convolving against scipy.signal, and when it is taken."""

from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.compute.convolution import Axis, Geometry
from engine.compute.native.convolution import WINOGRAD
from engine.compute.native.convolution_ways import winograd
from tests.engine.compute.native.convolution_ways.ways import check_way
from tests.engine.compute.test_convolution import Setting
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas


@st.composite
def settings_with_many_maps(draw: st.DrawFn) -> Setting:
    """Kernels of 3 and 5, sides that fill no tile or several."""
    kernel_size = draw(st.sampled_from((3, 5)))
    padding: Literal["valid", "same"] = draw(st.sampled_from(("valid", "same")))
    sides = st.integers(kernel_size if padding == "valid" else 1, 15)
    return Setting(
        samples=draw(st.integers(1, 3)),
        channels=draw(st.integers(1, 18)),
        height=draw(sides),
        width=draw(sides),
        depth=draw(st.integers(1, 30)),
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
    check_way(WINOGRAD, setting)


@pytest.mark.parametrize("kernel_size", [3, 5])
@pytest.mark.parametrize(("channels", "depth"), [(128, 4), (4, 128)])
def test_sums_over_very_many_maps_keep_their_digits(
    channels: int, depth: int, kernel_size: int
) -> None:
    check_way(WINOGRAD, Setting(1, channels, 9, 9, depth, kernel_size))


def test_it_is_taken_for_small_kernels_at_stride_1_with_many_maps() -> None:
    assert pays(32, 32, 14, 3)
    assert pays(32, 64, 14, 5)
    assert not pays(32, 64, 14, 5, stride=2)
    assert not pays(32, 64, 14, 7)
    assert not pays(64, 1, 14, 3)


def test_it_is_taken_with_fewer_maps_where_tiles_are_full() -> None:
    assert pays(24, 24, 28, 3)
    assert not pays(24, 24, 9, 3)  # of nine tiles, most reach over the edge
    assert not pays(24, 24, 28, 3, threads=2)  # which share the other way


def pays(
    depth: int, channels: int, side: int, size: int, *, stride: int = 1, threads: int = 1
) -> bool:
    axis = Axis(side, size, stride, same=True)
    return winograd.pays((depth, channels, size, size), Geometry(axis, axis), threads)
