"""What tests of forms open: a form with every kind of field, in a window."""

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from tests.gui.forms.options import Owner


@pytest.fixture
def owner(window: QWidget, qtbot: QtBot) -> Owner:
    owner = Owner(window)
    window.show()
    qtbot.waitUntil(window.isActiveWindow)
    return owner
