"""A label that may change without the window being laid out anew."""

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from gui.widgets.labels import ElidedLabel, FixedLabel
from tests.gui.showing import Counter, on_screen


@pytest.mark.parametrize("still", [True, False])
def test_only_a_still_label_leaves_the_layout_alone(
    qtbot: QtBot, qapp: QApplication, window: QWidget, still: bool
) -> None:
    label = ElidedLabel()
    QVBoxLayout(window).addWidget(FixedLabel(label) if still else label)
    on_screen(qtbot, window, 300, 100)
    qapp.processEvents()
    layouts = Counter(window, QEvent.Type.LayoutRequest)
    label.setText("after, and longer")
    qapp.processEvents()
    assert (layouts.count == 0) == still
    assert label.isVisible()
    assert label.width() > 250
    assert label.height() >= label.fontMetrics().height()


def test_it_has_the_height_of_its_font_and_room_for_the_longest_text(qtbot: QtBot) -> None:
    label = ElidedLabel()
    still = FixedLabel(label, "says 0, 100 %")
    qtbot.addWidget(still)
    assert still.minimumSizeHint().width() == label.fontMetrics().horizontalAdvance("says 0, 100 %")
    before, font = still.sizeHint().height(), label.font()
    font.setPointSizeF(3 * font.pointSizeF())
    label.setFont(font)
    assert still.sizeHint().height() > 2 * before
