"""What the coach knows of a training, what it says, and what its buttons do."""

import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from engine.model.settings import Settings

Happened = Literal["opened", "started", "epoch", "over", "drawn", "went_back"]
RUN_BEFORE = "the run before"
Trouble = Literal["too_large", "no_gradient", "vanishes", "grows", "dead", "saturated"]

_ABOVE_CHANCE = 0.1
_FELL = 0.15  # of all test images; a noisy epoch costs less
_USUAL_RATES = {"sgd": 0.1, "adam": 0.001, "adamw": 0.001}
_MEANS = ("bce", "mse")  # losses that are means over the classes
_MOST_CLASSES = 10
_USUAL_BATCH = 32


@dataclass(frozen=True)
class Action:
    """What the button of an advice does.

    It shows the panel `target`, leads to the input of the setting `target`, gives that a `value`,
    chooses the speed `value`, goes back to the best epoch or to a kept moment, if there is a
    `value` with that learning rate, resets all that was learned and takes the learning rate
    `value`, starts the tour, or opens the project `target`. Where the panel is in view there is no
    button: `in_view` says then what to do in it.
    """

    kind: Literal[
        "panel", "input", "setting", "speed", "best_epoch", "rewind", "reset", "tour", "project"
    ]
    label: str
    target: str = ""
    value: object = None
    in_view: str = ""


@dataclass(frozen=True)
class Advice:
    """One line for the user, and what `more` its tooltip says. The same `cause` is told once.

    It is no longer true once the test accuracy is above `until`.
    """

    cause: str
    text: str
    action: Action | None = None
    more: str = ""
    until: float = math.inf


class Pace(NamedTuple):
    """What decides how large steps are: learning rate, momentum of SGD, and optimizer."""

    rate: float
    momentum: float
    optimizer: str


@dataclass(frozen=True)
class Epoch:
    """What is known of a finished epoch, and what its steps were made with.

    `rate` is the highest learning rate of its steps, `lowest_rate` the lowest, where it was changed
    within. With `is_within` it is of weights some steps later, where a run began that is no kept
    epoch.
    """

    number: int
    loss: float
    accuracy: float
    test_loss: float
    test_accuracy: float
    rate: float
    momentum: float = 0.0
    optimizer: str = "sgd"
    is_within: bool = False
    lowest_rate: float | None = None
    validation_loss: float | None = None
    validation_accuracy: float | None = None

    @property
    def pace(self) -> Pace:
        """What decided how large its largest steps were: they may have ruined what was learned."""
        return Pace(self.rate, self.momentum, self.optimizer)

    @property
    def lowest_pace(self) -> Pace:
        """What decided how large its smallest steps were: with these it was not ruined."""
        return self.pace if self.lowest_rate is None else self.pace._replace(rate=self.lowest_rate)

    @property
    def place(self) -> str:
        """When it was, in words."""
        return f"within epoch {self.number + 1:,}" if self.is_within else f"epoch {self.number:,}"


@dataclass(frozen=True)
class Fall:
    """The steps that have ruined what was learned, and what was raised before, if that is known.

    `good` is the last epoch before, if there is one.
    """

    pace: Pace
    raised: str
    good: Epoch | None


@dataclass(frozen=True)
class BlockSymptom:
    """What is wrong with the gradients or units of a block, such as `block 1 (Conv 5, 3×3)`."""

    trouble: Trouble
    block: str


