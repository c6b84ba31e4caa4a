"""Buttons, boxes to choose from and actions, made in one place so that all of a kind look alike."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QKeyCombination, QObject, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QAction, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QComboBox, QPushButton, QSizePolicy, QToolButton, QWidget

from gui.theme import GRID, small_font
from gui.widgets.icons import icon
from gui.widgets.labels import in_two_lines, plain_tooltip
from gui.widgets.layouts import named

_LEAST = 6  # letters that there is room for in a narrow panel
_OFFER_PADDING = 2 * GRID  # px beside the text of an offer


def text_button(
    name: str,
    text: str,
    tip: str = "",
    *,
    spoken: str = "",
    small: bool = True,
    flat: bool = False,
    takes_focus: bool = False,
    picture: str = "",
) -> QToolButton:
    """Make a button with a text or the picture of an icon, and a tooltip.

    `spoken` is what a screen reader says in place of the text, `small` is the smaller font, and a
    `flat` one has a frame only under the pointer. With `takes_focus` a click gives it the focus.
    """
    button = named(QToolButton(), name, spoken or text.rstrip("…"), tip, small=small)
    button.setText(text)
    button.setAutoRaise(flat)
    if picture:
        button.setIcon(icon(picture))
    if takes_focus:
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button


def allow(control: QWidget | QAction, tip: str, *, unless: str = "") -> None:
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
    """A button that offers something in a row of others; where it is narrow, in two lines."""

    def __init__(self, number: int, name: str) -> None:
        super().__init__()
        self.number, self._words = number, ""
        self.setObjectName(f"{name}.{number}")
        self.setFont(small_font())
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def offer(self, words: str) -> None:
        """Offer something else, in words without a key."""
        self._words = words
        self._write()
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """Ask for the text in one line and a little beside it."""
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self._words)
        return QSize(width + _OFFER_PADDING, metrics.height() + GRID)

    def minimumSizeHint(self) -> QSize:
        """Be content with less."""
        return QSize(_OFFER_PADDING, self.sizeHint().height())

    def heightForWidth(self, width: int) -> int:
        """Return the height of the lines that there are in a width."""
        lines = self._written(width).count("\n") + 1
        return lines * self.fontMetrics().height() + GRID

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Break the text for another width."""
        super().resizeEvent(event)
        self._write()

    def _write(self) -> None:
        self.setText(self._written(self.width()).replace("&", "&&"))

    def _written(self, width: int) -> str:
        return in_two_lines(self._words, self.fontMetrics(), width - _OFFER_PADDING)


def make_action(
    parent: QObject,
    name: str,
    text: str,
    run: Callable[[], object],
    *,
    keys: str | QKeySequence.StandardKey | Sequence[str] = (),
    tip: str = "",
    icon_name: str | None = None,
) -> QAction:
    """Make the action `action.<name>` with its menu text, keys and tooltip.

    Any of several keys triggers it; the tooltip names the first.
    """
    action = QAction(text, parent)
    action.setObjectName(f"action.{name}")
    action.triggered.connect(lambda _checked=False: run())
    several = [keys] if isinstance(keys, str | QKeySequence.StandardKey) else keys
    action.setShortcuts([QKeySequence(each) for each in several])
    if icon_name is not None:
        action.setIcon(icon(icon_name))
        action.setIconVisibleInMenu(False)
    enable(action, tip or text.replace("&", "").rstrip("…"))
    return action


def disabled_action(actions: Iterable[QAction], keys: QKeyCombination) -> QAction | None:
    """Return the disabled action that keys would trigger in the whole window; None: there is none.

    Qt hands such keys on to the focus, as if they were no action's.
    """
    pressed, everywhere = QKeySequence(keys), Qt.ShortcutContext.WindowShortcut
    for action in actions:
        in_window = action.shortcutContext() == everywhere and pressed in action.shortcuts()
        if in_window and not action.isEnabled():
            return action
    return None


def enable(action: QAction, tip: str, *, unless: str = "") -> None:
    """Enable an action and say in its tooltip what it does; or disable it, and say why."""
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    allow(action, f"{tip} ({keys})" if keys else tip, unless=unless)


def choice_box(name: str, title: str) -> QComboBox:
    """Make a box with an object name, and a title that is said of it."""
    box = named(QComboBox(), name, title, title, small=True)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    return box


def fill_box(box: QComboBox, texts: list[str]) -> None:
    """List other entries; the choice stays at its place as far as there is one."""
    if texts == [box.itemText(place) for place in range(box.count())]:
        return
    place = max(0, box.currentIndex())
    with QSignalBlocker(box):
        box.clear()
        box.addItems(texts)
        box.setCurrentIndex(min(place, len(texts) - 1))


def fill_by_text(box: QComboBox, texts: Sequence[str]) -> None:
    """List other entries; the chosen text stays chosen if it is among them."""
    chosen = box.currentText()
    with QSignalBlocker(box):
        box.clear()
        box.addItems(texts)
        box.setCurrentIndex(max(0, box.findText(chosen)))


class BlockBox(QComboBox):
    """Offers blocks; the chosen one stays chosen when others come and go."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # As wide as the blocks of the moment, unless the panel is narrow.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.setMinimumContentsLength(_LEAST)

    def offer(self, blocks: Sequence[tuple[int, str]]) -> None:
        """List blocks by their slot ids and texts, in place of the former ones."""
        places = range(self.count())
        if list(blocks) == [(self.itemData(place), self.itemText(place)) for place in places]:
            return
        chosen = self.slot_id()
        with QSignalBlocker(self):
            self.clear()
            for slot, text in blocks:
                self.addItem(text, slot)
            self.setCurrentIndex(max(0, self.findData(chosen)))

    def choose(self, slot_id: int) -> None:
        """Choose a block that is offered, as if nobody had done it."""
        if (place := self.findData(slot_id)) >= 0:
            with QSignalBlocker(self):
                self.setCurrentIndex(place)

    def slot_id(self) -> int | None:
        """Return the slot id of the chosen block; None if there is none."""
        slot: int | None = self.currentData()
        return slot
