"""An epoch tells the learning rates that its steps were made with."""

from engine.training.events import BatchDone, EpochDone
from tests.engine.training_runs import SETTINGS, training


def test_an_epoch_tells_the_rates_that_its_steps_were_made_with() -> None:
    rates = iter([1.0, 2.0, 2.0, 2.0, 0.3, 0.2, 7.0, 7.0, 7.0])  # one for each step, set before it
    found = []
    with training(samples=20) as run:
        run.learning_rate = next(rates)
        for event in run.run():
            if isinstance(event, EpochDone):
                found.append((event.learning_rate, event.lowest_rate))
            elif isinstance(event, BatchDone):
                run.learning_rate = next(rates, 9.0)
    assert found == [(2.0, 1.0), (2.0, 0.2), (7.0, 7.0)], "none of the test, nor of the next epoch"


def test_an_epoch_that_was_stopped_within_tells_the_rates_of_before_too() -> None:
    with training(samples=20) as run:
        next(run.run())
        weights, state = run.weights(), run.state()
    settings = SETTINGS.with_changes(learning_rate=9.0)
    with training(settings, samples=20, kept=weights, state=state) as run:
        done = [event for event in run.run() if isinstance(event, EpochDone)]
    assert [(each.learning_rate, each.lowest_rate) for each in done] == [
        (9.0, SETTINGS.learning_rate),
        *[(9.0, 9.0)] * 2,
    ]
