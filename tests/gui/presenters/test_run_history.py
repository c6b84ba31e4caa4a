"""What was changed of kept runs, undone and made again."""

from collections.abc import Callable

import pytest

from gui.presenters.run_history import Done, RunHistory, RunStep

Made = Callable[[str], RunStep]


@pytest.fixture
def history() -> RunHistory:
    return RunHistory()


@pytest.fixture
def done() -> list[str]:
    return []


@pytest.fixture
def step(done: list[str]) -> Made:
    """Return what makes a step that notes what is done."""

    def make(what: str) -> RunStep:
        def note(word: str) -> Callable[[Done], None]:
            def do(end: Done) -> None:
                done.append(f"{word} {what}")
                end(what != "nothing")

            return do

        return RunStep(what, note("undo"), note("redo"))

    return make


def test_the_last_is_undone_first_and_made_again_last(
    history: RunHistory, step: Made, done: list[str]
) -> None:
    said: list[str] = []
    history.said.connect(said.append)
    for what in "abc":
        history.note(step(what))
    for way in (history.undo, history.undo, history.redo, history.redo, history.redo, history.undo):
        way()
    assert done == ["undo c", "undo b", "redo b", "redo c", "undo c"]
    assert said == ["Undone: c.", "Undone: b.", "Redone: b.", "Redone: c.", "Undone: c."]


def test_when_it_was_is_known(history: RunHistory, step: Made) -> None:
    one, other = step("a"), step("b")
    history.note(one)
    history.note(other)
    assert 0 < one.done_at <= other.done_at
    history.undo()
    assert (history.last, history.next) == (one, other)
    assert other.undone_at >= other.done_at
    history.redo()
    assert (history.last, history.next) == (other, None)
    assert other.done_at >= other.undone_at


def test_a_step_of_which_nothing_came_is_forgotten(history: RunHistory, step: Made) -> None:
    said: list[str] = []
    history.said.connect(said.append)
    history.note(step("a"))
    history.note(step("nothing"))
    history.undo()
    assert history.next is None
    assert said == []
    history.undo()
    assert said == ["Undone: a."]


def test_nothing_is_made_again_once_something_else_was_done(
    history: RunHistory, step: Made
) -> None:
    forgets: list[Callable[[], object]] = [
        lambda: history.note(step("b")),
        history.forget_redos,
        history.forget,
    ]
    for forget in forgets:
        history.note(step("a"))
        history.undo()
        assert history.next is not None
        forget()
        assert history.next is None
    assert history.last is None
