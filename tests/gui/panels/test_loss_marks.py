"""Marks on curves: which changes of settings they tell of, and in which words."""

from itertools import pairwise

from engine.model.settings import Settings
from gui.panels.loss_runs import Marks

START = Settings(learning_rate=0.1)


def test_a_change_is_said_with_what_was_before() -> None:
    marks = Marks()
    marks.add_change(2.5, START, START.with_changes(learning_rate=0.05))
    assert marks.lines() == [(2.5, "rate 0.1 → 0.05")]


def test_of_several_changes_at_one_time_the_first_and_the_last_are_said() -> None:
    marks = Marks()
    values = [0.1, 0.2, 0.3, 0.001]
    for before, after in pairwise(values):
        marks.add_change(
            2.5,
            START.with_changes(learning_rate=before),
            START.with_changes(learning_rate=after),
        )
    assert marks.lines() == [(2.5, "rate 0.1 → 0.001")]
    marks.add_change(2.5, START.with_changes(learning_rate=0.001), START)
    assert marks.lines() == []


def test_all_that_was_changed_at_one_time_is_one_line() -> None:
    marks = Marks()
    marks.add_change(1.0, START, START.with_changes(batch_size=32, optimizer="adam"))
    marks.add_change(3.0, START, START.with_changes(nesterov=True))
    assert marks.lines() == [
        (1.0, "optimizer SGD → Adam, batch size 1 → 32"),
        (3.0, "nesterov off → on"),
    ]


def test_what_does_not_bear_on_the_curves_is_not_marked() -> None:
    marks = Marks()
    marks.add_change(1.0, START, START.with_changes(epochs=40, seed=7))
    assert marks.lines() == []


def test_what_was_begun_again_is_marked() -> None:
    marks = Marks()
    marks.add_rewind(2.0)
    assert marks.lines() == [(2.0, "begun again")]
