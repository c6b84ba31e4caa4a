"""CautionBar: one line that names the cautions, and their full text on a click."""

from PySide6.QtCore import QSize, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from engine.advice.cautions import Caution, cautions
from gui.document.document import Document
from gui.theme import GRID, set_muted, small_font
from gui.widgets.elision import elide_button
from gui.widgets.tooltips import plain_tooltip

MARK = "⚠"
_PADDING = 4 * GRID  # px beside the line, with its arrow


class CautionBar(QWidget):
    """Warns without blocking; takes no room while there is nothing to warn of."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._samples: int | None = None
        self._cautions: tuple[Caution, ...] = ()
        self._unfolded = False
        self.head = _Head(self)
        self.head.clicked.connect(self._fold)
        self.body = QLabel()
        self.body.setObjectName("cautions.text")
        self.body.setAccessibleName("Warnings in full")
        set_muted(self.body)
        self.body.setWordWrap(True)
        self.body.setTextFormat(Qt.TextFormat.PlainText)
        self.body.setContentsMargins(3 * GRID, 0, GRID, 0)
        self.body.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.head)
        column.addWidget(self.body)
        document.stack_changed.connect(self._follow)
        document.settings_changed.connect(self._follow)
        self._follow()

    def set_samples(self, samples: int | None) -> None:
        """Take the number of loaded training samples; None while there is no data."""
        self._samples = samples
        self._follow()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shorten the line for the new width."""
        super().resizeEvent(event)
        self._say()

    @Slot()
    def _follow(self) -> None:
        document = self._document
        self._cautions = cautions(document.stack, document.settings, self._samples)
        self._say()

    @Slot()
    def _fold(self) -> None:
        self._unfolded = not self._unfolded
        arrow = Qt.ArrowType.DownArrow if self._unfolded else Qt.ArrowType.RightArrow
        self.head.setArrowType(arrow)
        self._say()

    def _say(self) -> None:
        texts = [caution.text for caution in self._cautions]
        self.setVisible(bool(texts))
        self.body.setVisible(bool(texts) and self._unfolded)
        if not texts:
            return
        full = "\n".join(texts)
        count = "1 warning" if len(texts) == 1 else f"{len(texts)} warnings"
        line = f"{MARK} {count}" if self._unfolded else f"{MARK} {count}: {texts[0]}"
        elide_button(self.head, line, self.width() - _PADDING)
        self.head.setAccessibleName(f"{count}: {full}")
        self.head.setToolTip(plain_tooltip("Hide the warnings" if self._unfolded else full))
        self.body.setText(full)


class _Head(QToolButton):
    """The line itself, which can be narrower than its text."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("cautions")
        self.setFont(small_font())
        self.setAutoRaise(True)
        self.setArrowType(Qt.ArrowType.RightArrow)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def minimumSizeHint(self) -> QSize:
        """Be content with less."""
        return QSize(_PADDING, self.sizeHint().height())
