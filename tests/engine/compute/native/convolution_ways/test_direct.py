"""The direct convolution against scipy.signal, for groups of samples of each size."""

from typing import Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.compute.native.convolution import DIRECT
from engine.compute.native.convolution_ways import direct
from tests.engine.compute.native.convolution_ways.ways import check_way
from tests.engine.compute.test_convolution import Setting
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas


@st.composite
def settings_of_groups(draw: st.DrawFn) -> Setting:
    """Groups of 8 and 16, enough maps for several blocks of rows, any kernel and stride."""
    kernel_size = draw(st.integers(1, 6))
    padding: Literal["valid", "same"] = draw(st.sampled_from(("valid", "same")))
    sides = st.integers(kernel_size if padding == "valid" else 1, 12)
    return Setting(
        samples=draw(st.sampled_from((8, 16, 24))),
        channels=draw(st.integers(1, 8)),
        height=draw(sides),
        width=draw(sides),
        depth=draw(st.integers(1, 14)),
        kernel_size=kernel_size,
        padding=padding,
        stride=draw(st.integers(1, 3)),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


@settings(max_examples=20)
@given(settings_of_groups())
@example(Setting(8, 1, 40, 41, 20, 3, padding="same"))  # more rows than are computed at once
@example(Setting(8, 1, 2, 2, 3, 1, stride=3))  # columns that no kernel meets
@example(Setting(16, 2, 3, 3, 2, 7, padding="same", stride=2))  # a kernel larger than the maps
@example(Setting(24, 4, 15, 6, 13, 5))
def test_groups_agree_with_scipy(setting: Setting) -> None:
    check_way(DIRECT, setting)


@pytest.mark.parametrize(("samples", "grouped"), [(7, 0), (8, 8), (17, 16), (31, 24), (64, 64)])
def test_a_batch_is_taken_in_whole_groups(samples: int, grouped: int) -> None:
    assert direct.in_groups(samples) == grouped
