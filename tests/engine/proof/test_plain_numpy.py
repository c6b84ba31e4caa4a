"""Plain numpy gives what the engine gives, and what can be worked out on paper."""

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.numpy import save

from engine.blocks import Conv
from engine.files.naming import named_arrays
from engine.files.network_form import write_slots
from engine.model.network import Network
from engine.model.stack import ShapeReport, Stack
from engine.proof import plain_numpy
from tests.engine.explain.stacks import stacks
from tests.engine.networks import BLOCKS, MODERN, POINTWISE, RESIDUAL, fitting, network


def assert_as_the_engine(report: ShapeReport, built: Network, images: int = 3) -> None:
    """Compare every block's outputs, both sides in float64."""
    inputs = np.random.default_rng(images).uniform(-1, 1, (images, *built.input_shape))
    slots = [row.slot for row in report.rows]
    forms = msgspec.to_builtins(write_slots(slots))
    found = plain_numpy.run(forms, named_arrays(slots, built.copy_weights()), inputs)
    wanted = built.activations(inputs)
    assert [each.shape for each in found] == [each.shape for each in wanted]
    for mine, theirs in zip(found, wanted, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-10)


@settings(max_examples=25)
@given(stack=stacks(), seed=st.integers(0, 99))
def test_random_stacks(stack: tuple[ShapeReport, str], seed: int) -> None:
    report, _ = stack
    assert_as_the_engine(report, network(report, seed=seed))


@pytest.mark.parametrize("blocks", [BLOCKS, MODERN, POINTWISE, RESIDUAL])
def test_the_stacks_of_other_tests(blocks: tuple[object, ...]) -> None:
    report = fitting(blocks, loss="mse")  # type: ignore[arg-type]
    assert_as_the_engine(report, network(report))


@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("kernel_size", [1, 2, 4, 5])
def test_padding_on_maps_that_are_not_square(kernel_size: int, stride: int) -> None:
    conv = Conv(depth=2, kernel_size=kernel_size, padding="same", stride=stride)
    report = Stack(input_shape=(3, 7, 10)).appended(conv).check(2, "mse").front()
    assert_as_the_engine(report, network(report))


def test_arrays_and_metadata_are_those_that_were_written() -> None:
    dice = np.random.default_rng(0)
    written = {
        "a": dice.normal(size=(3, 4)).astype(np.float32),
        "b.c": dice.normal(size=(7,)).astype(np.float32),
    }
    for metadata in (None, {"stack": "[1]", "ä": "ö"}):
        arrays, found = plain_numpy.parse_safetensors(save(written, metadata))
        assert found == (metadata or {})
        assert arrays.keys() == written.keys()
        for name, array in written.items():
            np.testing.assert_array_equal(arrays[name], array)
