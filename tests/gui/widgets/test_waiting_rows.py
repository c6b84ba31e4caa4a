"""The rows of blocks that wait: what is said, that all of it can be read, and its height."""

from functools import partial

from PySide6.QtWidgets import QApplication, QLabel, QWidget
from pytestqt.qtbot import QtBot

from gui.widgets.empty_state import WaitingRows
from gui.widgets.layouts import in_column, scrolling
from tests.gui.finding import not_none
from tests.gui.showing import activated, on_screen

SENTENCE = "Needs maps of at least 27×27 for its kernel, but block 3 gives 14×14. Make it smaller."
ROWS = f"4 Conv 32, 27×27: {SENTENCE}", "5 ReLU: waits for block 4"


def test_it_says_which_blocks_wait_and_can_be_read_at_any_width(qtbot: QtBot) -> None:
    inside, rows = QWidget(), WaitingRows()
    in_column((QLabel("maps"), 1), rows, of=inside)
    area = activated(qtbot, on_screen(qtbot, scrolling(inside), 600, 300))
    assert not rows.isVisible(), "nothing waits yet"
    rows.show_rows(*ROWS)
    assert QApplication.activeWindow() is area, "no window of its own was shown on the way"
    said = list(ROWS)
    qtbot.waitUntil(lambda: [label.text() for label in rows.findChildren(QLabel)] == said)
    for width in (600, 260):
        area.resize(width, 300)
        qtbot.waitUntil(lambda: rows.width() <= area.width())
        for label in rows.findChildren(QLabel):
            qtbot.waitUntil(partial(is_whole, label))
    assert not rows.hasHeightForWidth(), "or the area would stretch what stands above"
    rows.show_rows("", "")
    assert not rows.isVisible()


def is_whole(label: QLabel) -> bool:
    inside = not_none(label.parentWidget()).rect().contains(label.geometry())
    return inside and label.height() >= label.heightForWidth(label.width())
