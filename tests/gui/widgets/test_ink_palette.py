"""InkPalette: what screen readers are told of it."""

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from gui.panels.draw import InkPalette
from gui.widgets.drawing_canvas import DrawingCanvas


def test_readers_find_the_name_of_the_list_of_papers(qtbot: QtBot) -> None:
    palette = InkPalette(DrawingCanvas())
    qtbot.addWidget(palette)
    (label,) = palette.findChildren(QLabel)
    assert (label.buddy(), label.text()) == (palette.paper, "Paper")
    assert label.isHidden()
