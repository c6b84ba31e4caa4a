"""Colours by which runs are told apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor

from gui.runs.run_colours import RUN_COLOURS, colours_for, run_colour
from gui.theme import DARK, LIGHT, contrast

IDS = st.lists(st.text(max_size=20), max_size=20, unique=True)


@given(IDS)
def test_runs_after_each_other_have_other_colours(ids: list[str]) -> None:
    found = colours_for((run, "") for run in ids)
    assert set(found) <= set(RUN_COLOURS.values()) - {RUN_COLOURS["Grey"]}
    for start in range(len(found)):
        six = found[start : start + 6]
        assert len(set(six)) == len(six)


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_colour_stays_when_the_run_before_goes_unless_they_were_alike(one: str, two: str) -> None:
    alone = colours_for([(one, "")]) + colours_for([(two, "")])
    beside = colours_for([(one, ""), (two, "")])
    assert beside[0] == alone[0]
    assert (beside == alone) == (alone[0] != alone[1])


def test_a_chosen_colour_counts_and_an_odd_one_does_not() -> None:
    assert colours_for([("a", "#123456"), ("b", "red; url(x)")])[0] == "#123456"
    assert colours_for([("b", "red; url(x)")]) == colours_for([("b", "")])


@pytest.mark.parametrize("colour", RUN_COLOURS.values(), ids=list(RUN_COLOURS))
@pytest.mark.parametrize("ground", [LIGHT.base, DARK.base], ids=["light", "dark"])
def test_every_colour_is_seen_on_both_grounds(colour: str, ground: str) -> None:
    assert contrast(run_colour(colour, QColor(ground)), QColor(ground)) >= 3


@pytest.mark.parametrize("colour", ["#ffffff", "#000000"])
def test_a_colour_like_the_ground_is_changed_till_it_is_seen(colour: str) -> None:
    assert contrast(run_colour(colour, QColor(colour)), QColor(colour)) >= 3
