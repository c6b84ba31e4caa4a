"""The card of a digit: its picture and its words."""

import numpy as np
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.predictions.panel import SampleCard
from gui.theme import LIGHT
from gui.widgets.labels import ElidedLabel
from gui.widgets.pinned_sample import Thumbnail
from tests.gui.finding import child
from tests.gui.showing import Counter, on_screen


def test_a_card_shows_a_digit_and_what_is_said_of_it(qtbot: QtBot) -> None:
    card = SampleCard()
    qtbot.addWidget(card)
    card.show()
    grey = np.zeros((1, 28, 28), dtype=np.uint8)
    grey[0, 3, 5] = 255
    card.set_sample(grey, "Test image 8", "a 4", "9", "0.83")
    QApplication.processEvents()
    assert card.texts() == ("Test image 8", "a 4", "9", "0.83")
    picture = child(card, Thumbnail)
    assert picture.accessibleName() == "Test image 8 · a 4. It says 9, ✗ wrong, 0.83"
    image = picture.grab().toImage()
    white = [
        (y, x) for y in range(86) for x in range(86) if image.pixelColor(x, y) == QColor("white")
    ]
    assert white == [(y, x) for y in (10, 11, 12) for x in (16, 17, 18)]
    card.set_sample(grey, "Test image 8", "a 4", "", "")
    assert picture.accessibleName() == "Test image 8 · a 4. no answer yet"


def test_only_what_is_new_is_painted(qtbot: QtBot, qapp: QApplication) -> None:
    card = on_screen(qtbot, SampleCard(), 250, 120)
    grey = np.zeros((1, 28, 28), dtype=np.uint8)
    card.set_sample(grey, "Test image 8", "a 4", "4", "0.83")
    qapp.processEvents()
    parts = [child(card, Thumbnail), *card.findChildren(ElidedLabel)]
    counters = [Counter(part, QEvent.Type.Paint) for part in parts]
    card.set_sample(grey.copy(), "Test image 8", "a 4", "4", "0.84")
    qapp.processEvents()
    painted = [part for part, paints in zip(parts, counters, strict=True) if paints.count]
    assert [part.text() for part in painted if isinstance(part, ElidedLabel)] == ["✓ right, 0.84"]
    assert len(painted) == 1


def test_a_picture_that_was_drawn_on_is_another_one(qtbot: QtBot, qapp: QApplication) -> None:
    picture = on_screen(qtbot, Thumbnail(42), 42, 42)
    grey = np.zeros((1, 28, 28), dtype=np.uint8)
    picture.set_picture(grey)
    grey[0, 3, 5] = 255
    picture.set_picture(grey)
    assert picture.grab().toImage().pixelColor(6, 10) == QColor("white")


def test_a_picture_has_a_hairline_and_nothing_else_around_it(qtbot: QtBot) -> None:
    picture = on_screen(qtbot, Thumbnail(86), 86, 86)
    picture.set_picture(np.full((3, 32, 32), 255, np.uint8))  # twice 32 are 64
    image = picture.grab().toImage()
    row = [image.pixelColor(x, 43).name().upper() for x in range(86)]
    assert row[:66] == [LIGHT.border, *["#FFFFFF"] * 64, LIGHT.border]
    assert set(row[66:]) == {LIGHT.window}
