"""The coach on learning rates that are too high: what they ruin, and the ways back."""

from dataclasses import replace

import pytest

from engine.advice.coach import advise
from engine.advice.facts import Action, BlockSymptom, Epoch, Facts, Happened, Trouble
from tests.engine.advice.coaching import (
    EVEN,
    RISING,
    RUINED,
    TEN,
    assert_said,
    epochs,
    said,
    with_loss,
)

FAULT = "Training stopped in epoch 2, batch 3."
TEN_RUINED = TEN.with_changes(learning_rate=0.5)


@pytest.mark.parametrize(
    ("happened", "facts", "text", "action"),
    [
        (
            "epoch",
            Facts(TEN_RUINED, epochs=RUINED, best=RUINED[1], running=True),
            "The test accuracy fell from 98.20 % to 8.90 %, since the learning rate was raised "
            "from 0.1 to 0.5.",
            Action("best_epoch", "Back to epoch 2 with rate 0.1", value=0.1),
        ),
        (
            "over",
            Facts(TEN, epochs=(*RISING, *epochs(0.1, start=6)), best=RISING[-1], finished=True),
            "The test accuracy fell from 97.50 % to 10.00 %. A learning rate of 0.1 may be too "
            "high.",
            Action("best_epoch", "Back to epoch 5 with rate 0.01", value=0.01),
        ),
        (  # it was lowered since
            "over",
            Facts(TEN.with_changes(learning_rate=0.02), epochs=RUINED, best=RUINED[1]),
            "The test accuracy fell from 98.20 % to 8.90 %, since the learning rate was raised",
            Action("best_epoch", "Back to epoch 2"),
        ),
        (
            "over",
            Facts(
                TEN.with_changes(momentum=0.99),
                epochs=(RISING[-1], replace(RUINED[2], rate=0.1, momentum=0.99)),
                best=RISING[-1],
            ),
            "The test accuracy fell from 97.50 % to 11.00 %, since the momentum was raised from 0 "
            "to 0.99.",
            Action("best_epoch", "Back to epoch 5 with rate 0.001", value=0.001),
        ),
        (
            "over",
            Facts(
                TEN.with_changes(learning_rate=0.5, momentum=0.99),
                epochs=(RISING[-1], replace(RUINED[2], momentum=0.99)),
                best=RISING[-1],
            ),
            "The test accuracy fell from 97.50 % to 11.00 %, since the learning rate was raised "
            "from 0.1 to 0.5 and the momentum was raised from 0 to 0.99.",
            Action("best_epoch", "Back to epoch 5 with rate 0.001", value=0.001),
        ),
        (  # nothing was changed, and either may be to blame
            "over",
            Facts(
                TEN.with_changes(momentum=0.99),
                epochs=tuple(replace(each, momentum=0.99) for each in (RISING[-1], *epochs(0.11))),
                best=replace(RISING[-1], momentum=0.99),
            ),
            "The test accuracy fell from 97.50 % to 11.00 %. A learning rate of 0.1 with a "
            "momentum of 0.99 may be too high.",
            Action("best_epoch", "Back to epoch 5 with rate 0.01", value=0.01),
        ),
        (  # of another optimizer a rate says nothing
            "over",
            Facts(
                TEN.with_changes(learning_rate=0.2, optimizer="adam"),
                epochs=(RISING[-1], replace(RUINED[2], rate=0.2, optimizer="adam")),
                best=RISING[-1],
            ),
            "The test accuracy fell from 97.50 % to 11.00 %, since the optimizer was changed.",
            Action("best_epoch", "Back to epoch 5 with rate 0.001", value=0.001),
        ),
        (  # after a higher rate one bad epoch tells enough, and what vanishes is not to blame
            "epoch",
            Facts(
                TEN_RUINED,
                epochs=RUINED[:3],
                best=RUINED[1],
                running=True,
                symptom=BlockSymptom("vanishes", "block 1 (Conv 5, 3×3)"),
            ),
            "The test accuracy fell from 98.20 % to ",
            Action("best_epoch", "Back to epoch 2 with rate 0.1", value=0.1),
        ),
        (  # one bad epoch may be noise
            "epoch",
            Facts(TEN, epochs=(*RISING, *epochs(0.1, start=6)), best=RISING[-1], running=True),
            None,
            None,
        ),
        (
            "over",
            Facts(TEN.with_changes(learning_rate=50.0), fault=FAULT),
            "The numbers grew without end: a learning rate of 50 is too high here.",
            Action("reset", "Reset with rate 0.1", value=0.1),
        ),
        (  # it was raised within the first epoch
            "over",
            Facts(TEN.with_changes(learning_rate=50.0), first_rate=0.02, fault=FAULT),
            "The numbers grew without end: a learning rate of 50 is too high here. No epoch was "
            "whole, so no run is kept",
            Action("reset", "Reset with rate 0.02", value=0.02),
        ),
        (  # the one that memory has is better than what is kept
            "over",
            Facts(
                TEN.with_changes(learning_rate=50.0),
                epochs=epochs(0.5, 0.7, rate=0.03),
                best=epochs(0.5, 0.7, rate=0.03)[1],
                fault=FAULT,
                rewind=epochs(0.6, rate=0.03)[0],
            ),
            "The numbers grew without end: a learning rate of 50 is too high here. Epoch 2 was",
            Action("best_epoch", "Back to epoch 2 with rate 0.03", value=0.03),
        ),
        (  # its run may still have kept an epoch
            "over",
            Facts(TEN.with_changes(learning_rate=50.0), fault=FAULT, searching=True),
            "The numbers grew without end: a learning rate of 50 is too high here.",
            Action("setting", "Set the rate to 0.1", "learning_rate", 0.1),
        ),
        (  # no run has kept it, but memory has
            "over",
            Facts(
                TEN.with_changes(learning_rate=50.0),
                epochs=epochs(0.5, rate=0.03),
                best=epochs(0.5, rate=0.03)[0],
                fault=FAULT,
            ),
            "The numbers grew without end: a learning rate of 50 is too high here. Epoch 1 was",
            Action("best_epoch", "Back to epoch 1 with rate 0.03", value=0.03),
        ),
        (  # that only guesses
            "over",
            Facts(
                TEN.with_changes(learning_rate=50.0),
                epochs=epochs(0.1, rate=0.03),
                best=epochs(0.1, rate=0.03)[0],
                fault=FAULT,
            ),
            "The numbers grew without end: a learning rate of 50 is too high here. No good epoch",
            Action("reset", "Reset with rate 0.1", value=0.1),
        ),
        (  # it began with that rate
            "over",
            Facts(TEN.with_changes(learning_rate=50.0), first_rate=50.0, fault=FAULT),
            "The numbers grew without end: a learning rate of 50 is too high here.",
            Action("reset", "Reset with rate 0.1", value=0.1),
        ),
        (
            "over",
            Facts(TEN.with_changes(learning_rate=0.03, optimizer="adam"), fault=FAULT),
            "The numbers grew without end: a learning rate of 0.03",
            Action("reset", "Reset with rate 0.001", value=0.001),
        ),
        (
            "over",
            Facts(
                TEN.with_changes(learning_rate=50.0), fault=FAULT, rewind=epochs(0.9, start=12)[0]
            ),
            "The numbers grew without end: a learning rate of 50 is too high here. Epoch 12 is the "
            "best by test accuracy that is kept.",
            Action("rewind", "Back to epoch 12 with rate 0.1", value=0.1),
        ),
        (
            "over",
            Facts(
                TEN.with_changes(learning_rate=50.0),
                epochs=(Epoch(1, 0.5, 0.5, 0.5, 0.5, 0.03),),
                fault=FAULT,
                rewind=Epoch(1, 0.5, 0.5, 0.5, 0.5, 0.03),
            ),
            "The numbers grew without end: a learning rate of 50 is too high here. Epoch 1 is the "
            "best by test accuracy that is kept.",
            Action("rewind", "Back to epoch 1 with rate 0.03", value=0.03),
        ),
        (  # higher than usual, but it has worked
            "over",
            Facts(
                TEN.with_changes(learning_rate=50.0),
                fault=FAULT,
                rewind=epochs(0.9, rate=3.0)[0],
            ),
            "The numbers grew without end: a learning rate of 50 is too high here. Epoch 1 is",
            Action("rewind", "Back to epoch 1 with rate 3", value=3.0),
        ),
        (  # that it was finite does not mean that it has worked
            "over",
            Facts(
                TEN.with_changes(learning_rate=50.0),
                fault=FAULT,
                rewind=epochs(0.1, rate=50.0)[0],
            ),
            "The numbers grew without end: a learning rate of 50 is too high here. Epoch 1 is",
            Action("rewind", "Back to epoch 1 with rate 0.1", value=0.1),
        ),
        (
            "over",
            Facts(TEN.with_changes(momentum=0.99), fault=FAULT),
            "The numbers grew without end: a learning rate of 0.1 with a momentum of 0.99 is too "
            "high here.",
            Action("reset", "Reset with rate 0.001", value=0.001),
        ),
        (  # Adam has a momentum of its own
            "over",
            Facts(TEN.with_changes(momentum=0.99, optimizer="adam"), fault=FAULT),
            "The numbers grew without end: a learning rate of 0.1 is too high here.",
            Action("reset", "Reset with rate 0.001", value=0.001),
        ),
        (
            "went_back",
            Facts(TEN, best=RUINED[1]),
            "Back at epoch 2, with 98.20 % of the test images right. Lower the learning rate",
            Action("setting", "Set the rate to 0.01", "learning_rate", 0.01),
        ),
        (
            "went_back",
            Facts(TEN.with_changes(learning_rate=5.0), best=epochs(0.98, rate=0.02)[0]),
            "Back at epoch 1, with 98.00 % of the test images right. Lower the learning rate",
            Action("setting", "Set the rate to 0.02", "learning_rate", 0.02),
        ),
        (
            "went_back",
            Facts(TEN.with_changes(learning_rate=0.1), epochs=RUINED, best=RUINED[1]),
            "Back at epoch 2, with 98.20 % of the test images right. Train goes on from there, at "
            "the lower learning rate of 0.1.",
            None,
        ),
    ],
)
def test_what_is_said_of_steps_that_are_too_large(
    happened: Happened, facts: Facts, text: str | None, action: Action | None
) -> None:
    assert_said(happened, facts, text, action)


