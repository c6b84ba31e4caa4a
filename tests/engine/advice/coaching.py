"""Epochs that the coach may know of, and what it says of them."""

import math
from dataclasses import replace

from engine.advice.accuracy_falls import FallWatch
from engine.advice.coach import advise
from engine.advice.facts import Action, Advice, Epoch, Facts, Happened
from engine.model.settings import Settings

TEN = Settings(classes=tuple(range(10)), limit=100, loss="cross_entropy")
EVEN = math.log(10)  # the loss of a network that only guesses between ten classes


def epochs(
    *accuracies: float, start: int = 1, train: float | None = None, rate: float = 0.1
) -> tuple[Epoch, ...]:
    """Make epochs of which the test loss falls as the test accuracy rises."""
    return tuple(
        Epoch(number, 1 - share, share if train is None else train, 1 - share, share, rate)
        for number, share in enumerate(accuracies, start)
    )


def with_loss(test_loss: float, accuracy: float, rate: float) -> tuple[Epoch, ...]:
    return tuple(replace(each, test_loss=test_loss) for each in epochs(accuracy, rate=rate))


RISING = epochs(0.7, 0.8, 0.9, 0.95, 0.975)
RUINED = (*epochs(0.9, 0.982), *epochs(0.11, 0.089, start=3, rate=0.5))


def known(facts: Facts) -> Facts:
    """Tell of the fall that is in the epochs, as whoever follows a training does."""
    watch, best = FallWatch(), facts.best
    numbers = [epoch.number for epoch in facts.epochs]
    if best is not None and best.number in numbers:
        for epoch in facts.epochs[numbers.index(best.number) :]:
            watch.add(epoch, best, facts.chance)
    return replace(facts, fall=facts.fall or watch.fall)


def said(happened: Happened, facts: Facts, *silent: str) -> Advice:
    advice = advise(happened, known(facts), silent)
    assert advice is not None
    assert advice.text[0].isupper()
    assert advice.text.endswith((".", "?"))
    return advice


def assert_said(happened: Happened, facts: Facts, text: str | None, action: Action | None) -> None:
    """Assert how what is said begins, and what its button does; None: there is none."""
    advice = advise(happened, known(facts))
    assert (None if advice is None else advice.text[: len(text or "")]) == text
    assert (None if advice is None else advice.action) == action
