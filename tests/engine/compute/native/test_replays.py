"""Captured layers: replayed with other numbers, each does what it does when it is called."""

from contextlib import closing

import numpy as np
import pytest

from engine.blocks import KINDS, Conv
from engine.blocks.base import StatefulLayer
from engine.compute.native.native_numerics import NativeNumerics
from engine.compute.native.threads.capture import Capture
from engine.compute.native.threads.thread_pool import ThreadPool
from engine.compute.pass_context import PassContext
from engine.compute.workspace import Workspace
from tests.engine.blocks.cases import Case, cases_of

MANY_MAPS = Case(Conv(depth=24, kernel_size=3), (24, 14, 14))  # by Winograd's way
CASES = {"many_maps": [MANY_MAPS], **{kind: cases_of(kind) for kind in KINDS}}


@pytest.mark.parametrize(("samples", "threads"), [(1, 1), (9, 1), (9, 2)])
@pytest.mark.parametrize("kind", CASES)
def test_a_layer_replays(kind: str, samples: int, threads: int) -> None:
    for case in CASES[kind]:
        check_replay(case, samples, threads)


def check_replay(case: Case, samples: int, threads: int) -> None:
    dice, counters = np.random.default_rng(0), np.array([7, 1_000])
    layer, workspace = case.layer(np.float32), Workspace(np.float32, numerics=NativeNumerics)
    inputs, gradient = (
        array.astype(np.float32) for array in (case.inputs(samples), case.output_gradient(samples))
    )
    with closing(ThreadPool(threads)) as pool:
        workspace.run = PassContext(
            training=True, counters=counters, samples=samples, pool=pool, seed=3
        )
        held = [np.zeros_like(array) for array in layer.parameters.values()]
        results = [layer.forward(inputs, workspace)]
        slopes = layer.backward(gradient, workspace, wants_inputs=True).inputs
        assert slopes is not None
        results += [
            slopes,
            *held,
            *(layer.state.values() if isinstance(layer, StatefulLayer) else ()),
        ]

        def work() -> None:
            layer.forward(inputs, workspace)
            back = layer.backward(gradient, workspace, wants_inputs=True)
            for found, copied in zip(back.parameters.values(), held, strict=True):
                if isinstance(found, np.ndarray):
                    NativeNumerics.copy(found, copied)
            if isinstance(layer, StatefulLayer):
                layer.settle(workspace)

        captured = Capture(pool)
        with captured.recording():
            work()
        given = [inputs, gradient, counters, *layer.parameters.values()]
        for array in given:
            array[...] = dice.permutation(array.reshape(-1)).reshape(array.shape)
        before = [array.copy() for array in (*given, *results)]
        captured.replay()  # first: memory that the work fills would hold what it needs
        replayed = [array.copy() for array in results]
        for array, old in zip((*given, *results), before, strict=True):
            array[...] = old
        work()
    for found, right in zip(replayed, results, strict=True):
        np.testing.assert_array_equal(found, right)
