"""Texts that are cut short where there is no room."""

from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from gui.widgets.elision import ElidedLabel


def tooltip_of(label: ElidedLabel) -> str:
    """Let the mouse rest over a label, and return what is shown."""
    label.show()
    event = QHelpEvent(QEvent.Type.ToolTip, QPoint(1, 1), label.mapToGlobal(QPoint(1, 1)))
    QApplication.sendEvent(label, event)
    return QToolTip.text() if event.isAccepted() else ""


def test_the_tooltip_says_what_is_cut_short(qtbot: QtBot) -> None:
    label = ElidedLabel()
    qtbot.addWidget(label)
    label.setText("a title of several words")
    label.resize(60, 20)
    assert "…" in label.written()
    assert tooltip_of(label) == "a title of several words"
    label.resize(400, 20)
    assert label.written() == "a title of several words"
    assert tooltip_of(label) == ""


def test_numbers_are_left_out_rather_than_cut(qtbot: QtBot) -> None:
    label = ElidedLabel(brief="weights")
    qtbot.addWidget(label)
    label.setText("weights −0.0078 ± 0.54")
    room = label.fontMetrics().horizontalAdvance(label.text())
    label.resize(room + 2, 20)
    assert label.written() == "weights −0.0078 ± 0.54"
    label.resize(room - 1, 20)
    assert label.written() == "weights"
