"""What the list says of a run."""

from datetime import UTC, datetime

import pytest

from gui.runs.run_rows import POINTS, rows_of, when
from tests.gui.runs.made_rows import NOW, continued, rows, run


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
    found = rows_of(runs, lambda one, other: f"{other.id} → {one.id}")
    assert found[0].about == "a → c · continues a from epoch 8"
    assert found[1].about == "a → b"
    assert found[2].about == ""


def test_a_run_whose_parent_was_deleted_says_so() -> None:
    (row,) = rows(continued("c", "a", 8))
    assert row.about == "continues a run that is gone from epoch 8"


def test_the_first_line_of_a_note_is_said() -> None:
    (row,) = rows(run(note="too fast?\nask Ada"))
    assert row.about == "“too fast?”"
    (row,) = rows(run(note="\n \n by another program"))
    assert row.about == "“by another program”"


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("finished", "8 epochs"),
        ("training", "● training, 8 epochs"),
        ("interrupted", "! interrupted, 8 epochs"),
        ("failed", "✗ failed, 8 epochs"),
        ("stopped", "■ stopped, 8 epochs"),
    ],
)
def test_how_a_run_ended_is_said_in_every_length(state: str, words: str) -> None:
    (row,) = rows(run(state=state))
    longest, shorter, shortest, _ = row.extent(NOW)
    assert longest == f"{words} · 4.8 s · 14:02"
    assert shorter == f"{words} · 14:02"
    assert shortest == words


@pytest.mark.parametrize(
    ("state", "words"),
    [("training", "no longer followed, 8 epochs"), ("finished", "8 epochs"), ("", "8 epochs")],
)
def test_a_run_that_was_followed_is_as_it_was_seen_last(state: str, words: str) -> None:
    (row,) = rows_of([], lambda *_: "", None, [run(state=state)])
    assert row.extent(NOW)[2] == words
    assert (row.trains, row.mark) == (False, "")
    assert row.extent(NOW)[3] == "8 epochs"


def test_a_run_that_was_followed_gives_way_to_one_of_its_name() -> None:
    copy, own, other = run("a"), run("a"), run("b")
    found = rows_of([own], lambda *_: "", None, [copy, other])
    assert [(row.run, row.left) for row in found] == [(other, True), (own, False)]
    found = rows_of([own], lambda *_: "", other, [run("b")])
    assert [(row.run, row.followed, row.left) for row in found] == [
        (other, True, False),
        (own, False, False),
    ]


def test_a_sentence_says_all_of_a_run() -> None:
    (row,) = rows(run(pinned=True, state="failed", reason="The loss was no number."))
    said = row.sentence(NOW)
    assert said.startswith(f"a, failed, test accuracy {row.accuracy}, 8 epochs, 4.8 s, 14:02.")
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
