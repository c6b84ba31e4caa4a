"""Layers whose calls are captured and replayed with other numbers."""

import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import Dropout, KnownBlock
from engine.compute.workspace import PassContext, Workspace
from tests.engine.compute.native.replaying import assert_replays


def drawn(*shape: int) -> Array:
    return np.random.default_rng(1).standard_normal(shape, np.float32)


@pytest.mark.parametrize("block", [Dropout(rate=0.4)], ids=str)
@pytest.mark.parametrize("samples", [1, 5])
def test_a_layer_that_learns_nothing(block: KnownBlock, samples: int) -> None:
    inputs, counters = drawn(samples, 3, 9, 9), np.array([7, 1_000])
    layer, workspace = block.layer(inputs.shape[1:], {}), Workspace(np.float32)
    workspace.run = PassContext(training=True, counters=counters, samples=samples)
    outputs = layer.forward(inputs, workspace)
    gradient = drawn(*outputs.shape)
    slopes = layer.backward(gradient, workspace, wants_inputs=True).inputs
    assert slopes is not None

    def work() -> None:
        layer.forward(inputs, workspace)
        layer.backward(gradient, workspace, wants_inputs=True)

    assert_replays(work, (inputs, gradient, counters), (outputs, slopes))
