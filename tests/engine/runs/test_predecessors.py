"""Which run each is compared with."""

from engine.model.run_moment import RunMoment
from engine.runs.predecessors import predecessors
from tests.engine.runs.made_runs import made_run


def test_a_run_is_compared_with_its_parent_or_with_the_one_before_it() -> None:
    first, second = made_run("first"), made_run("second")
    child = made_run("child", parent=RunMoment("first", 2))
    orphan = made_run("orphan", parent=RunMoment("gone", 2))
    assert predecessors([orphan, child, second, first]) == [child, first, first, None]


def test_a_parent_that_began_later_is_one_too() -> None:
    """The clocks of two machines differ."""
    child, parent = made_run("child", parent=RunMoment("parent", 1)), made_run("parent")
    assert predecessors([parent, child]) == [child, parent]


def test_without_others_there_is_none() -> None:
    assert predecessors([]) == []
    assert predecessors([made_run("only", parent=RunMoment("gone", 1))]) == [None]
