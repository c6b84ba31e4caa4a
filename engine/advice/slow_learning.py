"""What the coach says of a network that learns nothing, or slowly, and may learn more."""

from itertools import pairwise

from engine.advice.coach_actions import set_rate
from engine.advice.facts import Advice, Facts
from engine.advice.learning_rates import rounded
from engine.text.words import percent

LAST_EPOCHS = 5  # that tell whether the loss still falls
GOOD = 0.9  # a network that has so many right is not told that it learns slowly
_CLEARLY = 0.99  # times the lowest loss before
_LOW = 0.5  # times the usual rate


def at_chance(facts: Facts) -> Advice | None:
    """Tell of a network that still guesses after some epochs."""
    epochs, last = facts.epochs, facts.last
    if last is None or len(epochs) < LAST_EPOCHS:
        return None
    shares = [max(each.test_accuracy, each.accuracy) for each in epochs]
    if max(sum(shares) / len(shares), shares[-1]) > facts.chance:  # a better one may be luck
        return None
    rate, usual = facts.settings.learning_rate, facts.usual_rate
    other = usual if rate > 3 * usual or rate <= _LOW * usual else rounded(10 * rate)
    return Advice(
        f"chance: {facts.run}",
        f"After {last.number:,} epochs it still guesses between {len(facts.settings.classes)} "
        f"classes ({percent(last.test_accuracy)} right). Try a "
        f"{'lower' if other < rate else 'higher'} learning rate, after a Reset.",
        set_rate(other),
        until=facts.chance,
    )


def learns_on(facts: Facts) -> Advice | None:
    """Tell of a network that has not learned enough at its end, and gets better with each epoch.

    Steps that are too large make a loss go up and down; where it falls and falls, they may be
    larger, unless their rate is a usual one already.
    """
    last = facts.last
    if not facts.finished or last is None or max(last.accuracy, last.test_accuracy) >= GOOD:
        return None
    if not _falls(facts):
        return None
    right = f"Finished: {percent(last.test_accuracy)} of the test images are right, and the loss"
    rate, usual = facts.settings.learning_rate, facts.usual_rate
    if rate > _LOW * usual:
        return Advice(
            f"on: {facts.run}", f"{right} still falls. Click {facts.train_word} to go on."
        )
    return Advice(
        f"slowly: {facts.run}",
        f"{right} falls slowly. A learning rate of {rate:g} may be too low: try {usual:g}.",
        set_rate(usual),
    )


def stalls(facts: Facts) -> bool:
    """Return whether the loss has not clearly fallen in the last epochs."""
    losses = [each.loss for each in facts.epochs]
    before, recent = losses[:-LAST_EPOCHS], losses[-LAST_EPOCHS:]
    return bool(before) and min(recent) > _CLEARLY * min(before)


def _falls(facts: Facts) -> bool:
    """Return whether the loss fell in all of the last epochs but one, and that of the test."""
    recent = facts.epochs[-LAST_EPOCHS - 1 :]
    if len(recent) <= LAST_EPOCHS or recent[-1].test_loss >= recent[0].test_loss:
        return False
    falls = [later.loss < each.loss for each, later in pairwise(recent)]
    return falls.count(False) <= 1
