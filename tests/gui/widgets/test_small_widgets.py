"""Small widgets: the empty state, the pinned digit, its card, lists, labels and menu keys."""

import numpy as np
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QColor, QContextMenuEvent, QKeySequence, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.main_window import ask_for_menu
from gui.predictions.panel import SampleCard
from gui.widgets.buttons import BlockBox
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import ElidedLabel, wrapping_label
from gui.widgets.layouts import WrappingPage, scrolling
from gui.widgets.pinned_sample import Thumbnail
from tests.gui.finding import child
from tests.gui.reading import card_texts
from tests.gui.showing import Counter, on_screen, tooltip_at
from tests.gui.waiting import wait_until


def test_the_sentence_of_a_low_panel_is_not_cut(qtbot: QtBot) -> None:
    state = EmptyState(QWidget(), "Gradients and updates of every block will be drawn here.")
    label = child(state, QLabel)
    on_screen(qtbot, state, 250, 4 * label.fontMetrics().height())  # for two or three lines
    assert label.heightForWidth(label.width()) <= label.height()


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


def test_the_chosen_block_stays_chosen_in_a_list_as_wide_as_the_blocks_need(qtbot: QtBot) -> None:
    box, chosen = BlockBox(), list[int]()
    qtbot.addWidget(box)
    box.show()
    assert box.slot_id() is None
    box.offer([(7, "1 Conv 5, 3×3"), (9, "4 Dense")])
    assert box.slot_id() == 7
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.slot_id() == 9
    box.activated.connect(chosen.append)
    before, text = box.sizeHint().width(), "2 Conv 16, 5×5, same, stride 2"
    box.offer([(5, "1 Conv"), (7, text), (9, "5 Dense")])
    assert (box.slot_id(), box.currentText()) == (9, "5 Dense")
    assert box.sizeHint().width() >= box.fontMetrics().horizontalAdvance(text) > before
    assert box.minimumSizeHint().width() < before, "it gives way"
    box.offer([(5, "1 Conv"), (7, text)])
    assert box.slot_id() == 5, "it is gone: the first is chosen"
    assert chosen == [], "nothing was chosen"


class Asked(QWidget):
    """Notes where its menu was asked for."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.asked: list[QPoint] = []

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        assert event.reason() == QContextMenuEvent.Reason.Keyboard
        self.asked.append(event.globalPos())


def test_it_asks_what_has_the_focus_or_what_that_is_in(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    QShortcut(QKeySequence("Shift+F10"), window, ask_for_menu)
    part, other = Asked(window), QLabel(window)
    button = QPushButton(part)
    column = QVBoxLayout(window)
    column.addWidget(part)
    column.addWidget(other)
    window.show()
    window.activateWindow()
    wait_until(window.isActiveWindow)
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    assert part.asked == [button.mapToGlobal(button.rect().center())]


def test_a_text_is_cut_and_said_by_the_tooltip_but_of_numbers_none_is(qtbot: QtBot) -> None:
    label = on_screen(qtbot, ElidedLabel(), 60, 20)
    label.setText("a title of several words")
    assert "…" in label.written()
    assert tooltip_at(label, QPoint(1, 1)) == "a title of several words"
    label.resize(20, 20)
    assert label.written() == "", "a…s tells nothing"
    label.resize(400, 20)
    assert label.written() == "a title of several words"
    assert tooltip_at(label, QPoint(1, 1)) == ""
    label = ElidedLabel(brief="weights")
    qtbot.addWidget(label)
    label.setText("weights −0.0078 ± 0.54")
    room = label.fontMetrics().horizontalAdvance(label.text())
    for spare, written in ((2, "weights −0.0078 ± 0.54"), (-1, "weights")):
        label.resize(room + spare, 20)
        assert label.written() == written


def test_a_card_shows_a_digit_and_what_is_said_of_it_and_paints_what_is_new(qtbot: QtBot) -> None:
    card = on_screen(qtbot, SampleCard(), 250, 120)
    grey = np.zeros((1, 28, 28), dtype=np.uint8)
    grey[0, 3, 5] = 255
    card.set_sample(grey, "Test image 8", "a 4", "9", "0.83")
    QApplication.processEvents()
    assert card_texts(card) == ("Test image 8", "a 4", "9", "✗ wrong, 0.83")
    picture = child(card, Thumbnail)
    assert picture.accessibleName() == "Test image 8 · a 4. It says 9, ✗ wrong, 0.83"
    image = picture.grab().toImage()
    white = [
        (y, x) for y in range(86) for x in range(86) if image.pixelColor(x, y) == QColor("white")
    ]
    assert white == [(y, x) for y in (10, 11, 12) for x in (16, 17, 18)]
    parts = [picture, *card.findChildren(ElidedLabel)]
    counters = [Counter(part, QEvent.Type.Paint) for part in parts]
    card.set_sample(grey.copy(), "Test image 8", "a 4", "9", "0.84")
    QApplication.processEvents()
    painted = [part for part, paints in zip(parts, counters, strict=True) if paints.count]
    assert [part.text() for part in painted if isinstance(part, ElidedLabel)] == ["✗ wrong, 0.84"]
    assert len(painted) == 1
    card.set_sample(grey, "Test image 8", "a 4", "", "")
    assert picture.accessibleName() == "Test image 8 · a 4. no answer yet"
    grey[0, 4, 6] = 255  # what was drawn on is another picture
    card.set_sample(grey, "Test image 8", "a 4", "", "")
    assert picture.grab().toImage().pixelColor(19, 13) == QColor("white")
