"""Palette: a button for every kind of block, in groups, and a field that finds them by words."""

import html
from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QLabel,
    QLineEdit,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
    QWidgetItem,
)

from engine.blocks import KINDS
from gui.document.document import LOCKED_REASON, Document
from gui.document.edits import Edits
from gui.theme import GRID, kind_colour, set_muted, small_font
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.layouts import in_column

# In an order that fills the rows of a narrow column.
GROUPS = ("Convolution", "Pooling", "Dense", "Shape", "Regularisation", "Activation")
_STRIPE = 3  # px, in the colour of the group
_GAP = 1  # px between the buttons of a group
_SPARE = 6  # px that a button is higher than its text
_SEARCH_LETTERS = 10


class AddButton(QToolButton):
    """Adds one kind of block: by click, Space or Enter, or where it is dragged to."""

    dragged = Signal(str, QPoint)  # kind, place on the screen
    dropped = Signal(str)
    drag_ended = Signal()

    def __init__(self, kind: str) -> None:
        super().__init__()
        block = KINDS[kind]
        self.kind = kind
        self.first_hit = False
        self._pressed: QPoint | None = None
        self._dragging = False
        self.setObjectName(f"add.{kind}")
        self.setText(block.name)
        self.setFont(small_font())
        self.setAccessibleName(f"Add {block.name}")
        self.setAccessibleDescription(f"{block.group}. {block.help}")
        self.set_locked(False)

    def sizeHint(self) -> QSize:
        """Be as wide as the name needs, to leave room to the list."""
        width = self.fontMetrics().horizontalAdvance(self.text())
        return QSize(width + _STRIPE + GRID + 2, self.fontMetrics().height() + _SPARE)

    def set_locked(self, locked: bool) -> None:
        """Say what the button does, or why it does nothing now."""
        block = KINDS[self.kind]
        self.setEnabled(not locked)
        words = (
            f"<b>Add {block.name}</b> ({block.group}) after the selected block. "
            f"{html.escape(block.help)}"
        )
        self.setToolTip(LOCKED_REASON if locked else f"<qt>{words} F1 says more.</qt>")

    def matches(self, words: str, *, in_help: bool) -> bool:
        """Return whether the name or the group, or else the help, contains the words."""
        block = KINDS[self.kind]
        text = block.help if in_help else f"{block.name} {block.group}"
        return words.casefold() in text.casefold()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the stripe of the group beside the name, and a line under what Enter would add."""
        painter, option = QStylePainter(self), QStyleOptionToolButton()
        self.initStyleOption(option)
        option.text = ""
        painter.drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        room = self.rect().adjusted(_STRIPE + 2, 0, 0, 0)
        self.style().drawItemText(
            painter,
            room,
            Qt.AlignmentFlag.AlignCenter,
            self.palette(),
            self.isEnabled(),
            self.text(),
            QPalette.ColorRole.ButtonText,
        )
        colour = kind_colour(KINDS[self.kind].group)
        painter.fillRect(2, 3, _STRIPE, self.height() - 6, colour)
        if self.first_hit:
            width, y = self.width() - 2 * GRID, self.height() - 4
            painter.fillRect(GRID, y, width, 2, self.palette().link())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter as a click; Esc gives a drag up."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        elif event.key() == Qt.Key.Key_Escape and self._dragging:
            self._end_drag()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember where a drag may begin."""
        super().mousePressEvent(event)
        left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = event.position().toPoint() if left else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the kind of block."""
        at = event.position().toPoint()
        if self._pressed is None:
            super().mouseMoveEvent(event)
            return
        far = (at - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        if far and not self._dragging:
            self._dragging = True
            self.setDown(False)
            self.setFocus()  # so that Esc comes here
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._dragging:
            self.dragged.emit(self.kind, event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop the kind of block, or take the click."""
        if self._dragging:
            self.dropped.emit(self.kind)
            self._end_drag()
        elif self._pressed is not None:
            self._pressed = None
            super().mouseReleaseEvent(event)

    def _end_drag(self) -> None:
        self._pressed, self._dragging = None, False
        self.unsetCursor()
        self.drag_ended.emit()


