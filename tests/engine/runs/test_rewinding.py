"""After an explosion one goes back to the last epoch that was kept before it went wrong."""

import math
from dataclasses import replace

import msgspec
import pytest

from engine.runs.rewinding import last_good_epoch
from tests.engine.runs.made_runs import made_run

# The test losses are 0.5, 0.2, 0.1 and 0.9: after epoch 3 the training was ruined.
RUN = made_run("exploded", (0.5, 0.8, 0.9, 0.1))


@pytest.mark.parametrize(
    ("kept", "last", "expected"),
    [
        ((0, 1, 2, 3, 4), 4, 3),
        ((0, 1, 2, 4), 4, 2),
        ((0, 1, 2, 3, 4), 2, 2),
        ((0, 1, 4), 4, 1),
        ((0,), 4, None),
        ((), 4, None),
        ((0, 1, 2, 3, 4), 0, None),
    ],
)
def test_the_last_good_epoch(kept: tuple[int, ...], last: int, expected: int | None) -> None:
    assert last_good_epoch(replace(RUN, kept_epochs=kept), last) == expected


def test_a_loss_that_is_no_number_is_not_good() -> None:
    first, *rest = RUN.metrics
    broken = [msgspec.structs.replace(each, test_loss=math.nan) for each in rest]
    assert last_good_epoch(replace(RUN, metrics=(first, *broken)), 4) == 1


def test_of_a_run_without_epochs_there_is_none() -> None:
    assert last_good_epoch(replace(RUN, metrics=()), 4) is None
