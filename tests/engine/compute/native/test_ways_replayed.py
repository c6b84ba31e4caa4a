"""Each way of convolving, captured and replayed."""

from contextlib import closing
from typing import Literal

import numpy as np
import pytest

from engine.array_types import Array
from engine.compute.native import convolution
from engine.compute.native.copying import copy
from engine.compute.native.threads.thread_pool import ThreadPool
from engine.compute.pass_context import PassContext
from engine.compute.workspace import Workspace
from tests.engine.compute.native.convolution_ways.ways import geometry_of
from tests.engine.compute.native.replaying import assert_replays
from tests.engine.compute.test_convolution import Setting


@pytest.mark.parametrize(("samples", "threads"), [(1, 1), (1, 2), (5, 1), (8, 1), (19, 1)])
@pytest.mark.parametrize(
    ("maps", "kernel_size", "padding", "stride", "bias"),
    [
        (3, 3, "valid", 1, "position"),
        (3, 5, "same", 1, "channel"),
        (3, 4, "valid", 2, "channel"),
        (3, 3, "same", 3, "position"),
        (3, 1, "same", 2, "channel"),  # by columns
        (24, 3, "valid", 1, "channel"),  # by Winograd's way
        (32, 5, "same", 1, "position"),
    ],
)
def test_convolutions_replay(
    samples: int,
    threads: int,
    maps: int,
    kernel_size: int,
    padding: Literal["valid", "same"],
    stride: int,
    bias: Literal["position", "channel"],
) -> None:
    setting = Setting(samples, maps, 14, 14, maps, kernel_size, bias, padding, stride)
    _, drawn, parameters, slopes = setting.draw()
    inputs, kernels, addend, gradient = (
        array.astype(np.float32)
        for array in (drawn, parameters["weight"], parameters["bias"], slopes)
    )
    geometry, workspace = geometry_of(setting), Workspace(np.float32)
    outputs, found, both, alone = map(np.empty_like, (gradient, inputs, kernels, kernels))

    def gradients(out: Array | None) -> Array:
        given = inputs, gradient, kernels, out, workspace, geometry
        return convolution.correlation_gradients(*given)

    def work() -> None:
        convolution.correlate(inputs, kernels, addend, outputs, workspace, geometry)
        copy(gradients(found), both)
        copy(gradients(None), alone)

    given = [inputs, kernels, addend, gradient]
    with closing(ThreadPool(threads)) as pool:
        workspace.run = PassContext(pool=pool)
        assert_replays(work, given, [outputs, found, both, alone], threads)
