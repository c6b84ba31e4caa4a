"""A rate that was changed while a run trained is named with the epoch that it came with."""

from dataclasses import replace

import msgspec
import pytest

from engine.runs.rate_changes import rate_changes, rate_sentence
from engine.runs.run_folder import Run
from tests.engine.runs.made_runs import made_run


def with_rates(*rates: float | None) -> Run:
    run = made_run("one", [0.5] * len(rates), epochs_before=40, learning_rate=1.0)
    lines = zip(run.metrics, rates, strict=True)
    metrics = tuple(msgspec.structs.replace(each, learning_rate=rate) for each, rate in lines)
    return replace(run, metrics=metrics)


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
    run = with_rates(*rates)
    assert rate_changes(run) == expected
    assert rate_sentence(run) == ([f"learning rate {', '.join(expected)}"] if expected else [])
