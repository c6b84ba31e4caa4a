"""HelpCard: what a kind of block does, with its equation and options, over the inspector."""

import html
import math

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from engine.blocks import KINDS, Block
from engine.struct_fields import fields_of
from gui.theme import GRID, kind_colour
from gui.widgets.buttons import text_button
from gui.widgets.equation_text import equation_html

NOTHING = "Select a block, or go to a button of the palette, and press F1 to read about it."


class HelpCard(QFrame):
    """Explains a kind of block until Esc or its button closes it."""

    closed = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("block_help")
        self.setAccessibleName("About this kind of block")
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.text = QTextBrowser()
        self.text.setObjectName("block_help.text")
        self.text.setAccessibleName("What this kind of block does")
        self.text.setFrameShape(QFrame.Shape.NoFrame)
        self.text.setOpenLinks(False)
        close = text_button(
            "block_help.close",
            "✕",
            "Close (Esc)",
            spoken="Close the explanation",
            small=False,
            flat=True,
        )
        close.clicked.connect(self.close_card)
        column = QVBoxLayout()
        column.addWidget(close)
        column.addStretch()
        row = QHBoxLayout(self)
        row.setContentsMargins(GRID // 2, GRID // 2, GRID // 2, GRID // 2)
        row.addWidget(self.text, 1)
        row.addLayout(column)
        self.setFocusProxy(self.text)
        self.hide()

    def explain(self, block: type[Block] | None) -> None:
        """Show what a kind of block does; without one, how to choose one."""
        self.text.setHtml(_page(block) if block is not None else f"<p>{html.escape(NOTHING)}</p>")
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.PopupFocusReason)

    def height_for(self, width: int) -> int:
        """Return the px that all of what is said takes at a width."""
        layout, page = self.layout(), self.text.document().clone()
        assert layout is not None
        beside = self.width() - self.text.viewport().width()
        page.setTextWidth(max(1, width - beside))
        margins = layout.contentsMargins()
        return math.ceil(page.size().height()) + margins.top() + margins.bottom() + 2

    def close_card(self) -> None:
        """Give the place back."""
        if self.isVisible():
            self.hide()
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Close on Esc."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_card()
        else:
            super().keyPressEvent(event)


def _page(block: type[Block]) -> str:
    colour = kind_colour(block.group).name()
    head = f'<p><span style="color:{colour}">■</span> <b>{block.name}</b> · {block.group}</p>'
    equation = f"<p>{equation_html(block.equation)}</p>" if block.equation else ""
    options = ""
    if block.kind in KINDS:
        for field in fields_of(KINDS[block.kind]):
            limits = f" ({field.expectation()})" if field.kind in ("int", "float", "ints") else ""
            options += f"<li><b>{field.title}</b>{limits}: {html.escape(field.help)}</li>"
    listed = f"<ul style='margin-left:-24px'>{options}</ul>" if options else ""
    return f"{head}{equation}<p>{html.escape(block.help)}</p>{listed}"
