"""Scaling: what a network gets for a byte, and which byte an input was."""

import numpy as np
import pytest
from numpy.typing import DTypeLike

from engine.inputs.scaling import UNIT, Scaling

GREY = Scaling((0.13,), (0.31,))
COLOUR = Scaling((0.5, 0.25, 0.1), (0.2, 0.3, 1.0))
BYTES = np.arange(256, dtype=np.uint8)


@pytest.mark.parametrize(("dtype", "close"), [(np.float32, 1e-6), (np.float64, 1e-14)])
def test_values_are_standardised_channel_by_channel(dtype: DTypeLike, close: float) -> None:
    images = np.stack([BYTES, BYTES[::-1], BYTES // 2]).reshape(1, 3, 16, 16)
    inputs = COLOUR.inputs(images, dtype)
    assert inputs.dtype == dtype
    for channel in range(3):
        values = images[0, channel].astype(np.float64) / 255
        expected = (values - COLOUR.mean[channel]) / COLOUR.deviation[channel]
        np.testing.assert_allclose(inputs[0, channel], expected, atol=close, rtol=close)


@pytest.mark.parametrize("scaling", [UNIT, GREY])
def test_the_byte_of_an_input_is_found_again(scaling: Scaling) -> None:
    inputs = scaling.inputs(BYTES.reshape(1, 16, 16)).ravel()
    assert [scaling.byte(float(value), 0) for value in inputs] == BYTES.tolist()


def test_the_equation_has_the_numbers_of_the_channel() -> None:
    assert UNIT.equation(0, "grey") == "x = grey / 255"
    assert COLOUR.equation(1, "green") == "x = (green / 255 − 0.25) / 0.3"


def test_its_numbers_are_those_that_a_file_of_weights_can_hold() -> None:
    made = Scaling((0.1307, 0.5), (0.3081, 1 / 3))
    assert made.mean == (float(np.float32(0.1307)), 0.5)
    assert made.deviation == (float(np.float32(0.3081)), float(np.float32(1 / 3)))
