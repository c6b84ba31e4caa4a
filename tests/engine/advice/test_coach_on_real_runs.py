"""The coach on real runs that go wrong, and on one that does not."""

from dataclasses import replace

from engine.advice.coach import advise
from engine.advice.facts import Action, Advice, BlockSymptom, Epoch, Facts, pace_of
from engine.blocks import Conv, Dense, KnownBlock, ReLU, Reshape, Sigmoid
from engine.data.sources import load
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.training.best_epoch import ranking_key
from engine.training.evaluation import evaluate
from engine.training.events import EpochDone, Exploded, Finished
from engine.training.run import Training
from tests.engine.advice.coaching import TEN, said

BCE = TEN.with_changes(loss="bce")


def flat(*blocks: KnownBlock, units: int = 2) -> Stack:
    return Stack().appended(Reshape(), *blocks, Dense(units=units), Sigmoid())


def told(stack: Stack, settings: Settings) -> tuple[Facts, Advice | None]:
    """Train, and return what is known at the end and said of it."""
    train, test = load(settings.dataset, settings.classes, settings.limit)
    report = stack.check(len(settings.classes), settings.loss)
    training = Training(report, settings, train, test, threads=1)
    first = evaluate(training.executor, test).loss
    facts = Facts(settings, samples=len(train), first_loss=first)
    for event in training.run():
        if isinstance(event, EpochDone):
            done = Epoch(
                event.epoch,
                event.loss,
                event.accuracy,
                event.test_loss,
                event.test_accuracy,
                *pace_of(settings),
            )
            better = facts.best is None or ranking_key(done) > ranking_key(facts.best)
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


def test_a_real_run_that_is_ruined_in_its_first_epoch_learns_at_the_rate_that_is_offered() -> None:
    stack = Stack().appended(
        Conv(depth=4), Sigmoid(), Reshape(), Dense(units=30), Sigmoid(), Dense(units=10), Sigmoid()
    )
    settings = BCE.with_changes(limit=40, learning_rate=100.0, epochs=2)
    facts, advice = told(stack, settings)
    assert not facts.fault
    vanishing = replace(facts, symptom=BlockSymptom("vanishes", "block 1 (Conv 4, 3×3)"))
    assert advise("over", vanishing) == advice
    assert advice is not None
    assert advice.text.startswith("A learning rate of 100 is too high here: the answers are worse")
    assert advice.action is not None
    assert advice.action.kind == "reset"
    lower = settings.with_changes(learning_rate=advice.action.value)
    again, _ = told(stack, lower)
    assert again.last is not None
    assert facts.last is not None
    assert again.last.test_loss < 1.1 * again.even_loss < facts.last.test_loss


def test_a_real_run_that_begins_far_off_is_not_laid_to_its_rate() -> None:
    settings = TEN.with_changes(
        limit=40, loss="mse", initializer="normal", optimizer="adam", learning_rate=0.003, epochs=1
    )
    facts, advice = told(Stack().appended(Reshape(), Dense(units=10)), settings)
    assert facts.last is not None
    assert facts.last.test_loss > 100 * facts.even_loss
    assert advice is not None
    assert advice.text.startswith("Finished: ")


def test_a_real_run_of_a_deep_network_is_not_laid_to_its_rate() -> None:
    deep = [block for _ in range(8) for block in (Dense(units=10), Sigmoid())]
    settings = BCE.with_changes(limit=40, learning_rate=3.0, epochs=2, initializer="glorot")
    facts, _ = told(flat(*deep, units=10), settings)
    assert facts.knows_nothing
    vanishing = replace(facts, symptom=BlockSymptom("vanishes", "block 2 (Dense 10)"))
    assert said("over", vanishing).text.startswith("The gradient vanishes")


def test_a_real_run_that_learns_slowly_learns_at_the_rate_that_is_offered() -> None:
    stack = flat(Dense(units=30), Sigmoid(), units=10)
    settings = BCE.with_changes(batch_size=32, learning_rate=0.03, epochs=12)
    facts, advice = told(stack, settings)
    assert facts.last is not None
    assert advice is not None
    assert advice.text.endswith("A learning rate of 0.03 may be too low: try 1.")
    again, _ = told(stack, settings.with_changes(learning_rate=1.0))
    assert again.last is not None
    assert again.last.test_accuracy > 0.7 > 0.4 > facts.last.test_accuracy


def test_a_real_run_that_learns_by_heart() -> None:
    settings = BCE.with_changes(limit=2, learning_rate=0.5, epochs=30)
    facts, advice = told(flat(Dense(units=20), Sigmoid(), units=10), settings)
    assert facts.samples == 20
    assert advice is not None
    assert advice.text.startswith("It has learned its 20 images by heart (100 % right), but only")
    assert advice.action == Action("setting", "Use 10 per class", "limit", 10)


def test_a_real_run_that_only_guesses() -> None:
    deep = [block for _ in range(5) for block in (Dense(units=10), Sigmoid())]
    settings = BCE.with_changes(limit=10, epochs=6, initializer="glorot")
    _, advice = told(flat(*deep, units=10), settings)
    assert advice is not None
    assert advice.text.startswith("After 6 epochs it still guesses between 10 classes")


def test_a_real_run_that_learns() -> None:
    _, advice = told(flat(Dense(units=20), Sigmoid()), Settings(epochs=5, limit=50))
    assert advice is not None
    assert advice.text.startswith("Finished: 100 %")
