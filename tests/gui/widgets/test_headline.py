"""The headline: its words and its moment, as far as there is room."""

import pytest
from pytestqt.qtbot import QtBot

from gui.widgets.headline import Headline
from tests.approved import assert_approved
from tests.gui.showing import on_screen

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


def test_without_room_for_them_the_brackets_are_left_out(headline: Headline) -> None:
    metrics = headline.fontMetrics()
    headline.resize(metrics.horizontalAdvance(TEXT) - 1, headline.height())
    narrow = headline.grab().toImage()
    headline.set_text("1,905 of 2,000 right")
    assert headline.grab().toImage() == narrow
