"""ProblemLabel: one red sentence with a cross before it, or nothing at all."""

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from gui.theme import GRID, colours_of
from gui.widgets.elision import elide
from gui.widgets.tooltips import plain_tooltip

CROSS = "✗"


class ProblemLabel(QLabel):
    """Say in words what is wrong; take no room while nothing is."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._brief, self._wrong, self._indent = "", True, 0
        self.setWordWrap(True)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.say("")

    def indent_by(self, pixels: int) -> None:
        """Leave room before the cross, or before a sentence without one."""
        self._indent = pixels
        self.say(self.text(), wrong=self._wrong)

    def say(self, text: str, *, wrong: bool = True) -> None:
        """Show a sentence, plain if nothing is `wrong`; hide if it is empty."""
        self._wrong = wrong
        self.setContentsMargins(self._indent + 2 * GRID * wrong, 0, 0, 0)
        self.setText(text)
        self.setVisible(bool(text))
        self._colour()

    def be_brief(self, brief: str) -> None:
        """Show this line, if it is not empty, where the whole sentence stands elsewhere."""
        self._brief = brief
        self.setWordWrap(not brief)
        across = QSizePolicy.Policy.Ignored if brief else QSizePolicy.Policy.Preferred
        self.setSizePolicy(across, QSizePolicy.Policy.Preferred)
        self.setToolTip(plain_tooltip(self.text()) if brief else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the cross beside the first line."""
        if not self._brief:
            super().paintEvent(event)
        painter = QPainter(self)
        if self._brief:
            room = self.contentsRect()
            line = elide(self._brief, self.fontMetrics(), room.width())
            painter.drawText(room, self.alignment(), line)
        if self._wrong:
            painter.drawText(self._indent, self.fontMetrics().ascent(), CROSS)

    def changeEvent(self, event: QEvent) -> None:
        """Take the colour of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        palette = self.palette()
        plain = palette.color(QPalette.ColorRole.Text)
        colour = QColor(colours_of(palette).error) if self._wrong else plain
        if palette.color(QPalette.ColorRole.WindowText) != colour:
            palette.setColor(QPalette.ColorRole.WindowText, colour)
            self.setPalette(palette)
