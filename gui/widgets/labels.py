"""Labels whose texts are never rich text, and texts that are cut short where there is no room."""

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import (
    QFontMetrics,
    QFontMetricsF,
    QHelpEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtGui import Qt as TextQt
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QSizePolicy, QToolTip, QWidget

from gui.theme import GRID, WRONG, set_muted
from gui.widgets.layouts import named

CROSS = "✗"
_FEWEST = 9  # letters of a text that is cut short; fewer tell nothing
_LINE = 80  # letters; Qt breaks no line of plain text, however long


def plain_tooltip(text: str) -> str:
    """Return a tooltip that shows a text as it is, with long lines broken.

    Rich text could load pictures, and from another machine at that. What needs neither escapes nor
    breaks stays as it is, for it is read aloud too.
    """
    short = all(len(line) <= _LINE for line in text.splitlines())
    if short and not TextQt.mightBeRichText(text):
        return text
    return TextQt.convertFromPlainText(text, Qt.WhiteSpaceMode.WhiteSpaceNormal)


def elide(
    text: str,
    metrics: QFontMetrics | QFontMetricsF,
    width: float,
    mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
) -> str:
    """Return a text as it fits into a width in px, with `…` for what is left out."""
    return metrics.elidedText(text, mode, int(max(0, width)))


def elide_name(name: str, metrics: QFontMetrics | QFontMetricsF, width: float) -> str:
    """Return a name or a text as it fits into a width in px: its middle is left out.

    Names that begin alike, such as `capital letter A`, often differ at their ends.
    """
    return elide(name, metrics, width, Qt.TextElideMode.ElideMiddle)


def elide_button(button: QAbstractButton, text: str, width: float) -> None:
    """Write as much of a text on a button as fits into a width in px."""
    button.setText(elide(text, button.fontMetrics(), width).replace("&", "&&"))


def in_two_lines(text: str, metrics: QFontMetrics, width: float) -> str:
    """Return a text that breaks between words where a width in px ends; then it is cut short."""
    words = text.split(" ")
    count = len(words)
    while count > 1 and metrics.horizontalAdvance(" ".join(words[:count])) > width:
        count -= 1
    lines = " ".join(words[:count]), " ".join(words[count:])
    return "\n".join(elide(line, metrics, width + 1) for line in lines if line)  # of a whole px


class ElidedLabel(QLabel):
    """One line that is as wide as there is room, and cut short in its middle if that is not enough.

    Where only a few letters would be left, nothing is written. In place of a text of numbers, which
    cut would be others, it shows a `brief` one. The tooltip has the whole text, unless there is
    another tooltip.
    """

    def __init__(self, brief: str = "") -> None:
        super().__init__()
        self.brief = brief
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def written(self) -> str:
        """Return what there is room for."""
        metrics, room = self.fontMetrics(), self.contentsRect().width()
        fits = metrics.horizontalAdvance(self.text()) <= room
        found = elide_name(self.text() if fits else self.brief or self.text(), metrics, room)
        return "" if "…" in found and len(found) < _FEWEST else found

    def event(self, event: QEvent) -> bool:
        """Say all of a text that is cut short."""
        asked = event.type() == QEvent.Type.ToolTip and not self.toolTip()
        if asked and isinstance(event, QHelpEvent) and self.written() != self.text():
            QToolTip.showText(event.globalPos(), plain_tooltip(self.text()), self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw as much of the text as there is room for."""
        QPainter(self).drawText(self.contentsRect(), self.alignment(), self.written())


class FixedLabel(QWidget):
    """Holds a label of one line, which takes the width that there is and is cut short there.

    When the text of a label changes, Qt lays everything around it out anew, up to the whole window,
    and that takes longer than to paint it. Here it stops. `longest` is a text that there should be
    room for.
    """

    def __init__(self, label: ElidedLabel, longest: str = "") -> None:
        super().__init__()
        self.label, self._longest = label, longest
        label.setParent(self)
        across = QSizePolicy.Policy.Preferred if longest else QSizePolicy.Policy.Ignored
        self.setSizePolicy(across, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """Ask for the height of a line, and the width of the longest text."""
        metrics = self.label.fontMetrics()
        height = metrics.height() + 2 * self.label.margin()
        return QSize(metrics.horizontalAdvance(self._longest), height)

    def minimumSizeHint(self) -> QSize:
        """Do not be smaller."""
        return self.sizeHint()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Give the label all the room."""
        self.label.setGeometry(self.rect())

    def changeEvent(self, event: QEvent) -> None:
        """Ask for another height in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()


def plain_label(text: str = "", *, muted: bool = False, wraps: bool = False) -> QLabel:
    """Make a label that never takes its text, be it of a file or a user, for rich text.

    One that `wraps` breaks its text into lines.
    """
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(wraps)
    if muted:
        set_muted(label)
    return label


def wrapping_label(name: str, *, muted: bool = False) -> QLabel:
    """Make a label that breaks its text into the lines that it takes, at any width."""
    label = named(plain_label(muted=muted, wraps=True), name)
    label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Minimum)
    return label


def label_for(field: QWidget, text: str) -> QLabel:
    """Make a label whose key, after an `&`, goes to the field."""
    label = QLabel(text)
    set_muted(label)
    label.setBuddy(field)
    return label


def label_for_readers(part: QWidget) -> None:
    """Give each combo box in a part of the window that has no label one for screen readers alone.

    On Linux Qt tells them the value as the name of a combo box, and its name as that of the label.
    """
    labelled = {label.buddy() for label in part.findChildren(QLabel)}
    for box in part.findChildren(QComboBox):
        if box not in labelled:
            label = QLabel(box.accessibleName(), box.parentWidget())
            label.setBuddy(box)
            label.hide()


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
        self.setForegroundRole(WRONG if wrong else QPalette.ColorRole.WindowText)
        self.setContentsMargins(self._indent + 2 * GRID * wrong, 0, 0, 0)
        self.setText(text)
        self.setVisible(bool(text))

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
