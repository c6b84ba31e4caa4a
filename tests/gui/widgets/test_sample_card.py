"""The card of a digit: its picture and its words."""

import numpy as np
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gui.panels.predictions import SampleCard
from gui.widgets.elision import ElidedLabel
from gui.widgets.pinned_sample import Thumbnail
from tests.gui.finding import child
from tests.gui.showing import Counter, on_screen, rgb


def test_a_card_shows_a_digit_and_what_is_said_of_it_and_paints_only_what_is_new(
    qtbot: QtBot, qapp: QApplication
) -> None:
    card = on_screen(qtbot, SampleCard(), 125, 60)
    grey = np.zeros((1, 28, 28), dtype=np.uint8)
    grey[0, 3, 5] = 255
    picture = child(card, Thumbnail)
    card.set_sample(grey, "Test image 8", "a 4", "not predicted", "")
    assert picture.accessibleName() == "Test image 8 · a 4. not predicted"
    card.set_sample(grey, "Test image 8", "a 4", "✗ says 9", "83 % sure")
    qapp.processEvents()
    assert card.texts() == ("Test image 8", "a 4", "✗ says 9", "83 % sure")
    assert picture.accessibleName() == "Test image 8 · a 4. ✗ says 9, 83 % sure"
    white = np.argwhere((rgb(picture.grab().toImage()) == 255).all(axis=2))
    assert white.tolist() == [[10, 12]]  # 28 px in the middle of 42
    parts = [picture, *card.findChildren(ElidedLabel)]
    counters = [Counter(part, QEvent.Type.Paint) for part in parts]
    card.set_sample(grey.copy(), "Test image 8", "a 4", "✗ says 9", "84 % sure")
    qapp.processEvents()
    painted = [part for part, paints in zip(parts, counters, strict=True) if paints.count]
    assert [part.text() for part in painted if isinstance(part, ElidedLabel)] == ["84 % sure"]
    assert len(painted) == 1


def test_a_picture_that_was_drawn_on_is_another_one(qtbot: QtBot) -> None:
    picture = on_screen(qtbot, Thumbnail(42), 42, 42)
    grey = np.zeros((1, 28, 28), dtype=np.uint8)
    picture.set_picture(grey)
    grey[0, 3, 5] = 255
    picture.set_picture(grey)
    assert picture.grab().toImage().pixelColor(12, 10) == QColor("white")
