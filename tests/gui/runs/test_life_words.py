"""What is said of the life of an image and of a cell, against what was written down."""

from dataclasses import replace

import numpy as np
import pytest

from engine.model.network import NO_ANSWER
from engine.runs.learning_history import LearningHistory, cell_history
from engine.runs.predictions import RunPredictions
from gui.runs.life_words import (
    FORGOTTEN,
    LATE,
    NEVER_LEARNED,
    RELEARNED,
    cell_bars,
    cell_list,
    cell_text,
    image_bars,
    image_text,
    lists_of,
    run_text,
)
from tests.gui.runs.made_predictions import made_life, made_predictions, made_test

NAMES = ("0", "1")
# Four images of the classes 0, 1, 1, 0 after epochs 11 to 14.
TEST = made_test([0, 1, 1, 0])
SAID = [
    [0, 0, 1, 1],
    [0, 0, 0, 1],
    [0, 0, 1, 1],
    [0, 1, 1, 1],
]


@pytest.fixture
def predictions() -> RunPredictions:
    return made_predictions(TEST, SAID, first=11)


def text(predictions: RunPredictions, index: int, since: int = 0) -> str:
    history = LearningHistory.of(predictions)
    return image_text(made_life(predictions, since), history, index, NAMES)


def test_where_the_outputs_are_no_numbers_the_bar_has_no_height(
    predictions: RunPredictions,
) -> None:
    certainty, said = predictions.certainty.copy(), predictions.said.copy()
    certainty[[1, 3], [0, 3]], said[[1, 3], [0, 3]] = np.nan, NO_ANSWER
    broken = replace(predictions, certainty=certainty, said=said)
    bars = image_bars(broken, 0, NAMES)
    assert bars.heights[1] == 0.0
    assert bars.wrong.tolist() == [False, True, False, False]
    assert list(bars.said) == ["0", "?", "0", "0"]
    assert bars.reading(1) == "epoch 12, no answer: outputs not finite"
    never = lists_of(made_life(broken), LearningHistory.of(broken))[3]
    assert never.note(3, list(NAMES)) == "→ ?"
    assert never.spoken(3, list(NAMES)) == (
        "never learned, at the end no answer: outputs not finite"
    )


def test_the_life_of_an_image_is_told_in_a_sentence(predictions: RunPredictions) -> None:
    assert text(predictions, 0) == "Test image 1 · a 0: right in every epoch"
    assert text(predictions, 1) == "Test image 2 · a 1: right since epoch 14"
    assert text(predictions, 2) == (
        "Test image 3 · a 1: learned in epoch 11, forgotten once, right since epoch 13"
    )
    assert text(predictions, 3) == "Test image 4 · a 0: never learned"


def test_an_image_that_is_wrong_at_the_end_is_told_so() -> None:
    lost = made_predictions(made_test([0]), [[0], [1], [0], [1]], first=11)
    assert text(lost, 0) == (
        "Test image 1 · a 0: learned in epoch 11, forgotten twice, wrong at the end"
    )


def test_bars_say_class_and_certainty(predictions: RunPredictions) -> None:
    bars = image_bars(predictions, 2, NAMES)
    assert bars.epochs.tolist() == [11, 12, 13, 14]
    assert bars.heights.tolist() == [0.75] * 4
    assert bars.wrong.tolist() == [False, True, False, False]
    assert list(bars.said) == ["1", "0", "1", "1"]
    assert bars.reading(0) == "epoch 11: a 1 with 75 %, right"
    assert bars.reading(1) == "epoch 12: a 0 with 75 %, wrong; a 1 gets 25 %"


