"""The coach: what it says of facts in a table, and of real runs that go wrong."""

from dataclasses import replace

import pytest

from engine.advice.coach import advise
from engine.advice.facts import Action, Advice, BlockSymptom, Epoch, Facts, Happened, Trouble
from engine.blocks import Conv, Dense, KnownBlock, ReLU, Reshape, Sigmoid
from engine.data.sources import load
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.training.run import EpochDone, Exploded, Finished, Training

FAULT = "Training stopped in epoch 2, batch 3."
TEN = Settings(classes=tuple(range(10)), limit=100)


def epochs(
    *accuracies: float, start: int = 1, train: float | None = None, rate: float = 0.1
) -> tuple[Epoch, ...]:
    """Make epochs of which the test loss falls as the test accuracy rises."""
    return tuple(
        Epoch(number, 1 - share, share if train is None else train, 1 - share, share, rate)
        for number, share in enumerate(accuracies, start)
    )


def said(happened: Happened, facts: Facts, *silent: str) -> Advice:
    advice = advise(happened, facts, silent)
    assert advice is not None
    assert advice.text[0].isupper()
    assert advice.text.endswith((".", "?"))
    return advice


MISTAKES = Action(
    "panel",
    "Confusion matrix",
    "Confusion matrix",
    in_view="A click in the confusion matrix shows the images of a cell.",
)
DRAW = Action("panel", "Draw", "Draw", in_view="Draw one with the mouse.")
RISING = epochs(0.7, 0.8, 0.9, 0.95, 0.975)
TEN_RUINED = TEN.with_changes(learning_rate=0.5)
RUINED = (*epochs(0.9, 0.982), *epochs(0.11, 0.089, start=3, rate=0.5))


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
            "Finished: 97.5 % of the test images are right. Look at its mistakes.",
            MISTAKES,
        ),
        (
            "over",
            Facts(TEN, epochs=RISING, best=RISING[-1], finished=True, before=0.931),
            "Finished: 97.5 % of the test images are right, 4.4 points more than in the run before",
            MISTAKES,
        ),
        (
            "over",
            Facts(TEN, epochs=RISING, best=RISING[-1], finished=True, before=0.985),
            "Finished: 97.5 % of the test images are right, 1 point fewer than",
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
            "Finished: 100 % of the test images are right, as many as in epoch 3.",
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
            "Finished early. It is right.",
            Action("best_epoch", "Back to epoch 3"),
        ),
        (
            "epoch",
            Facts(TEN_RUINED, epochs=RUINED, best=RUINED[1], running=True),
            "The test accuracy fell from 98.2 % to 8.9 %, since the learning rate was raised "
            "from 0.1 to 0.5.",
            Action("best_epoch", "Back to epoch 2 with rate 0.1", value=0.1),
        ),
        (
            "over",
            Facts(TEN, epochs=(*RISING, *epochs(0.1, start=6)), best=RISING[-1], finished=True),
            "The test accuracy fell from 97.5 % to 10.0 %. A learning rate of 0.1 may be too high.",
            Action("best_epoch", "Back to epoch 5 with rate 0.01", value=0.01),
        ),
        (  # it was lowered since
            "over",
            Facts(TEN.with_changes(learning_rate=0.02), epochs=RUINED, best=RUINED[1]),
            "The test accuracy fell from 98.2 % to 8.9 %, since the learning rate was raised",
            Action("best_epoch", "Back to epoch 2"),
        ),
        (
            "over",
            Facts(
                TEN.with_changes(momentum=0.99),
                epochs=(RISING[-1], replace(RUINED[2], rate=0.1, momentum=0.99)),
                best=RISING[-1],
            ),
            "The test accuracy fell from 97.5 % to 11.0 %, since the momentum was raised from 0 to "
            "0.99.",
            Action("best_epoch", "Back to epoch 5 with rate 0.001", value=0.001),
        ),
        (
            "over",
            Facts(
                TEN.with_changes(learning_rate=0.5, momentum=0.99),
                epochs=(RISING[-1], replace(RUINED[2], momentum=0.99)),
                best=RISING[-1],
            ),
            "The test accuracy fell from 97.5 % to 11.0 %, since the learning rate was raised from "
            "0.1 to 0.5 and the momentum was raised from 0 to 0.99.",
            Action("best_epoch", "Back to epoch 5 with rate 0.001", value=0.001),
        ),
        (  # nothing was changed, and either may be to blame
            "over",
            Facts(
                TEN.with_changes(momentum=0.99),
                epochs=tuple(replace(each, momentum=0.99) for each in (RISING[-1], *epochs(0.11))),
                best=replace(RISING[-1], momentum=0.99),
            ),
            "The test accuracy fell from 97.5 % to 11.0 %. A learning rate of 0.1 with a momentum "
            "of 0.99 may be too high.",
            Action("best_epoch", "Back to epoch 5 with rate 0.01", value=0.01),
        ),
        (  # of another optimizer a rate says nothing
            "over",
            Facts(
                TEN.with_changes(learning_rate=0.2, optimizer="adam"),
                epochs=(RISING[-1], replace(RUINED[2], rate=0.2, optimizer="adam")),
                best=RISING[-1],
            ),
            "The test accuracy fell from 97.5 % to 11.0 %, since the optimizer was changed.",
            Action("best_epoch", "Back to epoch 5 with rate 0.001", value=0.001),
        ),
        (  # after a higher rate one bad epoch tells enough, and what vanishes is not to blame
            "epoch",
            Facts(
                TEN_RUINED,
                epochs=RUINED[:3],
                best=RUINED[1],
                running=True,
                verdict=BlockSymptom("vanishes", "block 1 (Conv 5, 3×3)"),
            ),
            "The test accuracy fell from 98.2 % to ",
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
            "The numbers grew without end: a learning rate of 50 is too high here.",
            Action("reset", "Reset with rate 0.02", value=0.02),
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
            Facts(TEN.with_changes(learning_rate=50.0), fault=FAULT, rewind=12),
            "The numbers grew without end: a learning rate of 50 is too high here. Epoch 12 is the "
            "last good one that is kept.",
            Action("rewind", "Back to epoch 12 with rate 0.1", value=0.1),
        ),
        (
            "over",
            Facts(
                TEN.with_changes(learning_rate=50.0),
                epochs=(Epoch(1, 0.5, 0.5, 0.5, 0.5, 0.03),),
                fault=FAULT,
                rewind=1,
            ),
            "The numbers grew without end: a learning rate of 50 is too high here. Epoch 1 is the "
            "last good one that is kept.",
            Action("rewind", "Back to epoch 1 with rate 0.03", value=0.03),
        ),
        (  # higher than usual, but it has worked
            "over",
            Facts(
                TEN.with_changes(learning_rate=50.0),
                epochs=epochs(0.9, rate=3.0),
                fault=FAULT,
                rewind=1,
            ),
            "The numbers grew without end: a learning rate of 50 is too high here. Epoch 1 is",
            Action("rewind", "Back to epoch 1 with rate 3", value=3.0),
        ),
        (  # that it was finite does not mean that it has worked
            "over",
            Facts(
                TEN.with_changes(learning_rate=50.0),
                epochs=epochs(0.1, rate=50.0),
                fault=FAULT,
                rewind=1,
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
            "over",
            Facts(TEN, epochs=epochs(*[0.1] * 5), finished=True),
            "After 5 epochs it still guesses between 10 classes (10.0 % right). Try a higher",
            Action("setting", "Set the rate to 1", "learning_rate", 1.0),
        ),
        (
            "epoch",
            Facts(TEN.with_changes(learning_rate=5.0), epochs=epochs(*[0.1] * 5), running=True),
            "After 5 epochs it still guesses between 10 classes (10.0 % right). Try a lower",
            Action("setting", "Set the rate to 0.1", "learning_rate", 0.1),
        ),
        (
            "over",
            Facts(TEN, epochs=epochs(0.1, 0.1, 0.25, 0.1, 0.1), finished=True),
            "After 5 epochs it still guesses between 10 classes (10.0 % right). Try a higher",
            Action("setting", "Set the rate to 1", "learning_rate", 1.0),
        ),
        (  # momentum makes steps ten times as large
            "over",
            Facts(TEN.with_changes(momentum=0.9), epochs=epochs(*[0.1] * 5), finished=True),
            "After 5 epochs it still guesses between 10 classes (10.0 % right). Try a lower",
            Action("setting", "Set the rate to 0.01", "learning_rate", 0.01),
        ),
        ("epoch", Facts(TEN, epochs=epochs(*[0.1] * 5, 0.3), running=True), None, None),
        ("epoch", Facts(TEN, epochs=epochs(*[0.1] * 4), running=True), None, None),
        (
            "over",
            Facts(TEN, epochs=epochs(*[0.8] * 6, train=1.0), samples=1000, finished=True),
            "It has learned its 1,000 images by heart (100 % right), but only 80.0 % of the test",
            Action("setting", "Use 500 per class", "limit", 500),
        ),
        (
            "over",
            Facts(TEN, epochs=epochs(*[0.8] * 6, train=1.0), samples=998, finished=True),
            "It has learned its 998 images by heart (100 % right), but only 80.0 % of the test",
            None,  # the data has no more than the limit allows
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
            "Finished: 97.4 % of the test images are right. The test loss has not fallen since "
            "epoch 5: more epochs will change little.",
            Action("best_epoch", "Back to epoch 5"),
        ),
        (
            "went_back",
            Facts(TEN, best=RUINED[1]),
            "Back at epoch 2, with 98.2 % of the test images right. Lower the learning rate",
            Action("setting", "Set the rate to 0.01", "learning_rate", 0.01),
        ),
        (
            "went_back",
            Facts(TEN.with_changes(learning_rate=5.0), best=epochs(0.98, rate=0.02)[0]),
            "Back at epoch 1, with 98.0 % of the test images right. Lower the learning rate",
            Action("setting", "Set the rate to 0.02", "learning_rate", 0.02),
        ),
        (
            "went_back",
            Facts(TEN.with_changes(learning_rate=0.1), epochs=RUINED, best=RUINED[1]),
            "Back at epoch 2, with 98.2 % of the test images right. Train goes on from there, at "
            "the lower learning rate of 0.1.",
            None,
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
    advice = advise(happened, facts)
    assert (None if advice is None else advice.text[: len(text or "")]) == text
    assert (None if advice is None else advice.action) == action


@pytest.mark.parametrize(
    "trouble", ["too_large", "no_gradient", "vanishes", "grows", "dead", "saturated"]
)
def test_what_hides_in_the_gradients_is_said(trouble: Trouble) -> None:
    facts = Facts(TEN, verdict=BlockSymptom(trouble, "block 3 (Dense 100)"), running=True)
    for happened in ("epoch", "over"):
        advice = said(happened, facts)
        assert "block 3 (Dense 100)" in advice.text
        assert advice.action == Action("panel", "Show gradients", "Gradients")
    assert advise("epoch", replace(facts, epochs=RISING)) is None, "it learns all the same"


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
    guesses, knows = epochs(0.1, rate=rate), epochs(0.5, rate=rate)
    facts = Facts(
        TEN.with_changes(learning_rate=rate),
        epochs=guesses,
        verdict=BlockSymptom(trouble, "block 3 (Dense 100)"),
    )
    lower = "0.1" if rate == 50 else "0.001"
    expected = Action("reset", f"Reset with rate {lower}", value=float(lower))
    gradients = Action("panel", "Show gradients", "Gradients")
    assert said("over", facts).action == (expected if is_reset else gradients)
    assert said("epoch", replace(facts, running=True)).action == gradients, "it may not be edited"
    assert said("over", replace(facts, epochs=knows)).action == gradients
    assert said("over", replace(facts, epochs=())).action == gradients


def test_what_is_silent_lets_the_next_speak() -> None:
    facts = Facts(
        TEN, epochs=epochs(*[0.1] * 5), finished=True, verdict=BlockSymptom("dead", "block 2")
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


def flat(*blocks: KnownBlock, units: int = 2) -> Stack:
    return Stack().appended(Reshape(), *blocks, Dense(units=units), Sigmoid())


def told(stack: Stack, settings: Settings) -> tuple[Facts, Advice | None]:
    """Train, and return what is known at the end and said of it."""
    train, test = load(settings.dataset, settings.classes, settings.limit)
    report = stack.check(len(settings.classes), settings.loss)
    training = Training(report, settings, train, test, threads=1)
    facts = Facts(settings, samples=len(train))
    for event in training.run():
        if isinstance(event, EpochDone):
            done = Epoch(
                event.epoch,
                event.loss,
                event.accuracy,
                event.test_loss,
                event.test_accuracy,
                training.learning_rate,
            )
            better = facts.best is None or done.test_loss < facts.best.test_loss
            best = done if better else facts.best
            facts = replace(facts, epochs=(*facts.epochs, done), best=best)
        elif isinstance(event, Exploded):
            facts = replace(facts, fault=event.fault)
        elif isinstance(event, Finished):
            facts = replace(facts, finished=True)
    training.close()
    return facts, advise("over", facts)


def test_a_real_run_that_explodes() -> None:
    stack = Stack().appended(
        Conv(depth=2), ReLU(), Reshape(), Dense(units=20), ReLU(), Dense(units=2)
    )
    settings = Settings(learning_rate=50.0, loss="mse", epochs=3)
    facts, advice = told(stack, settings)
    assert facts.fault
    assert advice is not None
    assert advice.text.startswith("The numbers grew without end: a learning rate of 50 is")


def test_a_real_run_that_learns_by_heart() -> None:
    settings = TEN.with_changes(limit=2, learning_rate=0.5, epochs=30)
    facts, advice = told(flat(Dense(units=20), Sigmoid(), units=10), settings)
    assert facts.samples == 20
    assert advice is not None
    assert advice.text.startswith("It has learned its 20 images by heart (100 % right), but only")
    assert advice.action == Action("setting", "Use 10 per class", "limit", 10)


def test_a_real_run_that_only_guesses() -> None:
    deep = [block for _ in range(5) for block in (Dense(units=10), Sigmoid())]
    settings = TEN.with_changes(limit=10, epochs=6, initializer="glorot")
    _, advice = told(flat(*deep, units=10), settings)
    assert advice is not None
    assert advice.text.startswith("After 6 epochs it still guesses between 10 classes")


def test_a_real_run_that_learns() -> None:
    _, advice = told(flat(Dense(units=20), Sigmoid()), Settings(epochs=5, limit=50))
    assert advice is not None
    assert advice.text.startswith("Finished: 100 %")
