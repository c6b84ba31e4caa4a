"""What changes of kept runs are called."""

from gui.presenters.run_change_words import bookmark_words, edit_words, run_words
from tests.gui.runs.made_rows import continued, run


def test_one_is_named_and_several_are_counted() -> None:
    assert run_words([run("first")]) == "“first”"
    assert run_words([run("a"), run("b"), run("c")]) == "3 runs"


def test_edits() -> None:
    runs = [run("first")]
    assert edit_words(runs, {"name": "best"}) == "Rename “first” to “best”"
    assert edit_words(runs, {"name": ""}) == "Remove name of “first”"
    assert edit_words(runs, {"pinned": True}) == "Pin “first”"
    assert edit_words([*runs, run("b")], {"pinned": False}) == "Unpin 2 runs"
    assert edit_words(runs, {"note": "ask Ada"}) == "Change note of “first”"
    assert edit_words(runs, {"colour": ""}) == "Change colour of “first”"


def test_an_epoch_is_called_as_the_slider_has_it() -> None:
    on = continued("second", "first", 8)
    assert bookmark_words(on, 2, on=True) == "Bookmark epoch 10 of “second”"
    assert bookmark_words(on, 2, on=False) == "Remove bookmark of epoch 10 of “second”"
