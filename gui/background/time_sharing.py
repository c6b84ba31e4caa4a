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
        self._training = self._beside = False
        timer.setInterval(_POLL_MILLISECONDS)

    def share(self, *, training: bool, busy: bool) -> None:
        """Leave as much to a training as it can use; a `busy` one takes all that it gets."""
        self._training = training
        self._take_turns()
        self._timer.setInterval(_TRAINING_POLL_MILLISECONDS if busy else _POLL_MILLISECONDS)

    def share_beside(self, training: bool) -> None:
        """Know whether other networks than the window's are trained: it has to answer then, too."""
        self._beside = training
        self._take_turns()

    def end(self) -> None:
        """Share no more."""
        self._timer.stop()
        sys.setswitchinterval(self._usual)

    def _take_turns(self) -> None:
        shared = self._training or self._beside
        sys.setswitchinterval(_TRAINING_SWITCH_INTERVAL if shared else self._usual)
