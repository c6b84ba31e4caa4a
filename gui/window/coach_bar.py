"""CoachBar: the line under the training row that says what happened and what to try next."""

from PySide6.QtCore import QElapsedTimer, QEvent, QObject, Signal, Slot
from PySide6.QtGui import QAction, QColor, QPalette
from PySide6.QtWidgets import QLabel, QWidget

from engine.advice.training_log import Action, Advice
from gui.theme import GRID, colours_of
from gui.widgets.buttons import text_button
from gui.widgets.elision import ElidedLabel, elide_button
from gui.widgets.layouts import in_row
from gui.widgets.tooltips import plain_tooltip

MARK = "✦"
_NOTICED = 500  # ms after which a click under the mouse is meant for what the button says now
_LONGEST = 46  # usual letters of the button's text, which may name a file, or an epoch and a rate


def coach_action(on: bool, parent: QObject) -> QAction:
    """Make the action that turns the coach on and off."""
    action = QAction("&Coach", parent)
    action.setObjectName("action.coach")
    action.setCheckable(True)
    action.setToolTip("Say under the training row what happened and what to try next")
    action.setChecked(on)
    return action


class CoachBar(QWidget):
    """One line with a button, if there is something to do, and one that closes it.

    It is as high without advice as with it, so that nothing below it moves. `accepted` carries the
    action of the advice whose button was clicked. What the button does may change under the mouse:
    a click right after that was meant for something else, and does nothing.
    """

    accepted = Signal(Action)
    dismissed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("coach_bar")
        self.setAccessibleName("Coach")
        self._action: Action | None = None
        self._changed = QElapsedTimer()  # since what the button does changed under the mouse
        self._mark = QLabel(MARK)
        self.text = ElidedLabel()
        self.text.setObjectName("coach")
        self.text.setAccessibleName("What happened, and what to try next")
        self.button = text_button("coach.action", MARK)
        self.button.clicked.connect(self._accept)
        self.close_button = text_button(
            "coach.dismiss",
            "✕",
            "Close this advice; View > Coach turns all of it off",
            spoken="Close advice",
            flat=True,
        )
        self.close_button.clicked.connect(self.dismissed)
        in_row(
            self._mark,
            (self.text, 1),
            self.button,
            self.close_button,
            of=self,
            margins=(GRID, 0, GRID, GRID // 2),
        )
        self._colour()
        self._keep_height()
        self.show_advice(None)

    def show_advice(self, advice: Advice | None) -> None:
        """Show an advice in place of the last, or none."""
        before, self._action = self._action, None if advice is None else advice.action
        if before not in (None, self._action) and self.button.underMouse():
            self._changed.start()
        self.text.setText("" if advice is None else advice.text)
        whole = "" if advice is None else f"{advice.text} {advice.more}".strip()
        self.text.setToolTip(plain_tooltip(whole) if whole else "")
        self._mark.setVisible(advice is not None)
        self.close_button.setVisible(advice is not None)
        self.button.setVisible(self._action is not None)
        if self._action is not None:
            widest = _LONGEST * self.button.fontMetrics().averageCharWidth()
            elide_button(self.button, self._action.label, widest)
            self.button.setAccessibleName(self._action.label)
            self.button.setToolTip(plain_tooltip(self._action.label))  # it may be cut short

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme, and the height of another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()
        elif event.type() == QEvent.Type.FontChange:
            self._keep_height()

    @Slot()
    def _accept(self) -> None:
        is_meant = not self._changed.isValid() or self._changed.hasExpired(_NOTICED)
        if self._action is not None and is_meant:
            self.accepted.emit(self._action)

    def _keep_height(self) -> None:
        parts = (self.text, self.button, self.close_button)
        self.setFixedHeight(max(part.sizeHint().height() for part in parts) + GRID // 2)

    def _colour(self) -> None:
        palette = self._mark.palette()
        link = QColor(colours_of(self.palette()).link)
        palette.setColor(QPalette.ColorRole.WindowText, link)
        self._mark.setPalette(palette)
