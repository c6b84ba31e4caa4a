"""The card of the tour, and the frame around what it speaks of."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPalette, QRegion
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gui.theme import GRID, colours_of, set_muted
from gui.widgets.buttons import text_button
from gui.widgets.plain_labels import plain_label

_WIDTH = 34 * GRID  # px; the network's panel, in which it stands, is never narrower
# px, together no more than lies between two widgets, so that the frame cuts through neither; the
# air lets it be seen around a button of its colour.
_LINE, _AIR = 3, 1
_ON = (Qt.Key.Key_Right, Qt.Key.Key_PageDown, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_BACK = (Qt.Key.Key_Left, Qt.Key.Key_PageUp, Qt.Key.Key_Backspace)


class TourCard(QFrame):
    """Says one thing, with buttons and keys to go on, back, or end the tour."""

    next_wanted = Signal()
    back_wanted = Signal()
    end_wanted = Signal()
    help_wanted = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("tour.card")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedWidth(_WIDTH)
        self.title = plain_label()
        self.title.setObjectName("tour.title")
        bold = self.title.font()
        bold.setBold(True)
        self.title.setFont(bold)
        self.title.setWordWrap(True)  # in a large font
        self.text = plain_label()
        self.text.setObjectName("tour.text")
        self.text.setWordWrap(True)
        self.text.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.count = plain_label()
        self.count.setObjectName("tour.count")
        set_muted(self.count)
        self.end = text_button(
            "tour.end", "✕", "End the tour (Esc)", spoken="End the tour", small=False, flat=True
        )
        self.help = _push_button("tour.help", "")
        self.back = _push_button("tour.back", "◀ Back")
        self.next = _push_button("tour.next", "Next ▶")
        self._usual_height = 0
        self._arrange()
        self.next.clicked.connect(self.next_wanted)
        self.back.clicked.connect(self.back_wanted)
        self.end.clicked.connect(self.end_wanted)
        self.help.clicked.connect(self.help_wanted)
        for button in (self.next, self.back, self.end, self.help):
            button.installEventFilter(self)

    def show_words(self, title: str, text: str) -> None:
        """Show one thing to say; the foot stays where it is."""
        if (title, text) == (self.title.text(), self.text.text()):
            return
        self.title.setText(title)
        self.text.setText(text)
        self.setAccessibleName(f"Tour: {title}")
        self.setAccessibleDescription(text)
        self.setFixedHeight(max(self._usual_height, self.heightForWidth(_WIDTH)))

    def have_room_for(self, texts: Sequence[str]) -> None:
        """Be high enough for each of some texts, so that nothing moves from one to the next."""
        shown = self.text.text()
        self._usual_height = 0
        for text in texts:
            self.text.setText(text)
            self._usual_height = max(self._usual_height, self.heightForWidth(_WIDTH))
        self.text.setText(shown)

    @property
    def usual_height(self) -> int:
        """The height, in px, that any of the usual texts needs."""
        return self._usual_height

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take keys that the buttons would use to move the focus."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            own = watched in (self.end, self.help) and event.key() in _ON[2:]
            if not own and self._take(event.key()):
                return True
        return super().eventFilter(watched, event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on, back, or end."""
        if not self._take(event.key()):
            super().keyPressEvent(event)

    def _take(self, key: int) -> bool:
        if key == Qt.Key.Key_Escape:
            self.end_wanted.emit()
        elif key in _ON and self.next.isVisible():
            self.next_wanted.emit()
        elif key in _BACK and self.back.isVisible():
            self.back_wanted.emit()
        else:
            return False
        return True

    def _arrange(self) -> None:
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.end)
        bottom = QHBoxLayout()
        bottom.setSpacing(GRID // 2)
        bottom.addWidget(self.count, 1)
        for button in (self.help, self.back, self.next):
            bottom.addWidget(button)
        column = QVBoxLayout(self)
        margin = GRID + GRID // 2
        column.setContentsMargins(margin, GRID, GRID, margin)
        column.setSpacing(GRID)
        column.addLayout(top)
        column.addWidget(self.text, 1)
        column.addLayout(bottom)


class TargetFrame(QWidget):
    """A frame that lies over the window and lets every click through."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("tour.frame")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoFillBackground(True)
        self.hide()

    def surround(self, area: QRect | None) -> None:
        """Lie around an area of the window; None: around nothing."""
        if area is None:
            self.hide()
            return
        window = self.parentWidget()
        assert window is not None
        wide = _LINE + _AIR
        outer = area.adjusted(-wide, -wide, wide, wide).intersected(window.rect())
        palette = self.palette()
        palette.setColor(QPalette.ColorRole.Window, QColor(colours_of(window.palette()).link))
        self.setPalette(palette)
        if outer == self.geometry() and self.isVisible():
            return
        self.setGeometry(outer)
        whole = QRect(0, 0, outer.width(), outer.height())
        inner = whole.adjusted(_LINE, _LINE, -_LINE, -_LINE)
        self.setMask(QRegion(whole).subtracted(QRegion(inner)))
        self.show()
        self.raise_()


def _push_button(name: str, text: str) -> QPushButton:
    button = QPushButton(text)
    button.setObjectName(name)
    button.setAutoDefault(False)
    return button
