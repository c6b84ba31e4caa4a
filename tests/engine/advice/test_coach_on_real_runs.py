"""The coach on real runs that go wrong."""

from dataclasses import replace

from engine.advice.coach import advise, even_loss
from engine.advice.training_log import Action, Advice, Epoch, Log, pace_of
from engine.blocks import Conv, Dense, KnownBlock, ReLU, Reshape, Sigmoid
from engine.data.sources import load
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.training.events import EpochDone, Exploded, Finished
from engine.training.run import Training
from tests.engine.advice.test_coach import TEN, VANISHES, exploded

BCE = TEN.with_changes(loss="bce")


def flat(*blocks: KnownBlock, units: int = 2) -> Stack:
    return Stack().appended(Reshape(), *blocks, Dense(units=units), Sigmoid())


def told(stack: Stack, settings: Settings) -> tuple[Log, Epoch, Advice | None]:
    """Train, and return what is known at the end, the last epoch, and what is said of it."""
    train, test = load(settings.dataset, settings.classes, settings.limit)
    report = stack.check(len(settings.classes), settings.loss)
    training = Training(report, settings, train, test, threads=1)
    log, rate = Log(samples=len(train)), settings.learning_rate
    for event in training.run():
        if isinstance(event, EpochDone):
            measured = event.loss, event.accuracy, event.test_loss, event.test_accuracy
            log = log.after(Epoch(event.epoch, *measured, *pace_of(settings)))
        elif isinstance(event, Exploded):
            log = replace(log.after(exploded(rate=rate)), state="Error", fault=event.fault)
        elif isinstance(event, Finished):
            log = replace(log, state="Finished")
    training.close()
    return log, log.epochs[-1], advise(log, settings)


def test_a_real_run_that_explodes() -> None:
    stack = Stack().appended(
        Conv(depth=2), ReLU(), Reshape(), Dense(units=20), ReLU(), Dense(units=2)
    )
    log, _, advice = told(stack, Settings(learning_rate=50.0, loss="mse", epochs=3))
    assert log.fault
    assert advice is not None
    assert advice.cause == "exploded"


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


def test_a_real_run_of_a_deep_network_is_not_laid_to_its_rate() -> None:
    deep = [block for _ in range(8) for block in (Dense(units=10), Sigmoid())]
    settings = BCE.with_changes(limit=40, learning_rate=3.0, epochs=2, initializer="glorot")
    log, _, _ = told(flat(*deep, units=10), settings)
    advice = advise(replace(log, symptom=VANISHES), settings)
    assert advice is not None
    assert advice.cause == "vanishes"


def test_a_real_run_that_learns_slowly_learns_at_the_rate_that_is_offered() -> None:
    stack = flat(Dense(units=30), Sigmoid(), units=10)
    settings = BCE.with_changes(batch_size=32, learning_rate=0.03, epochs=12)
    _, last, advice = told(stack, settings)
    assert advice is not None
    assert advice.action == Action("setting", "Set the rate to 1", "learning_rate", 1.0)
    _, again, _ = told(stack, settings.with_changes(learning_rate=1.0))
    assert again.test_accuracy > 0.7 > 0.4 > last.test_accuracy


def test_a_real_run_that_learns_by_heart() -> None:
    settings = BCE.with_changes(limit=2, learning_rate=0.5, epochs=30)
    _, _, advice = told(flat(Dense(units=20), Sigmoid(), units=10), settings)
    assert advice is not None
    assert advice.action == Action("setting", "Use 10 per class", "limit", 10)