LEARNED = epochs(0.8, 0.9, rate=0.05)
HALF = replace(epochs(0.95, start=3, rate=1000.0)[0], lowest_rate=0.05)  # raised within it
HALF_LOWERED = replace(HALF, lowest_rate=1e-6)
DRASTIC = TEN.with_changes(learning_rate=1000.0)


@pytest.mark.parametrize(
    ("before", "rate"),
    [
        ((*LEARNED, HALF), 0.05),
        ((*LEARNED, HALF_LOWERED), 0.05),  # with its lowest no whole epoch has learned
        ((HALF,), 0.05),
        ((*epochs(0.1, 0.1, rate=0.2), HALF), 0.05),  # the rate of before has only guessed
        ((*epochs(0.9, rate=0.02), *epochs(0.6, start=2, rate=0.3), HALF), 0.02),  # 0.3 has ruined
        ((*LEARNED, replace(HALF, rate=5.0)), 0.05),
    ],
)
def test_a_raise_within_an_epoch_that_was_still_good_is_no_rate_to_go_back_with(
    before: tuple[Epoch, ...], rate: float
) -> None:
    best = before[-1]
    ruined = epochs(0.1, start=4, rate=1000.0)
    facts = Facts(DRASTIC, epochs=(*before, *ruined), best=best, running=True)
    advice = said("epoch", facts)
    lowest = best.lowest_rate
    assert advice.text.endswith(f", since the learning rate was raised from {lowest:g} to 1000.")
    assert advice.action == Action("best_epoch", f"Back to epoch 3 with rate {rate:g}", value=rate)
    exploded = said("over", replace(facts, epochs=before, fault=FAULT, rewind=best))
    assert exploded.action == Action("rewind", f"Back to epoch 3 with rate {rate:g}", value=rate)


