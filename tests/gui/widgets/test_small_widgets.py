"""The empty state and the pinned digit."""

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.widgets.empty_state import EmptyState
from gui.widgets.pictures import whole_scale
from gui.widgets.pinned_sample import PinnedSample
from gui.widgets.plain_labels import wrapping_label
from gui.widgets.scrolling import WrappingPage, scrolling
from tests.gui.finding import child
from tests.gui.showing import on_screen


def test_the_sentence_gives_way_to_the_content(qtbot: QtBot) -> None:
    content = QLabel("content")
    state = EmptyState(content, "Curves will be here. Click Train.")
    qtbot.addWidget(state)
    state.show()
    assert state.sentence() == "Curves will be here. Click Train."
    assert not content.isVisible()
    state.show_content()
    assert content.isVisible()
    assert state.sentence() == ""
    state.show_sentence("Nothing fits.")
    assert state.sentence() == "Nothing fits."
    assert not content.isVisible()


def test_the_sentence_of_a_low_panel_is_not_cut(qtbot: QtBot) -> None:
    state = EmptyState(QWidget(), "Gradients and updates of every block will be drawn here.")
    label = child(state, QLabel)
    on_screen(qtbot, state, 250, 4 * label.fontMetrics().height())  # for two or three lines
    assert label.heightForWidth(label.width()) <= label.height()


def test_the_pinned_digit_shows_its_pixels_and_words(qtbot: QtBot) -> None:
    digit = PinnedSample()
    qtbot.addWidget(digit)
    grey = np.zeros((1, 28, 28), dtype=np.uint8)
    grey[0, 0, 0], grey[0, 27, 27] = 255, 128
    digit.set_sample(grey, "Test image 13 · a 1", "says 1 (99 %)")
    digit.resize(digit.sizeHint())
    digit.show()
    assert digit.texts() == ("Test image 13 · a 1", "says 1 (99 %)")
    image = digit.grab().toImage()
    bright = {
        image.pixelColor(x, y).lightness(): (x, y)
        for y in range(image.height())
        for x in range(36)
        if image.pixelColor(x, y).lightness() in (128, 255)
    }
    (left, top), (right, bottom) = bright[255], bright[128]
    assert (right - left, bottom - top) == (27, 27)


@pytest.mark.parametrize(
    ("size", "pixels", "ratio", "scale"),
    [
        (56, 28, 1.0, 2.0),
        (83, 28, 1.0, 2.0),
        (56, 28, 1.5, 2.0),
        (50, 28, 2.0, 1.5),
        (10, 28, 1, 1),
    ],
)
def test_scales_are_whole_device_pixels(
    size: float, pixels: int, ratio: float, scale: float
) -> None:
    assert whole_scale(size, pixels, ratio) == scale


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
