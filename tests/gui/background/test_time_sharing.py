"""Time sharing: threads take turns more often as long as anything trains."""

import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from gui.background.session import TimeSharing


@pytest.fixture
def sharing(qapp: QApplication) -> Iterator[TimeSharing]:
    made = TimeSharing(QTimer())
    yield made
    made.end()


def test_turns_are_short_until_neither_the_window_nor_a_series_trains(sharing: TimeSharing) -> None:
    usual = sys.getswitchinterval()
    sharing.share_beside(True)
    assert sys.getswitchinterval() < usual
    sharing.share(training=True, busy=True)
    sharing.share_beside(False)
    assert sys.getswitchinterval() < usual
    sharing.share(training=False, busy=False)
    assert sys.getswitchinterval() == usual


def test_after_the_end_turns_are_as_they_were(sharing: TimeSharing) -> None:
    usual = sys.getswitchinterval()
    sharing.share_beside(True)
    sharing.end()
    assert sys.getswitchinterval() == usual
