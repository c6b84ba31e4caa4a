"""A rate that was changed while a run trained is named with the epoch that it came with."""

import pytest

from engine.runs.rate_changes import rate_changes, rate_sentence, with_rate_changes
from engine.runs.run_folder import Run
from tests.engine.runs.made_runs import made_run, with_rates


def at_rates(*rates: float | None) -> Run:
    run = made_run("one", [0.5] * len(rates), epochs_before=40, learning_rate=1.0)
    return with_rates(run, *rates)


@pytest.mark.parametrize(
    ("rates", "expected"),
    [
        ((), []),
        ((None, None), []),
        ((1.0, 1.0), []),
        ((200.0, 200.0), ["200 from epoch 41"]),
        ((None, 200.0, 200.0, None), ["200 from epoch 42", "1 from epoch 44"]),
        ((2.0, 3.0, 4.0, 5.0), ["…", "4 from epoch 43", "5 from epoch 44"]),
    ],
)
def test_rates_that_came_later(rates: tuple[float | None, ...], expected: list[str]) -> None:
    run = at_rates(*rates)
    assert rate_changes(run) == expected
    later = f"1, then {', '.join(expected)}" if expected else "1"
    assert with_rate_changes("1", run) == later
    assert rate_sentence(run) == ([f"learning rate {', '.join(expected)}"] if expected else [])
