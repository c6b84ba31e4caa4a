"""The coach: what it says of logs in a table, as `tests/said/coach.txt` has it."""

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from engine.advice.coach import advise, even_loss, usual_rate, went_back
from engine.advice.repairs import Repair
from engine.advice.training_log import Action, Advice, Epoch, Log, Symptom, pace_of
from engine.blocks import Conv, Dense, Reshape, Sigmoid, Tanh
from engine.data.dataset import Dataset
from engine.data.sources import load
from engine.inputs.scaling import Scaling
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.training.events import EpochDone, Finished
from engine.training.run import Training
from engine.training.samples import data_key
from tests.approved import assert_approved

TEN = Settings(classes=tuple(range(10)), limit=100, loss="cross_entropy")
BCE = TEN.with_changes(loss="bce")
EVEN = math.log(10)  # the loss of a network that only guesses between ten classes
ON_WHITE = Dataset(np.full((20, 1, 8, 8), 255, np.uint8), np.arange(20) % 10, tuple(range(10)))
FAULT = "Training stopped in epoch 3, batch 3."


def epochs(
    *shares: float,
    start: int = 1,
    train: float | None = None,
    rate: float = 0.1,
    momentum: float = 0.0,
    optimizer: str = "sgd",
) -> tuple[Epoch, ...]:
    """Make epochs of these test accuracies, of which the test loss falls as they rise."""
    made = rate, momentum, optimizer
    return tuple(
        Epoch(number, 1 - share, share if train is None else train, 1 - share, share, *made)
        for number, share in enumerate(shares, start)
    )


def exploded(
    number: int = 3, rate: float = 0.1, momentum: float = 0.0, optimizer: str = "sgd"
) -> Epoch:
    return Epoch(number, math.inf, 0.0, math.inf, 0.0, rate, momentum, optimizer)


def losing(share: float, *losses: float, start: int = 1, rate: float = 0.1) -> tuple[Epoch, ...]:
    """Return epochs of one test accuracy with these losses, in training and test."""
    found = epochs(*[share] * len(losses), start=start, rate=rate)
    both = zip(found, losses, strict=True)
    return tuple(replace(each, loss=loss, test_loss=loss) for each, loss in both)


def validated(*shares: float) -> tuple[Epoch, ...]:
    """Return epochs of these validation accuracies, which the test samples contradict."""
    both = zip(epochs(*[1 - share for share in shares]), shares, strict=True)
    return tuple(
        replace(each, validation_accuracy=share, validation_loss=1 - share) for each, share in both
    )


RISING = epochs(0.7, 0.8, 0.9, 0.95, 0.975)
SLOW = epochs(0.15, 0.17, 0.2, 0.22, 0.25, 0.28)
GOOD = epochs(0.9, 0.982)
RUINED = (*GOOD, *epochs(0.11, 0.089, start=3, rate=0.5))
STUCK = Symptom("dead", "Most units are dead.")
VANISHES = Symptom("vanishes", "The gradient vanishes.")
BY_HEART = epochs(*[0.8] * 6, train=1.0)


def high(rate: float = 50.0, **changes: object) -> Settings:
    return TEN.with_changes(learning_rate=rate, **changes)


def done(*log: Epoch, **known: object) -> Log:
    return Log("Finished", log, **known)  # type: ignore[arg-type]


