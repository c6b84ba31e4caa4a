"""A gate that long work on files waits at, while a test does something before its dialog."""

import threading
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog, QWidget


class Gate:
    """Holds long work up until the dialog is seen and something was done in front of it."""

    def __init__(self, parent: QWidget, act: Callable[["Gate"], object]) -> None:
        self.act, self.opened, self.seen = act, threading.Event(), 0
        self.timer = QTimer(parent, interval=10)
        self.timer.timeout.connect(self._look)
        self.timer.start()

    @property
    def dialog(self) -> QDialog:
        found = QApplication.activeModalWidget()
        assert isinstance(found, QDialog)
        assert found.objectName() == "waiting"
        return found

    def hold(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return the same work, which begins when the gate is open."""

        def held(*arguments: Any, **named: Any) -> Any:
            report = arguments[-1]
            while not self.opened.is_set():
                report(0.25)
                time.sleep(0.002)
            return work(*arguments, **named)

        return held

    def _look(self) -> None:
        if QApplication.activeModalWidget() is not None and self.dialog.isVisible():
            self.timer.stop()
            self.seen += 1
            try:
                self.act(self)
            finally:
                self.opened.set()
