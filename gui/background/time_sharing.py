"""TimeSharing: how much of the interpreter the window leaves to a training."""

import sys

from PySide6.QtCore import QTimer

_POLL_MILLISECONDS = 40
_TRAINING_POLL_MILLISECONDS = 150  # each poll takes the interpreter from the training
_TRAINING_SWITCH_INTERVAL = 0.0005  # lets the window have the interpreter between numpy calls


class TimeSharing:
    """Sets how often a timer looks for news, and how often threads take turns."""

    def __init__(self, timer: QTimer) -> None:
        self._timer, self._usual = timer, sys.getswitchinterval()
        timer.setInterval(_POLL_MILLISECONDS)

    def share(self, *, training: bool, busy: bool) -> None:
        """Leave as much to a training as it can use; a `busy` one takes all that it gets."""
        sys.setswitchinterval(_TRAINING_SWITCH_INTERVAL if training else self._usual)
        self._timer.setInterval(_TRAINING_POLL_MILLISECONDS if busy else _POLL_MILLISECONDS)

    def end(self) -> None:
        """Share no more."""
        self._timer.stop()
        sys.setswitchinterval(self._usual)
