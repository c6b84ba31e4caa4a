"""The coach: what it says of facts in a table, before a run and after it."""

from dataclasses import replace

import pytest

from engine.advice.coach import advise
from engine.advice.facts import Action, Advice, BlockSymptom, Epoch, Facts, Happened, Trouble
from engine.model.settings import Settings
from tests.engine.advice.coaching import RISING, TEN, assert_said, epochs, said

MISTAKES = Action(
    "panel",
    "Confusion matrix",
    "Confusion matrix",
    in_view="A click in the confusion matrix shows the images of a cell.",
)
DRAW = Action("panel", "Draw", "Draw", in_view="Draw one with the mouse.")


def with_losses(share: float, *losses: float) -> tuple[Epoch, ...]:
    """Return epochs after RISING with one test accuracy and these test losses."""
    found = epochs(*[share] * len(losses), start=len(RISING) + 1)
    return tuple(replace(each, test_loss=loss) for each, loss in zip(found, losses, strict=True))


def validated(*shares: float) -> tuple[Epoch, ...]:
    """Return epochs of these validation accuracies, which the test samples contradict."""
    found = epochs(*[1 - share for share in shares])
    return tuple(
        replace(each, validation_accuracy=share, validation_loss=1 - share)
        for each, share in zip(found, shares, strict=True)
    )


