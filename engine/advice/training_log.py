"""What training has shown, as the coach knows it, and what the coach says."""

import math
from dataclasses import dataclass, replace
from functools import reduce
from typing import TYPE_CHECKING, Literal, NamedTuple

from engine.data.dataset import Dataset
from engine.model.settings import Settings
from engine.training.best_epoch import is_better

if TYPE_CHECKING:
    from engine.advice.repairs import Repair

Trouble = Literal["too_large", "no_gradient", "vanishes", "grows", "dead", "saturated"]

_REMEMBERED = 50  # epochs


@dataclass(frozen=True)
class Action:
    """What the button of an advice does.

    It shows the panel `target`, leads to the input of the setting `target`, gives that a `value`,
    with `reset` dropping all that was learned, chooses the speed `value`, goes back to the best
    epoch, with the learning rate `value` if there is one, fits the network to the data, starts the
    tour, or opens the project `target`. Where the panel is in view there is no button.
    """

    kind: Literal[
        "panel", "input", "setting", "speed", "best_epoch", "reset", "fit", "tour", "project"
    ]
    label: str
    target: str = ""
    value: object = None


@dataclass(frozen=True)
class Advice:
    """One line for the user, and what `more` its tooltip says.

    Once it is closed, nothing of the same `cause` is said until the next run.
    """

    cause: str
    text: str
    action: Action | None = None
    more: str = ""


class Pace(NamedTuple):
    """What decides how large steps are: learning rate, momentum of SGD, and optimizer."""

    rate: float
    momentum: float
    optimizer: str


@dataclass(frozen=True)
class Epoch:
    """What came of an epoch, and what its steps were made with.

    One that exploded has an infinite loss. `rate` is the highest learning rate of its steps.
    """

    number: int
    loss: float
    accuracy: float
    test_loss: float
    test_accuracy: float
    rate: float
    momentum: float = 0.0
    optimizer: str = "sgd"
    validation_loss: float | None = None
    validation_accuracy: float | None = None

    @property
    def pace(self) -> Pace:
        """What decided how large its steps were."""
        return Pace(self.rate, self.momentum, self.optimizer)

    @property
    def exploded(self) -> bool:
        """Whether its numbers grew without end."""
        return not math.isfinite(self.test_loss)


class Symptom(NamedTuple):
    """What is wrong with the gradients or units of a block, in a word and in a sentence."""

    trouble: Trouble
    text: str


@dataclass(frozen=True)
class Log:
    """What training has shown since it began from the seed, and how it stands.

    `state` is what became of the training of these weights; Ready: nothing yet. `fault` says where
    the numbers of the last epoch grew without end. `symptom` is the worst that steps and units
    show, `before` the test accuracy at which the run before ended, `samples` the number of those
    that are trained on. `train_word` is what the button says that trains, `ended_early` why the run
    finished before its goal. `slow` says that every step is shown because this is the first time,
    `data_problem` why there is no data, or that it has more classes, `unread` that it is not read
    before the user wants it, `fit` what fits the network to data of other classes. `offer` is what
    may be offered before a run. `tried` are the paces with which this network was trained on this
    data, also before a Reset: no advice leads back to one. `training` are the
    samples that are trained on.
    """

    state: str = "Ready"
    epochs: tuple[Epoch, ...] = ()
    fault: str = ""
    symptom: Symptom | None = None
    before: float | None = None
    samples: int = 0
    train_word: str = "Train"
    ended_early: str = ""
    slow: bool = False
    data_problem: str = ""
    unread: bool = False
    fit: "Repair | None" = None
    offer: Advice | None = None
    tried: frozenset[Pace] = frozenset()
    training: Dataset | None = None

    @property
    def last(self) -> Epoch | None:
        """The last epoch."""
        return self.epochs[-1] if self.epochs else None

    @property
    def best(self) -> Epoch | None:
        """The best epoch that did not explode; of equal ones the first."""
        whole = [each for each in self.epochs if not each.exploded]
        if not whole:
            return None
        return reduce(lambda best, each: each if is_better(each, best) else best, whole)

    def after(self, *epochs: Epoch) -> "Log":
        """Return the log with more epochs; of very many the best and the last ones stay."""
        known = (*self.epochs, *epochs)
        if len(known) > 2 * _REMEMBERED:
            recent, best = known[-_REMEMBERED:], replace(self, epochs=known).best
            known = recent if best is None or best in recent else (best, *recent)
        return replace(self, epochs=known)

    @property
    def running(self) -> bool:
        """Whether training goes on, so that nothing may be edited."""
        return self.state == "Training"

    @property
    def finished(self) -> bool:
        """Whether the last run came to its end."""
        return self.state == "Finished"


def pace_of(settings: Settings) -> Pace:
    """Return what decides how large steps are with these settings."""
    momentum = settings.momentum if settings.optimizer == "sgd" else 0.0
    return Pace(settings.learning_rate, momentum, settings.optimizer)
