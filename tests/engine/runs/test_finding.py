"""A word means one run, or it is said that it means several."""

from dataclasses import replace

import pytest

from engine.errors import RunError
from engine.runs.run_folder import Run
from engine.runs.store import only_called
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


def numbered(name: str, number: int) -> Run:
    """Return a run without a name, as the window says it: by its number."""
    run = made_run(name)
    return replace(run, description=replace(run.description, name="", number=number))


def test_a_number_means_the_run_that_the_window_calls_so() -> None:
    seven, seventy = numbered("2026-20", 7), numbered("2026-21", 70)
    assert only_called([*RUNS, seven, seventy], "Run 7") is seven
    assert only_called([*RUNS, seven], seven.title) is seven
    assert only_called([*RUNS, seven], "Run 8") is None
    named = called(made_run("2026-22"), "Run 7")
    assert only_called([seven, named], "Run 7") is named
    with pytest.raises(RunError, match="2 runs are called Run 7: 2026-20, 2026-23"):
        only_called([seven, numbered("2026-23", 7)], "Run 7")
