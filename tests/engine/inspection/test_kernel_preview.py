"""What a kernel makes of an image, against scipy.signal and the network itself."""

import math
from typing import Literal

import numpy as np
import pytest

from engine.blocks import Conv, Reshape, Sigmoid
from engine.model.kernel_operations import correlate, identity
from tests.engine.closeness import relative_error
from tests.engine.networks import fitting, network


@pytest.mark.parametrize("size", [1, 2, 3, 6])
def test_a_valid_correlation_is_that_of_scipy(size: int) -> None:
    from scipy.signal import correlate2d

    rng = np.random.default_rng(size)
    channel, kernel = rng.standard_normal((9, 7)), rng.standard_normal((size, size))
    found = correlate(channel, kernel, Conv(kernel_size=size))
    assert relative_error(found, correlate2d(channel, kernel, "valid")) < 1e-12


@pytest.mark.parametrize("padding", ["valid", "same"])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5])
def test_the_terms_of_all_channels_and_the_bias_make_the_map_of_the_block(
    padding: Literal["valid", "same"], stride: int, size: int
) -> None:
    conv = Conv(depth=2, kernel_size=size, padding=padding, stride=stride)
    channels = (3, 8, 7)
    report = fitting((conv, Reshape(), Sigmoid()), channels, math.prod(conv.output_shape(channels)))
    net = network(report)
    image = np.random.default_rng(3).standard_normal(channels)
    weights = net.copy_weights()[1]
    outputs = net.activations(image[None])[0][0]
    for i in range(2):
        terms = [correlate(image[j], weights["weight"][i, j], conv) for j in range(3)]
        assert relative_error(sum(terms) + weights["bias"][i], outputs[i]) < 1e-12


@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 6, 7])
def test_the_identity_leaves_a_padded_map_in_its_place(size: int) -> None:
    channel = np.random.default_rng(4).standard_normal((9, 8))
    conv = Conv(kernel_size=size, padding="same")
    assert np.array_equal(correlate(channel, identity(size), conv), channel)