SCENARIOS: dict[str, tuple[Log, Settings]] = {
    "nothing was trained": (Log(), TEN),
    "the first steps will be slow": (Log(slow=True, train_word="Train on"), TEN),
    "there is no data": (Log(data_problem="There is no data.", slow=True), TEN),
    "data is not read yet": (Log(data_problem="It was not used here.", unread=True), TEN),
    "the data has other classes": (
        Log(data_problem="It has 3 classes. Fit the network?", fit=Repair("Fit it", Stack(), TEN)),
        TEN,
    ),
    "something is offered": (
        Log(slow=True, offer=Advice("tour", "New here?", Action("tour", "Start"))),
        TEN,
    ),
    "the first steps are slow": (Log("Training", slow=True), TEN),
    "it learns": (Log("Training", RISING), TEN),
    "it was stopped": (Log("Stopped", RISING), TEN),
    "it is finished": (done(*RISING), TEN),
    "it is better than the run before": (done(*RISING, before=0.931), TEN),
    "it is worse than the run before": (done(*RISING, before=0.985), TEN),
    "it is perfect, as before": (done(*epochs(0.9, 1.0), before=1.0), TEN),
    "it ended early": (done(*RISING, ended_early="It is right."), TEN),
    "it ended early, after the best epoch": (
        done(*RISING, *epochs(0.96, start=6), ended_early="It is right."),
        TEN,
    ),
    "it ended early, the best by validation": (
        done(*validated(0.8, 0.9, 0.85), ended_early="It is right."),
        TEN,
    ),
    "nothing was better for long": (done(*RISING, *epochs(*[0.974] * 5, start=6)), TEN),
    "by loss it still gets better": (
        done(*RISING, *losing(0.974, 0.02, 0.019, 0.018, 0.017, 0.016, start=6)),
        TEN,
    ),
    "it learns by heart": (done(*BY_HEART, samples=1000), TEN),
    "it learns by heart, while it runs": (Log("Training", BY_HEART, samples=1000), TEN),
    "it learns by heart all that there is": (done(*BY_HEART, samples=998), TEN),
    "it learns by heart, with validation": (
        done(*BY_HEART, samples=800),
        TEN.with_changes(validation_split=20.0),
    ),
    "it learns by heart, and nearly as well": (done(*epochs(*[0.96] * 6, train=1.0)), TEN),
    "it learns nearly by heart": (done(*epochs(*[0.8] * 6, train=0.96)), TEN),
    "it learns by heart, without a limit": (
        done(*BY_HEART, samples=900),
        TEN.with_changes(limit=0),
    ),
    "it guesses": (done(*epochs(*[0.1] * 5)), TEN),
    "it guesses, once better by luck": (done(*epochs(0.1, 0.1, 0.24, 0.1, 0.1)), TEN),
    "it guesses at a high rate": (Log("Training", epochs(*[0.1] * 5)), high(5.0)),
    "it guesses at a high momentum": (done(*epochs(*[0.1] * 5)), TEN.with_changes(momentum=0.9)),
    "it guesses at a low rate": (
        done(*epochs(*[0.1] * 5)),
        high(0.001, loss="bce", batch_size=32),
    ),
    "it guesses a little better": (done(*epochs(*[0.19] * 5)), TEN),
    "it does more than guess": (done(*epochs(*[0.21] * 5)), TEN),
    "it guesses, but not what it trains on": (done(*epochs(*[0.1] * 5, train=0.5)), TEN),
    "it guessed up to now": (Log("Training", epochs(*[0.1] * 5, 0.3)), TEN),
    "it guesses for four epochs": (Log("Training", epochs(*[0.1] * 4)), TEN),
    "the loss still falls": (done(*SLOW, train_word="6 more epochs"), TEN),
    "the loss still falls, but for one epoch": (
        done(*losing(0.5, 0.6, 0.59, 0.6, 0.57, 0.56, 0.55)),
        TEN,
    ),
    "the loss goes up and down": (done(*losing(0.5, 0.6, 0.61, 0.58, 0.59, 0.56, 0.55)), TEN),
    "too few epochs tell of the loss": (done(*losing(0.5, 0.6, 0.59, 0.58, 0.57, 0.56)), TEN),
    "the loss falls in training alone": (done(*(replace(e, test_loss=0.9) for e in SLOW)), TEN),
    "the loss falls, and it is good": (done(*epochs(0.8, 0.82, 0.84, 0.86, 0.88, 0.9)), TEN),
    "it was stopped while the loss falls": (Log("Stopped", SLOW), TEN),
    "the loss falls slowly": (done(*SLOW), high(0.01)),
    "the loss falls at nearly half the usual rate": (done(*SLOW), high(0.045)),
    "the loss falls at more than half the usual rate": (done(*SLOW), high(0.055)),
    "the loss falls slowly with Adam": (done(*SLOW), high(0.0005, optimizer="adam")),
    "most units are dead, and it guesses": (Log("Stopped", epochs(0.1, 0.1), symptom=STUCK), TEN),
    "most units are dead, and it learns": (
        Log("Stopped", losing(0.5, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4), symptom=STUCK),
        TEN,
    ),
    "most units are dead, and it stands still": (
        Log("Stopped", losing(0.5, 0.9, 0.4, 0.4, 0.4, 0.399, 0.4, 0.4), symptom=STUCK),
        TEN,
    ),
    "most units are dead, and one epoch was better": (
        Log("Stopped", losing(0.5, 0.9, 0.4, 0.42, 0.3, 0.5, 0.45, 0.44), symptom=STUCK),
        TEN,
    ),
    "answers are little worse than guesses": (done(*losing(0.1, 1.15 * EVEN, rate=1.0)), high(1.0)),
    "answers are clearly worse than guesses": (
        done(*losing(0.1, 1.25 * EVEN, rate=1.0)),
        high(1.0),
    ),
    "answers are worse than guesses at a usual rate": (done(*losing(0.1, 2 * EVEN)), TEN),
    "answers are worse than guesses": (done(*losing(0.1, 2 * EVEN, rate=100.0)), high(100.0)),
    "few test images are not right yet, and the training images are": (
        done(replace(losing(0.1, 0.9 * EVEN, rate=100.0)[0], test_loss=2 * EVEN)),
        high(100.0),
    ),
    "answers are worse than guesses, while it runs": (
        Log("Training", losing(0.1, 2 * EVEN, rate=100.0)),
        high(100.0),
    ),
    "answers are worse than guesses, and the gradient vanishes": (
        done(*losing(0.1, 2 * EVEN, rate=100.0), symptom=VANISHES),
        high(100.0),
    ),
    "answers are worse than guesses after a lower rate": (
        done(*losing(0.1, 2 * EVEN, rate=100.0), *losing(0.1, 2 * EVEN, start=2, rate=0.05)),
        high(0.05),
    ),
    "answers are worse than guesses after an explosion": (
        done(exploded(1, rate=1000.0), *losing(0.1, 2 * EVEN, start=2, rate=0.05)),
        high(0.05),
    ),
    "it begins far off": (
        done(*losing(0.1, 9 * EVEN, rate=3.0)),
        high(3.0, initializer="normal"),
    ),
    "images are on white, and it learns badly": (done(*SLOW, training=ON_WHITE), TEN),
    "images are on white, and it learns well": (done(*RISING, training=ON_WHITE), TEN),
    "images are on white, and the rate is high": (
        done(*losing(0.1, *[2 * EVEN] * 6, rate=1.0), training=ON_WHITE),
        high(1.0),
    ),
    "a rate was raised": (Log("Training", RUINED), high(0.5)),
    "a rate was raised, one epoch ago": (
        Log("Training", RUINED[:3], symptom=VANISHES),
        high(0.5),
    ),
    "a rate was raised before a good epoch": (
        done(*GOOD, *epochs(0.97, 0.11, start=3, rate=1.0)),
        high(1.0),
    ),
    "it is a little worse": (done(*RISING, *epochs(0.83, start=6)), TEN),
    "it is much worse": (done(*RISING, *epochs(0.82, start=6)), TEN),
    "one bad epoch": (Log("Training", (*RISING, *epochs(0.1, start=6))), TEN),
    "one bad epoch at the end": (done(*RISING, *epochs(0.1, start=6)), TEN),
    "a rate was raised, and lowered since": (done(*RUINED), high(0.02)),
    "a rate was raised, and lowered too little": (
        done(*GOOD, *epochs(0.1, 0.1, start=3, rate=1000.0)),
        high(500.0),
    ),
    "a rate was raised, and trained on with the old one": (
        Log("Training", (*RUINED, *epochs(0.1, start=5))),
        TEN,
    ),
    "a rate ruined, and was lowered by hand": (
        done(*RISING, *epochs(0.1, start=6), *epochs(0.1, start=7, rate=0.02)),
        high(0.02),
    ),
    "a momentum was raised": (
        done(*RISING, *epochs(0.11, start=6, momentum=0.99)),
        TEN.with_changes(momentum=0.99),
    ),
    "a rate and a momentum were raised": (
        done(*RISING, *epochs(0.11, start=6, rate=0.5, momentum=0.99)),
        high(0.5, momentum=0.99),
    ),
    "a high momentum ruins": (
        done(*epochs(0.95, 0.11, momentum=0.99)),
        TEN.with_changes(momentum=0.99),
    ),
    "the optimizer was changed": (
        done(*RISING, *epochs(0.11, start=6, rate=0.2, optimizer="adam")),
        high(0.2, optimizer="adam"),
    ),
    "what was ruined has learned again": (done(*RUINED, *epochs(0.9, start=5)), TEN),
    "it exploded in the first epoch": (Log("Error", (exploded(1, rate=50.0),), FAULT), high()),
    "it exploded with Adam": (
        Log("Error", (exploded(1, rate=0.03, optimizer="adam"),), FAULT),
        high(0.03, optimizer="adam"),
    ),
    "it exploded by momentum": (
        Log("Error", (exploded(1, momentum=0.99),), FAULT),
        TEN.with_changes(momentum=0.99),
    ),
    "it exploded with a mean loss": (
        Log("Error", (exploded(1, rate=1000.0),), FAULT),
        high(1000.0, loss="bce", batch_size=32),
    ),
    "it exploded with another optimizer before": (
        Log("Error", (exploded(1, rate=0.03, optimizer="adam"), exploded(1, rate=1.0)), FAULT),
        high(1.0),
    ),
    "it exploded after guesses": (
        Log("Error", (*epochs(0.1, rate=0.03), exploded(2, rate=50.0)), FAULT),
        high(),
    ),
    "it exploded after good epochs": (
        Log("Error", (*epochs(0.5, 0.7, rate=0.03), exploded(rate=50.0)), FAULT),
        high(),
    ),
    "it exploded after good epochs at a high rate": (
        Log("Error", (*epochs(0.9, rate=3.0), exploded(2, rate=50.0)), FAULT),
        high(),
    ),
    "it exploded at the rate that was good": (Log("Error", (*GOOD, exploded()), FAULT), TEN),
    "it exploded again after the rate was lowered": (
        Log("Error", (*GOOD, exploded(rate=30.0), exploded(rate=0.1)), FAULT),
        TEN,
    ),
    "it exploded, best by validation": (
        Log("Error", (*validated(0.6, 0.5), exploded(rate=50.0)), FAULT),
        high(),
    ),
} | {
    f"{trouble} {when}": (
        Log(state, known, symptom=Symptom(trouble, f"It is {trouble}.")),
        high(rate),
    )
    for trouble in ("too_large", "no_gradient", "vanishes", "grows", "dead", "saturated")
    for when, state, known, rate in (
        ("while it runs", "Training", (), 50.0),
        ("after guesses at a high rate", "Stopped", losing(0.1, EVEN, rate=50.0), 50.0),
        ("after guesses at a low rate", "Stopped", losing(0.1, EVEN, rate=0.01), 0.01),
        ("though it learns", "Stopped", epochs(0.5, rate=50.0), 50.0),
        ("though it is good", "Paused", RISING, 0.1),
    )
}


