"""A fall is laid to the steps that made it, whatever steps came after them."""

from dataclasses import replace

import pytest

from engine.advice.accuracy_falls import FallWatch
from engine.advice.facts import Epoch, Fall, Pace
from tests.engine.advice.coaching import RISING, epochs

BEST = RISING[-1]
CHANCE = 0.2
RUINOUS = Pace(300.0, 0.0, "sgd")


def after(*later: Epoch) -> FallWatch:
    watch = FallWatch()
    for epoch in (*RISING, *later):
        watch.add(epoch, BEST if epoch.number >= BEST.number else epoch, CHANCE)
    return watch


def paced(accuracy: float, rate: float, momentum: float = 0.0, optimizer: str = "sgd") -> Epoch:
    (epoch,) = epochs(accuracy, start=6, rate=rate)
    return replace(epoch, momentum=momentum, optimizer=optimizer)


@pytest.mark.parametrize(
    ("later", "pace", "raised"),
    [
        ([paced(0.1, 300)], RUINOUS, "the learning rate was raised from 0.1 to 300"),
        (  # what came after it has ruined nothing more
            [paced(0.1, 300), *[paced(0.1, 0.1)] * 200, paced(0.1, 900)],
            RUINOUS,
            "the learning rate was raised from 0.1 to 300",
        ),
        (  # it took some epochs
            [paced(0.95, 5), paced(0.9, 5), paced(0.1, 5), paced(0.1, 0.1)],
            Pace(5, 0, "sgd"),
            "the learning rate was raised from 0.1 to 5",
        ),
        (  # the last raise before it, not the first
            [paced(0.95, 0.0001, 0.999), paced(0.1, 0.01, 0.999), paced(0.1, 0.001, 0.999)],
            Pace(0.01, 0.999, "sgd"),
            "the learning rate was raised from 0.0001 to 0.01",
        ),
        (  # a rate that was taken back is not what was raised
            [paced(0.95, 5), paced(0.95, 0.1), paced(0.1, 0.1)],
            Pace(0.1, 0, "sgd"),
            "",
        ),
        ([paced(0.1, 0.1), paced(0.1, 0.01)], Pace(0.1, 0, "sgd"), ""),
        (
            [paced(0.1, 0.2, optimizer="adam"), paced(0.1, 0.1)],
            Pace(0.2, 0, "adam"),
            "the optimizer was changed",
        ),
    ],
)
def test_the_steps_that_made_a_fall(later: list[Epoch], pace: Pace, raised: str) -> None:
    fall = after(*later).fall
    assert fall is not None
    assert (fall.pace, fall.raised) == (pace, raised)


def test_what_is_good_again_has_no_fall() -> None:
    assert after().fall is None
    assert after(paced(0.83, 300)).fall is None, "that may be noise"
    assert after(paced(0.1, 300), paced(0.95, 0.1)).fall is None
    watch = after(paced(0.1, 300))
    (better,) = epochs(0.99, start=7, rate=2.0)
    watch.add(better, better, CHANCE)
    assert watch.fall is None
    watch.add(paced(0.1, 3), better, CHANCE)
    assert watch.fall == Fall(Pace(3, 0, "sgd"), "the learning rate was raised from 2 to 3", better)


def test_an_explosion_is_a_fall_unless_there_was_one_before() -> None:
    watch = after()
    watch.note(RUINOUS)
    expected = Fall(RUINOUS, "the learning rate was raised from 0.1 to 300", BEST)
    assert watch.fall == expected
    watch.add(paced(0.1, 0.1), BEST, CHANCE)
    watch.note(Pace(0.1, 0, "sgd"))
    assert watch.fall == expected
    watch.begin(BEST)
    assert watch.fall is None
    watch.note(Pace(7, 0, "sgd"))
    assert watch.fall == Fall(Pace(7, 0, "sgd"), "the learning rate was raised from 0.1 to 7", BEST)
    unknown = FallWatch()
    unknown.note(RUINOUS)
    assert unknown.fall == Fall(RUINOUS, "", None)


def test_epochs_that_guess_make_no_explosion_good_though_they_are_the_best_yet() -> None:
    watch, (first, second) = FallWatch(), epochs(0.1, 0.12, rate=0.1)
    watch.note(RUINOUS)
    watch.add(first, first, CHANCE)
    watch.add(second, second, CHANCE)
    watch.note(Pace(0.1, 0, "sgd"))
    assert watch.fall == Fall(RUINOUS, "", None)
    (learned,) = epochs(0.21, start=3)
    watch.add(learned, learned, CHANCE)
    assert watch.fall is None
    watch.note(Pace(7, 0, "sgd"))
    assert watch.fall is not None
    assert watch.fall.good is learned


def test_a_bad_epoch_before_an_explosion_does_not_lay_it_to_those_after() -> None:
    watch, (before,) = FallWatch(), epochs(0.1, rate=300)
    watch.add(before, before, CHANCE)
    watch.note(RUINOUS)
    (after_it,) = epochs(0.11, start=2, rate=0.1)
    watch.add(after_it, after_it, CHANCE)
    assert watch.fall == Fall(RUINOUS, "", before)
