"""What the coach says of answers that are worse than guesses, or no better."""

import math
from dataclasses import replace

import pytest

from engine.advice.coach import advise
from engine.advice.facts import Action, BlockSymptom, Facts, Fall, Pace, Trouble
from tests.engine.advice.coaching import EVEN, TEN, said, with_loss


@pytest.mark.parametrize("trouble", [None, "vanishes", "saturated", "too_large"])
def test_answers_that_are_worse_than_guesses_are_laid_to_the_rate(trouble: Trouble | None) -> None:
    symptom = None if trouble is None else BlockSymptom(trouble, "block 1 (Conv 4, 3×3)")
    facts = Facts(
        TEN.with_changes(learning_rate=100.0),
        first_loss=EVEN,
        epochs=with_loss(2 * EVEN, 0.1, 100.0),
        symptom=symptom,
    )
    worse = said("over", facts)
    assert worse.text.startswith("A learning rate of 100 is too high here: the answers are worse")
    assert worse.action == Action("reset", "Reset with rate 0.1", value=0.1)
    assert worse.until == facts.chance
    going_on = said("epoch", replace(facts, running=True))
    assert (going_on.text, going_on.action) == (worse.text, None), "it may not be edited"
    lowered = TEN.with_changes(learning_rate=0.05)
    assert said("over", replace(facts, settings=lowered)).action == Action(
        "reset", "Reset with rate 0.05", value=0.05
    )
    later = (*facts.epochs, replace(facts.epochs[0], number=2, rate=0.05))
    assert said("over", replace(facts, settings=lowered, epochs=later)).cause == worse.cause, (
        "what was wrecked is not mended by a lower rate"
    )


def test_a_rate_that_exploded_before_is_blamed_though_no_epoch_was_made_with_it() -> None:
    exploded = Fall(Pace(1000.0, 0.0, "sgd"), "", None)
    by_hand = TEN.with_changes(learning_rate=0.05)
    epochs = with_loss(2 * EVEN, 0.1, 0.05)
    worse = said("over", Facts(by_hand, first_loss=EVEN, epochs=epochs, fall=exploded))
    assert worse.text.startswith("A learning rate of 1000 is too high here: the answers are worse")
    assert worse.action == Action("reset", "Reset with rate 0.05", value=0.05)


def test_what_only_guesses_or_begins_far_off_is_not_laid_to_the_rate() -> None:
    symptom = BlockSymptom("vanishes", "block 2 (Dense 10)")
    deep = Facts(
        TEN.with_changes(learning_rate=3.0),
        first_loss=EVEN,
        epochs=with_loss(EVEN, 0.1, 3.0),
        symptom=symptom,
    )
    assert said("over", deep).text.startswith("The gradient vanishes")
    slow = Facts(TEN, first_loss=EVEN, epochs=with_loss(9 * EVEN, 0.1, 0.1), symptom=symptom)
    assert said("over", slow).text.startswith("The gradient vanishes"), "its rate is a usual one"
    far = replace(deep, first_loss=20 * EVEN, epochs=with_loss(9 * EVEN, 0.1, 3.0))
    assert said("over", far).text.startswith("The gradient vanishes"), "its loss falls"
    unknown = replace(far, first_loss=None)
    assert said("over", unknown).text.startswith("The gradient vanishes")
    knows = Facts(TEN.with_changes(learning_rate=3.0), epochs=with_loss(2 * EVEN, 0.5, 3.0))
    assert advise("over", knows) is None


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("bce", -(0.1 * math.log(0.1) + 0.9 * math.log(0.9))),
        ("cross_entropy", EVEN),
        ("mse", 0.1 * 0.9),
    ],
)
def test_the_loss_of_a_network_that_only_guesses(loss: str, expected: float) -> None:
    assert Facts(TEN.with_changes(loss=loss)).even_loss == pytest.approx(expected, rel=1e-5)