def test_a_rate_that_was_good_and_then_ruined_gives_way_to_the_one_that_learned_before() -> None:
    best = epochs(0.95, start=3, rate=1.0)[0]
    facts = Facts(
        TEN.with_changes(learning_rate=1.0),
        epochs=(*LEARNED, best, *epochs(0.1, 0.1, start=4, rate=1.0)),
        best=best,
    )
    assert said("over", facts).action == Action(
        "best_epoch", "Back to epoch 3 with rate 0.05", value=0.05
    )
    lowered = replace(facts, settings=TEN.with_changes(learning_rate=0.02))
    assert said("over", lowered).action == Action(
        "best_epoch", "Back to epoch 3 with rate 0.02", value=0.02
    ), "it has been lowered by hand already"


def test_a_rate_that_ruined_and_was_not_lowered_enough_by_hand_is_set_by_the_way_back() -> None:
    epochs_now = (*LEARNED, *epochs(0.1, 0.1, start=3, rate=1000.0))
    facts = Facts(TEN.with_changes(learning_rate=500.0), epochs=epochs_now, best=LEARNED[-1])
    assert said("over", facts).action == Action(
        "best_epoch", "Back to epoch 2 with rate 0.05", value=0.05
    )


def test_a_start_within_an_epoch_is_not_called_that_epoch() -> None:
    start = replace(RUINED[1], is_within=True)
    facts = Facts(TEN_RUINED, epochs=(start, *RUINED[2:]), best=start)
    back = Action("best_epoch", "Back into epoch 3 with rate 0.1", value=0.1)
    assert said("over", facts).action == back
    exploded = said("over", replace(facts, fault=FAULT))
    assert exploded.text.endswith(" Within epoch 3 was the best by test accuracy.")
    assert exploded.action == back
    gone_back = said("went_back", replace(facts, settings=TEN))
    assert gone_back.text.startswith("Back within epoch 3, with 98.20 % of the test images right.")


