"""A word means one run, or it is said that it means several."""

import pytest

from engine.errors import RunError
from engine.runs.finding import only_called
from tests.engine.runs.made_runs import called, made_run

RUNS = [called(made_run(f"2026-{number:02}"), "often") for number in range(12)]
ONE = called(made_run("2026-12"), "2026-0")


def test_a_name_comes_before_the_beginning_of_an_id() -> None:
    assert only_called([*RUNS, ONE], "2026-0") is ONE
    assert only_called([*RUNS, ONE], "2026-11") is RUNS[11]
    for word in ("2025", "", "ofte"):
        assert only_called([*RUNS, ONE], word) is None


def test_of_several_the_first_ids_are_said() -> None:
    with pytest.raises(RunError) as fault:
        only_called(RUNS, "often")
    ids = [f"2026-{number:02}" for number in range(12)]
    assert str(fault.value) == (
        f"12 runs are called often: {', '.join(ids[:10])} and 2 more. Give the id of one."
    )
    with pytest.raises(RunError, match="2 runs begin with 2026-1: 2026-10, 2026-11"):
        only_called(RUNS, "2026-1")
