"""What tests of the editor open: the panel with the list of blocks."""

import pytest
from pytestqt.qtbot import QtBot

from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.editor.block_list import BlockList
from gui.editor.network_panel import NetworkPanel
from gui.widgets.messages import MessageBar


@pytest.fixture
def panel(
    document: Document, edits: Edits, kernel_edits: KernelEdits, messages: MessageBar, qtbot: QtBot
) -> NetworkPanel:
    panel = NetworkPanel(document, edits, kernel_edits, messages)
    qtbot.addWidget(panel)
    panel.resize(320, 690)
    panel.show()
    qtbot.waitActive(panel)
    qtbot.waitUntil(panel.isActiveWindow)
    return panel


@pytest.fixture
def blocks(panel: NetworkPanel) -> BlockList:
    return panel.block_list
