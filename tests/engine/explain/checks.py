"""Gradient checks of small networks, for the tests."""

from collections.abc import Sequence
from typing import Any

from engine.array_types import Array
from engine.blocks import KnownBlock
from engine.explain.check_result import ArrayCheck
from engine.explain.gradient_check import check_gradients
from engine.model.weights import Weights
from tests.engine.explain.steps import prepared, settings_for
from tests.engine.networks import batch


def check(
    blocks: Sequence[KnownBlock],
    loss: str,
    *,
    samples: int = 3,
    weights: Weights | None = None,
    inputs: Array | None = None,
    seed: int = 0,
    **options: Any,
) -> dict[str, ArrayCheck]:
    """Check a small network; give what was found by the arrays' full names."""
    report, own = prepared(blocks, loss, seed)
    data = batch(samples, seed=seed + 1)
    events = check_gradients(
        report,
        own if weights is None else weights,
        settings_for(loss),
        data.samples if inputs is None else inputs,
        data.wanted.argmax(axis=1).tolist(),
        **options,
    )
    return {event.full_name: event for event in events if isinstance(event, ArrayCheck)}
