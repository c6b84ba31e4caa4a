"""A label that may change without the window being laid out anew."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.widgets.elision import ElidedLabel
from gui.widgets.fixed_label import FixedLabel
from tests.gui.showing import Counter


@pytest.mark.parametrize("still", [True, False])
def test_only_a_still_label_leaves_the_layout_alone(
    qtbot: QtBot, qapp: QApplication, still: bool
) -> None:
    window, label = QWidget(), ElidedLabel()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    column.addWidget(FixedLabel(label) if still else label)
    window.resize(300, 100)
    window.show()
    qapp.processEvents()
    layouts = Counter(window, QEvent.Type.LayoutRequest)
    label.setText("after, and longer")
    qapp.processEvents()
    assert (layouts.count == 0) == still
    assert label.isVisible()
    assert label.width() > 250
    assert label.height() >= label.fontMetrics().height()


def test_it_has_the_height_of_its_font(qtbot: QtBot) -> None:
    label = ElidedLabel()
    still = FixedLabel(label)
    qtbot.addWidget(still)
    before = still.sizeHint().height()
    font = label.font()
    font.setPointSizeF(3 * font.pointSizeF())
    label.setFont(font)
    assert still.sizeHint().height() > 2 * before


def test_it_has_room_for_the_longest_text(qtbot: QtBot) -> None:
    label = ElidedLabel()
    still = FixedLabel(label, "says 0, 100 %")
    qtbot.addWidget(still)
    assert still.minimumSizeHint().width() == label.fontMetrics().horizontalAdvance("says 0, 100 %")
