"""What the buttons of the coach offer, with the words on them."""

from typing import Literal

from engine.advice.facts import Action, Epoch


def set_rate(rate: float) -> Action:
    """Offer another learning rate."""
    return Action("setting", f"Set the rate to {rate:g}", "learning_rate", rate)


def reset(rate: float) -> Action:
    """Offer to begin again with another learning rate."""
    return Action("reset", f"Reset with rate {rate:g}", value=rate)


def to_best(best: Epoch, rate: float | None = None) -> Action:
    """Offer the best epoch, which is in memory, with the learning rate if one is given."""
    place = f"into epoch {best.number + 1:,}" if best.is_within else f"to {best.place}"
    return _go_back("best_epoch", place, rate)


def to_kept(kept: Epoch, rate: float) -> Action:
    """Offer an epoch that a run has kept, with a learning rate."""
    return _go_back("rewind", f"to {kept.place}", rate)


def _go_back(kind: Literal["best_epoch", "rewind"], place: str, rate: float | None) -> Action:
    lower = "" if rate is None else f" with rate {rate:g}"
    return Action(kind, f"Back {place}{lower}", value=rate)
