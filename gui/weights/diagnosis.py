"""Diagnosis: what gradients, updates and dead units say of a training, in one sentence or two."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from engine.advice.training_log import Trouble
from engine.inspection.unit_health import UnitHealth
from engine.training.step_statistics import BlockNorms, StepStatistics
from gui.widgets.number_words import short

# A sigmoid multiplies a gradient by 1/4 at most, so five in a row at their steepest leave 1/1024.
VANISHED = 1000.0
# Two such steps in one direction are as large as the weights themselves. A tenth is much, but first
# steps of networks that then learn well come to that.
LARGE_UPDATE = 0.5
# A rule of thumb for the update as a share of the weights (Karpathy, CS231n notes).
USUAL_UPDATE = 1e-3
HEALTHY = (1e-4, 1e-2)
# A float32 weight cannot change by less than 6e-8 of itself.
LOST_UPDATE = 1e-7
MANY_STUCK = 0.5
NO_STEP = "No training step yet: Step takes one, Train many."


@dataclass(frozen=True)
class Diagnosis:
    """What is to be said, and what is wrong with a block, if anything is.

    With `passes`, gradients reach all blocks all the same.
    """

    text: str
    symptom: Trouble | None = None
    passes: bool = False

    @property
    def trouble(self) -> bool:
        """Whether something should be done."""
        return self.symptom is not None and not self.passes


@dataclass(frozen=True)
class _Typical:
    """A block with its medians over the last steps: single ones vary much at a small batch."""

    block: BlockNorms
    gradient: float
    update: float  # as a share of the weights

    @property
    def name(self) -> str:
        return f"block {self.block.number} ({self.block.label})"


def diagnose(steps: Sequence[StepStatistics], health: UnitHealth | None) -> Diagnosis:
    """Return what is most wrong in the last steps and the last unit health, or that all is well."""
    blocks = _typical(steps)
    if not blocks:
        return _stuck(health, passes=None) or Diagnosis(NO_STEP)
    return (
        _too_large(blocks)
        or _nothing_arrives(blocks)
        or _vanishes_or_grows(blocks)
        or _stuck(health, passes=all(block.gradient for block in blocks))
        or _hardly_moves(blocks)
        or _well(blocks)
    )


def _typical(steps: Sequence[StepStatistics]) -> list[_Typical]:
    if not steps:
        return []
    if len(steps) == 2:  # of a short run, its first and its last: between them lies nothing
        steps = steps[1:]
    found = []
    for place, block in enumerate(steps[-1].blocks):
        norms = [step.blocks[place].norms for step in steps]
        gradients = [each.gradient for each in norms if not math.isnan(each.gradient)]
        updates = [each.relative_update for each in norms if not math.isnan(each.relative_update)]
        if gradients and updates:  # else it is locked
            found.append(_Typical(block, median(gradients), median(updates)))
    return found


def _too_large(blocks: Sequence[_Typical]) -> Diagnosis | None:
    for each in blocks:
        if not math.isfinite(each.gradient) or not math.isfinite(each.update):
            return Diagnosis(
                f"The gradient of {each.name} is not finite: it explodes. Lower the learning rate.",
                "too_large",
            )
    most = max(blocks, key=lambda each: each.update)
    if most.update < LARGE_UPDATE:
        return None
    return Diagnosis(
        f"A step changes {most.name} by {100 * most.update:.0f} % of its weights: that is too "
        "much to settle. Lower the learning rate.",
        "too_large",
    )


def _nothing_arrives(blocks: Sequence[_Typical]) -> Diagnosis | None:
    without = [each for each in blocks if each.gradient == 0]
    if len(without) in (0, len(blocks)):
        return None
    return Diagnosis(
        f"No gradient reaches {without[0].name}: everything after it is dead or saturated. "
        "Try other initial weights or a lower learning rate, then Reset.",
        "no_gradient",
    )


def _vanishes_or_grows(blocks: Sequence[_Typical]) -> Diagnosis | None:
    """Compare each block with those after it, from which its gradient comes."""
    for place, early in enumerate(blocks):
        after = [late for late in blocks[place + 1 :] if late.gradient > 0]
        if not after or not early.gradient:
            continue
        largest = max(after, key=lambda late: late.gradient)
        smallest = min(after, key=lambda late: late.gradient)
        if largest.gradient > VANISHED * early.gradient:
            return Diagnosis(
                f"The gradient of {early.name} is {_times(largest.gradient / early.gradient)} "
                f"smaller than that of {largest.name}: it vanishes on its way back. Try ReLU, "
                "BatchNorm, or fewer sigmoids.",
                "vanishes",
            )
        if early.gradient > VANISHED * smallest.gradient:
            return Diagnosis(
                f"The gradient of {early.name} is {_times(early.gradient / smallest.gradient)} "
                f"larger than that of {smallest.name}: it grows on its way back. Try smaller "
                "initial weights or BatchNorm.",
                "grows",
            )
    return None


def _stuck(health: UnitHealth | None, *, passes: bool | None) -> Diagnosis | None:
    """Name the block of which most units do not answer to the sample any more.

    `passes` is whether gradients reach all blocks; before a step, units that answer pass them.
    """
    blocks = () if health is None else health.blocks
    stuck = [b for b in blocks if b.group == "Activation" and b.stuck > MANY_STUCK]
    if not stuck:
        return None
    worst = max(stuck, key=lambda block: block.stuck)
    saturated = 0.0 if worst.saturated is None else float(worst.saturated.mean())
    state: Trouble = "saturated" if saturated > worst.stuck / 2 else "dead"
    name = f"block {worst.number} ({worst.label})"
    share = f"{100 * worst.stuck:.0f} % of the units of {name} are {state}"
    advice = "Reset with a lower rate or other initial weights."
    if worst.stuck < 1 if passes is None else passes:
        words = f"{share}; the others pass gradients. If it stalls, {advice}"
        return Diagnosis(words, state, passes=True)
    return Diagnosis(f"{share}: hardly any gradient passes. {advice}", state)


def _hardly_moves(blocks: Sequence[_Typical]) -> Diagnosis | None:
    most = max(each.update for each in blocks)
    if most >= LOST_UPDATE:
        return None
    return Diagnosis(
        f"A step changes no block by more than {short(most, 2)} of its weights: nothing moves any "
        "more. It has learned what it can, or the learning rate is too low."
    )


def _well(blocks: Sequence[_Typical]) -> Diagnosis:
    first, last = blocks[0], blocks[-1]
    arrives = (
        f"The gradient of {first.name} is {short(first.gradient, 2)}"
        if len(blocks) == 1
        else f"Gradients reach all blocks: {short(last.gradient, 2)} in block "
        f"{last.block.number}, {short(first.gradient, 2)} in block {first.block.number}"
    )
    low, high = min(e.update for e in blocks), max(e.update for e in blocks)
    healthy = HEALTHY[0] <= low and high <= HEALTHY[1]
    span = short(high, 1) if high < 2 * low else f"{short(low, 1)} to {short(high, 1)}"
    judged = ", which is healthy" if healthy else f" (usual: about {short(USUAL_UPDATE, 1)})"
    return Diagnosis(f"{arrives}. Steps change weights by {span}{judged}.")


def _times(ratio: float) -> str:
    return f"{float(f'{ratio:.1g}'):,.0f} times" if ratio < 1e6 else f"{short(ratio, 1)} times"
