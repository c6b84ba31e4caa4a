"""Layers whose calls are captured and replayed with other numbers."""

import numpy as np
import pytest

from engine.array_types import Array, Shape
from engine.blocks import (
    AvgPool,
    Dropout,
    GlobalAvgPool,
    KnownBlock,
    LeakyReLU,
    MaxPool,
    ReLU,
    Sigmoid,
    Softmax,
    Tanh,
)
from engine.blocks.batch_norm import BatchNormLayer
from engine.compute import numerics
from engine.compute.pass_context import PassContext
from engine.compute.workspace import Workspace
from tests.engine.compute.native.replaying import assert_replays
from tests.engine.marks import needs_the_compiler

pytestmark = needs_the_compiler

MAPS = (3, 9, 9)


def drawn(*shape: int) -> Array:
    return np.random.default_rng(1).standard_normal(shape, np.float32)


@pytest.mark.parametrize(
    ("block", "shape"),
    [
        (Dropout(rate=0.4), MAPS),
        (ReLU(), MAPS),
        (LeakyReLU(), MAPS),
        (Sigmoid(), MAPS),
        (Tanh(), MAPS),
        (Softmax(), (10,)),
        (GlobalAvgPool(), MAPS),
        *(
            (kind(size=size, stride=stride), MAPS)
            for kind in (MaxPool, AvgPool)
            for size, stride in ((2, 2), (3, 1), (3, 4))
        ),
    ],
    ids=str,
)
@pytest.mark.parametrize("samples", [1, 5])
def test_a_layer_that_learns_nothing(block: KnownBlock, shape: Shape, samples: int) -> None:
    inputs, counters = drawn(samples, *shape), np.array([7, 1_000])
    layer, workspace = block.layer(shape, {}), Workspace(np.float32)
    workspace.run = PassContext(training=True, counters=counters, samples=samples)
    outputs = layer.forward(inputs, workspace)
    gradient = drawn(*outputs.shape)
    slopes = layer.backward(gradient, workspace, wants_inputs=True).inputs
    assert slopes is not None

    def work() -> None:
        layer.forward(inputs, workspace)
        layer.backward(gradient, workspace, wants_inputs=True)

    assert_replays(work, (inputs, gradient, counters), (outputs, slopes))


@pytest.mark.parametrize("shape", [(40,), MAPS], ids=str)
@pytest.mark.parametrize("training", [False, True])
def test_batch_norm(shape: Shape, training: bool) -> None:
    inputs, gradient = drawn(2, 6, *shape)
    names = ("weight", "bias", "running_mean", "running_variance")
    arrays = {name: 1 + drawn(shape[0]) ** 2 for name in names}
    layer, workspace = BatchNormLayer(arrays), Workspace(np.float32)
    workspace.run = PassContext(training=training, samples=6)
    outputs, own = layer.forward(inputs, workspace), drawn(2, shape[0])
    slopes = layer.backward(gradient, workspace, wants_inputs=True).inputs
    assert slopes is not None

    def work() -> None:
        layer.forward(inputs, workspace)
        back = layer.backward(gradient, workspace, wants_inputs=True)
        for found, held in zip(back.parameters.values(), own, strict=True):
            assert isinstance(found, np.ndarray)
            numerics.numerics().copy(found, held)
        if training:
            layer.settle(workspace)

    assert_replays(
        work,
        (inputs, gradient, *layer.parameters.values()),
        (outputs, own, slopes, *layer.state.values()),
    )