def written(advice: Advice | None) -> str:
    """Write what is said, and what its button does with which value."""
    if advice is None:
        return "–"
    assert advice.text[0].isupper()
    assert advice.text.endswith((".", "?"))
    action = advice.action
    if action is None:
        return advice.text
    value = "" if action.value is None else f" = {action.value}"
    return f"{advice.text}\n    [{action.label}] {action.kind} {action.target}{value}".rstrip()


def test_what_is_said_of_each_log() -> None:
    said = {name: written(advise(log, settings)) for name, (log, settings) in SCENARIOS.items()}
    said |= {
        "it went back": written(went_back(2, 0.982)),
    }
    text = "".join(f"{name}:\n    {words}\n" for name, words in said.items())
    assert_approved("coach.txt", text)


def test_what_is_silent_lets_the_next_speak() -> None:
    log, silent = done(*epochs(*[0.1] * 5), symptom=STUCK), list[str]()
    while (advice := advise(log, TEN, silent)) is not None:
        silent.append(advice.cause)
    assert silent == ["dead", "chance", "finished"]


def test_of_very_many_epochs_the_best_and_the_last_are_known() -> None:
    log = Log().after(*epochs(0.5, 0.99, *[0.9] * 98))
    assert len(log.epochs) == 100
    log = log.after(*epochs(0.9, start=101))
    assert [each.number for each in log.epochs] == [2, *range(52, 102)]


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
    settings = TEN.with_changes(**changes)
    assert usual_rate(pace_of(settings), settings) == rate


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        ("bce", -(0.1 * math.log(0.1) + 0.9 * math.log(0.9))),
        ("cross_entropy", EVEN),
        ("mse", 0.1 * 0.9),
    ],
)
def test_the_loss_of_a_network_that_only_guesses(loss: str, expected: float) -> None:
    assert even_loss(TEN.with_changes(loss=loss)) == pytest.approx(expected, rel=1e-5)


