"""The confusion matrix with all that stands around it: titles, scores, scale and a reading."""

from PySide6.QtCore import QRect, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QStyle, QWidget

from engine.training.evaluation import Confusion
from gui.theme import GRID, set_muted, small_font
from gui.widgets.confusion_colours import RateScale
from gui.widgets.confusion_labels import line_of_figures
from gui.widgets.confusion_table import ConfusionTable, ScoresTable
from gui.widgets.elision import fitting
from gui.widgets.plain_labels import plain_label

ACROSS, DOWN, SCORES = "predicted class", "true class", "of each class, %"
_SHORT_DOWN = "true"
CHOOSE = "Click a cell to see its images."
TOO_SMALL = "Point at a cell, or enlarge (F11)."
POINT = "Point at a cell to read it."  # where the sheet is as large as the window lets it
_LARGE = 3  # of the window, what has more than this part of its area is enlarged
_LEAST = 6  # px; smaller cells scroll
_LARGEST = 30 * GRID  # px; larger ones would say no more
_NARROW = 18 * GRID  # px; what would be narrower leaves the room to the rest
_LETTERS = (40, 24, 18, 14, 10, 7)  # of the classes that are read; as many as there is room for
_SLACK = GRID // 2  # px after the last cell, into which its label may reach
_CENTRE = Qt.AlignmentFlag.AlignCenter


