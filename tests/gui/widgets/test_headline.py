"""The headline: its words and its moment, as far as there is room."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gui.widgets.headline import Headline
from tests.gui.showing import on_screen, rgb

TEXT = "1,905 of 2,000 right (95.2 %)"


@pytest.fixture
def headline(qtbot: QtBot) -> Headline:
    made = Headline()
    made.set_text(TEXT)
    return on_screen(qtbot, made, 400, made.sizeHint().height())


@pytest.mark.parametrize(
    ("epoch", "said"),
    [
        (None, ""),
        (0.0, "untrained"),
        (0.04, "early in epoch 1"),
        (3.02, "early in epoch 4"),
        (3.25, "as of epoch 3.2"),
        (3.99, "as of epoch 3.9"),
        (20.0, "as of epoch 20"),
        (4.0000000001, "as of epoch 4"),
        (1234.5, "as of epoch 1,234.5"),
    ],
)
def test_it_says_of_which_epoch_it_is_and_never_of_one_to_come(
    headline: Headline, epoch: float | None, said: str
) -> None:
    headline.set_epoch(epoch)
    assert headline.checkpoint() == said
    assert headline.accessibleName() == f"{TEXT} {said}".strip()


def test_the_moment_is_written_behind_the_words_in_a_quieter_colour(headline: Headline) -> None:
    words = rgb(headline.grab().toImage()).max(axis=2).min(axis=0)
    headline.set_epoch(3.25)
    both = rgb(headline.grab().toImage()).max(axis=2).min(axis=0)
    end = int(np.flatnonzero(words < 200)[-1]) + 1
    assert (both[:end] == words[:end]).all()
    behind = np.flatnonzero(both[end:] < 200)
    assert behind[-1] > 60
    assert words.min() < both[end:].min() - 30
