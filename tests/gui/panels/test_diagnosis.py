"""What is said of gradients: vanishing, growing, exploding, dead, lost, or healthy."""

import math

import numpy as np
import pytest

from engine.advice.training_log import BlockSymptom
from engine.blocks.base import Group
from engine.compute.histogram import count_values
from engine.inspection.unit_health import BlockHealth, UnitHealth
from engine.training.step_statistics import BlockNorms, Norms, StepStatistics
from gui.panels.diagnosis import LOST_UPDATE, VANISHED, diagnose


def step(*blocks: tuple[float, float], weights: float = 10.0) -> StepStatistics:
    """A step with so large a gradient and relative update of each block."""
    made = [
        BlockNorms(
            place,
            2 * place + 1,
            f"Dense {place}",
            "Dense",
            {"weight": Norms(gradient, weights, update * weights)},
        )
        for place, (gradient, update) in enumerate(blocks)
    ]
    return StepStatistics(tuple(made), 0.0)


def health(
    dead: int = 0, saturated: int = 0, units: int = 10, group: Group = "Activation"
) -> UnitHealth:
    order = np.arange(units)
    counted = count_values(np.zeros(2))
    block = BlockHealth(
        9, 4, "ReLU", group, counted, None, order < dead, order >= units - saturated
    )
    return UnitHealth(0.0, 64, (block,))


def test_before_the_first_step_nothing_is_claimed() -> None:
    assert diagnose([], None).text == "No training step yet."
    assert not diagnose([], health()).trouble


def test_a_gradient_a_thousand_times_smaller_vanishes() -> None:
    found = diagnose([step((1e-5, 1e-3), (0.04, 1e-3))], None)
    assert found.trouble
    assert found.text.startswith(
        "The gradient of block 1 (Dense 0) is 4,000 times smaller than that of block 3 (Dense 1): "
        "it vanishes on its way back."
    )
    assert not diagnose([step((0.04 / VANISHED * 1.01, 1e-3), (0.04, 1e-3))], None).trouble


def test_the_largest_after_a_block_is_what_it_is_compared_with() -> None:
    text = diagnose([step((1e-6, 1e-3), (0.5, 1e-3), (1e-3, 1e-3))], None).text
    assert "than that of block 3" in text


def test_a_gradient_a_thousand_times_larger_grows() -> None:
    found = diagnose([step((50.0, 1e-3), (0.01, 1e-3))], None)
    assert found.trouble
    assert "5,000 times larger than that of block 3 (Dense 1): it grows" in found.text


@pytest.mark.parametrize("bad", [math.inf])
def test_a_gradient_without_end_explodes(bad: float) -> None:
    found = diagnose([step((bad, 1e-3), (0.01, 1e-3))], None)
    assert found.trouble
    assert "block 1 (Dense 0) is not finite: it explodes" in found.text


def test_an_update_of_most_of_the_weights_is_too_much() -> None:
    assert not diagnose([step((0.1, 1e-3), (0.1, 0.2))], None).trouble
    found = diagnose([step((0.1, 1e-3), (0.1, 0.73))], None)
    assert found.trouble
    assert "A step changes block 3 (Dense 1) by 73 % of its weights" in found.text
    assert "Lower the learning rate" in found.text


def test_no_gradient_at_all_is_said() -> None:
    found = diagnose([step((0.0, 0.0), (0.1, 1e-3))], None)
    assert found.trouble
    assert "No gradient reaches block 1 (Dense 0)" in found.text


def test_most_units_dead_or_saturated_is_trouble() -> None:
    healthy = [step((0.1, 1e-3), (0.1, 1e-3))]
    assert "60 % of the units of block 4 (ReLU) are dead" in diagnose(healthy, health(dead=6)).text
    assert (
        "80 % of the units of block 4 (ReLU) are saturated"
        in diagnose(healthy, health(saturated=8)).text
    )
    assert not diagnose(healthy, health(dead=2, saturated=2)).trouble
    assert diagnose([], health(dead=10)).trouble, "also before the first step"


def test_units_that_are_dead_beside_others_that_pass_gradients_on_are_no_trouble() -> None:
    passing = diagnose([step((0.1, 1e-3), (0.1, 1e-3))], health(dead=7))
    assert passing.text.startswith(
        "70 % of the units of block 4 (ReLU) are dead; through the others gradients reach all"
    )
    assert passing.symptom == BlockSymptom("dead", "block 4 (ReLU)"), "it may be why nothing learns"
    assert not passing.trouble
    unknown = diagnose([], health(dead=7))
    assert "hardly any gradient passes" in unknown.text
    assert unknown.trouble
    none = diagnose([step((0.0, 1e-3), (0.0, 1e-3))], health(dead=7))
    assert "hardly any gradient passes" in none.text
    assert none.trouble


def test_steps_that_rounding_swallows_are_said() -> None:
    found = diagnose([step((1e-6, LOST_UPDATE / 2), (1e-6, LOST_UPDATE / 4))], None)
    assert not found.trouble, "a network that has learned all it can is none"
    assert "nothing moves any more" in found.text


def test_a_healthy_training_is_told_in_numbers() -> None:
    found = diagnose([step((0.002, 1e-3), (0.04, 2.6e-3))], None)
    assert (
        found.text
        == (
            "Gradients reach all blocks: 0.040 in block 3, 0.0020 in block 1. "
            "Steps change weights by 0.001 to 0.003, which is healthy."
        )
        or "which is healthy" in found.text
    )
    assert not found.trouble
    slow = diagnose([step((0.002, 1e-5), (0.04, 1e-5))], None)
    assert "by 1e−5 (usual: about 0.001)" in slow.text


def test_the_words_are_about_the_middle_of_the_last_steps() -> None:
    usual, odd = step((0.01, 1e-3), (0.01, 1e-3)), step((1e-9, 1e-3), (0.01, 0.9))
    assert not diagnose([usual, odd, usual], None).trouble
    assert diagnose([odd, usual, odd], None).trouble


def test_of_two_steps_far_apart_the_newer_counts() -> None:
    """A run of less than a second tells of its first step and of its last."""
    text = diagnose([step((2.4, 5e-3)), step((0.003, 2e-3))], None).text
    assert "The gradient of block 1 (Dense 0) is 0.0030. Steps change weights by 0.002" in text


def test_locked_blocks_are_left_out() -> None:
    found = diagnose([step((math.nan, 0.0), (0.01, 1e-3))], None)
    assert not found.trouble
    assert found.text.startswith("The gradient of block 3 (Dense 1) is 0.010.")
