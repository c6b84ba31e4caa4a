"""An open notebook project and its network panel, shown in a window of its usual size."""

import pytest
from pytestqt.qtbot import QtBot

from engine.templates import notebook
from gui.document import Document
from gui.editor.network_panel import NetworkPanel


@pytest.fixture
def document(qtbot: QtBot) -> Document:
    return Document(notebook())


@pytest.fixture
def panel(document: Document, qtbot: QtBot) -> NetworkPanel:
    panel = NetworkPanel(document)
    qtbot.addWidget(panel)
    panel.resize(320, 690)
    panel.show()
    qtbot.waitActive(panel)
    qtbot.waitUntil(panel.isActiveWindow)
    return panel
