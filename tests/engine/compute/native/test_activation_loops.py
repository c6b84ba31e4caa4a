"""What the compiler may do to the loops of the activations."""

from typing import Any

from engine.compute.native import activation_loops


def options(loop: Any) -> dict[str, Any]:
    given: dict[str, Any] = loop.dispatcher.targetoptions
    return given


def test_the_compiler_may_not_reorder_the_reduction_of_a_power() -> None:
    """x - n C₁ - n C₂ with C₁ + C₂ = log 2 is exact only in this order; other loops gain by it."""
    assert "reassoc" in options(activation_loops.relu)["fastmath"]
    assert "reassoc" not in options(activation_loops._reduced)["fastmath"]
