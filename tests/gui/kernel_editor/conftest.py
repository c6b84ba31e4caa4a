"""What tests of the kernel editor open: the notebook's first kernel."""

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gui.document.document import Document
from gui.document.kernel_place import KernelPlace
from gui.kernel_editor.dialog import KernelEditor
from tests.gui.kernel_editor.kernels import opened


@pytest.fixture
def editor(document: Document, window: QWidget, qtbot: QtBot) -> KernelEditor:
    return opened(document, window, qtbot, KernelPlace(1, 0, 0))
