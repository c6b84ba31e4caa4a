"""What the optimizer makes of one weight, by its rule."""

import math
from typing import Any

import numpy as np
import pytest

from engine.explain.by_block import explain_update
from tests.engine.explain.steps import locked, taken

RATE, DECAY, MU = 0.3, 0.1, 0.9
RULES: list[tuple[dict[str, Any], str]] = [
    ({}, "W ← W − η ∂E/∂W"),
    ({"weight_decay": DECAY}, "W ← W − η (∂E/∂W + λ W)"),
    ({"momentum": MU}, "v ← μ v + g;  W ← W − η v"),
    ({"momentum": MU, "nesterov": True, "weight_decay": DECAY}, "W ← W − η (g + μ v)"),
    ({"optimizer": "adam"}, "W ← W − η m′ / (√v′ + ε)"),
    ({"optimizer": "adam", "weight_decay": DECAY}, "g = ∂E/∂W + λ W"),
    ({"optimizer": "adamw", "weight_decay": DECAY}, "W ← (1 − η λ) W − η m′ / (√v′ + ε)"),
]


def after(changes: dict[str, Any], numbers: dict[str, float]) -> float:
    """The new weight, from the numbers that are shown."""
    w, eta, decay = numbers["W"], numbers["η"], numbers.get("λ", 0.0)
    g = numbers["∂E/∂W"] + (decay * w if changes.get("optimizer") != "adamw" else 0.0)
    if decay and changes.get("optimizer") != "adamw":
        assert numbers["g"] == pytest.approx(g)
    if "optimizer" in changes:
        assert numbers["m"] == pytest.approx(0.1 * g)
        assert numbers["v"] == pytest.approx(0.001 * g * g)
        assert numbers["m′"] == pytest.approx(g)
        assert numbers["√v′"] == pytest.approx(abs(g))
        pulled = w * (1 - eta * decay) if changes["optimizer"] == "adamw" else w
        return pulled - eta * numbers["m′"] / (numbers["√v′"] + 1e-8)
    if changes.get("nesterov"):
        assert numbers["g + μ v"] == pytest.approx(g + MU * numbers["v"])
        return w - eta * numbers["g + μ v"]
    if "momentum" in changes:
        assert numbers["v"] == pytest.approx(g)
    return w - eta * g


@pytest.mark.parametrize(("changes", "rule"), RULES, ids=lambda value: str(value)[:40])
def test_the_numbers_lead_from_the_old_weight_to_the_new(
    changes: dict[str, Any], rule: str
) -> None:
    step = taken(learning_rate=RATE, **changes)
    assert rule in step.rule
    assert bool(step.rule_note) == ("momentum" in changes or "optimizer" in changes)
    for block in step.blocks:
        for parameter in block.parameters:
            for place in np.ndindex(parameter.before.shape):
                found = explain_update(step, block.position, parameter.name, place)
                numbers = {number.label: number.value for number in found.numbers}
                assert numbers["W"] == parameter.before[place]
                assert numbers["∂E/∂W"] == parameter.gradient[place]
                assert numbers["η"] == RATE
                right = after(changes, numbers)
                assert found.result.value == pytest.approx(right, rel=1e-9, abs=1e-12)
                assert math.isfinite(right)
                assert found.equation == step.rule


def test_what_is_locked_says_so() -> None:
    step = locked(locked=True)
    found = explain_update(step, 0, "weight", (1, 0, 2, 2))
    assert "block is locked" in found.note
    assert found.result.value == step.blocks[0].parameter("weight").before[1, 0, 2, 2]
    step = locked(locked_kernels=(1,))
    assert "kernel is locked" in explain_update(step, 0, "bias", (1, 0, 0)).note
    assert explain_update(step, 0, "bias", (0, 0, 0)).note == ""