class ConfusionSheet(QWidget):
    """Places the parts by hand, for all of them follow from the size of a cell.

    Cells are as large as there is room. Where numbers do not fit, there are colours alone; only
    where cells would be smaller than 6 px, the matrix scrolls under its labels. The scores stand
    in the rows of the matrix, or, where these are too low for text, in rows of their own; a narrow
    sheet leaves them out.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(small_font())
        self.table = ConfusionTable(self)
        self.scores = ScoresTable(self)
        self.scores.setHorizontalScrollBarPolicy(_bar(needed=False))
        self.scale = RateScale(self)
        self.reading = plain_label()
        self.reading.setParent(self)
        self.reading.setObjectName("confusion.reading")
        set_muted(self.reading)
        self.reading.setWordWrap(True)
        self.reading.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._cells = QRect()  # where they are seen
        self._fitted: tuple[object, ...] = ()  # to what the parts were placed, beside the size
        self.table.cell_pointed.connect(self._read)

    def set_confusion(self, confusion: Confusion, classes: tuple[str, ...]) -> None:
        """Take other counts."""
        self.table.cells.set_confusion(confusion, classes)
        self.scores.scores.set_confusion(confusion, classes)
        if self._fitted != self._what_fits():
            self._fit()
        else:
            self._read()

    def set_rates(self, as_rates: bool) -> None:
        """Say shares of the true class, or counts."""
        self.table.cells.as_rates = as_rates
        self._fit()
        self.table.cells.tell()

    def minimumSizeHint(self) -> QSize:
        return QSize(36 * GRID, 16 * GRID)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write the titles along what they are about."""
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        line, cells, scores = self.fontMetrics().height(), self._cells, self.scores.geometry()
        # Where the cells are too small for a title, it may reach beyond them.
        needed = self.fontMetrics().horizontalAdvance(ACROSS)
        painter.drawText(cells.left(), 0, max(cells.width(), needed), line, _CENTRE, ACROSS)
        ends = scores.left() + self.scores.wanted_width()
        if self.scores.isVisible():
            painter.drawText(scores.left(), 0, ends - scores.left(), line, _CENTRE, SCORES)
        painter.translate(0, cells.bottom() + 1)
        painter.rotate(-90)
        high, needed = cells.height(), self.fontMetrics().horizontalAdvance(DOWN)
        title = fitting([DOWN, _SHORT_DOWN], self.fontMetrics(), cells.bottom() + 1)
        painter.drawText(0, 0, max(high, min(needed, cells.bottom() + 1)), line, _CENTRE, title)

    def _fit(self) -> None:
        """Find the size of a cell, and put everything where it belongs then."""
        count = len(self.table.cells.classes)
        if not count:
            return
        self._fitted = self._what_fits()
        line, bar = self.fontMetrics().height(), self._scroll_bar()
        labels = QSize(self.table.rows.thickness(), line + 2)
        foot = 2 * line + GRID // 2
        down = self.height() - line - labels.height() - _SLACK - foot
        in_rows = down // count >= line_of_figures(self.fontMetrics())
        beside = GRID + self.scores.wanted_width() + (0 if in_rows else bar)
        across = self.width() - line - labels.width() - _SLACK
        self.scores.setVisible(across - beside >= _NARROW)
        across -= beside * self.scores.isVisibleTo(self)
        tall, wide = count * _LEAST > down, count * _LEAST > across
        across, down = across - bar * tall, down - bar * wide
        cell = self._cell(across // count, down // count)
        self.table.set_cell_size(cell.width(), cell.height())
        seen = QSize(min(cell.width() * count, across), min(cell.height() * count, down))
        cells = QRect(line + labels.width(), line + labels.height(), *seen.toTuple())
        if cells != self._cells:
            self.update()  # the titles move
        self._cells = cells
        ends = self._cells.adjusted(0, 0, _SLACK + bar * tall, _SLACK + bar * wide)
        table = QRect(line, line, ends.right() + 1 - line, ends.bottom() + 1 - line)
        self.table.setGeometry(table)
        self.table.setVerticalScrollBarPolicy(_bar(needed=tall))
        self.table.setHorizontalScrollBarPolicy(_bar(needed=wide))
        scores = QRect(table.right() + 1 + GRID, line, 0, table.height())
        scores.setRight(self.width() - 1)
        rows = count
        if not in_rows:  # as many as there is room for, and none of them cut
            rows = max(1, min(count, (down + bar * wide + _SLACK) // line))
            scores.setHeight(labels.height() + rows * line)
        self.scores.setVerticalScrollBarPolicy(_bar(needed=rows < count))
        self.scores.set_row_height(cell.height() if in_rows else line)
        self.scores.setGeometry(scores)
        self._place_foot(table, scores)
        self._read()

    def _what_fits(self) -> tuple[object, ...]:
        """Return what the places of the parts follow from, beside the size of the sheet."""
        cells = self.table.cells
        return cells.classes, cells.widest(), cells.as_rates, self.font().key()

    def _place_foot(self, table: QRect, scores: QRect) -> None:
        """Put the scale below the matrix, and the reading beside it or in its place."""
        height = 2 * self.fontMetrics().height()
        width = max(self.scale.sizeHint().width(), table.right() + 1)
        left = max(scores.left(), width + GRID)
        beside = self.width() - left >= _NARROW
        self.scale.setGeometry(0, table.bottom() + 1, width, height)
        self.scale.setVisible(beside)
        top = scores.bottom() + 1 + GRID // 4 if beside else table.bottom() + 1
        left = left if beside else 0
        self.reading.setGeometry(left, top, self.width() - left, height)

    def _cell(self, width: int, height: int) -> QSize:
        """Choose the size of a cell for the room that there is for it: no broad strips."""
        height = min(max(height, _LEAST), _LARGEST)
        broadest = max(2 * height, self.table.readable().width())
        return QSize(min(max(width, _LEAST), broadest, _LARGEST), height)

    def _scroll_bar(self) -> int:
        return self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)

    @Slot()
    def _read(self) -> None:
        """Say what is pointed at, or what to do."""
        pointed = self.table.pointed
        if pointed.isValid():
            cells = self.table.cells
            pairs = [f"{cells.pair(pointed, letters)}:" for letters in _LETTERS]
            pair = fitting(pairs, self.reading.fontMetrics(), self.reading.width())
            self.reading.setText(f"{pair}\n{cells.number(pointed)}")
        else:
            self.reading.setText(CHOOSE if self.table.says_numbers else self._how_to_read())
        self.scores.mark(pointed.row())

    def _how_to_read(self) -> str:
        """Say how to read cells that are too small for numbers."""
        whole = self.window().size()
        large = _LARGE * self.width() * self.height() > whole.width() * whole.height()
        return POINT if large else TOO_SMALL


def _bar(*, needed: bool) -> Qt.ScrollBarPolicy:
    """Decide about a scroll bar here: left to itself, Qt keeps one that made itself needed."""
    policy = Qt.ScrollBarPolicy
    return policy.ScrollBarAlwaysOn if needed else policy.ScrollBarAlwaysOff
