"""CoachBar: the card at the foot of the stage that says what happened and what to try next."""

from PySide6.QtCore import QElapsedTimer, QEvent, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextLayout,
)
from PySide6.QtWidgets import QApplication, QLabel, QSizePolicy, QWidget

from engine.advice.training_log import Action, Advice
from gui.theme import GRID, PADDING, RADIUS, colours_of, draw_round, small_font, text_font
from gui.widgets.buttons import text_button
from gui.widgets.labels import elide, elide_button, plain_tooltip
from gui.widgets.layouts import in_row, named

MARK = "✦"
_NOTICED = 500  # ms after which a click under the mouse is meant for what the button says now
_NARROW = 60 * GRID  # px of a card whose text is small
_LONGEST = 48  # usual letters of the button's text, which may name a file, or an epoch and a rate


class _TwoLines(QLabel):
    """A text in at most two lines, of which the second is cut short if need be."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def heightForWidth(self, width: int) -> int:
        """Ask for two lines at most."""
        return min(super().heightForWidth(width), 2 * self.fontMetrics().lineSpacing())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Break the text after its first line, and draw what there is room for of the rest."""
        text, room = self.text(), self.width()
        layout = QTextLayout(text, self.font())
        layout.beginLayout()
        first = layout.createLine()
        first.setLineWidth(room)
        layout.endLayout()
        end = first.textLength()
        lines = f"{text[:end]}\n{elide(text[end:], self.fontMetrics(), room)}".rstrip()
        QPainter(self).drawText(self.rect(), Qt.AlignmentFlag.AlignVCenter, lines)


class CoachBar(QWidget):
    """A text with a button, if there is something to do, and one that closes it.

    It is there while there is advice, over the foot of the stage, so that nothing moves. `accepted`
    carries the action of the advice whose button was clicked. What the button does may change under
    the mouse: a click right after that was meant for something else, and does nothing.
    """

    accepted = Signal(Action)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("coach_bar")
        self.setAccessibleName("Coach")
        self._action: Action | None = None
        self._changed = QElapsedTimer()  # since what the button does changed under the mouse
        self._mark = QLabel(MARK)
        self.text = named(_TwoLines(), "coach", "What happened, and what to try next")
        self.button = text_button("coach.action", MARK)
        self.button.clicked.connect(self._accept)
        self.close_button = text_button(
            "coach.dismiss",
            "✕",
            "Close this advice; View > Coach turns all of it off",
            spoken="Close advice",
            flat=True,
        )
        self._parts = in_row(
            self._mark,
            (self.text, 1),
            self.button,
            self.close_button,
            of=self,
            gap=GRID,
            margins=(PADDING, GRID, GRID, GRID),
        )
        self._on = True
        self._colour()
        self.show_advice(None)

    def turn(self, on: bool) -> None:
        """Show advice from now on, or none."""
        self._on = on
        self.setVisible(on and bool(self.text.text()))

    def show_advice(self, advice: Advice | None) -> None:
        """Show an advice in place of the last, or none."""
        before, self._action = self._action, None if advice is None else advice.action
        if before not in (None, self._action) and self.button.underMouse():
            self._changed.start()
        self.text.setText("" if advice is None else advice.text)
        whole = "" if advice is None else f"{advice.text} {advice.more}".strip()
        self.text.setToolTip(plain_tooltip(whole) if whole else "")
        self.setVisible(self._on and advice is not None)
        self.button.setVisible(self._action is not None)
        if self._action is not None:
            self._fit()
            self.button.setAccessibleName(self._action.label)
            self.button.setToolTip(plain_tooltip(self._action.label))  # it may be cut short

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave most of a narrow card to the sentence: it is small there, the card no higher."""
        super().resizeEvent(event)
        narrow = self.width() < _NARROW
        edge = GRID // 2 if narrow else GRID
        self.text.setFont(small_font() if narrow else text_font())
        self._parts.setContentsMargins(PADDING, edge, GRID, edge)
        self._fit()

    def _fit(self) -> None:
        if self._action is not None:
            widest = _LONGEST * self.button.fontMetrics().averageCharWidth()
            elide_button(self.button, self._action.label, min(widest, self.width() // 2))

    def changeEvent(self, event: QEvent) -> None:
        """Take the colours of another theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.ApplicationPaletteChange, QEvent.Type.PaletteChange):
            self._colour()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the card."""
        ground = QColor(colours_of(QApplication.palette()).coach)
        draw_round(QPainter(self), self.rect(), RADIUS, ground)

    @Slot()
    def _accept(self) -> None:
        is_meant = not self._changed.isValid() or self._changed.hasExpired(_NOTICED)
        if self._action is not None and is_meant:
            self.accepted.emit(self._action)

    def _colour(self) -> None:
        """Write white on the dark card; the button is that of the theme."""
        for part in (self._mark, self.text, self.close_button):
            palette = QPalette()
            for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
                palette.setColor(role, QColor("white"))
            card = QColor(colours_of(QApplication.palette()).coach)
            palette.setColor(QPalette.ColorRole.Button, card.lighter(140))  # under the mouse
            part.setPalette(palette)
