"""The convolution against scipy.signal, map by map, over many shapes."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.array_types import Array, Shape
from engine.blocks import Conv
from tests.engine import oracles
from tests.engine.blocks.cases import Pass, run
from tests.engine.closeness import relative_error
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas


@dataclass(frozen=True)
class Setting:
    """One convolution: its block, the maps it gets and the seed of the numbers."""

    samples: int
    channels: int
    height: int
    width: int
    depth: int
    kernel_size: int
    bias: Literal["position", "channel"] = "position"
    padding: Literal["valid", "same"] = "valid"
    stride: int = 1
    seed: int = 0

    def draw(self) -> tuple[Conv, Array, dict[str, Array], Array]:
        """Return the block, its inputs, its parameters and a gradient of its outputs."""
        block = Conv(
            depth=self.depth,
            kernel_size=self.kernel_size,
            bias=self.bias,
            padding=self.padding,
            stride=self.stride,
        )
        rng = np.random.default_rng(self.seed)
        input_shape = (self.channels, self.height, self.width)
        shapes = block.parameter_shapes(input_shape)
        return (
            block,
            rng.standard_normal((self.samples, *input_shape)),
            {name: rng.standard_normal(shape) for name, shape in shapes.items()},
            rng.standard_normal((self.samples, *block.output_shape(input_shape))),
        )


PRODUCTS = 1_500_000  # of one forward pass; scipy counts them one by one


@st.composite
def settings_of_convolutions(draw: st.DrawFn) -> Setting:
    """Shapes 1 to 40, channels 1 to 9, kernels 1 to 7, strides 1 to 3, batches 1 to 65."""
    kernel_size = draw(st.integers(1, 7))
    padding: Literal["valid", "same"] = draw(st.sampled_from(("valid", "same")))
    sides = st.integers(kernel_size if padding == "valid" else 1, 40)
    height, width = draw(sides), draw(sides)
    channels, depth = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    products = channels * depth * height * width * kernel_size**2
    return Setting(
        samples=draw(st.integers(1, max(1, min(65, PRODUCTS // products)))),
        channels=channels,
        height=height,
        width=width,
        depth=depth,
        kernel_size=kernel_size,
        bias=draw(st.sampled_from(("position", "channel"))),
        padding=padding,
        stride=draw(st.integers(1, 3)),
        seed=draw(st.integers(0, 2**32 - 1)),
    )


def by_loops(block: Conv, inputs: Array, parameters: dict[str, Array], gradient: Array) -> Pass:
    """The same pass by scipy.signal, map by map."""
    kernels, bias = parameters["weight"], parameters["bias"]
    outputs = oracles.conv_forward(block, inputs, kernels, bias)
    return Pass(outputs, *oracles.conv_backward(block, inputs, kernels, bias, gradient))


@settings(max_examples=40)
@given(settings_of_convolutions())
@example(Setting(9, 5, 16, 16, 5, 7))
@example(Setting(9, 5, 16, 7, 5, 7, "channel"))
@example(Setting(2, 1, 1, 16, 1, 1))
@example(Setting(65, 9, 10, 9, 9, 3, padding="same", stride=2))
@example(Setting(2, 2, 40, 39, 2, 2, "channel", "same", 3))
@example(Setting(3, 1, 1, 1, 2, 7, padding="same", stride=3))
@example(Setting(3, 2, 8, 9, 2, 1, padding="same", stride=3))
def test_forward_and_backward_agree_with_scipy(setting: Setting) -> None:
    block, inputs, parameters, gradient = setting.draw()
    check(block, inputs, parameters, gradient, np.float64, 1e-9)
    # Sums whose terms cancel have no digits left in any float32, so the terms have one sign here.
    positive = {name: np.abs(array) for name, array in parameters.items()}
    check(block, np.abs(inputs), positive, np.abs(gradient), np.float32, 1e-5)


def check(
    block: Conv,
    inputs: Array,
    parameters: dict[str, Array],
    gradient: Array,
    dtype: type[np.floating],
    tolerance: float,
) -> None:
    """Compare a pass in one type with the loops in float64."""
    right = by_loops(block, inputs, parameters, gradient)
    own: dict[str, Array] = {name: array.astype(dtype) for name, array in parameters.items()}
    found = run(block.layer(inputs.shape[1:], own), inputs.astype(dtype), gradient)
    for (name, array), expected in zip(found.named().items(), right.named().values(), strict=True):
        assert array.dtype == dtype
        assert relative_error(array, expected) <= tolerance, f"{name} in {dtype.__name__}"


@pytest.mark.parametrize(
    ("block", "shape", "right"),
    [
        (Conv(depth=2, kernel_size=3, stride=2), (1, 7, 8), (2, 3, 3)),
        (Conv(depth=2, kernel_size=3, stride=3), (1, 7, 8), (2, 2, 2)),
        (Conv(depth=2, kernel_size=3, padding="same"), (1, 7, 8), (2, 7, 8)),
        (Conv(depth=2, kernel_size=4, padding="same", stride=2), (1, 7, 8), (2, 4, 4)),
        (Conv(depth=2, kernel_size=5, padding="same", stride=3), (1, 1, 10), (2, 1, 4)),
    ],
)
def test_padding_and_stride_decide_the_shape(block: Conv, shape: Shape, right: Shape) -> None:
    assert block.output_shape(shape) == right
    assert block.multiply_adds(shape) == math.prod(right) * block.kernel_size**2
    assert block.parameter_shapes(shape)["bias"] == right
