"""Which arcs there are in a stack, and in which lanes."""

from engine.blocks import Add, ReLU
from engine.model.stack import Stack
from gui.widgets.arcs import Arc, arcs_of, lanes_of


def test_arcs_that_pass_the_same_rows_have_lanes_of_their_own() -> None:
    blocks = (ReLU(), ReLU(), Add(source=2), Add(source=1), ReLU(), Add(source=4), Add(source=3))
    found = arcs_of(Stack().appended(*blocks).rows())
    assert found == [Arc(1, 2, 0), Arc(3, 5, 0), Arc(0, 3, 1), Arc(2, 6, 2)]
    assert lanes_of(found) == 3


def test_what_takes_no_earlier_block_has_no_arc() -> None:
    blocks = (Add(source=2), ReLU(), Add(source=9), Add(source=4))
    assert arcs_of(Stack().appended(*blocks).rows()) == []
    assert lanes_of([]) == 0
