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
