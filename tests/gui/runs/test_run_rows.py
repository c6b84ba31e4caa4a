"""What the list says of a run, as `tests/said/run_rows.txt` has it."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.model.project import CheckpointRef
from engine.model.templates import notebook
from engine.runs.run_folder import Run
from gui.runs.run_rows import RunRow, RunsRead, rows_of, when
from tests.approved import assert_approved
from tests.gui.runs.made_rows import BEGAN, continued, rows, run

OTHER = replace(notebook(), settings=notebook().settings.with_changes(dataset="/own/pets"))
MANY = [f"thing {n} 1 → 2" for n in range(9)]


def at(path: str, **described: Any) -> Run:
    """Return a run in a folder."""
    return replace(run(Path(path).name, **described), folder=Path(path))


def compared(*runs: Run) -> RunRow:
    """Return the row of the newest of runs, of which each differs from another."""
    return rows_of(runs, lambda one, other: [f"{other.id} → {one.id}"])[0]


def ended(state: str, here: str = "") -> RunRow:
    return replace(rows(run(state=state))[0], here=here)


ROWS = {
    "the first": compared(run("a")),
    "beside the one before": compared(run("b"), run("a")),
    "that goes on": compared(continued("c", "a", 8), run("b"), run("a")),
    "that goes on from within an epoch": compared(
        run(
            "c",
            parent=CheckpointRef("a", 8),
            project=replace(notebook(), trained_epochs=8, trained_part=0.4),
        ),
        run("a"),
    ),
    "whose parent was deleted": compared(continued("c", "a", 8), run("b")),
    "beside one of other data": compared(run("b", project=OTHER), run("a")),
    "with a note": compared(run(note="too fast?\nask Ada")),
    "with a note that begins with empty lines": compared(run(note="\n \n by another program")),
    "with many differences": rows_of([run("b", note="ours"), run("a")], lambda *_: MANY)[0],
    "without an epoch": compared(run(epochs=0, kept=(0,))),
    "pinned and failed": compared(
        run(pinned=True, state="failed", reason="The loss was no number.")
    ),
    **{
        state: ended(state)
        for state in ("finished", "interrupted", "failed", "stopped", "training")
    },
    "training in this window": ended("training", "training"),
    "paused in this window": ended("training", "paused"),
    "stopped after a pause": ended("stopped", "paused"),
    "of which nothing is known": ended("", "paused"),
}


def test_what_is_said_of_each_row() -> None:
    assert_approved(
        "run_rows.txt",
        "".join(
            f"# a run {title}\n{row.about or '–'}\n{row.done}\n{row.sentence()}\n"
            for title, row in ROWS.items()
        ),
    )


def test_a_time_is_written_as_a_time_today_and_else_as_a_date() -> None:
    assert when(None) == ""
    today = datetime.now().astimezone()
    assert when(today) == f"{today:%H:%M}"
    assert when(BEGAN) == "2025-11-26"


def test_runs_elsewhere_are_sorted_among_the_others_by_their_time() -> None:
    old, new = BEGAN.replace(hour=9), BEGAN.replace(hour=14, minute=30)
    before, after = at("/x/old", started=old), at("/x/new", started=new)
    unknown, own = at("/x/unknown", started=None), run("a")
    found = rows_of([own], lambda *_: (), [before, unknown, after])
    assert [row.run for row in found] == [after, own, before, unknown]
    assert [row.place for row in found] == ["in x", "", "in x", "in x"]
    assert found[0].about == "in x"


def test_the_run_and_the_epoch_of_the_open_network_are_said() -> None:
    read = RunsRead(tuple(rows(continued("b", "a", 8), run("a"))), "", ())
    ours, other = read.rows_while("", CheckpointRef("b", 2), paused=False)
    assert ours.about.startswith("you are here: epoch 10")
    assert "you are here: epoch 10" in ours.sentence()
    assert "you are here" not in other.sentence()
