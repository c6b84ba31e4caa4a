"""Compare what two networks said of the same test samples, and how far repeated runs lie apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.runs.predictions import RunPredictions

UNLIKELY = 0.05  # a difference that chance alone makes more rarely is called real

Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SideBySide:
    """Where two networks were right: places in the test part, ascending, in four groups."""

    both_right: Places
    only_first: Places
    only_second: Places
    both_wrong: Places

    @property
    def p_value(self) -> float:
        """How often chance alone would make such a difference, or a larger one."""
        return mcnemar(len(self.only_first), len(self.only_second))

    @property
    def caveat(self) -> str:
        """Say what a real difference does not mean; empty if there is none."""
        if self.p_value >= UNLIKELY:
            return ""
        return (
            "That is said of these two networks, not of their settings: another seed may change as "
            "much."
        )

    def sentence(self, first: str, second: str) -> str:
        """Say whether one of two networks of these names is better than the other."""
        wins, losses = len(self.only_first), len(self.only_second)
        differ = wins + losses
        if not differ:
            return f"{first} and {second} are right on the same images."
        better, more = (first, wins) if wins >= losses else (second, losses)
        on_which = f"the {differ:,} images on which they differ"
        if differ == 1:
            on_which = "the one image on which they differ"
        told = f"Of {on_which}, {better} is right on {more:,}"
        if wins == losses:
            return f"{told}, and so is the other: neither is better."
        chance = f"chance alone would make such a difference in {_percent(self.p_value)} of cases"
        if self.p_value < UNLIKELY:
            return f"{told}: {chance}, so it is better on images like these."
        return f"{told}: {chance}, so it may be no better."


@dataclass(frozen=True)
class Spread:
    """How far values lie apart; the deviation is that of a sample, None for a single value."""

    count: int
    mean: float
    deviation: float | None
    lowest: float
    highest: float


def side_by_side(first: RunPredictions, second: RunPredictions) -> SideBySide:
    """Sort the test samples by who was right after the last epoch.

    They must be of the same samples, see `why_other_samples`; those are compared of which both
    have predictions.
    """
    places, one, other = np.intersect1d(
        first.samples.places, second.samples.places, assume_unique=True, return_indices=True
    )
    right = first.right[-1][one]
    also = second.right[-1][other]
    groups = (right & also, right & ~also, ~right & also, ~right & ~also)
    return SideBySide(*(places[group] for group in groups))


def why_other_samples(first: RunPredictions, second: RunPredictions) -> str:
    """Say why two runs cannot be compared image by image; empty if they can be."""
    if not len(first.epochs) or not len(second.epochs):
        return "One of them has kept no predictions of any epoch."
    if first.samples.digest == second.samples.digest:
        return ""
    return (
        "These runs were tested on other images, or on the same in another size or colour, so "
        "they cannot be compared image by image."
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the two-sided p-value of McNemar's exact test.

    If neither of two networks is better, each is right with probability 1/2 on a sample on which
    one alone is right. The value is the probability of a split as uneven as this one, or more so.
    """
    from scipy.special import bdtr

    differ = only_first + only_second
    return min(1.0, 2 * float(bdtr(min(only_first, only_second), differ, 0.5)))


def spread(values: Sequence[float]) -> Spread:
    """Return the mean of some values, at least one, and how far they lie apart."""
    deviation = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return Spread(len(values), float(np.mean(values)), deviation, min(values), max(values))


def _percent(share: float) -> str:
    """Write a share so that a small one is not 0."""
    if share < 0.0001:
        return "less than 0.01 %"
    return f"{100 * share:.2g} %" if share < 0.995 else "100 %"
