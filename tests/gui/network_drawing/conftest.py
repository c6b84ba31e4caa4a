"""A drawing of the network that the document holds, filled with a digit."""

import pytest
from pytestqt.qtbot import QtBot

from gui.document.document import Document
from gui.network_drawing.drawing_view import NetworkDrawing
from tests.gui.network_drawing.drawn_digit import seen


@pytest.fixture
def drawn(document: Document, qtbot: QtBot) -> NetworkDrawing:
    panel = NetworkDrawing(document)
    qtbot.addWidget(panel)
    panel.resize(500, 310)
    panel.show()
    qtbot.waitActive(panel)
    panel.show_snapshot(seen(document.project()))
    panel.refresh()
    return panel
