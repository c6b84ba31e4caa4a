"""The one place where the window speaks to the user: a message bar, and questions."""

import os
from collections.abc import Callable, Mapping
from typing import Literal, TypeVar

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLabel,
    QMessageBox,
    QWidget,
)

from gui.theme import GRID, WRONG
from gui.widgets.buttons import text_button
from gui.widgets.labels import plain_label
from gui.widgets.layouts import in_row, named

T = TypeVar("T")
# What the user chose to do with unsaved work, a file changed by others, and work left behind.
Answer = Literal["save", "discard", "cancel"]
Overwriting = Literal["overwrite", "save as", "cancel"]
Recovering = Literal["recover", "discard", "keep"]
Offer = tuple[str, QMessageBox.ButtonRole]  # text of a button, and what it is for
_Role = QMessageBox.ButtonRole
_REPLACE = {True: ("&Replace", _Role.DestructiveRole), False: ("&Cancel", _Role.RejectRole)}
_LEAST_TIME, _TIME_PER_LETTER, _AGAIN = 5_000, 40, 1_500  # ms that good news stay
_LEAST_WIDTH, _MOST_WIDTH = 40 * GRID, 110 * GRID
_ABOVE_EDGE = 5 * GRID  # px, which leaves the tabs of the lower panels free


def unattended() -> bool:
    """Return whether no one is there to answer: then every question takes its safe default."""
    return os.environ.get("LAYERSCOPE_UNATTENDED") == "1"


def ask_about_unsaved(parent: QWidget, name: str, ending: str = "") -> Answer:
    """Ask whether to save changes before they would be lost. Unattended, they are discarded.

    `ending` is a sentence on what else ends then.
    """
    if unattended():
        return "discard"
    question = f"Save the changes to {name}?"
    lost = "Without saving, the network as it is now is lost. Its kept runs stay in Runs."
    offers: dict[Answer, Offer] = {
        "save": ("&Save", _Role.AcceptRole),
        "discard": ("&Discard", _Role.DestructiveRole),
        "cancel": ("&Cancel", _Role.RejectRole),
    }
    more = f"{lost} {ending}".rstrip()
    return _ask(parent, "Unsaved changes", question, more, offers, "save")


def ask_to_quit(parent: QWidget, ending: str) -> bool:
    """Ask whether to quit although something ends then. Unattended, it ends."""
    if unattended():
        return True
    offers = {True: ("&Quit", _Role.DestructiveRole), False: ("&Cancel", _Role.RejectRole)}
    return _ask(parent, "Quit", "Quit Layerscope?", ending, offers, default=False)


def ask_to_replace(parent: QWidget, name: str) -> bool:
    """Ask whether a file may be replaced. Unattended, it may not."""
    question = f"{name} exists already. Replace it?"
    return _ask(parent, "Replace file", question, "", _REPLACE, default=False)


def ask_to_replace_in(parent: QWidget, name: str) -> bool:
    """Ask whether files in a folder may be replaced. Unattended, they may not."""
    question = f"The folder {name} exists already. Write into it?"
    more = "Files of the same names in it are replaced. Others stay."
    return _ask(parent, "Replace files", question, more, _REPLACE, default=False)


def ask_to_overwrite(parent: QWidget, name: str) -> Overwriting:
    """Ask what to do with a file that another program has changed. Unattended, it stays."""
    question = f"Another program has changed {name}. Overwrite it?"
    more = "It is no longer what was opened or saved here."
    offers: dict[Overwriting, Offer] = {
        "overwrite": ("&Overwrite", _Role.DestructiveRole),
        "save as": ("Save &as…", _Role.AcceptRole),
        "cancel": ("&Cancel", _Role.RejectRole),
    }
    return _ask(parent, "File changed", question, more, offers, "save as")


def ask_to_recover(parent: QWidget, text: str, details: str) -> Recovering:
    """Ask what to do with work that was left behind. Unattended, it stays for later."""
    offers: dict[Recovering, Offer] = {
        "recover": ("&Recover", _Role.AcceptRole),
        "discard": ("&Discard", _Role.DestructiveRole),
        "keep": ("&Keep for later", _Role.RejectRole),
    }
    return _ask(parent, "Recover unsaved work", text, details, offers, "recover")


