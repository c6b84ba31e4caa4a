"""StepStrip: where one is in a training step: forward, loss, backward, update, loss again."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.explain.step import Frame, Phase, TrainingStep
from gui.theme import GRID, kind_colour, small_font
from gui.widgets.tooltips import plain_tooltip

_HEIGHT = 5 * GRID
_WORDS: dict[Phase, str] = {
    "forward": "forward →",
    "loss": "E",
    "backward": "← backward",
    "update": "update",
    "again": "E",
}


class StepStrip(QWidget):
    """A chip for every frame, in the colour of its block; a click or the arrows choose one."""

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frames: Sequence[Frame] = ()
        self._colours: list[QColor] = []
        self.current = 0
        self.setObjectName("glass.frames")
        self.setAccessibleName("Frames of the training step")
        self.setFont(small_font())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_step(self, step: TrainingStep) -> None:
        """List the frames of a step; the chosen one stays if there are as many."""
        if len(step.frames) != len(self._frames):
            self.current = 0
        self._frames = step.frames
        self._colours = [
            kind_colour("")
            if frame.position is None
            else kind_colour(step.blocks[frame.position].slot.block.group)
            for frame in step.frames
        ]
        self.set_current(self.current)

    def set_current(self, number: int) -> None:
        """Mark a frame."""
        self.current = number
        if self._frames:
            self.setAccessibleDescription(
                f"{number + 1} of {len(self._frames)}: {self._frames[number].title}"
            )
        self.update()

    def chip_rect(self, number: int) -> QRectF:
        """Where the chip of a frame lies."""
        width = self.width() / max(1, len(self._frames))
        top = self.fontMetrics().height() + 1
        return QRectF(number * width, top, max(2.0, width - 2), self.height() - top - 1)

    def sizeHint(self) -> QSize:
        return QSize(40 * GRID, _HEIGHT)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, colour in enumerate(self._colours):
            self._paint_chip(painter, number, colour)
        painter.setPen(self.palette().placeholderText().color())
        for first, last, words in self._phases():
            area = self.chip_rect(first).united(self.chip_rect(last))
            line = QRectF(area.left(), 0, area.width(), self.fontMetrics().height())
            if self.fontMetrics().horizontalAdvance(words) <= area.width() + 2:
                painter.drawText(line, Qt.AlignmentFlag.AlignLeft, words)

    def _paint_chip(self, painter: QPainter, number: int, colour: QColor) -> None:
        area, frame = self.chip_rect(number), self._frames[number]
        faded = QColor(colour)
        faded.setAlpha(255 if number == self.current else 90)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(faded)
        painter.drawRoundedRect(area, 2, 2)
        if number == self.current:
            pen = QPen(self.palette().text().color(), 2 if self.hasFocus() else 1)
            painter.setPen(pen)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 2, 2)
        words = "E" if frame.position is None else str(frame.position + 1)
        if self.fontMetrics().horizontalAdvance(words) < area.width() - 2:
            here = number == self.current
            painter.setPen(QColor("white") if here else self.palette().text().color())
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)

    def _phases(self) -> list[tuple[int, int, str]]:
        """Give the first and the last frame of every phase, and what it is called."""
        found: list[tuple[int, int, str]] = []
        before = None
        for number, frame in enumerate(self._frames):
            if frame.phase == before:
                first, _, words = found.pop()
                found.append((first, number, words))
            else:
                found.append((number, number, _WORDS[frame.phase]))
            before = frame.phase
        return found

    def _frame_at(self, x: float) -> int | None:
        number = int(x * len(self._frames) // max(1, self.width()))
        return number if 0 <= number < len(self._frames) else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._frame_at(event.position().x())
        if number is not None:
            self.chosen.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        goals = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self._frames) - 1}
        key = Qt.Key(event.key())
        if key in moves and 0 <= self.current + moves[key] < len(self._frames):
            self.chosen.emit(self.current + moves[key])
        elif key in goals and self._frames:
            self.chosen.emit(goals[key])
        elif key not in moves:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Name the frame under the pointer."""
        if not isinstance(event, QHelpEvent):
            return super().event(event)
        number = self._frame_at(event.pos().x())
        QToolTip.showText(
            event.globalPos(), "" if number is None else plain_tooltip(self._frames[number].title)
        )
        return True
