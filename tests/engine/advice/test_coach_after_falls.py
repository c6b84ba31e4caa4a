"""The coach on what was ruined and then trained on by hand: the steps that ruined it are blamed."""

from dataclasses import replace

import pytest

from engine.advice.facts import Action, Facts, Fall, Pace
from tests.engine.advice.coaching import RISING, RUINED, TEN, epochs, known, said

FAULT = "Training stopped in epoch 2, batch 3."
SINCE = "The test accuracy fell from 98.20 % to 8.90 %, since the learning rate was raised from 0.1"
BY_HAND = tuple(replace(each, rate=0.1) for each in epochs(0.1, 0.089, start=5))


@pytest.mark.parametrize(
    ("change", "rate"),
    [
        ({}, 0.1),
        ({"learning_rate": 0.05}, None),  # that is lower than the one that did learn
        ({"learning_rate": 0.2}, 0.1),
        ({"momentum": 0.9}, 0.01),
        ({"optimizer": "adam"}, 0.001),
    ],
)
def test_a_ruin_that_was_answered_by_hand_is_laid_to_what_was_raised(
    change: dict[str, object], rate: float | None
) -> None:
    settings = TEN.with_changes(**change)
    facts = known(Facts(settings, epochs=(*RUINED, *BY_HAND), best=RUINED[1]))
    ruined = said("over", facts)
    assert ruined.text == f"{SINCE} to 0.5."
    words = "" if rate is None else f" with rate {rate:g}"
    assert ruined.action == Action("best_epoch", f"Back to epoch 2{words}", value=rate)
    assert said("epoch", replace(facts, running=True, epochs=facts.epochs[:-1])).text == (
        ruined.text.replace("8.90", "10.00")
    ), "one bad epoch tells enough where what is to blame is known"


def test_after_a_ruin_that_was_answered_by_hand_the_rate_that_did_learn_is_low_enough() -> None:
    facts = known(Facts(TEN, epochs=(*RUINED, *BY_HAND), best=RUINED[1]))
    back = said("went_back", facts)
    assert back.text.endswith("Train goes on from there, at the lower learning rate of 0.1.")
    assert back.action is None
    strong = tuple(replace(each, rate=0.1, momentum=0.999) for each in RUINED[2:])
    facts = known(Facts(TEN, epochs=(*RUINED[:2], *strong, *BY_HAND), best=RUINED[1]))
    assert said("over", facts).action == Action(
        "best_epoch", "Back to epoch 2 with rate 0.1", value=0.1
    )
    assert said("went_back", facts).text.endswith("from there, at a learning rate of 0.1.")


def test_a_rate_that_ruined_and_was_lowered_by_hand_is_not_lowered_again() -> None:
    fell = (*RISING, *epochs(0.1, start=6), *epochs(0.1, start=7, rate=0.02))
    facts = Facts(TEN.with_changes(learning_rate=0.02), epochs=fell, best=RISING[-1])
    ruined = said("over", facts)
    assert ruined.text.endswith("to 10.00 %. A learning rate of 0.1 may be too high.")
    assert ruined.action == Action("best_epoch", "Back to epoch 5 with rate 0.02", value=0.02)


@pytest.mark.parametrize("rewind", [2, 1_000, 0])
def test_an_explosion_after_another_that_was_answered_by_hand_is_laid_to_that(
    rewind: int,
) -> None:
    settings = TEN.with_changes(learning_rate=0.01, momentum=0.9)
    good = tuple(replace(each, rate=0.01, momentum=0.9) for each in RUINED[:2])
    fall = Fall(Pace(30.0, 0.9, "sgd"), "the learning rate was raised from 0.01 to 30", good[1])
    kept = replace(good[1], number=rewind) if rewind else None
    facts = Facts(settings, epochs=good, best=good[1], fall=fall, fault=FAULT, rewind=kept)
    exploded = said("over", facts)
    assert exploded.text.startswith(
        "The numbers grew without end: a learning rate of 30 with a momentum of 0.9 had ruined the "
        "weights before. Epoch "
    )
    assert exploded.action is not None
    assert exploded.action.label == f"Back to epoch {rewind or 2:,} with rate 0.01"
    nothing = said("over", replace(facts, epochs=(), best=None, rewind=None))
    assert nothing.action == Action("reset", "Reset with rate 0.01", value=0.01)
    higher = replace(facts, settings=settings.with_changes(learning_rate=900.0))
    assert "a learning rate of 900 with a momentum of 0.9 is too" in said("over", higher).text
