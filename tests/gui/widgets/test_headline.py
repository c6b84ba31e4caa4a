"""The headline: its words and its moment, as far as there is room."""

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from gui.widgets.headline import Headline
from tests.approved import assert_approved
from tests.gui.showing import on_screen, rgb

TEXT = "1,905 of 2,000 right (95.2 %)"


@pytest.fixture
def headline(qtbot: QtBot) -> Headline:
    made = Headline()
    made.set_text(TEXT)
    return on_screen(qtbot, made, 400, made.sizeHint().height())


def test_it_says_of_which_epoch_it_is_and_never_of_one_to_come(headline: Headline) -> None:
    said = ""
    for epoch in (None, 0.0, 0.04, 3.02, 3.25, 3.99, 20.0, 4.0000000001, 1234.5):
        headline.set_epoch(epoch)
        assert headline.accessibleName() == f"{TEXT} {headline._checkpoint}".strip()
        said += f"{epoch}: {headline._checkpoint or '–'}\n"
    assert_approved("epochs.txt", said)


def test_the_moment_is_written_behind_the_words_in_a_quieter_colour(headline: Headline) -> None:
    words = rgb(headline.grab().toImage()).max(axis=2).min(axis=0)
    headline.set_epoch(3.25)
    both = rgb(headline.grab().toImage()).max(axis=2).min(axis=0)
    end = int(np.flatnonzero(words < 200)[-1]) + 1
    assert (both[:end] == words[:end]).all()
    behind = np.flatnonzero(both[end:] < 200)
    assert behind[-1] > 60
    assert words.min() < both[end:].min() - 30


def test_without_room_for_them_the_brackets_are_left_out(headline: Headline) -> None:
    metrics = headline.fontMetrics()
    headline.resize(metrics.horizontalAdvance(TEXT) - 1, headline.height())
    narrow = headline.grab().toImage()
    headline.set_text("1,905 of 2,000 right")
    assert headline.grab().toImage() == narrow
