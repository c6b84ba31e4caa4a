"""What is said of the life of an image and of a cell, against what was written down."""

from dataclasses import replace

import numpy as np
import pytest

from engine.runs.learning_history import LearningHistory, cell_history
from engine.runs.predictions import RunPredictions
from gui.runs.life_words import (
    FORGOTTEN,
    LATE,
    NEVER_LEARNED,
    cell_bars,
    cell_list,
    cell_texts,
    image_bars,
    image_texts,
    lists_of,
)
from tests.gui.runs.made_predictions import made_predictions, made_test

NAMES = ("0", "1")
# Four images of the classes 0, 1, 1, 0 after epochs 1 to 4.
TEST = made_test([0, 1, 1, 0])
SAID = [
    [0, 0, 1, 1],
    [0, 0, 0, 1],
    [0, 0, 1, 1],
    [0, 1, 1, 1],
]


@pytest.fixture
def predictions() -> RunPredictions:
    return made_predictions(TEST, SAID)


def age(epoch: int) -> int:
    return epoch + 10


def texts(predictions: RunPredictions, index: int) -> str:
    history = LearningHistory.of(predictions)
    return image_texts(history, index, predictions, age, NAMES)[0]


def test_where_the_outputs_are_no_numbers_the_bar_has_no_height(
    predictions: RunPredictions,
) -> None:
    certainty = predictions.certainty.copy()
    certainty[1, 0] = np.nan
    bars = image_bars(replace(predictions, certainty=certainty), 0, age, NAMES)
    assert bars.heights[1] == 0.0
    assert bars.reading(1) == "epoch 12: a 0 with – %, right"


def test_the_life_of_an_image_is_told_in_a_sentence(predictions: RunPredictions) -> None:
    assert texts(predictions, 0) == "Test image 1 · a 0: right in every epoch"
    assert texts(predictions, 1) == "Test image 2 · a 1: right since epoch 14"
    assert texts(predictions, 2) == (
        "Test image 3 · a 1: learned in epoch 11, forgotten once, right since epoch 13"
    )
    assert texts(predictions, 3) == "Test image 4 · a 0: never learned"


def test_an_image_that_is_wrong_at_the_end_is_told_so() -> None:
    lost = made_predictions(made_test([0]), [[0], [1], [0], [1]])
    assert texts(lost, 0) == (
        "Test image 1 · a 0: learned in epoch 11, forgotten twice, wrong at the end"
    )


def test_bars_say_class_and_certainty(predictions: RunPredictions) -> None:
    bars = image_bars(predictions, 2, age, NAMES)
    assert bars.ages.tolist() == [11, 12, 13, 14]
    assert bars.heights.tolist() == [0.75] * 4
    assert bars.wrong.tolist() == [False, True, False, False]
    assert list(bars.said) == ["1", "0", "1", "1"]
    assert bars.reading(0) == "epoch 11: a 1 with 75 %, right"
    assert bars.reading(1) == "epoch 12: a 0 with 75 %, wrong; a 1 gets 25 %"


def test_images_are_listed_by_how_they_were_learned(predictions: RunPredictions) -> None:
    lists = lists_of(predictions, LearningHistory.of(predictions), age)
    found = {each.title: each for each in lists}
    assert found[LATE].places.tolist() == [1, 2]
    assert found[FORGOTTEN].places.tolist() == [2]
    assert found[NEVER_LEARNED].places.tolist() == [3]
    names = list(NAMES)
    assert found[LATE].note(1, names) == "ep. 14"
    assert found[FORGOTTEN].note(2, names) == "1×"
    assert found[FORGOTTEN].spoken(2, names) == "forgotten once, right since epoch 13"
    assert found[NEVER_LEARNED].note(3, names) == "→ 1"
    assert found[NEVER_LEARNED].spoken(3, names) == "never learned, at the end taken for a 1"


def test_a_cell_is_followed_until_it_is_empty(predictions: RunPredictions) -> None:
    cell = cell_history(predictions, 1, 0)
    bars = cell_bars(cell, age, NAMES, 1, 0)
    assert bars.heights.tolist() == [0.5, 1.0, 0.5, 0.0]
    assert list(bars.said) == ["1", "2", "1", "0"]
    assert bars.reading(1) == "epoch 12: 2 images of class 1 taken for a 0"
    assert cell_texts(cell, age, NAMES, 1, 0)[0] == (
        "class 1 taken for a 0: at most 2, in epoch 12; none since epoch 14"
    )
    found = cell_list(predictions, NAMES, 1, 0)
    assert found.places.tolist() == [1, 2]
    assert [found.note(place, list(NAMES)) for place in (1, 2)] == ["3 ep.", "1 ep."]


def test_a_cell_that_never_empties_or_never_fills_is_told_so(predictions: RunPredictions) -> None:
    full = cell_history(predictions, 0, 1)
    assert cell_texts(full, age, NAMES, 0, 1)[0] == (
        "class 0 taken for a 1: at most 1, in epoch 11; 1 at the end"
    )
    right = made_predictions(TEST, [[0, 1, 1, 0]])
    empty = cell_history(right, 0, 1)
    assert cell_texts(empty, age, NAMES, 0, 1) == ("class 0 taken for a 1: in no epoch",)
    assert cell_list(right, NAMES, 0, 1).why_empty == (
        "No image of class 0 was ever taken for a 1."
    )


def test_long_names_are_short_under_the_bars_only() -> None:
    names = ("a very long class name", "another very long class name")
    bars = image_bars(made_predictions(made_test([0], names), [[1]]), 0, age, names)
    assert len(bars.said[0]) <= 10
    assert "another very long class name" in bars.reading(0)
