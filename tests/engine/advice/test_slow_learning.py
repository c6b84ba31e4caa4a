"""Which rate is usual, and what is said of a network that learns nothing, slowly or still."""

from dataclasses import replace

import pytest

from engine.advice.coach import advise
from engine.advice.facts import Action, BlockSymptom, Epoch, Facts, Trouble
from engine.advice.slow_learning import stalls
from engine.model.settings import Settings
from tests.engine.advice.coaching import TEN, assert_said, epochs, said

SLOW = epochs(0.15, 0.17, 0.2, 0.22, 0.25, 0.28)
TRAIN_ON = Facts(TEN, epochs=SLOW, best=SLOW[-1], finished=True, train_word="6 more epochs")


@pytest.mark.parametrize(
    ("changes", "rate"),
    [
        ({}, 0.1),
        ({"batch_size": 32}, 0.1),
        ({"loss": "bce", "batch_size": 32}, 1.0),
        ({"loss": "mse", "batch_size": 512}, 1.0),
        ({"loss": "bce", "batch_size": 1}, 0.2),
        ({"loss": "bce", "batch_size": 8}, 0.5),
        ({"loss": "bce", "classes": (0, 1)}, 0.1),
        ({"loss": "bce", "classes": (0, 1), "batch_size": 32}, 0.2),
        ({"loss": "mse", "classes": tuple(range(1000)), "batch_size": 32}, 1.0),
        ({"loss": "bce", "batch_size": 32, "momentum": 0.9}, 0.1),
        ({"loss": "bce", "batch_size": 32, "optimizer": "adam"}, 0.001),
        ({"momentum": 0.9, "optimizer": "adamw"}, 0.001),
    ],
)
def test_which_rate_is_usual(changes: dict[str, object], rate: float) -> None:
    """The rates with which small networks learned well in twelve epochs of 1,000 digits."""
    assert Facts(TEN.with_changes(**changes)).usual_rate == rate


def test_a_reset_after_a_ruin_takes_the_usual_rate_of_that_loss() -> None:
    settings = TEN.with_changes(loss="bce", batch_size=32, learning_rate=1000.0)
    exploded = said("over", Facts(settings, fault="Training stopped."))
    assert exploded.action == Action("reset", "Reset with rate 1", value=1.0)


@pytest.mark.parametrize(
    ("settings", "usual"),
    [
        (TEN.with_changes(learning_rate=0.01), 0.1),
        (TEN.with_changes(loss="bce", batch_size=32), 1.0),
        (TEN.with_changes(optimizer="adam", learning_rate=0.0005), 0.001),
    ],
)
def test_what_falls_slowly_at_a_low_rate_is_told_a_higher_one(
    settings: Settings, usual: float
) -> None:
    facts = replace(TRAIN_ON, settings=settings)
    rate = facts.settings.learning_rate
    assert said("over", facts).text == (
        "Finished: 28.00 % of the test images are right, and the loss falls slowly. A learning "
        f"rate of {rate:g} may be too low: try {usual:g}."
    )
    expected = Action("setting", f"Set the rate to {usual:g}", "learning_rate", usual)
    assert said("over", facts).action == expected


def test_what_still_falls_at_a_usual_rate_is_not_finished() -> None:
    on = said("over", TRAIN_ON)
    assert on.text == (
        "Finished: 28.00 % of the test images are right, and the loss still falls. Click 6 more "
        "epochs to go on."
    )
    assert on.action is None
    assert advise("over", replace(TRAIN_ON, finished=False)) is None, "who stopped it knows why"


def loss_of(*losses: float) -> tuple[Epoch, ...]:
    """Return epochs of one accuracy with these losses, in training and test."""
    found = epochs(*[0.5] * len(losses))
    return tuple(
        replace(each, loss=loss, test_loss=loss) for each, loss in zip(found, losses, strict=True)
    )


@pytest.mark.parametrize(
    ("losses", "falls"),
    [
        ((0.6, 0.59, 0.58, 0.57, 0.56, 0.55), True),
        ((0.6, 0.59, 0.6, 0.57, 0.56, 0.55), True),
        ((0.6, 0.61, 0.58, 0.59, 0.56, 0.55), False),  # steps are too large already
        ((0.5, 0.5, 0.5, 0.5, 0.5, 0.5), False),
        ((0.6, 0.59, 0.58, 0.57, 0.56), False),  # too few to tell
    ],
)
def test_whether_the_loss_still_falls(losses: tuple[float, ...], falls: bool) -> None:
    facts = replace(TRAIN_ON, epochs=loss_of(*losses))
    assert (" still falls." in said("over", facts).text) == falls


def test_what_falls_in_training_alone_or_is_good_is_finished() -> None:
    by_heart = tuple(replace(each, test_loss=0.9) for each in SLOW)
    assert "Look at its mistakes" in said("over", replace(TRAIN_ON, epochs=by_heart)).text
    good = epochs(0.8, 0.82, 0.84, 0.86, 0.88, 0.9)
    assert "Look at its mistakes" in said("over", replace(TRAIN_ON, epochs=good)).text


def test_a_network_that_guesses_at_a_low_rate_is_told_the_usual_one() -> None:
    settings = TEN.with_changes(loss="bce", batch_size=32, learning_rate=0.001)
    assert_said(
        "over",
        Facts(settings, epochs=epochs(*[0.1] * 5), finished=True),
        "After 5 epochs it still guesses between 10 classes (10.00 % right). Try a higher",
        Action("setting", "Set the rate to 1", "learning_rate", 1.0),
    )


@pytest.mark.parametrize("trouble", ["dead", "saturated"])
def test_units_that_are_stuck_matter_where_the_network_does_not_learn(trouble: Trouble) -> None:
    symptom = BlockSymptom(trouble, "block 3 (ReLU)")
    learns = Facts(TEN, epochs=loss_of(0.9, 0.8, 0.7, 0.6, 0.5, 0.4), symptom=symptom)
    assert not stalls(learns)
    assert advise("over", learns) is None
    stands = replace(learns, epochs=loss_of(0.9, 0.4, 0.4, 0.4, 0.399, 0.4, 0.4))
    assert stalls(stands)
    assert said("over", stands).text.startswith("Most units of block 3 (ReLU) are ")
    guesses = replace(learns, epochs=epochs(0.1, 0.1))
    assert said("over", guesses).text.startswith("Most units of block 3 (ReLU) are ")
