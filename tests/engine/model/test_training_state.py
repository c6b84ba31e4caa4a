"""A run that was stopped goes on as if it had not been, or says what begins anew, and why."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as trials
from hypothesis import strategies as st

from engine import blocks as kinds
from engine.model.settings import Settings
from engine.model.stack import ShapeReport
from engine.model.training_state import TrainingState, next_state, what_begins_anew
from engine.model.weights import Weights
from engine.training.events import BatchDone, EpochDone, Event, Finished
from engine.training.optimizers import Optimizer
from tests.engine.networks import BLOCKS, MODERN, fitting, locking
from tests.engine.training_runs import SETTINGS, same, training
from tests.failing import failing

SAMPLES = 50
OPTIMIZERS: dict[str, dict[str, object]] = {
    "plain": {},
    "momentum": {"momentum": 0.9},
    "nesterov": {"momentum": 0.8, "nesterov": True, "weight_decay": 0.01},
    "adam": {"optimizer": "adam", "learning_rate": 0.01, "weight_decay": 0.01},
    "adamw": {"optimizer": "adamw", "learning_rate": 0.01, "weight_decay": 0.1},
}
SCHEDULES: dict[str, dict[str, object]] = {
    "constant": {},
    "step": {"schedule": "step", "step_epochs": 2, "step_factor": 0.3},
    "cosine": {"schedule": "cosine"},
}
MOMENTUM = SETTINGS.with_changes(momentum=0.9)
ADAM = SETTINGS.with_changes(optimizer="adam", learning_rate=0.01)

# What is the same each time; how long it took is not.
Told = tuple[object, ...]


def told(event: Event) -> Told:
    """What an event says of the training itself."""
    if isinstance(event, BatchDone):
        return event.epoch, event.step, event.position, event.loss
    if isinstance(event, EpochDone):
        kept_apart = event.validation.loss if event.validation else None
        return (
            event.epoch,
            event.epochs,
            event.loss,
            event.accuracy,
            event.test_loss,
            event.test_accuracy,
            kept_apart,
        )
    assert isinstance(event, Finished)
    return event.epochs, event.reason


class Stopping:
    """A training that is stopped after some events and goes on from what was kept, as often."""

    def __init__(self, settings: Settings, report: ShapeReport, samples: int = SAMPLES) -> None:
        self.settings, self.report, self.samples = settings, report, samples
        self.weights: Weights | None = None
        self.state: TrainingState | None = None
        self.told: list[Told] = []

    def kept(self) -> Weights:
        """The weights that were trained last."""
        assert self.weights is not None
        return self.weights

    def go(self, events: int | None = None) -> None:
        """Train for so many events, or to the end."""
        with training(
            self.settings,
            self.samples,
            report=self.report,
            kept=self.weights,
            state=self.state,
            threads=1,
        ) as run:
            for event in run.run():
                self.told.append(told(event))
                if events is not None and (events := events - 1) == 0:
                    break
            self.weights, self.state = run.weights(), run.state()


def straight(settings: Settings, report: ShapeReport) -> Stopping:
    run = Stopping(settings, report)
    run.go()
    return run


def chosen(optimizer: str, schedule: str, **changes: object) -> Settings:
    return SETTINGS.with_changes(
        **{**OPTIMIZERS[optimizer], **SCHEDULES[schedule], "epochs": 4, **changes}
    )


@trials(max_examples=15, deadline=None)
@given(st.data())
def test_wherever_it_is_stopped(data: st.DataObject) -> None:
    """Batch norm, dropout, locks, samples held out, and an end that is decided on the way."""
    settings = chosen(
        data.draw(st.sampled_from(sorted(OPTIMIZERS))),
        data.draw(st.sampled_from(sorted(SCHEDULES))),
        loss="cross_entropy",
        validation_split=data.draw(st.sampled_from([0.0, 20.0])),
        early_stopping=data.draw(st.sampled_from([0, 1, 2])),
        batch_size=data.draw(st.sampled_from([7, 16, 50])),
    )
    locked = data.draw(st.sets(st.sampled_from([1, 2, 5, 10, 11])))
    report = locking(fitting(MODERN, loss="cross_entropy"), tuple(locked))
    right, parts = straight(settings, report), Stopping(settings, report)
    left = len(right.told) - 1
    while left > 0 and data.draw(st.booleans()):
        events = data.draw(st.integers(1, left))
        parts.go(events)
        left -= events
        if parts.state is not None and parts.state.finished:
            break  # the last epoch told so, whether its end was waited for or not
    else:
        parts.go()
        assert parts.told == right.told
    assert same(parts.kept(), right.kept())


def test_the_cosine_begins_anew_after_the_end_and_the_memories_stay() -> None:
    """Nearly without a learning rate the gradients stay, and the steps tell their factor."""
    settings = chosen("plain", "cosine", epochs=2, batch_size=50, learning_rate=1e-3)
    parts, dense = Stopping(settings, fitting()), []
    for _ in range(6):
        parts.go(1)
        parts.go(1)  # the end of the epoch
        dense.append(parts.kept()[6]["weight"])
    moved = np.abs(np.diff(dense, axis=0)).max(axis=(1, 2))
    assert moved / moved[1] == pytest.approx([0.5, 1, 0.5, 1, 0.5], rel=0.05)


def after(settings: Settings, events: int) -> TrainingState:
    """Where a run stands after some events."""
    run = Stopping(settings, fitting())
    run.go(events)
    assert run.state is not None
    return run.state


def goal(state: TrainingState, settings: Settings) -> tuple[int, int]:
    found = next_state(state, fitting(), settings, SAMPLES)
    return found.first_epoch, found.last_epoch


@pytest.mark.parametrize(
    ("events", "epochs", "first_and_last"),
    [
        (12, 3, (0, 3)),  # unfinished: to its goal
        (12, 5, (0, 5)),  # so many from the beginning of the run
        (20, 2, (0, 4)),  # as many are done: so many more
        (20, 1, (0, 3)),
        (25, 3, (3, 6)),  # after the end: so many more
        (25, 1, (3, 4)),
    ],
)
def test_how_far_training_goes(events: int, epochs: int, first_and_last: tuple[int, int]) -> None:
    state = after(SETTINGS, events)
    assert goal(state, SETTINGS.with_changes(epochs=epochs)) == first_and_last


def test_so_many_more_may_be_asked_for() -> None:
    state = after(SETTINGS, 12)
    assert goal(state.with_goal(7), SETTINGS.with_changes(epochs=7)) == (0, 8)
    assert goal(state.with_goal(2), SETTINGS.with_changes(epochs=2)) == (0, 3)


def begins_anew(state: TrainingState | None, settings: Settings, *blocks: kinds.KnownBlock) -> str:
    report = fitting(blocks or BLOCKS, loss=settings.loss)
    return what_begins_anew(state, report, settings, SAMPLES, 1)


WIDER = (*BLOCKS[:5], kinds.Dense(units=9), *BLOCKS[6:])
SHORTER = (*BLOCKS[:4], *BLOCKS[4:5], *BLOCKS[7:])


def test_an_edit_that_voids_the_memories_is_named() -> None:
    adam, momentum, plain = after(ADAM, 10), after(MOMENTUM, 10), after(SETTINGS, 10)
    assert begins_anew(adam, ADAM) == ""
    changed = "knows nothing of earlier steps, for {}: the loss may rise at first."
    assert begins_anew(adam, ADAM, *WIDER) == f"Adam {changed}".format("block 6 was changed")
    assert begins_anew(adam, ADAM, *SHORTER).startswith("Adam knows nothing of earlier steps")
    other = ADAM.with_changes(optimizer="adamw"), MOMENTUM
    for settings, name in zip(other, ("AdamW", "Momentum"), strict=True):
        said = f"{name} {changed}".format("the optimizer was changed")
        assert begins_anew(adam, settings) == said
    assert begins_anew(plain, MOMENTUM) == begins_anew(plain, ADAM) == ""  # nothing is lost
    assert begins_anew(momentum, MOMENTUM.with_changes(momentum=0.5, nesterov=True)) == ""
    assert begins_anew(momentum, SETTINGS) == ""  # there is nothing to remember
    steps = SETTINGS.with_changes(schedule="step")
    assert begins_anew(plain, steps, *WIDER) == "The schedule starts anew: block 6 was changed."
    assert begins_anew(plain, SETTINGS, *WIDER) == ""
    assert begins_anew(None, SETTINGS) == ""
    assert begins_anew(None, ADAM) == f"Adam {changed}".format("they were not kept")
    report = fitting()
    assert what_begins_anew(None, report, ADAM, SAMPLES, 0) == ""


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"batch_size": 9}, "Epoch 2 begins again: the batch size was changed."),
        ({"seed": 9}, "Epoch 2 begins again: the seed was changed."),
        ({"classes": (3, 4, 5)}, "Epoch 2 begins again: the classes were changed."),
        ({"limit": 9}, "Epoch 2 begins again: the limit per class was changed."),
        ({"validation_split": 9.0}, "Epoch 2 begins again: the validation split was changed."),
        ({"dataset": "mnist-full"}, "Epoch 2 begins again: the data was changed."),
        ({"learning_rate": 0.2, "epochs": 9, "schedule": "step"}, ""),
    ],
)
def test_an_edit_of_the_data_begins_the_epoch_again_with_the_memories(
    changes: dict[str, object], words: str
) -> None:
    state, settings = after(MOMENTUM, 12), MOMENTUM.with_changes(**changes)
    assert begins_anew(state, settings) == words
    found = next_state(state, fitting(), settings, SAMPLES)
    assert (found.part.steps == 0) == bool(words)
    assert (found.epochs_done, found.updates) == (1, 11)
    assert found.memories is state.memories


def test_what_is_void_begins_a_new_run() -> None:
    state = after(ADAM, 12)
    found = next_state(state, fitting(WIDER), ADAM, SAMPLES)
    assert (found.origin, found.first_epoch, found.last_epoch, found.updates) == (1, 1, 4, 0)
    with training(ADAM, report=fitting(WIDER), state=state) as run:
        assert run.epochs_done == 1
        assert [e.epoch for e in run.run() if isinstance(e, EpochDone)] == [2, 3, 4]


def test_memories_that_are_not_finite_are_not_gone_on_from() -> None:
    with training(ADAM) as run:
        next(run.run())
        assert run.state() is not None
        key = next(iter(run.network.parameters))
        run._optimizer._memories[key][1][...] = np.inf
        assert run.state() is None


def test_without_room_for_the_memories_there_are_the_weights_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Optimizer, "memories", failing(MemoryError()))
    with training(ADAM) as run:
        next(run.run())
        assert run.state() is None
        assert run.weights()