@dataclass(frozen=True)
class Facts:
    """All that the coach knows.

    `class_names` are what the classes are called, if that is known. `run` counts the runs,
    `first_rate` is the learning rate that this one began with, `first_loss` the test loss before
    the first step of all, if that is known, `epochs` are those since training began from the seed,
    `best` is the one whose weights are kept, `fall` what has ruined what was learned. `before` is
    the test accuracy at which the run before ended, or that of the epoch that was gone back to, as
    `before_name` says; `samples` the number of those that are trained on. `train_word` is what the
    button says that trains. `ended_early` is the sentence that says why the run finished before its
    goal, `fault` the one that says where its numbers grew without end, `rewind` the best epoch that
    is kept of such a run and of those that it continues; `searching` says that it is not known yet
    whether there is one. `unread` says that the data is not read before the user wants it. `offer`
    is what may be offered at the start. `symptom` is the worst that steps and units show, `stuck`
    what the units show. `running` says that training goes on, `slow` that it shows every step
    because this is the first time.
    """

    settings: Settings
    class_names: tuple[str, ...] = ()
    run: int = 0
    first_rate: float = math.inf
    first_loss: float | None = None
    epochs: tuple[Epoch, ...] = ()
    best: Epoch | None = None
    fall: Fall | None = None
    before: float | None = None
    before_name: str = RUN_BEFORE
    train_word: str = "Train"
    samples: int = 0
    running: bool = False
    fault: str = ""
    rewind: Epoch | None = None
    searching: bool = False
    finished: bool = False
    ended_early: str = ""
    slow: bool = False
    symptom: BlockSymptom | None = None
    stuck: BlockSymptom | None = None
    cautions: tuple[str, ...] = ()
    data_problem: str = ""
    unread: bool = False
    offer: Advice | None = None

    @property
    def last(self) -> Epoch | None:
        """The epoch that was finished last."""
        return self.epochs[-1] if self.epochs else None

    @property
    def chance(self) -> float:
        """The accuracy up to which a network may just be guessing."""
        return chance_of(self.settings)

    @property
    def knows_nothing(self) -> bool:
        """Whether no epoch is known in which the network did more than guess."""
        known = (*self.epochs, *(() if self.best is None else (self.best,)))
        return all(epoch.test_accuracy <= self.chance for epoch in known)

    @property
    def even_loss(self) -> float:
        """The loss of a network to which all classes are equally likely."""
        from engine.model.losses import LOSSES  # brings the numerics

        count = len(self.settings.classes)
        outputs = np.full((1, count), 1 / count, np.float32)
        targets = np.eye(1, count, dtype=np.float32)
        return float(LOSSES[self.settings.loss].values(outputs, targets)[0])

    @property
    def usual_rate(self) -> float:
        """The learning rate that such a training usually learns with."""
        return usual_rate(pace_of(self.settings), self.settings)


def chance_of(settings: Settings) -> float:
    """Return the accuracy up to which a network may just be guessing between the classes."""
    return 1 / len(settings.classes) + _ABOVE_CHANCE


def has_fallen(epoch: Epoch, best: Epoch) -> bool:
    """Return whether an epoch is so much worse than the best that it is no noise."""
    return epoch.test_accuracy <= best.test_accuracy - _FELL


def usual_rate(pace: Pace, settings: Settings) -> float:
    """Return the learning rate that an optimizer usually learns with, by loss and batch size.

    Momentum adds up steps of one direction, to a total 1 / (1 - momentum) times as far.
    """
    scale = _gradient_scale(settings) if pace.optimizer == "sgd" else 1.0
    return float(f"{_USUAL_RATES[pace.optimizer] * scale * (1 - pace.momentum):.0e}")


def _gradient_scale(settings: Settings) -> float:
    """Return how much larger than usual the rate of SGD may be, whose steps are as its gradients.

    Those of a mean over the classes are smaller by their number. Those of small batches are noisy
    by the root of their size: so of these there is less to gain.
    """
    if settings.loss not in _MEANS:
        return 1.0
    classes = min(len(settings.classes), _MOST_CLASSES)
    return max(1.0, classes * math.sqrt(min(settings.batch_size / _USUAL_BATCH, 1.0)))


def pace_of(settings: Settings) -> Pace:
    """Return what decides how large steps are with these settings."""
    momentum = settings.momentum if settings.optimizer == "sgd" else 0.0
    return Pace(settings.learning_rate, momentum, settings.optimizer)