def test_images_are_listed_by_how_they_were_learned() -> None:
    # Images of class 0 after epochs 1 to 8; the fourth is wrong at the end.
    said = np.array(
        [
            [0, 0, 0, 0, 0, 0, 0, 0],
            [1, 0, 1, 0, 1, 1, 1, 0],
            [1, 1, 1, 1, 1, 1, 0, 0],
            [1, 1, 1, 1, 1, 0, 1, 1],
            [1, 1, 1, 1, 1, 1, 1, 1],
            [0, 1, 1, 0, 0, 0, 0, 0],
        ]
    ).T
    predictions = made_predictions(made_test([0] * 6), said.tolist())
    history = LearningHistory.of(predictions)
    lists = lists_of(made_life(predictions), history)
    found, names = {each.title: each for each in lists}, list(NAMES)
    assert list(found) == [LATE, FORGOTTEN, RELEARNED, NEVER_LEARNED]
    assert found[LATE].places.tolist() == [2, 3]
    assert [found[LATE].note(place, names) for place in (2, 3)] == ["ep. 7", "ep. 6 ✗"]
    assert found[LATE].spoken(2, names) == "learned in epoch 7"
    assert found[LATE].spoken(3, names) == ("learned in epoch 6, forgotten once, wrong at the end")
    assert found[FORGOTTEN].places.tolist() == [1, 3, 5]
    assert [found[FORGOTTEN].note(place, names) for place in (1, 3, 5)] == ["2×", "1× ✗", "1×"]
    assert found[RELEARNED].places.tolist() == [1, 5]
    assert [found[RELEARNED].note(place, names) for place in (1, 5)] == ["since 8", "since 4"]
    assert found[RELEARNED].spoken(1, names) == "forgotten twice, right since epoch 8"
    assert found[NEVER_LEARNED].places.tolist() == [4]
    assert found[NEVER_LEARNED].note(4, names) == "→ 1"
    assert found[NEVER_LEARNED].spoken(4, names) == "never learned, at the end taken for a 1"
    headlines = [image_text(made_life(predictions), history, n, NAMES) for n in (1, 2, 3)]
    assert [each.partition(": ")[2] for each in headlines] == [  # the same epochs as in the lists
        "learned in epoch 2, forgotten twice, right since epoch 8",
        "right since epoch 7",
        "learned in epoch 6, forgotten once, wrong at the end",
    ]


def test_it_is_said_since_when_it_is_told(predictions: RunPredictions) -> None:
    life = made_life(predictions, 10)
    assert text(predictions, 0, 10) == ("Test image 1 · a 0, since epoch 10: right in every epoch")
    assert text(predictions, 2, 10) == (
        "Test image 3 · a 1, since epoch 10: right at first, forgotten once, right since epoch 13"
    )
    cell = cell_history(predictions, 0, 0)
    assert cell_text(cell, NAMES, 1, 0, life).startswith(
        "class 1 taken for a 0 since epoch 10: at most "
    )
    lists = {each.title: each for each in lists_of(life, LearningHistory.of(predictions))}
    assert lists[LATE].places.tolist() == [1]
    assert "since epoch 10" in lists[NEVER_LEARNED].why_empty
    assert run_text("slow", life) == "in the run “slow” since epoch 10"


def test_what_is_right_all_the_time_since_it_is_told_was_not_learned_late() -> None:
    one = made_predictions(made_test([0, 1]), [[0, 1]], first=219)
    lists = lists_of(made_life(one, 218), LearningHistory.of(one))
    assert [len(each.places) for each in lists] == [0, 0, 0, 0]


def test_a_cell_is_followed_until_it_is_empty(predictions: RunPredictions) -> None:
    cell = cell_history(predictions, 1, 0)
    bars = cell_bars(cell, NAMES, 1, 0)
    assert bars.heights.tolist() == [0.5, 1.0, 0.5, 0.0]
    assert list(bars.said) == ["1", "2", "1", "0"]
    assert bars.reading(1) == "epoch 12: 2 images of class 1 taken for a 0"
    assert cell_text(cell, NAMES, 1, 0, made_life(predictions)) == (
        "class 1 taken for a 0: at most 2, in epoch 12; none since epoch 14"
    )
    found = cell_list(made_life(predictions), NAMES, 1, 0)
    assert found.places.tolist() == [1, 2]
    assert [found.note(place, list(NAMES)) for place in (1, 2)] == ["3 ep.", "1 ep."]


def test_a_cell_that_never_empties_or_never_fills_is_told_so(predictions: RunPredictions) -> None:
    full = cell_history(predictions, 0, 1)
    assert cell_text(full, NAMES, 0, 1, made_life(predictions)) == (
        "class 0 taken for a 1: at most 1, in epoch 11; 1 at the end"
    )
    right = made_predictions(TEST, [[0, 1, 1, 0]])
    empty = cell_history(right, 0, 1)
    assert cell_text(empty, NAMES, 0, 1, made_life(right)) == "class 0 taken for a 1: in no epoch"
    assert cell_list(made_life(right), NAMES, 0, 1).why_empty == (
        "No image of class 0 was ever taken for a 1."
    )


def test_long_names_are_short_under_the_bars_only() -> None:
    names = ("a very long class name", "another very long class name")
    bars = image_bars(made_predictions(made_test([0], names), [[1]]), 0, names)
    assert len(bars.said[0]) <= 10
    assert "another very long class name" in bars.reading(0)
