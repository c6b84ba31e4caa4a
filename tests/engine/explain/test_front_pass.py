"""The blocks that fit, forward only: what they compute, though a later block does not fit."""

import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import Conv, Dense, MaxPool, Reshape, Sigmoid
from engine.errors import TrainingError
from engine.explain.training_step import trace_front
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack

RNG = np.random.default_rng(2)
IMAGE = RNG.random((1, 8, 8))


def test_they_compute_what_they_compute_in_a_network_that_fits() -> None:
    """The broken block comes behind them; in the other network there is none."""
    fitting = (Conv(depth=2, kernel_size=3), Sigmoid(), MaxPool())
    broken = Stack(input_shape=(1, 8, 8)).appended(*fitting, Conv(depth=2, kernel_size=9))
    whole = Stack(input_shape=(1, 8, 8)).appended(*fitting, Reshape(), Dense(units=2), Sigmoid())
    assert broken.check(2, "bce").problem is not None
    blocks = trace_front(broken.check(2, "bce"), {}, Settings(), IMAGE)
    found = Project(whole, Settings()).network().activations(IMAGE[None].astype(np.float32))
    assert [block.position for block in blocks] == [0, 1, 2]
    before: Array = IMAGE
    for block, right in zip(blocks, found, strict=False):
        np.testing.assert_array_equal(block.inputs, before)
        np.testing.assert_allclose(block.outputs, right[0], rtol=1e-5, atol=1e-6)
        assert not block.gradient.any()
        before = block.outputs


def test_without_a_block_that_fits_there_is_nothing() -> None:
    broken = Stack(input_shape=(1, 8, 8)).appended(Conv(depth=2, kernel_size=9))
    with pytest.raises(TrainingError):
        trace_front(broken.check(2, "bce"), {}, Settings(), IMAGE)
