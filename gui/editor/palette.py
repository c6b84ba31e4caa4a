"""Palette: a tile for every kind of block, and a field that finds them by words."""

import html
import re
from typing import NamedTuple

from PySide6.QtCore import QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QFontMetrics,
    QKeyEvent,
    QPaintEvent,
    QPalette,
    QPen,
)
from PySide6.QtWidgets import (
    QGridLayout,
    QLineEdit,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from engine.blocks import KINDS
from engine.blocks.base import Group
from gui.document.document import LOCKED_REASON, Document
from gui.document.edits import Edits
from gui.theme import GRID, PADDING, draw_round, kind_colour, small_font
from gui.widgets.buttons import text_button
from gui.widgets.labels import plain_label
from gui.widgets.layouts import Card, in_column, in_row, scrolling

GROUPS: tuple[Group, ...] = (
    *("Convolution", "Dense", "Activation", "Pooling", "Shape", "Regularisation"),
    "Skip connection",
)
_CHIP = 8  # px
_LINE = 44  # usual letters in a line of what a block does
_COLUMNS = 2


class PaletteEntry(NamedTuple):
    """What a button adds: one block of a kind, or several."""

    name: str
    group: Group
    help: str

    @property
    def brief(self) -> str:
        """The help up to its first stop."""
        return re.split(r"[.:;,] | \(", self.help)[0]


RESIDUAL = "residual"
ENTRIES: dict[str, PaletteEntry] = {
    **{kind: PaletteEntry(block.name, block.group, block.help) for kind, block in KINDS.items()},
    RESIDUAL: PaletteEntry(
        "Residual",
        KINDS["add"].group,
        "A skip connection past two Conv: Conv, BatchNorm, ReLU, Conv, BatchNorm, then Add with "
        "what came in, and ReLU. Deep networks are made of such groups.",
    ),
}


class AddButton(QToolButton):
    """Adds one kind of block, or a group of them: by click, Space or Enter."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        block = ENTRIES[kind]
        self.kind = kind
        self.first_hit = False
        self.setObjectName(f"add.{kind}")
        self.setText(block.name)
        self.setAutoRaise(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(f"Add {block.name}")
        self.setAccessibleDescription(f"{block.group}. {block.help}")

    def sizeHint(self) -> QSize:
        """Have room for the name, and for two lines of what the block does."""
        small = QFontMetrics(small_font())
        height = self.fontMetrics().height() + 2 * small.height() + GRID
        return QSize(_LINE * small.averageCharWidth() + 4 * GRID, height)

    def set_locked(self, locked: bool) -> None:
        """Say what the button does, or why it does nothing now."""
        block = ENTRIES[self.kind]
        self.setEnabled(not locked)
        words = (
            f"<b>Add {block.name}</b> ({block.group}) after the selected block. "
            f"{html.escape(block.help)}"
        )
        self.setToolTip(LOCKED_REASON if locked else f"<qt>{words} F1 says more.</qt>")

    def begins_with(self, words: str) -> bool:
        """Return whether the name begins with the words."""
        return ENTRIES[self.kind].name.casefold().startswith(words.casefold())

    def matches(self, words: str, *, in_help: bool) -> bool:
        """Return whether the name or the group, or else the help, contains the words."""
        block = ENTRIES[self.kind]
        text = block.help if in_help else f"{block.name} {block.group}"
        return words.casefold() in text.casefold()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the chip of the group, the name, and what the block does; mark the first hit."""
        painter, option = QStylePainter(self), QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text = ""
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        chip = QRect(GRID, (self.height() - 20) // 2, _CHIP, 20)
        draw_round(painter, chip, 3, kind_colour(ENTRIES[self.kind].group))
        room = self.rect().adjusted(3 * GRID, GRID // 2, -GRID // 2, -GRID // 2)
        middle = room.y() + self.fontMetrics().height()
        group = QPalette.ColorGroup.Active if self.isEnabled() else QPalette.ColorGroup.Disabled
        painter.setPen(self.palette().color(group, QPalette.ColorRole.ButtonText))
        painter.drawText(room, Qt.AlignmentFlag.AlignTop, self.text())
        painter.setFont(small_font())
        painter.setPen(self.palette().placeholderText().color())
        room.setTop(middle)
        painter.drawText(room, Qt.TextFlag.TextWordWrap, ENTRIES[self.kind].brief)
        if self.first_hit or self.hasFocus():
            ring = QPen(self.palette().highlight(), 2)
            draw_round(painter, self.rect().adjusted(1, 1, -1, -1), 6, edge=ring)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter as a click."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class Palette(Card):
    """Adds blocks after the selected ones; lies beside the list while it is wanted.

    `left` says that it was closed, by Esc or since a block was added.
    """

    left = Signal()

    def __init__(self, document: Document, edits: Edits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette")
        self.setAccessibleName("Add a block")
        self._edits = edits
        self.buttons = [
            AddButton(kind)
            for group in GROUPS
            for kind, entry in ENTRIES.items()
            if entry.group == group
        ]
        self.search = _Search()
        self._nothing = plain_label("No kind of block has this word.", muted=True)
        self._nothing.hide()
        self._locked = plain_label(LOCKED_REASON, muted=True)
        close = text_button("palette.close", "✕", "Close (Esc)", spoken="Close", flat=True)
        close.clicked.connect(self.close_palette)
        self._tiles = QGridLayout()
        self._tiles.setSpacing(GRID // 4)
        for column in range(_COLUMNS):
            self._tiles.setColumnStretch(column, 1)
        page = QWidget()
        in_column(self._tiles, 1, of=page)
        area = scrolling(page)
        in_column(
            in_row((self.search, 1), close),
            self._nothing,
            self._locked,
            (area, 1),
            of=self,
            gap=GRID,
            margins=(PADDING, PADDING, GRID // 2, GRID),
        )
        for button in self.buttons:
            button.clicked.connect(self._add)
            document.store.show(lambda s: s.document.locked, button.set_locked)
        document.store.show(lambda s: s.document.locked, self._locked.setVisible)
        self.search.textChanged.connect(self._find)
        self.search.returnPressed.connect(self._add_first)
        self.search.entered.connect(self._enter)
        self.search.left.connect(self.close_palette)
        self._find("")
        self.hide()

    def open_at(self, left: int, top: int, height: int) -> None:
        """Lie at a place of the parent, at most so high, and take words to find a kind by."""
        rows = -(-len(self.buttons) // _COLUMNS)
        whole = rows * (self.buttons[0].sizeHint().height() + GRID // 4) + 10 * GRID
        width = _COLUMNS * self.buttons[0].sizeHint().width() + 2 * PADDING + GRID
        under = self.parentWidget()
        assert under is not None
        width = min(width, under.width())
        left = min(left, under.width() - width)
        self.setGeometry(left, top, width, min(whole, height))
        self.search.clear()
        self.show()
        self.raise_()
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def close_palette(self) -> None:
        """Give the place back."""
        if self.isVisible():
            self.hide()
            self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Escape."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_palette()
        else:
            super().keyPressEvent(event)

    def kind_in_focus(self) -> str | None:
        """Return on which kind's button the focus is, or which one the search has found."""
        focused = [button.kind for button in self.buttons if button.hasFocus()]
        if self.search.hasFocus() and self.search.text():
            focused = [button.kind for button in self._hits()[:1]]
        if focused == [RESIDUAL]:
            return "add"  # which is what is new in it
        return focused[0] if focused else None

    def _hits(self) -> list[AddButton]:
        words = self.search.text().strip()
        named = [button for button in self.buttons if button.matches(words, in_help=False)]
        # What begins with the words comes first: of “max”, MaxPool and not Softmax.
        named.sort(key=lambda button: not button.begins_with(words))
        return named or [button for button in self.buttons if button.matches(words, in_help=True)]

    @Slot(str)
    def _find(self, words: str) -> None:
        """Show what was found, in rows."""
        hits = self._hits()
        for button in self.buttons:
            button.setVisible(button in hits)
            button.first_hit = bool(words.strip()) and bool(hits) and button is hits[0]
            button.update()
        for place, button in enumerate(hits):
            self._tiles.addWidget(button, *divmod(place, _COLUMNS))
        self._nothing.setVisible(not hits)

    @Slot()
    def _add_first(self) -> None:
        hits = self._hits()
        if hits and self.search.text().strip() and hits[0].isEnabled():
            hits[0].click()

    @Slot()
    def _enter(self) -> None:
        """Go from the search field to the first button that it found."""
        if hits := self._hits():
            hits[0].setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _add(self) -> None:
        button = self.sender()
        assert isinstance(button, AddButton)
        if button.kind == RESIDUAL:
            self._edits.add_residual()
        else:
            self._edits.add(button.kind)
        self.close_palette()


class _Search(QLineEdit):
    """Words to find a kind of block by. Esc clears them, and then leaves; Down enters the hits."""

    entered = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("palette.search")
        self.setAccessibleName("Find a kind of block")
        self.setToolTip("Type to find a kind of block; Enter adds the first one found (Ins)")
        self.setPlaceholderText("Find a block")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Esc and Down."""
        if event.key() == Qt.Key.Key_Escape:
            self.clear() if self.text() else self.left.emit()
        elif event.key() == Qt.Key.Key_Down:
            self.entered.emit()
        else:
            super().keyPressEvent(event)
