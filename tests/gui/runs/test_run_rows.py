"""What the list says of a run."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.model.project import CheckpointRef
from engine.model.templates import notebook
from engine.runs.run_folder import Run
from gui.runs.run_rows import POINTS, rows_of, when
from tests.gui.runs.made_rows import NOW, continued, rows, run


def at(path: str, **described: Any) -> Run:
    """Return a run in a folder."""
    return replace(run(Path(path).name, **described), folder=Path(path))


@pytest.mark.parametrize(
    ("started", "text"),
    [
        (None, ""),
        (datetime(2026, 11, 26, 9, 5, tzinfo=UTC), "09:05"),
        (datetime(2026, 11, 25, 23, 59, tzinfo=UTC), "yesterday 23:59"),
        (datetime(2026, 3, 1, 9, 5, tzinfo=UTC), "1 Mar"),
        (datetime(2025, 12, 31, 9, 5, tzinfo=UTC), "31 Dec 2025"),
    ],
    ids=["unknown", "today", "yesterday", "this-year", "long-ago"],
)
def test_a_time_is_written_as_people_say_it(started: datetime | None, text: str) -> None:
    assert when(started, NOW) == text


def test_a_run_is_compared_with_the_one_before_it_or_the_one_that_it_continues() -> None:
    runs = [continued("c", "a", 8), run("b"), run("a")]
    found = rows_of(runs, lambda one, other: [f"{other.id} → {one.id}"])
    assert found[0].about == "a → c · continues a from epoch 8"
    assert found[1].about == "a → b"
    assert found[2].about == ""


def test_weights_of_no_whole_epoch_are_said_to_be_within_one() -> None:
    project = replace(notebook(), trained_epochs=8, trained_part=0.4)
    (row, _) = rows(run("c", parent=CheckpointRef("a", 8), project=project), run("a"))
    assert row.about.endswith("continues a from within epoch 9")


def test_a_run_whose_parent_was_deleted_says_so() -> None:
    row, _ = rows(continued("c", "a", 8), run("b"))
    assert row.about == "continues a run that is not here from epoch 8"


def test_the_first_line_of_a_note_is_said() -> None:
    (row,) = rows(run(note="too fast?\nask Ada"))
    assert row.about == "“too fast?”"
    (row,) = rows(run(note="\n \n by another program"))
    assert row.about == "“by another program”"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("finished", "8 epochs"),
        ("training", "⇣ live, 8 epochs"),
        ("interrupted", "! interrupted, 8 epochs"),
        ("failed", "✗ failed, 8 epochs"),
        ("stopped", "■ stopped, 8 epochs"),
    ],
)
def test_how_a_run_ended_is_said(state: str, words: str) -> None:
    (row,) = rows(run(state=state))
    assert row.extent(NOW) == f"{words} · 4.8 s · 14:02"


@pytest.mark.parametrize(
    ("state", "here", "words"),
    [
        ("training", "training", "● training, 8 epochs"),
        ("training", "paused", "‖ paused, 8 epochs"),
        ("training", "", "⇣ live, 8 epochs"),
        ("stopped", "paused", "■ stopped, 8 epochs"),
        ("", "paused", "8 epochs"),
    ],
)
def test_of_a_run_of_this_window_it_is_said_whether_it_is_paused(
    state: str, here: str, words: str
) -> None:
    row = replace(rows(run(state=state))[0], here=here)
    assert row.extent(NOW).startswith(words)
    assert row.trains == (state == "training" and here != "paused")
    assert ("paused" in row.own_text) == ("paused" in words)


def test_runs_elsewhere_are_sorted_among_the_others_by_their_time() -> None:
    old, new = NOW.replace(hour=9), NOW.replace(hour=14, minute=30)
    before, after = at("/x/old", started=old), at("/x/new", started=new)
    unknown, own = at("/x/unknown", started=None), run("a")
    found = rows_of([own], lambda *_: (), [before, unknown, after])
    assert [row.run for row in found] == [after, own, before, unknown]
    assert [row.place for row in found] == ["in x", "", "in x", "in x"]
    assert found[0].about == "in x"


def test_of_many_differences_the_first_are_read_out() -> None:
    many = [f"thing {n} 1 → 2" for n in range(9)]
    last, _ = rows_of([run("b", note="ours"), run("a")], lambda *_: many)
    assert last.about == f"{', '.join(many)} · “ours”"
    assert "thing 2 1 → 2 and 6 more" in last.sentence(NOW)


def test_a_sentence_says_all_of_a_run() -> None:
    (row,) = rows(run(pinned=True, state="failed", reason="The loss was no number."))
    said = row.sentence(NOW)
    assert said.startswith(
        f"a, failed, test accuracy {row.accuracy}, 8 epochs, steps took 4.8 s, 14:02."
    )
    assert said.endswith("The loss was no number. Pinned.")


def test_a_run_without_an_epoch_says_so() -> None:
    (row,) = rows(run(epochs=0, kept=(0,)))
    assert row.accuracy == "–"
    assert "no epoch finished yet, 0 epochs" in row.sentence(NOW)
    assert row.curve == ()


def test_a_long_curve_keeps_its_ends() -> None:
    long = run(epochs=500)
    (row,) = rows(long)
    assert len(row.curve) == POINTS
    assert row.curve[0] == long.metrics[0].test_accuracy
    assert row.curve[-1] == long.metrics[-1].test_accuracy
