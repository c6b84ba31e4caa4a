"""Buttons with a text or an action, made in one place so that all of a kind look alike."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from gui.theme import GRID, small_font
from gui.widgets.tooltips import plain_tooltip

OFFER_PADDING = 2 * GRID  # px beside the text of an offer


def text_button(
    name: str,
    text: str,
    tip: str = "",
    *,
    spoken: str = "",
    small: bool = True,
    flat: bool = False,
    takes_focus: bool = False,
) -> QToolButton:
    """Make a button with a text and a tooltip.

    `spoken` is what a screen reader says in place of the text, `small` is the smaller font, and a
    `flat` one has a frame only under the pointer. With `takes_focus` a click gives it the focus.
    """
    button = QToolButton()
    button.setObjectName(name)
    button.setText(text)
    button.setToolTip(tip)
    button.setAccessibleName(spoken or text.rstrip("…"))
    button.setAutoRaise(flat)
    if small:
        button.setFont(small_font())
    if takes_focus:
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def allow(control: QWidget, tip: str, *, unless: str = "") -> None:
    """Enable a control and say in its tooltip what it does; or disable it, and say why."""
    control.setEnabled(not unless)
    control.setToolTip(plain_tooltip(unless or tip))


class ActionButton(QToolButton):
    """A button that keeps the focus while it is disabled, such as during a step.

    Qt would hand it on to a field, whose value the next key would change.
    """

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Hand the focus on, but only while the button is enabled."""
        return not self.isEnabled() or super().focusNextPrevChild(forward)


def action_button(action: QAction) -> QToolButton:
    """Make a button for an action, named like it."""
    button = ActionButton()
    button.setDefaultAction(action)
    button.setAccessibleName(action.text().replace("&", ""))
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


class OfferButton(QPushButton):
    """A button that offers something in a row of others; it can be narrower than its text."""

    def __init__(self, number: int, name: str) -> None:
        super().__init__()
        self.number = number
        self.setObjectName(f"{name}.{number}")
        self.setFont(small_font())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def sizeHint(self) -> QSize:
        """Ask for the text and a little beside it."""
        width = self.fontMetrics().horizontalAdvance(self.text().replace("&&", "&"))
        return QSize(width + OFFER_PADDING, self.fontMetrics().height() + GRID)

    def minimumSizeHint(self) -> QSize:
        """Be content with less."""
        return QSize(OFFER_PADDING, self.sizeHint().height())
