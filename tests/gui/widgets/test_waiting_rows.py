"""The rows of blocks that wait: what is said, that all of it can be read, and its height."""

from functools import partial

from PySide6.QtWidgets import QApplication, QLabel, QScrollArea, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.widgets.waiting_rows import WaitingBlock, WaitingRows
from tests.gui.showing import activated, on_screen

SENTENCE = "Needs maps of at least 27×27 for its kernel, but block 3 gives 14×14. Make it smaller."
ROWS = (
    WaitingBlock("4 Conv 32, 27×27", SENTENCE, problem=True),
    WaitingBlock("5 ReLU", "waits for block 4"),
)


def texts(rows: WaitingRows) -> list[str]:
    return [label.text() for label in rows.findChildren(QLabel) if label.isVisible()]


def is_whole(label: QLabel) -> bool:
    return label.height() >= label.heightForWidth(label.width())


def in_area(qtbot: QtBot, rows: WaitingRows, width: int) -> QScrollArea:
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.addWidget(QLabel("maps"), 1)
    column.addWidget(rows)
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setWidget(inside)
    return on_screen(qtbot, area, width, 300)


def test_it_says_which_blocks_wait_and_why(qtbot: QtBot) -> None:
    rows = WaitingRows()
    area = in_area(qtbot, rows, 400)
    activated(qtbot, area)
    assert not rows.isVisible(), "nothing waits yet"
    rows.show_rows(ROWS)
    assert rows.isVisible()
    assert QApplication.activeWindow() is area, "no window of its own was shown on the way"
    assert texts(rows) == ["4 Conv 32, 27×27", SENTENCE, "5 ReLU", "waits for block 4"]
    rows.show_rows(())
    assert not rows.isVisible()


def test_other_rows_have_room_as_the_first_ones_had(qtbot: QtBot) -> None:
    rows = WaitingRows()
    area = in_area(qtbot, rows, 400)
    rows.show_rows(ROWS[1:])
    qtbot.waitUntil(lambda: rows.height() > 0)
    lower = rows.height()
    rows.show_rows(ROWS)
    qtbot.waitUntil(lambda: rows.height() > lower)
    for label in area.findChildren(QLabel):
        qtbot.waitUntil(partial(is_whole, label))


def test_all_of_a_long_sentence_can_be_read_at_any_width(qtbot: QtBot) -> None:
    rows = WaitingRows()
    area = in_area(qtbot, rows, 600)
    rows.show_rows(ROWS)
    heights = []
    for width in (600, 260):
        area.resize(width, 300)
        qtbot.waitUntil(lambda: rows.width() < area.width())
        for label in rows.findChildren(QLabel):
            if label.wordWrap():
                qtbot.waitUntil(partial(is_whole, label))
        heights.append(rows.height())
    assert heights[1] > heights[0]
    assert not rows.hasHeightForWidth(), "or the area would stretch what stands above"