@pytest.mark.parametrize(
    ("happened", "facts", "text", "action"),
    [
        ("opened", Facts(TEN), None, None),
        ("opened", Facts(TEN, slow=True), "Click Train: the first steps are shown", None),
        (
            "opened",
            Facts(TEN, data_problem="There is no data."),
            "There is no data.",
            Action("input", "Choose data", "dataset"),
        ),
        (
            "opened",
            Facts(TEN, data_problem="It was not used here before.", unread=True),
            "It was not used here before.",
            Action("panel", "Show data", "Data"),
        ),
        (
            "opened",
            Facts(TEN, slow=True, offer=Advice("tour", "New here?", Action("tour", "Start"))),
            "New here?",
            Action("tour", "Start"),
        ),
        ("started", Facts(TEN), None, None),
        (
            "started",
            Facts(TEN, slow=True, cautions=("It may never learn.",)),
            "Slow motion",
            Action("speed", "Full speed now", value="full"),
        ),
        ("started", Facts(TEN, cautions=("It may never learn.",)), "It may never learn.", None),
        ("epoch", Facts(TEN, epochs=RISING, best=RISING[-1], running=True), None, None),
        (
            "over",
            Facts(TEN, epochs=RISING, best=RISING[-1], finished=True),
            "Finished: 97.50 % of the test images are right. Look at its mistakes.",
            MISTAKES,
        ),
        (
            "over",
            Facts(TEN, epochs=RISING, best=RISING[-1], finished=True, before=0.931),
            "Finished: 97.50 % of the test images are right, 4.4 points more than in the run "
            "before",
            MISTAKES,
        ),
        (
            "over",
            Facts(TEN, epochs=RISING, best=RISING[-1], finished=True, before=0.985),
            "Finished: 97.50 % of the test images are right, 1 point fewer than",
            MISTAKES,
        ),
        (
            "over",
            Facts(TEN, epochs=epochs(0.9, 1.0), finished=True, before=1.0),
            "Finished: 100 % of the test images are right, as many as in the run before.",
            DRAW,
        ),
        (
            "over",
            Facts(TEN, epochs=epochs(0.9, 1.0), finished=True, before=1.0, before_name="epoch 3"),
            "Finished: 100 % of the test images are right, as many as in epoch 3. Does it also "
            "know one that you draw?",  # whatever the images show
            DRAW,
        ),
        ("opened", Facts(TEN, slow=True, train_word="Train on"), "Click Train on: the first", None),
        ("over", Facts(TEN, epochs=RISING, best=RISING[-1]), None, None),
        (
            "over",
            Facts(TEN, epochs=RISING, best=RISING[-1], finished=True, ended_early="It is right."),
            "Finished early. It is right.",
            MISTAKES,
        ),
        (
            "over",
            Facts(TEN, epochs=RISING, best=RISING[2], finished=True, ended_early="It is right."),
            "Finished early. It is right. Epoch 3 was the best by test accuracy: 90.00 %.",
            Action("best_epoch", "Back to epoch 3"),
        ),
        (
            "over",
            Facts(TEN, epochs=epochs(*[0.1] * 5), finished=True),
            "After 5 epochs it still guesses between 10 classes (10.00 % right). Try a higher",
            Action("setting", "Set the rate to 1", "learning_rate", 1.0),
        ),
        (
            "epoch",
            Facts(TEN.with_changes(learning_rate=5.0), epochs=epochs(*[0.1] * 5), running=True),
            "After 5 epochs it still guesses between 10 classes (10.00 % right). Try a lower",
            Action("setting", "Set the rate to 0.1", "learning_rate", 0.1),
        ),
        (
            "over",
            Facts(TEN, epochs=epochs(0.1, 0.1, 0.25, 0.1, 0.1), finished=True),
            "After 5 epochs it still guesses between 10 classes (10.00 % right). Try a higher",
            Action("setting", "Set the rate to 1", "learning_rate", 1.0),
        ),
        (  # momentum makes steps ten times as large
            "over",
            Facts(TEN.with_changes(momentum=0.9), epochs=epochs(*[0.1] * 5), finished=True),
            "After 5 epochs it still guesses between 10 classes (10.00 % right). Try a lower",
            Action("setting", "Set the rate to 0.01", "learning_rate", 0.01),
        ),
        ("epoch", Facts(TEN, epochs=epochs(*[0.1] * 5, 0.3), running=True), None, None),
        ("epoch", Facts(TEN, epochs=epochs(*[0.1] * 4), running=True), None, None),
        (
            "over",
            Facts(TEN, epochs=epochs(*[0.8] * 6, train=1.0), samples=1000, finished=True),
            "It has learned its 1,000 images by heart (100 % right), but only 80.00 % of the test",
            Action("setting", "Use 500 per class", "limit", 500),
        ),
        (
            "over",
            Facts(TEN, epochs=epochs(*[0.8] * 6, train=1.0), samples=998, finished=True),
            "It has learned its 998 images by heart (100 % right), but only 80.00 % of the test",
            None,  # the data has no more than the limit allows
        ),
        (
            "over",
            Facts(
                TEN.with_changes(validation_split=20.0),
                epochs=epochs(*[0.8] * 6, train=1.0),
                samples=800,
                finished=True,
            ),
            "It has learned its 800 images by heart (100 % right), but only 80.00 % of the test",
            Action("setting", "Use 500 per class", "limit", 500),
        ),
        (
            "epoch",
            Facts(TEN, epochs=epochs(*[0.8] * 6, train=1.0), samples=1000, running=True),
            "It has learned its 1,000 images by heart",
            None,
        ),
        (
            "over",
            Facts(TEN.with_changes(limit=0), epochs=epochs(*[0.8] * 6, train=1.0), finished=True),
            "It has learned its 0 images by heart",
            None,
        ),
        (
            "over",
            Facts(
                TEN,
                epochs=(*RISING, *epochs(*[0.974] * 5, start=6)),
                best=RISING[-1],
                finished=True,
            ),
            "Finished: 97.40 % of the test images are right. Neither test accuracy nor test loss "
            "was better since epoch 5: more epochs will change little.",
            Action("best_epoch", "Back to epoch 5"),
        ),
        (
            "over",
            Facts(
                TEN,
                epochs=validated(0.8, 0.9, 0.85),
                best=validated(0.8, 0.9)[1],
                finished=True,
                ended_early="It is right.",
            ),
            "Finished early. It is right. Epoch 2 was the best by validation accuracy: 90.00 %.",
            Action("best_epoch", "Back to epoch 2"),
        ),
        (  # by loss it still gets better
            "over",
            Facts(
                TEN,
                epochs=(*RISING, *with_losses(0.974, 0.02, 0.019, 0.018, 0.017, 0.016)),
                best=RISING[-1],
                finished=True,
            ),
            "Finished: 97.40 % of the test images are right. Look at its mistakes.",
            MISTAKES,
        ),
        (
            "drawn",
            Facts(Settings()),
            "This network knows only 0 and 1: whatever you draw, it answers one of these.",
            Action("input", "Other classes", "classes"),
        ),
        ("drawn", Facts(TEN), None, None),
    ],
)
def test_what_is_said_of_facts(
    happened: Happened, facts: Facts, text: str | None, action: Action | None
) -> None:
    assert_said(happened, facts, text, action)


@pytest.mark.parametrize(
    "trouble", ["too_large", "no_gradient", "vanishes", "grows", "dead", "saturated"]
)
def test_what_hides_in_the_gradients_is_said(trouble: Trouble) -> None:
    facts = Facts(TEN, symptom=BlockSymptom(trouble, "block 3 (Dense 100)"), running=True)
    for happened in ("epoch", "over"):
        advice = said(happened, facts)
        assert "block 3 (Dense 100)" in advice.text
        assert advice.action == Action("panel", "Show gradients", "Gradients")
    assert advise("epoch", replace(facts, epochs=RISING)) is None, "it learns all the same"


def test_what_is_silent_lets_the_next_speak() -> None:
    facts = Facts(
        TEN, epochs=epochs(*[0.1] * 5), finished=True, symptom=BlockSymptom("dead", "block 2")
    )
    first = said("over", facts)
    second = said("over", facts, first.cause)
    third = said("over", facts, first.cause, second.cause)
    causes = [first.cause, second.cause, third.cause]
    assert [cause.split(":")[0] for cause in causes] == ["dead", "chance", "finished"]
    assert advise("over", facts, causes) is None
    assert said("over", replace(facts, run=1), *causes).cause != first.cause, (
        "a new run, a new word"
    )
