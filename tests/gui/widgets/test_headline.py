"""The headline: its words and its moment, as far as there is room."""

import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gui.widgets.headline import Headline
from tests.gui.showing import on_screen

TEXT = "1,905 of 2,000 right (95.2 %)"


@pytest.fixture
def headline(qtbot: QtBot) -> Headline:
    made = Headline()
    made.set_text(TEXT)
    return on_screen(qtbot, made, 400, made.sizeHint().height())


def inked(headline: Headline) -> list[int]:
    """Return the columns in which something is written."""
    image: QImage = headline.grab().toImage()
    ground = image.pixel(image.width() - 1, 0)
    rows = range(image.height())
    return [x for x in range(image.width()) if any(image.pixel(x, y) != ground for y in rows)]


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


def test_the_moment_is_written_behind_the_words(headline: Headline) -> None:
    words = inked(headline)
    headline.set_epoch(3.25)
    both = inked(headline)
    assert both[: len(words)] == words
    assert both[-1] - words[-1] > 60
    image = headline.grab().toImage()
    darkest = [
        min(image.pixelColor(x, y).lightness() for x in part for y in range(image.height()))
        for part in (words, both[len(words) :])
    ]
    assert darkest[0] < darkest[1] - 30  # the quieter colour
