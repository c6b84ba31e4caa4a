"""What is said of the life of an image, as `tests/said/life.txt` has it."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from engine.model.network import NO_ANSWER
from engine.runs.learning_history import LearningHistory, Lifetime
from engine.runs.predictions import RunPredictions
from gui.runs.life_view import Bars
from gui.runs.life_words import (
    LATE,
    image_bars,
    image_text,
    lists_of,
    run_text,
)
from tests.approved import assert_approved
from tests.gui.runs.made_predictions import made_predictions, made_test

NAMES = ("0", "1")
# Four images of the classes 0, 1, 1, 0 after epochs 11 to 14.
TEST = made_test([0, 1, 1, 0])
SAID = [[0, 0, 1, 1], [0, 0, 0, 1], [0, 0, 1, 1], [0, 1, 1, 1]]
# Six images of class 0 after epochs 1 to 8; the fourth is wrong at the end.
MORE = [
    [0, 0, 0, 0, 0, 0, 0, 0],
    [1, 0, 1, 0, 1, 1, 1, 0],
    [1, 1, 1, 1, 1, 1, 0, 0],
    [1, 1, 1, 1, 1, 0, 1, 1],
    [1, 1, 1, 1, 1, 1, 1, 1],
    [0, 1, 1, 0, 0, 0, 0, 0],
]


@pytest.fixture
def predictions() -> RunPredictions:
    return made_predictions(TEST, SAID, first=11)


def told(predictions: RunPredictions, since: int = 0) -> Iterator[str]:
    """Give what is said of each image, and of each list of images."""
    life, history = Lifetime(predictions, since), LearningHistory.of(predictions)
    yield run_text("slow", life)
    for index in range(len(predictions.samples.labels)):
        yield image_text(life, history, index, NAMES)
    for each in lists_of(life, history):
        yield f"{each.title}:"
        for place in each.places.tolist():
            names = list(NAMES)
            yield f"  {place + 1}: {each.note(place, names)} | {each.spoken(place, names)}"


def readings(bars: Bars) -> Iterator[str]:
    """Give what is read of each bar."""
    for index, said in enumerate(bars.said):
        yield f"  {said} | {bars.reading(index)}"


def broken(predictions: RunPredictions) -> RunPredictions:
    """Return predictions of which some outputs were no numbers."""
    certainty, said = predictions.certainty.copy(), predictions.said.copy()
    certainty[[1, 3], [0, 3]], said[[1, 3], [0, 3]] = np.nan, NO_ANSWER
    return replace(predictions, certainty=certainty, said=said)


def test_what_is_said_of_lives(predictions: RunPredictions) -> None:
    lost = made_predictions(made_test([0]), [[0], [1], [0], [1]], first=11)
    more = made_predictions(made_test([0] * 6), np.array(MORE).T.tolist())
    late = made_predictions(made_test([0, 1]), [[0, 1]], first=219)
    assert_approved(
        "life.txt",
        "".join(
            f"{line}\n"
            for title, lines in {
                "from the first epoch on": told(predictions),
                "since epoch 10": told(predictions, 10),
                "wrong at the end": told(lost),
                "learned in many ways": told(more),
                "always right": told(late, 218),
                "outputs that are no numbers": [
                    *told(broken(predictions)),
                    *readings(image_bars(broken(predictions), 0, NAMES)),
                ],
                "bars of an image": readings(image_bars(predictions, 2, NAMES)),
            }.items()
            for line in (f"# {title}", *lines)
        ),
    )


def test_bars_are_as_high_as_the_network_was_sure(predictions: RunPredictions) -> None:
    bars = image_bars(predictions, 2, NAMES)
    assert bars.epochs.tolist() == [11, 12, 13, 14]
    assert bars.heights.tolist() == [0.75] * 4
    assert bars.wrong.tolist() == [False, True, False, False]
    bars = image_bars(broken(predictions), 0, NAMES)
    assert bars.heights[1] == 0.0, "its outputs were no numbers"
    assert bars.wrong.tolist() == [False, True, False, False]
    lists = lists_of(Lifetime(predictions, 10), LearningHistory.of(predictions))
    assert next(each for each in lists if each.title == LATE).places.tolist() == [1]


def test_long_names_are_short_under_the_bars_only() -> None:
    names = ("a very long class name", "another very long class name")
    bars = image_bars(made_predictions(made_test([0], names), [[1]]), 0, names)
    assert len(bars.said[0]) <= 10
    assert "another very long class name" in bars.reading(0)