class Palette(QWidget):
    """Adds blocks after the selected ones.

    `left` follows a click that takes no focus, and Esc in the empty search field.
    """

    left = Signal()

    def __init__(self, document: Document, edits: Edits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Palette")
        self._edits = edits
        self.buttons = [
            AddButton(kind) for group in GROUPS for kind in KINDS if KINDS[kind].group == group
        ]
        self.search = _Search()
        self._nothing = QLabel("No kind of block\nhas this word.")
        set_muted(self._nothing)
        self._nothing.hide()
        self._groups = {
            group: _Titled(group, [b for b in self.buttons if KINDS[b.kind].group == group])
            for group in GROUPS
        }
        parts = [_Titled("Add a block", [self.search]), *self._groups.values()]
        self._headings = [part.heading for part in parts]
        flow = FlowLayout(self, gap=GRID, row_gap=GRID // 4)
        for part in parts:
            flow.addWidget(part)
        flow.addWidget(self._nothing)
        for button in self.buttons:
            button.clicked.connect(self._add)
            document.locked_changed.connect(button.set_locked)
        self.search.textChanged.connect(self._find)
        self.search.returnPressed.connect(self._add_first)
        self.search.entered.connect(self._enter)
        self.search.left.connect(self.left)

    def show_headings(self, shown: bool) -> None:
        """Name the groups, or leave their room to the list: then colours tell them apart."""
        for heading in self._headings:
            heading.setVisible(shown)

    def kind_in_focus(self) -> str | None:
        """Return on which kind's button the focus is, or which one the search has found."""
        focused = [button.kind for button in self.buttons if button.hasFocus()]
        if self.search.hasFocus() and self.search.text():
            focused = [button.kind for button in self._hits()[:1]]
        return focused[0] if focused else None

    def _hits(self) -> list[AddButton]:
        words = self.search.text().strip()
        named = [button for button in self.buttons if button.matches(words, in_help=False)]
        return named or [button for button in self.buttons if button.matches(words, in_help=True)]

    @Slot(str)
    def _find(self, words: str) -> None:
        """Show what was found. The room stays as it is, so that nothing jumps while one types."""
        self.setMinimumHeight(self.height() if words.strip() else 0)
        hits = self._hits()
        for button in self.buttons:
            button.setVisible(button in hits)
            button.first_hit = bool(words.strip()) and button is hits[0] if hits else False
            button.update()
        for name, group in self._groups.items():
            group.setVisible(any(KINDS[button.kind].group == name for button in hits))
        self._nothing.setVisible(not hits)

    @Slot()
    def _add_first(self) -> None:
        hits = self._hits()
        if hits and self.search.text().strip() and hits[0].isEnabled():
            self._edits.add(hits[0].kind)
            self.search.clear()

    @Slot()
    def _enter(self) -> None:
        """Go from the search field to the first button that it found."""
        if hits := self._hits():
            hits[0].setFocus(Qt.FocusReason.TabFocusReason)

    @Slot()
    def _add(self) -> None:
        button = self.sender()
        assert isinstance(button, AddButton)
        self._edits.add(button.kind)
        if not button.hasFocus():
            self.left.emit()


class _Search(QLineEdit):
    """Words to find a kind of block by. Esc clears them, and then leaves; Down enters the hits."""

    entered = Signal()
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("palette.search")
        self.setAccessibleName("Find a kind of block")
        self.setToolTip("Type to find a kind of block; Enter adds the first one found (Ins)")
        self.setPlaceholderText("Find…")
        self.setFont(small_font())
        metrics = self.fontMetrics()
        width = _SEARCH_LETTERS * metrics.averageCharWidth() + 2 * GRID
        self.setFixedSize(width, metrics.height() + _SPARE)

    def event(self, event: QEvent) -> bool:
        """Leave Undo and Redo to the network while nothing is typed: a block was just added."""
        if event.type() == QEvent.Type.ShortcutOverride and not self.text():
            undo = QKeySequence.StandardKey.Undo, QKeySequence.StandardKey.Redo
            if isinstance(event, QKeyEvent) and any(event.matches(key) for key in undo):
                event.ignore()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Esc and Down."""
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.left.emit()
        elif event.key() == Qt.Key.Key_Down:
            self.entered.emit()
        else:
            super().keyPressEvent(event)


class _Titled(QWidget):
    """Widgets side by side under a small heading, in more rows where there is no room for one."""

    def __init__(self, title: str, widgets: Sequence[QWidget]) -> None:
        super().__init__()
        self.heading = QLabel(title)
        set_muted(self.heading)
        self._widgets = widgets
        flow = FlowLayout(gap=_GAP, row_gap=GRID // 4)
        for widget in widgets:
            flow.addWidget(widget)
        in_column(self.heading, flow, of=self, gap=0)

    def sizeHint(self) -> QSize:
        """Ask for one row of what is not hidden."""
        items = [QWidgetItem(widget) for widget in self._widgets]
        widths = [item.sizeHint().width() for item in items if not item.isEmpty()]
        width = sum(widths) + _GAP * (len(widths) - 1)
        if not self.heading.isHidden():
            width = max(width, self.heading.sizeHint().width())
        return QSize(width, self.heightForWidth(width))
