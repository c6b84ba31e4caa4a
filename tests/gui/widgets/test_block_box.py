"""The list of blocks: which stays chosen."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.widgets.block_box import BlockBox


def test_the_chosen_block_stays_chosen_wherever_it_goes(qtbot: QtBot) -> None:
    box = BlockBox()
    qtbot.addWidget(box)
    box.show()
    assert box.slot_id() is None
    box.offer([(7, "1 Conv"), (9, "4 Dense")])
    assert box.slot_id() == 7
    QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.slot_id() == 9
    chosen: list[int] = []
    box.activated.connect(chosen.append)
    box.offer([(5, "1 Conv"), (7, "2 Conv"), (9, "5 Dense")])
    assert (box.slot_id(), box.currentText()) == (9, "5 Dense")
    box.offer([(5, "1 Conv"), (7, "2 Conv")])
    assert box.slot_id() == 5, "it is gone: the first is chosen"
    assert chosen == [], "nothing was chosen"


def test_it_is_as_wide_as_the_blocks_need_but_gives_way(qtbot: QtBot) -> None:
    box = BlockBox()
    qtbot.addWidget(box)
    box.offer([(1, "1 Conv 5, 3×3")])
    box.show()
    before, text = box.sizeHint().width(), "4 Conv 16, 5×5, same, stride 2"
    box.offer([(1, "1 Conv 5, 3×3"), (4, text)])
    assert box.sizeHint().width() >= box.fontMetrics().horizontalAdvance(text) > before
    assert box.minimumSizeHint().width() < before
