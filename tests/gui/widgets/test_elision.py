"""Texts that are cut short where there is no room."""

from PySide6.QtCore import QPoint
from pytestqt.qtbot import QtBot

from gui.widgets.labels import ElidedLabel
from tests.gui.showing import on_screen, tooltip_at


def test_the_tooltip_says_what_is_cut_short(qtbot: QtBot) -> None:
    label = on_screen(qtbot, ElidedLabel(), 60, 20)
    label.setText("a title of several words")
    assert "…" in label.written()
    assert tooltip_at(label, QPoint(1, 1)) == "a title of several words"
    label.resize(400, 20)
    assert label.written() == "a title of several words"
    assert tooltip_at(label, QPoint(1, 1)) == ""


def test_numbers_are_left_out_rather_than_cut(qtbot: QtBot) -> None:
    label = ElidedLabel(brief="weights")
    qtbot.addWidget(label)
    label.setText("weights −0.0078 ± 0.54")
    room = label.fontMetrics().horizontalAdvance(label.text())
    for spare, written in ((2, "weights −0.0078 ± 0.54"), (-1, "weights")):
        label.resize(room + spare, 20)
        assert label.written() == written
