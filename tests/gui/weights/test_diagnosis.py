"""What is said of gradients: vanishing, growing, exploding, dead, lost, or healthy."""

import math

import numpy as np

from engine.blocks.base import Group
from engine.compute.histogram import count_values
from engine.inspection.unit_health import BlockHealth, UnitHealth
from engine.training.step_statistics import BlockNorms, Norms, StepStatistics
from gui.weights.diagnosis import LOST_UPDATE, VANISHED, diagnose
from tests.approved import assert_approved


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


USUAL, ODD = step((0.01, 1e-3), (0.01, 1e-3)), step((1e-9, 1e-3), (0.01, 0.9))
WELL = [step((0.1, 1e-3), (0.1, 1e-3))]
CASES: dict[str, tuple[list[StepStatistics], UnitHealth | None]] = {
    "no step": ([], None),
    "no step, all units dead": ([], health(dead=10)),
    "no step, most units dead": ([], health(dead=6)),
    "no step, few units dead": ([], health(dead=2)),
    "4,000 times smaller": ([step((1e-5, 1e-3), (0.04, 1e-3))], None),
    "nearly a thousand times smaller": ([step((0.04 / VANISHED * 1.01, 1e-3), (0.04, 1e-3))], None),
    "smaller than the largest after it": ([step((1e-6, 1e-3), (0.5, 1e-3), (1e-3, 1e-3))], None),
    "5,000 times larger": ([step((50.0, 1e-3), (0.01, 1e-3))], None),
    "not finite": ([step((math.inf, 1e-3), (0.01, 1e-3))], None),
    "an update of a fifth of the weights": ([step((0.1, 1e-3), (0.1, 0.2))], None),
    "an update of most of the weights": ([step((0.1, 1e-3), (0.1, 0.73))], None),
    "no gradient": ([step((0.0, 0.0), (0.1, 1e-3))], None),
    "most units dead, which others make good": (WELL, health(dead=6)),
    "most units saturated": (WELL, health(saturated=8)),
    "few units stuck": (WELL, health(dead=2, saturated=2)),
    "most units dead, and no gradient": ([step((0.0, 1e-3), (0.0, 1e-3))], health(dead=7)),
    "steps lost to rounding": ([step((1e-6, LOST_UPDATE / 2), (1e-6, LOST_UPDATE / 4))], None),
    "healthy": ([step((0.002, 1e-3), (0.04, 2.6e-3))], None),
    "slow": ([step((0.002, 1e-5), (0.04, 1e-5))], None),
    "one odd step of three": ([USUAL, ODD, USUAL], None),
    "two odd steps of three": ([ODD, USUAL, ODD], None),
    "two steps, as of a short run": ([step((2.4, 5e-3)), step((0.003, 2e-3))], None),
    "a locked block": ([step((math.nan, 0.0), (0.01, 1e-3))], None),
}


def test_what_is_said_of_steps_and_units() -> None:
    text = ""
    for name, (steps, units) in CASES.items():
        found = diagnose(steps, units)
        passes = ", but gradients pass" if found.passes else ""
        told = f"  [{found.symptom}{passes}]\n" if found.symptom is not None else ""
        text += f"{name}\n  {found.text}\n{told}"
    assert_approved("diagnosis.txt", text)