def test_units_that_a_high_rate_has_saturated_are_why_a_gradient_vanishes() -> None:
    vanishes = BlockSymptom("vanishes", "block 1 (Conv 4, 3×3)")
    facts = Facts(
        TEN.with_changes(learning_rate=3.0),
        epochs=with_loss(1.07 * EVEN, 0.1, 3.0),
        symptom=vanishes,
        stuck=BlockSymptom("saturated", "block 5 (Sigmoid)"),
    )
    advice = said("over", facts)
    assert advice.text.startswith("Most units of block 5 (Sigmoid) are saturated")
    assert advice.action == Action("reset", "Reset with rate 0.1", value=0.1)
    lowered = replace(facts, settings=TEN.with_changes(learning_rate=0.03))
    assert said("over", lowered).action == Action("reset", "Reset with rate 0.03", value=0.03)
    usual = replace(facts, settings=TEN, epochs=with_loss(EVEN, 0.1, 0.1))
    assert said("over", usual).text.startswith("The gradient vanishes")
    dead = replace(facts, stuck=BlockSymptom("dead", "block 5 (ReLU)"))
    assert said("over", dead).text.startswith("The gradient vanishes")


@pytest.mark.parametrize(
    ("trouble", "rate", "is_reset"),
    [
        ("too_large", 50.0, True),
        ("too_large", 0.01, True),
        ("dead", 50.0, True),
        ("dead", 0.01, False),
        ("vanishes", 50.0, False),
    ],
)
def test_where_too_high_a_rate_has_taught_nothing_a_reset_is_offered(
    trouble: Trouble, rate: float, is_reset: bool
) -> None:
    guesses, knows = with_loss(EVEN, 0.1, rate), epochs(0.5, rate=rate)
    facts = Facts(
        TEN.with_changes(learning_rate=rate),
        epochs=guesses,
        symptom=BlockSymptom(trouble, "block 3 (Dense 100)"),
    )
    lower = "0.1" if rate == 50 else "0.001"
    expected = Action("reset", f"Reset with rate {lower}", value=float(lower))
    gradients = Action("panel", "Show gradients", "Gradients")
    assert said("over", facts).action == (expected if is_reset else gradients)
    going_on = said("epoch", replace(facts, running=True))
    assert (going_on.action, going_on.until) == (gradients, 0.9), "it may not be edited"
    learned = advise("over", replace(facts, epochs=knows))
    if trouble == "dead":
        assert learned is None, "the other units learn"
    else:
        assert learned is not None
        assert learned.action == gradients
    assert said("over", replace(facts, epochs=())).action == gradients
