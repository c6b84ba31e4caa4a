"""Learning rates: what made steps too large, in words, and which rate to go on with."""

from engine.advice.facts import Epoch, Facts, pace_of, usual_rate

_STRONG = 0.9  # momentum that makes as much of a step as the learning rate does


def changed_pace(before: Epoch, after: Epoch) -> str:
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


def pace_words(rate: float, momentum: float) -> str:
    """Name what decides how large steps are."""
    strong = f" with a momentum of {momentum:g}" if momentum >= _STRONG else ""
    return f"a learning rate of {rate:g}{strong}"


def rate_after(good: Epoch | None, facts: Facts) -> float:
    """Choose the rate to go on with from a good epoch: the one of then, if that was raised."""
    rate, momentum, optimizer = pace_of(facts.settings)
    if good is None or good.optimizer != optimizer:
        return lower_rate(facts)
    if good.momentum < momentum or good.test_accuracy < facts.chance:
        return min(lower_rate(facts), good.rate)
    return good.rate if good.rate < rate else rounded(rate / 10)  # with which it did learn


def lower_rate(facts: Facts) -> float:
    """Choose a rate that is clearly lower, and not above the usual one."""
    return min(rounded(facts.settings.learning_rate / 10), facts.usual_rate)


def start_rate(facts: Facts) -> float:
    """Choose the rate to begin again with: the present one, if it was lowered to a usual one."""
    rate, fastest = facts.settings.learning_rate, max(facts.epochs, key=times_usual)
    return rate if rate < fastest.rate and rate <= facts.usual_rate else lower_rate(facts)


def was_fast(facts: Facts) -> bool:
    """Return whether some epoch had a rate above the usual one."""
    return any(times_usual(each) > 1 for each in facts.epochs)


def times_usual(epoch: Epoch) -> float:
    """Return by what factor the rate of an epoch is above the usual one."""
    return epoch.rate / usual_rate(epoch.momentum, epoch.optimizer)


def rounded(rate: float) -> float:
    """Round a rate to one digit, within the limits of the setting."""
    return float(f"{min(max(rate, 1e-8), 1000.0):.0e}")
