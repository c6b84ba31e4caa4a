"""StepStrip: where one is in a training step: forward, loss, backward, update, loss again."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from engine.explain.training_step import Phase, StepFrame, TrainingStep
from gui.theme import GRID, kind_colour, small_font
from gui.widgets.tooltips import plain_tooltip

# The row in which each phase goes, and its name in front of the row.
_ROWS: dict[Phase, int] = {"forward": 0, "loss": 0, "backward": 1, "update": 2, "again": 2}
_NAMES = ("forward →", "← backward", "update")
_BETWEEN = 4  # px between two rows
_ARROW = 4  # px


class StepStrip(QWidget):
    """A column for every block and one for the loss; a chip for every frame, in its block's column.

    The way through them goes to the loss, back as the gradient does, and to the updates. A click or
    the arrows choose a frame.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frames: Sequence[StepFrame] = ()
        self._colours: list[QColor] = []
        self._blocks = 1
        self._compact = False
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
        self._frames, self._blocks = step.frames, len(step.blocks)
        self._colours = [
            kind_colour("")
            if frame.position is None
            else kind_colour(step.blocks[frame.position].slot.block.group)
            for frame in step.frames
        ]
        self.set_current(self.current)

    def set_compact(self, compact: bool) -> None:
        """Put all frames into one row, where there is hardly any height."""
        if compact != self._compact:
            self._compact = compact
            self.updateGeometry()
            self.update()

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
        if self._compact:
            width = self.width() / len(self._frames)
            return QRectF(number * width, 0, max(2.0, width - 2), self._row_height())
        frame = self._frames[number]
        left = self._names_width()
        width = (self.width() - left) / (self._blocks + 1)
        column = self._blocks if frame.position is None else frame.position
        row = _ROWS[frame.phase] * (self._row_height() + _BETWEEN)
        between = min(2 * _ARROW, max(1.0, width / 4))
        return QRectF(left + column * width, row, width - between, self._row_height())

    def sizeHint(self) -> QSize:
        rows = 1 if self._compact else len(_NAMES)
        return QSize(40 * GRID, rows * (self._row_height() + _BETWEEN) - _BETWEEN + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(20 * GRID, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not self._compact:
            painter.setPen(self.palette().placeholderText().color())
            for row, words in enumerate(_NAMES):
                top = row * (self._row_height() + _BETWEEN)
                area = QRectF(0, top, self._names_width(), self._row_height())
                painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, words)
            self._paint_way(painter)
        for number, colour in enumerate(self._colours):
            self._paint_chip(painter, number, colour)

    def _paint_way(self, painter: QPainter) -> None:
        """Draw the way from frame to frame; as far as one has come, it is strong."""
        for number in range(len(self._frames) - 1):
            reached = number < self.current
            ink = self.palette().text() if reached else self.palette().mid()
            painter.setPen(QPen(ink.color(), 1.5 if reached else 1))
            painter.setBrush(ink)
            start, end = (self.chip_rect(n) for n in (number, number + 1))
            if start.top() == end.top():
                forward = start.left() < end.left()
                tip = QPointF(end.left() if forward else end.right(), end.center().y())
                back = -_ARROW if forward else _ARROW
            else:
                tip, back = QPointF(end.center().x(), end.top()), 0
            if back == 0 and start.center().x() != end.center().x():
                continue  # a new row, which begins at its own name
            painter.drawLine(start.center(), tip)
            head = (
                [tip, tip + QPointF(back, -_ARROW / 2), tip + QPointF(back, _ARROW / 2)]
                if back
                else [tip, tip + QPointF(-_ARROW / 2, -_ARROW), tip + QPointF(_ARROW / 2, -_ARROW)]
            )
            painter.drawPolygon(QPolygonF(head))

    def _paint_chip(self, painter: QPainter, number: int, colour: QColor) -> None:
        area, frame = self.chip_rect(number), self._frames[number]
        here = number == self.current
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.palette().window())  # the way passes under it
        painter.drawRoundedRect(area, 2, 2)
        faded = QColor(colour)
        faded.setAlpha(255 if here else 90)
        painter.setBrush(faded)
        painter.drawRoundedRect(area, 2, 2)
        if here:
            painter.setPen(QPen(self.palette().text().color(), 2 if self.hasFocus() else 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 2, 2)
        words = "E" if frame.position is None else str(frame.position + 1)
        if self.fontMetrics().horizontalAdvance(words) < area.width() - 2:
            bright = 0.299 * colour.red() + 0.587 * colour.green() + 0.114 * colour.blue() > 140
            on_full = QColor("black" if bright else "white")
            painter.setPen(on_full if here else self.palette().text().color())
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)

    def _row_height(self) -> int:
        return self.fontMetrics().height()

    def _names_width(self) -> int:
        return max(map(self.fontMetrics().horizontalAdvance, _NAMES)) + GRID

    def _frame_at(self, point: QPointF) -> int | None:
        around = (_ARROW, _BETWEEN / 2)
        for number in range(len(self._frames)):
            area = self.chip_rect(number).adjusted(-around[0], -around[1], *around)
            if area.contains(point):
                return number
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._frame_at(event.position())
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
        number = self._frame_at(QPointF(event.pos()))
        QToolTip.showText(
            event.globalPos(), "" if number is None else plain_tooltip(self._frames[number].title)
        )
        return True
