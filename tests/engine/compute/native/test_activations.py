"""What the compiler may do to the loops of the activations."""

import time
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from engine.array_types import Array
from engine.compute.native import activations


def options(loop: Any) -> dict[str, Any]:
    given: dict[str, Any] = loop.dispatcher.targetoptions
    return given


def test_the_compiler_may_not_reorder_the_reduction_of_a_power() -> None:
    """x - n C₁ - n C₂ with C₁ + C₂ = log 2 is exact only in this order; other loops gain by it."""
    assert "reassoc" in options(activations.ACTIVATIONS["relu"][0])["fastmath"]
    assert "reassoc" not in options(activations._reduced)["fastmath"]


@pytest.mark.timing
@pytest.mark.parametrize("kind", activations.ACTIVATIONS)
def test_vectors_are_used_where_outputs_are_written_over_inputs(kind: str) -> None:
    """Otherwise it takes 3 to 12 times as long."""
    inputs = np.random.default_rng(0).standard_normal(50_000).astype(np.float32)
    outputs, no_option = np.empty_like(inputs), np.zeros(1, np.float32)
    write, _ = activations.ACTIVATIONS[kind]

    def seconds(source: Array) -> float:
        times = [time.perf_counter()]
        for _ in range(100):
            write(source, no_option, outputs)
            times.append(time.perf_counter())
        return min(after - before for before, after in pairwise(times))

    apart = seconds(inputs)
    assert seconds(outputs) < 2 * apart
