"""Lines that lead from runs to those that they continue."""

from hypothesis import given
from hypothesis import strategies as st

from gui.runs.run_lanes import MOST, Lanes, lanes_of


def test_runs_that_continue_nothing_stand_below_each_other() -> None:
    assert lanes_of([("c", None), ("b", None), ("a", None)]) == [Lanes(0)] * 3


def test_a_line_leads_down_to_what_was_continued() -> None:
    newest, between, oldest = lanes_of([("c", "a"), ("b", None), ("a", None)])
    assert newest == Lanes(0, goes_on=True)
    assert between == Lanes(1, passing=(0,))
    assert oldest == Lanes(0, from_above=(0,))


def test_two_that_continue_one_meet_there() -> None:
    assert lanes_of([("c", "a"), ("b", "a"), ("a", None)]) == [
        Lanes(0, goes_on=True),
        Lanes(1, passing=(0,), goes_on=True),
        Lanes(0, from_above=(0, 1)),
    ]


def test_a_chain_is_one_line() -> None:
    first, middle, last = lanes_of([("c", "b"), ("b", "a"), ("a", None)])
    assert (first.own, middle.own, last.own) == (0, 0, 0)
    assert middle == Lanes(0, from_above=(0,), goes_on=True)


def test_what_is_not_there_or_newer_is_led_to_by_no_line() -> None:
    assert lanes_of([("b", "gone"), ("a", "b"), ("c", "c")]) == [Lanes(0)] * 3


@given(st.lists(st.one_of(st.none(), st.integers(0, 30)), max_size=30))
def test_every_line_begins_and_ends(parents: list[int | None]) -> None:
    """A lane that a row leaves downwards is one that touches the next row from above."""
    runs = [(str(n), None if p is None else str(p)) for n, p in enumerate(parents)]
    found = lanes_of(runs)
    below: set[int] = set()
    for lanes, (_, parent) in zip(found, runs, strict=True):
        assert set(lanes.passing) | set(lanes.from_above) == below
        assert lanes.own < MOST
        below = set(lanes.passing) | ({lanes.own} if lanes.goes_on else set())
        assert not lanes.goes_on or parent is not None
    assert not below


def test_many_lines_share_the_last_lane() -> None:
    roots = [(f"root{n}", None) for n in range(20)]
    children = [(f"child{n}", f"root{n}") for n in range(20)]
    assert max(lanes.own for lanes in lanes_of([*children, *roots])) == MOST - 1