# Advice that is followed.

# What may come of a run with some rate: the losses and test accuracies of its epochs.
EXPLODES = (exploded(1),)
OUTCOMES: dict[str, tuple[Epoch, ...]] = {
    "explodes at once": EXPLODES,
    "explodes after it learned": (*epochs(0.5, 0.6), exploded(3)),
    "is worse than guesses": losing(0.1, *[2 * EVEN] * 6),
    "guesses": losing(0.1, *[EVEN] * 6),
    "learns slowly": SLOW,
    "is ruined": epochs(0.3, 0.5, 0.8, 0.9, 0.3),
    "is good": RISING,
}


@example(0.00001, TEN, None, None, ["explodes at once"] * 12, False)
@given(
    st.sampled_from([0.00001, 0.001, 0.01, 0.04, 0.1, 0.2, 1.0, 50.0]),
    st.sampled_from([TEN, BCE, TEN.with_changes(optimizer="adam", momentum=0.9)]),
    st.sampled_from([None, ON_WHITE]),
    st.sampled_from([None, STUCK, VANISHES, Symptom("too_large", "Steps are too large.")]),
    st.lists(st.sampled_from(sorted(OUTCOMES)), min_size=12, max_size=12),
    st.booleans(),
)
def test_advice_that_is_followed_never_leads_back(
    rate: float,
    settings: Settings,
    data: Dataset | None,
    symptom: Symptom | None,
    outcomes: list[str],
    resets: bool,
) -> None:
    """Whatever comes of each run, no rate is advised again that an advice led away from."""
    settings, log = settings.with_changes(learning_rate=rate), Log(training=data)
    left = list[Settings]()
    for outcome in outcomes:
        made = [replace(e, rate=settings.learning_rate) for e in OUTCOMES[outcome]]
        made = [replace(e, optimizer=settings.optimizer) for e in made]
        if log.last is not None:  # it went on from the epochs before
            made = [replace(e, number=e.number + log.last.number) for e in made]
        state = "Error" if made[-1].exploded else "Finished"
        log = replace(log.after(*made), state=state, tried=log.tried | {pace_of(settings)})
        advice = advise(replace(log, symptom=symptom if state == "Finished" else None), settings)
        action = None if advice is None else advice.action
        if action is None or action.kind not in ("setting", "reset", "best_epoch"):
            return
        if action.kind == "best_epoch":
            assert log.best is not None
            kept = [each for each in log.epochs if each.number <= log.best.number]
            log = replace(log, epochs=tuple(kept), state="Stopped")
            if action.value is None or action.value == settings.learning_rate:
                return
        elif action.kind == "reset" or resets:
            log = replace(log, epochs=(), state="Ready")
        target = action.target or "learning_rate"
        before, settings = settings, settings.with_changes(**{target: action.value})
        if before != settings:
            left.append(before)
        if target == "scaling":
            log = replace(log, training=None, tried=frozenset())
        assert settings not in left, [each.learning_rate for each in left]
    raise AssertionError([each.learning_rate for each in left])


