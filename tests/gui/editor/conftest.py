"""What tests of the editor open: the network panel, a kernel, a form with every kind of field."""

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from engine.model.templates import notebook
from gui.document.document import Document
from gui.document.kernel_edits import KernelPlace
from gui.editor.network_panel import NetworkPanel
from gui.kernel_editor.dialog import KernelEditor
from tests.gui.editor.kernels import opened
from tests.gui.editor.options import Owner


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


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


@pytest.fixture
def owner(window: QWidget, qtbot: QtBot) -> Owner:
    owner = Owner(window)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    return owner


@pytest.fixture
def editor(document: Document, window: QWidget, qtbot: QtBot) -> KernelEditor:
    return opened(document, window, qtbot, KernelPlace(1, 0, 0))