class _Question(QMessageBox):
    """A question in which what destroys is not done by its letter alone, as Qt would have it."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        with_alt = QKeySequence(Qt.KeyboardModifier.AltModifier.value | event.key())
        if not any(
            self.buttonRole(each) == _Role.DestructiveRole and each.shortcut() == with_alt
            for each in self.buttons()
        ):
            super().keyPressEvent(event)


def _ask(
    parent: QWidget, title: str, text: str, more: str, offers: Mapping[T, Offer], default: T
) -> T:
    """Ask, and give what the clicked button stands for.

    It is the last one on Esc, or unseen if unattended.
    """
    box = _Question(parent)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(title)
    box.setTextFormat(Qt.TextFormat.PlainText)  # a file may have any name
    box.setText(text)
    box.setInformativeText(more)
    buttons = {answer: box.addButton(text, role) for answer, (text, role) in offers.items()}
    safe = list(buttons)[-1]
    box.setDefaultButton(buttons[default])
    box.setEscapeButton(buttons[safe])
    if not unattended():
        box.exec()
    box.deleteLater()
    clicked = box.clickedButton()
    return next((answer for answer, button in buttons.items() if button is clicked), safe)


class MessageBar(QFrame):
    """One sentence in front of the panels, until it is closed or the next one comes.

    What has been done goes away by itself, unless the pointer or the focus is on it. What went
    wrong stays until it is unsaid: the same was done with success, or its cause is gone. Who says
    something names its topic, and only what is said of that topic is taken away again.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("message_bar")
        self.setAccessibleName("Message")
        self.setFrameShape(QFrame.Shape.Box)
        self._topic = ""
        self._under: QWidget | None = None
        self._mark = QLabel()
        self.setForegroundRole(QPalette.ColorRole.Highlight)  # of the frame
        self.setBackgroundRole(QPalette.ColorRole.Base)
        self.setAutoFillBackground(True)
        self.text = named(plain_label(wraps=True), "message", "Message text")
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._take_offer: Callable[[], object] | None = None
        self._offer = text_button("message.offer", "", takes_focus=True)
        self._offer.clicked.connect(self._on_offer)
        self._offer.hide()
        close = text_button(
            "message.close", "✕", "Close this message", spoken="Close message", flat=True
        )
        close.clicked.connect(self.clear)
        top = Qt.AlignmentFlag.AlignTop
        buttons = (self._offer, 0, top), (close, 0, top)
        in_row(self._mark, (self.text, 1), *buttons, of=self, margins=GRID)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._go)
        self.hide()

    def lie_over(self, under: QWidget) -> None:
        """Lie in front of a widget, at the middle of its lower edge, so that nothing moves."""
        self._under = under
        self.setParent(under)
        self.hide()
        under.installEventFilter(self)

    def say(self, topic: str, text: str) -> None:
        """Say what went wrong and what to do."""
        self._show("✗", topic, text, wrong=True)

    def done(self, text: str, topic: str = "") -> None:
        """Say for some seconds what has been done."""
        self._show("✓", topic, text, wrong=False)
        self._timer.start(_LEAST_TIME + _TIME_PER_LETTER * len(text))

    def offer(self, topic: str, text: str, word: str, take: Callable[[], object]) -> None:
        """Say for some seconds what has been done, with a button, such as Undo."""
        self.done(text, topic)
        self._take_offer = take
        self._offer.setText(word)
        self._offer.setAccessibleName(f"{word}: {text}")
        self._offer.show()
        self._place()

    @Slot()
    def clear(self) -> None:
        """Take the message away."""
        self._timer.stop()
        self._withdraw_offer()
        self._topic = ""
        self.text.clear()
        self.hide()

    def unsay(self, topic: str) -> None:
        """Take away what is said of a topic, if that is still what is shown."""
        if topic == self._topic:
            self.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the edge of what it lies over."""
        if watched is self._under and event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    @Slot()
    def _on_offer(self) -> None:
        take = self._take_offer
        self.clear()
        if take is not None:
            take()

    def _withdraw_offer(self) -> None:
        self._take_offer = None
        self._offer.hide()

    @Slot()
    def _go(self) -> None:
        focused = QApplication.focusWidget()
        if self.underMouse() or (focused is not None and self.isAncestorOf(focused)):
            self._timer.start(_AGAIN)
        else:
            self.clear()

    def _show(self, mark: str, topic: str, text: str, *, wrong: bool) -> None:
        self._timer.stop()
        self._withdraw_offer()
        self._topic = topic
        self._mark.setText(mark)
        self._mark.setAccessibleName("Error" if wrong else "Done")
        self._mark.setForegroundRole(WRONG if wrong else QPalette.ColorRole.Link)
        self.text.setText(text)
        self._place()
        self.show()
        self.raise_()

    def _place(self) -> None:
        """Be as wide as a line is well read, and as high as the text needs then."""
        if self._under is None:
            return
        room = self._under.rect().adjusted(GRID, GRID, -GRID, -_ABOVE_EDGE)
        layout = self.layout()
        assert layout is not None
        layout.invalidate()
        line = self.text.fontMetrics().horizontalAdvance(self.text.text()) + GRID
        beside = self.sizeHint().width() - self.text.sizeHint().width()
        width = min(room.width(), _MOST_WIDTH, max(_LEAST_WIDTH, line + beside))
        size = QSize(width, min(room.height(), layout.totalHeightForWidth(width)))
        place = QRect(QPoint(0, 0), size)
        place.moveCenter(room.center())
        place.moveBottom(room.bottom())
        self.setGeometry(place)
