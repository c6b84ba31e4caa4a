"""Learning rates: what made steps too large, in words, and which rate to go on with."""

from itertools import accumulate

from engine.advice.facts import Epoch, Facts, Pace, has_fallen, pace_of, usual_rate
from engine.model.settings import Settings
from engine.training.best_epoch import ranking_key

_STRONG = 0.9  # momentum that makes as much of a step as the learning rate does


def changed_pace(before: Pace, after: Pace) -> str:
    """Say what makes steps larger than before; empty: nothing that is known."""
    if before.optimizer != after.optimizer:
        return "the optimizer was changed"
    raised = (
        f"the {name} was raised from {old:g} to {new:g}"
        for name, old, new in (
            ("learning rate", before.rate, after.rate),
            ("momentum", before.momentum, after.momentum),
        )
        if new > old
    )
    return " and ".join(raised)


def pace_words(pace: Pace) -> str:
    """Name what decides how large steps are."""
    strong = f" with a momentum of {pace.momentum:g}" if pace.momentum >= _STRONG else ""
    return f"a learning rate of {pace.rate:g}{strong}"


def blamed_pace(facts: Facts) -> Pace:
    """Return what has made steps too large: that of now, unless a larger one was before."""
    now = pace_of(facts.settings)
    if facts.fall is None:
        return now
    return max(now, facts.fall.pace, key=lambda pace: times_usual(pace, facts.settings))


def rate_after(good: Epoch | None, facts: Facts) -> float:
    """Choose the rate to go on with from a good epoch: the one of then, if steps became larger.

    A rate that was changed within the epoch is none that it did learn with.
    """
    now, blamed = pace_of(facts.settings), blamed_pace(facts)
    if good is None or good.optimizer != now.optimizer:
        return lower_rate(facts)
    lowest = good.lowest_pace
    if good.momentum < now.momentum or good.test_accuracy < facts.chance:
        return min(lower_rate(facts), lowest.rate)
    if good.lowest_rate is None and changed_pace(good.pace, blamed):
        return good.rate
    learned = _rates_that_learned(good, facts)
    if learned:
        return min(learned[-1], now.rate)
    if changed_pace(lowest, blamed):
        return lowest.rate
    return now.rate if now.rate < blamed.rate else rounded(now.rate / 10)


def _rates_that_learned(good: Epoch, facts: Facts) -> list[float]:
    """List the rates, below what is to blame, that have made no epoch up to a good one worse."""
    now, blamed = pace_of(facts.settings), blamed_pace(facts)
    epochs = [each for each in facts.epochs if each.number <= good.number]
    best_yet = accumulate(epochs, lambda *two: max(two, key=ranking_key))
    return [
        each.rate
        for each, best in zip(epochs, best_yet, strict=True)
        if each.lowest_rate is None
        and each.rate < blamed.rate
        and each.optimizer == now.optimizer
        and each.momentum >= now.momentum
        and each.test_accuracy > facts.chance
        and not has_fallen(each, best)
    ]


def lower_rate(facts: Facts) -> float:
    """Choose a rate that is clearly lower, and not above the usual one.

    It is the present one, if that was lowered to a usual one since steps were too large.
    """
    now = pace_of(facts.settings)
    times, blamed = (times_usual(pace, facts.settings) for pace in (now, blamed_pace(facts)))
    if times <= 1 and times < blamed:
        return now.rate
    return min(rounded(now.rate / 10), facts.usual_rate)


def start_rate(facts: Facts) -> float:
    """Choose the rate to begin again with: the present one, if it was lowered to a usual one."""
    rate, fastest = facts.settings.learning_rate, fastest_pace(facts)
    return rate if rate < fastest.rate and rate <= facts.usual_rate else lower_rate(facts)


def fastest_pace(facts: Facts) -> Pace:
    """Return what made the largest steps of all that are known."""
    return max(_paces(facts), key=lambda pace: times_usual(pace, facts.settings))


def was_fast(facts: Facts) -> bool:
    """Return whether some steps were made with a rate above the usual one."""
    return any(times_usual(pace, facts.settings) > 1 for pace in _paces(facts))


def _paces(facts: Facts) -> list[Pace]:
    """List what the epochs were made with, and what has exploded within one that was not whole."""
    fall = [] if facts.fall is None else [facts.fall.pace]
    return [*(epoch.pace for epoch in facts.epochs), *fall]


def times_usual(pace: Pace, settings: Settings) -> float:
    """Return by what factor a rate is above the usual one."""
    return pace.rate / usual_rate(pace, settings)


def rounded(rate: float) -> float:
    """Round a rate to one digit, within the limits of the setting."""
    return float(f"{min(max(rate, 1e-8), 1000.0):.0e}")
