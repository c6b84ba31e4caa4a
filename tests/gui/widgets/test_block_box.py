"""The list of blocks: which stays chosen, and how wide it is."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gui.widgets.buttons import BlockBox


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
