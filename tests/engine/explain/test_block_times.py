"""Block times by a clock that only the layers move."""

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.explain.block_times import PASSES, block_times
from tests.engine.networks import RESIDUAL, dataset, fitting, network


def test_a_block_takes_what_its_layer_takes_there_and_back(monkeypatch: pytest.MonkeyPatch) -> None:
    net = network(fitting(RESIDUAL, loss="cross_entropy"))
    now, passes = 0.0, itertools.count(1)
    slow = 1.0  # all but the last pass are held up by something else

    def slowed(work: Callable[..., Any], seconds: float) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            nonlocal now
            now += seconds * slow
            return work(*args, **kwargs)

        return run

    def before() -> None:
        nonlocal slow
        slow = 1.0 if next(passes) == PASSES else 3.0

    for number, layer in enumerate(net.layers, 1):
        monkeypatch.setattr(layer.layer, "forward", slowed(layer.layer.forward, number))
        monkeypatch.setattr(layer.layer, "backward", slowed(layer.layer.backward, 100 * number))
    monkeypatch.setattr("engine.explain.block_times.time.perf_counter", lambda: now)
    found = block_times(net, dataset(8).batch_inputs(slice(None), net.dtype), before)
    np.testing.assert_allclose(found, [101 * (n + 1) for n in range(len(net.layers))])
    assert next(passes) == PASSES + 1
