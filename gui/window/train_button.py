"""TrainButton: Train, Pause and Resume in one; nothing moves when it says something else."""

import time

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolButton, QToolTip, QWidget

HOLD = 0.6  # s
WORDS = ("Train", "Pause", "Resume", "Train on", "88 more epochs")
# By style sheet, since Fusion brightens a dark button until white text on it is hard to read.
_PRIMARY = """
QToolButton {
    background: palette(highlight); color: palette(highlighted-text);
    border: 1px solid palette(highlight); border-radius: 3px; padding: 2px 7px;
}
QToolButton:focus { border-color: palette(text); }
"""
_INPUT = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.KeyPress,
)


class TrainButton(QToolButton):
    """The obvious next button, in the colour of a selection while it can be used.

    After `hold` it takes no click and no key for a moment. Its tooltip leaves the `row` free, which
    says why it is disabled.
    """

    def __init__(
        self, action: QAction, parent: QWidget | None = None, *, row: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._action = action
        self._row = row or self
        self._held_until = 0.0  # s on the clock
        self.setDefaultAction(action)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        action.setAutoRepeat(False)
        action.installEventFilter(self)
        self._fix_size()
        action.changed.connect(self._follow)
        self._follow()

    @property
    def held(self) -> bool:
        """Whether it takes no click and no key at present."""
        return time.monotonic() < self._held_until

    def hold(self) -> None:
        """Take no click and no key for a moment: one that was meant as Pause may come late."""
        self.setDown(False)
        self._held_until = time.monotonic() + HOLD

    def press(self) -> None:
        """Do what a click does."""
        if not self.held:
            self._action.trigger()

    def event(self, event: QEvent) -> bool:
        """Take no click and no key while it is held."""
        if event.type() in _INPUT and self.held:
            event.accept()
            return True
        if event.type() == QEvent.Type.ToolTip:
            left = self.mapTo(self._row, QPoint()).x()
            at = self._row.mapToGlobal(QPoint(left, self._row.height()))
            QToolTip.showText(at, self.toolTip(), self)
            return True
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep the action's own key from it while it is held."""
        return event.type() == QEvent.Type.Shortcut and self.held

    @Slot()
    def _follow(self) -> None:
        style = _PRIMARY if self._action.isEnabled() else ""
        if style != self.styleSheet():
            self.setStyleSheet(style)
        self.setAccessibleName(self._action.iconText())

    def _fix_size(self) -> None:
        """Have room for the widest word."""
        metrics = self.fontMetrics()
        widest = max(metrics.horizontalAdvance(word) for word in WORDS)
        beside = self.sizeHint().width() - metrics.horizontalAdvance(self.text())
        self.setFixedWidth(beside + widest)
        self.setStyleSheet(_PRIMARY)
        self.setFixedHeight(self.sizeHint().height())
