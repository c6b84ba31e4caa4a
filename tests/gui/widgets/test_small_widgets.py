"""The empty state and the pinned digit."""

import numpy as np
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import wrapping_label
from gui.widgets.layouts import WrappingPage, scrolling
from gui.widgets.pinned_sample import PinnedSample, Thumbnail
from tests.gui.finding import child
from tests.gui.showing import on_screen, rgb


def test_the_sentence_of_a_low_panel_is_not_cut(qtbot: QtBot) -> None:
    state = EmptyState(QWidget(), "Gradients and updates of every block will be drawn here.")
    label = child(state, QLabel)
    on_screen(qtbot, state, 250, 4 * label.fontMetrics().height())  # for two or three lines
    assert label.heightForWidth(label.width()) <= label.height()


def test_the_pinned_digit_shows_its_pixels_and_words(qtbot: QtBot) -> None:
    digit, grey = PinnedSample(), np.zeros((1, 28, 28), dtype=np.uint8)
    grey[0, 0, 0], grey[0, 27, 27] = 255, 128
    digit.set_sample(grey, "Test image 13 · a 1", "says 1 (99 %)")
    size = digit.sizeHint()
    on_screen(qtbot, digit, size.width(), size.height())
    assert digit.texts() == ("Test image 13 · a 1", "says 1 (99 %)")
    pixels = rgb(child(digit, Thumbnail).grab().toImage())[4:32, 1:29, 0]
    (white,), (dim,) = (np.argwhere(pixels == value) for value in (255, 128))
    assert (dim - white).tolist() == [27, 27]


def test_a_wrapped_text_has_the_height_of_all_its_lines(qtbot: QtBot) -> None:
    page = WrappingPage()
    column = QVBoxLayout(page)
    label, rest = wrapping_label("words"), QWidget()
    rest.setMinimumHeight(100)
    column.addWidget(label)
    column.addWidget(rest, 1)
    area = on_screen(qtbot, scrolling(page), 200, 150)
    label.setText("Gradients reach all blocks: 0.0021 in block 6, 0.00038 in block 1. " * 2)
    qtbot.waitUntil(lambda: label.height() >= label.heightForWidth(label.width()))
    assert page.height() > area.height()  # it scrolls
