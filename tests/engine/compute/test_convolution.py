"""The convolution against plain loops, over many shapes."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.array_types import Array
from engine.blocks import Conv
from tests.engine import oracles
from tests.engine.blocks.cases import Case, Pass, convolutions, run
from tests.engine.closeness import relative_error
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas


PRODUCTS = 300_000  # of one forward pass; the loops count them one by one


def convolution(channels: int, height: int, width: int, depth: int, size: int, **more: Any) -> Case:
    return Case(Conv(depth=depth, kernel_size=size, **more), (channels, height, width))


def passes(
    case: Case, samples: int
) -> Iterator[tuple[type[np.floating], float, Array, dict[str, Array], Array]]:
    """Give the numbers of a pass for both types, and how near to the loops it shall come.

    Sums whose terms cancel have no digits left in any float32, so the terms have one sign there.
    """
    inputs, gradient = case.inputs(samples), case.output_gradient(samples)
    parameters = case.parameters()
    yield np.float64, 1e-9, inputs, parameters, gradient
    positive = {name: np.abs(array) for name, array in parameters.items()}
    yield np.float32, 1e-5, np.abs(inputs), positive, np.abs(gradient)


def by_loops(case: Case, inputs: Array, parameters: dict[str, Array], gradient: Array) -> Pass:
    """The same pass by plain loops."""
    kernels, bias = parameters["weight"], parameters["bias"]
    assert isinstance(case.block, Conv)
    outputs = oracles.conv_forward(case.block, inputs, kernels, bias)
    return Pass(outputs, *oracles.conv_backward(case.block, inputs, kernels, bias, gradient))


@settings(max_examples=20)
@given(convolutions(), st.integers(1, 65))
@example(convolution(5, 16, 16, 5, 7), 9)
@example(convolution(5, 16, 7, 5, 7, bias="channel"), 9)
@example(convolution(1, 1, 16, 1, 1), 2)
@example(convolution(9, 10, 9, 9, 3, padding="same", stride=2), 65)
@example(convolution(2, 40, 39, 2, 2, bias="channel", padding="same", stride=3), 2)
@example(convolution(1, 1, 1, 2, 7, padding="same", stride=3), 3)
@example(convolution(2, 8, 9, 2, 1, padding="same", stride=3), 3)
def test_forward_and_backward_agree_with_plain_loops(case: Case, samples: int) -> None:
    most = max(1, PRODUCTS // case.block.multiply_adds(case.input_shape))
    for dtype, tolerance, inputs, parameters, gradient in passes(case, min(samples, most)):
        right = by_loops(case, inputs, parameters, gradient)
        own: dict[str, Array] = {name: array.astype(dtype) for name, array in parameters.items()}
        found = run(case.block.layer(case.input_shape, own), inputs.astype(dtype), gradient)
        for (name, array), expected in zip(
            found.named().items(), right.named().values(), strict=True
        ):
            assert array.dtype == dtype
            assert relative_error(array, expected) <= tolerance, f"{name} in {dtype.__name__}"