# The coach on real runs that go wrong.


def on_white(samples: Dataset) -> Dataset:
    scaling = samples.scaling
    if scaling.is_standard:
        scaling = Scaling((1 - scaling.mean[0],), scaling.deviation)
    return replace(samples, images=255 - samples.images[:], scaling=scaling)


def told(
    stack: Stack, settings: Settings, form: Callable[[Dataset], Dataset] = lambda samples: samples
) -> tuple[Log, Epoch, Advice | None]:
    """Train, and return what is known at the end, the last epoch, and what is said of it."""
    train, test = map(form, load(*data_key(settings)))
    report = stack.check(len(settings.classes), settings.loss)
    training = Training(report, settings, train, test, threads=1)
    log = Log(samples=len(train), training=train)
    for event in training.run():
        if isinstance(event, EpochDone):
            measured = event.loss, event.accuracy, event.test_loss, event.test_accuracy
            log = log.after(Epoch(event.epoch, *measured, *pace_of(settings)))
        elif isinstance(event, Finished):
            log = replace(log, state="Finished")
    training.close()
    return log, log.epochs[-1], advise(log, settings)


def test_a_real_run_that_is_ruined_in_its_first_epoch_learns_at_the_rate_that_is_offered() -> None:
    stack = Stack().appended(
        Conv(depth=4), Sigmoid(), Reshape(), Dense(units=30), Sigmoid(), Dense(units=10), Sigmoid()
    )
    settings = BCE.with_changes(limit=40, learning_rate=100.0, epochs=2)
    log, last, advice = told(stack, settings)
    assert not log.fault
    assert advice is not None
    assert advice.cause == "worse"
    assert advice.action is not None
    assert advice.action.kind == "reset"
    _, again, _ = told(stack, settings.with_changes(learning_rate=advice.action.value))
    assert again.test_loss < 1.1 * even_loss(settings) < last.test_loss


def test_a_real_run_on_white_images_learns_once_it_standardises() -> None:
    stack = Stack().appended(Reshape(), Dense(units=100), Tanh(), Dense(units=10), Sigmoid())
    settings = BCE.with_changes(limit=20, learning_rate=1.0, batch_size=32, epochs=8)
    _, last, advice = told(stack, settings, on_white)
    assert advice is not None
    assert advice.action is not None
    better = settings.with_changes(**{advice.action.target: advice.action.value})
    _, again, advice = told(stack, better, on_white)
    assert again.test_accuracy > 0.7 > 0.3 > last.test_accuracy
    assert advice is None or advice.cause != "bright"
