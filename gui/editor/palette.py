"""Palette: a button for every kind of block."""

import html

from PySide6.QtCore import QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QIcon, QKeyEvent, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QToolButton, QWidget

from engine.blocks import KINDS
from gui.document import LOCKED_REASON, Document
from gui.editor.flow import FlowLayout
from gui.theme import GRID, kind_colour

_ICON = 2 * GRID


class AddButton(QToolButton):
    """Adds one kind of block, by click, Space or Enter."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        block = KINDS[kind]
        self.kind = kind
        self.setObjectName(f"add.{kind}")
        self.setText(block.name)
        self.setAccessibleName(f"Add {block.name}")
        self.setAccessibleDescription(block.help)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIcon(_plus_icon(kind_colour(block.group)))
        self.setIconSize(QSize(_ICON, _ICON))
        self.set_locked(False)

    def set_locked(self, locked: bool) -> None:
        """Say what the button does, or why it does nothing now."""
        block = KINDS[self.kind]
        self.setEnabled(not locked)
        words = f"<b>Add {block.name}</b> behind the selected block. {html.escape(block.help)}"
        self.setToolTip(LOCKED_REASON if locked else f"<qt>{words}</qt>")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Enter as a click."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class Palette(QWidget):
    """Adds blocks behind the selected one. `used_by_mouse` follows a click that takes no focus."""

    used_by_mouse = Signal()

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Palette")
        self._document = document
        self._buttons = [AddButton(kind) for kind in KINDS]
        flow = FlowLayout(self, gap=GRID // 2, row_gap=GRID // 2)
        for button in self._buttons:
            button.clicked.connect(self._add)
            flow.addWidget(button)
        document.locked_changed.connect(self._follow_lock)

    @Slot()
    def _add(self) -> None:
        button = self.sender()
        assert isinstance(button, AddButton)
        self._document.add(button.kind)
        if not button.hasFocus():
            self.used_by_mouse.emit()

    @Slot(bool)
    def _follow_lock(self, locked: bool) -> None:
        for button in self._buttons:
            button.set_locked(locked)


def _plus_icon(colour: QColor) -> QIcon:
    ratio = 3  # sharp on any screen
    pixmap = QPixmap(_ICON * ratio, _ICON * ratio)
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(1, 1, _ICON - 2, _ICON - 2, 3, 3)
    painter.setPen(QPen(QColor("white"), 2))
    middle = _ICON // 2
    painter.drawLine(middle - 3, middle, middle + 3, middle)
    painter.drawLine(middle, middle - 3, middle, middle + 3)
    painter.end()
    return QIcon(pixmap)
