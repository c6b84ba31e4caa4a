"""Gradient checks of small networks, for the tests."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from engine.array_types import Array
from engine.blocks import KnownBlock
from engine.compute.numerics import best_numerics
from engine.compute.plain_numerics import PlainNumerics
from engine.explain.gradient_check import ArrayCheck, check_gradients
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


def let_a_slope_be_wrong(patch: pytest.MonkeyPatch, kind: str, wrong: Callable[..., Array]) -> None:
    """Let the derivative of one kind of activation be another function of g, y and options."""
    right = best_numerics().activation_gradient

    def activation_gradient(
        name: str, options: Sequence[float], gradient: Array, outputs: Array, out: Array
    ) -> None:
        if name == kind:
            out[...] = wrong(gradient, outputs, *options)
        else:
            right(name, options, gradient, outputs, out)

    for twin in {best_numerics(), PlainNumerics}:  # which is taken until all loops are compiled
        patch.setattr(twin, "activation_gradient", activation_gradient)
