"""The confusion matrix with all that stands around it: titles, scores, scale and a reading."""

import math
from itertools import product

import numpy as np
from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QFontMetrics,
    QKeyEvent,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QSizePolicy,
    QTableView,
    QWidget,
)

from engine.array_types import Array
from engine.training.evaluation import Confusion
from gui.theme import GRID, bolder, colours_of, small_font
from gui.widgets.colour_scale import takes_black
from gui.widgets.confusion_model import SCORES, ConfusionModel
from gui.widgets.labels import elide_name, plain_label, plain_tooltip
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.pictures import Bytes, image_of, paint_frame
from gui.widgets.plain_models import Index
from gui.widgets.sample_names import short_names

END = GRID // 2  # px between a number on the right and the end of its column
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter
_MOST_NAME = 18 * GRID  # px of a class
_LEAST_SHARE = 0.7  # of the longest name above a column; of a shorter one too little would be left
_HELP = (
    "A cell's colour is its share of the true class: blue on the diagonal, red beside it. Small "
    "shares are spread out, so that rare mistakes are seen."
)
AIR = 3  # px around the figures in a cell
CHOOSE = "Point at a cell to read it,\nclick it to see its images."
ACROSS, DOWN, OF_CLASS = "predicted class", "true class", "of each class, %"
_LEAST = 6  # px; smaller cells scroll
_LARGEST = 30 * GRID  # px; larger ones would say no more
_NARROW = 18 * GRID  # px; what would be narrower leaves the room to the rest
_LETTERS = 8  # of a class that is read
_TITLE = CENTRE | Qt.TextFlag.TextDontClip
_SLACK = GRID // 2  # px after the last cell


class ClassLabels(QHeaderView):
    """The classes beside a table, or above it and after them the titles of the scores.

    There are as many as there is room for, under what they are. Names are cut short rather than
    left out, if enough stays of them. The marked one is always there.
    """

    def __init__(self, orientation: Qt.Orientation, cells: ConfusionModel, parent: QWidget) -> None:
        super().__init__(orientation, parent)
        self._cells = cells
        self._marked = -1
        self._every = 1  # of so many classes one has a label
        self._longest = _MOST_NAME  # px of a label
        self.setFont(small_font())
        self.setMinimumSectionSize(1)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def fit(self, size: int) -> None:
        """Make all sections so large, and cut or leave out labels that would touch each other."""
        self.setDefaultSectionSize(size)
        metrics, figures = self.fontMetrics(), all(map(str.isdecimal, self._cells.classes))
        widest, line = self._widest(metrics), metrics.height()
        self._longest = _MOST_NAME
        if self.orientation() == Qt.Orientation.Vertical:
            needed = line_of_figures(metrics) if figures else line - 2
        else:
            # Long ones are pushed inwards at the ends.
            needed = widest + AIR + max(0, widest - size)
            if needed > size and not figures and size - AIR >= _LEAST_SHARE * widest:
                needed, self._longest = size, size - AIR
        self._every = -(-needed // size)
        self.viewport().update()

    def sizeHint(self) -> QSize:
        """Ask for a line that says what they are, and the labels, as a marked one is."""
        metrics = self.fontMetrics()
        widest = self._widest(QFontMetrics(bolder(self.font())))
        return QSize(metrics.height() + widest + GRID, 2 * metrics.height() + 2)

    def _widest(self, metrics: QFontMetrics) -> int:
        return min(max(map(metrics.horizontalAdvance, self._cells.classes), default=0), _MOST_NAME)

    def mark(self, section: int) -> None:
        """Let a label stand out; -1: none."""
        if section != self._marked:
            self._marked = section
            self.viewport().update()

    def labelled(self) -> list[int]:
        """Which classes have their label written."""
        regular = range(0, len(self._cells.classes), self._every)
        if self._marked not in range(len(self._cells.classes)):
            return list(regular)
        apart = {one for one in regular if abs(one - self._marked) >= self._every}
        return sorted(apart | {self._marked})

    def paintEvent(self, event: QPaintEvent) -> None:
        """Write what the labels are above or beside them, as far as these are in view."""
        super().paintEvent(event)
        classes, painter = len(self._cells.classes), QPainter(self.viewport())
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        line, seen = self.fontMetrics().height(), self.viewport().rect()
        across = self.orientation() == Qt.Orientation.Horizontal
        start, size = self.sectionViewportPosition(0), self.defaultSectionSize() * classes
        if not across:
            painter.rotate(-90)
            painter.translate(-seen.height(), 0)
            start, size = max(0, seen.height() - start - size), min(size, seen.height())
        painter.drawText(QRect(start, 0, size, line), _TITLE, ACROSS if across else DOWN)
        if across and not self.isSectionHidden(classes):
            start = self.sectionViewportPosition(classes)
            painter.drawText(QRect(start, 0, self.length() - size, line), _TITLE, OF_CLASS)

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        if section < len(self._cells.classes) and section not in self.labelled():
            return
        painter.save()
        marked = section == self._marked
        role = QPalette.ColorRole.WindowText if marked else QPalette.ColorRole.PlaceholderText
        painter.setPen(self.palette().color(role))
        painter.setFont(bolder(self.font()) if marked else self.font())
        text = self.model().headerData(section, self.orientation())
        text = elide_name(text, QFontMetrics(bolder(self.font())), self._longest)
        painter.drawText(self._label(rect, section, text, painter.fontMetrics()), CENTRE, text)
        painter.restore()

    def _label(self, rect: QRect, section: int, text: str, metrics: QFontMetrics) -> QRect:
        """Return the place of a label, which may be larger than its section but is never cut."""
        label = QRect(0, 0, metrics.horizontalAdvance(text) + 2, metrics.height())
        seen = self.rect()
        label.moveCenter(rect.center())
        across = self.orientation() == Qt.Orientation.Horizontal
        if across:  # what lies beyond the sections, Qt paints over
            label.moveBottom(seen.bottom())
            seen.setWidth(min(seen.width(), self.length() - self.offset()))
        if not across or section >= len(self._cells.classes):
            label.moveRight(rect.right() - END)
        label.moveRight(min(label.right(), seen.right()))
        return label.translated(max(0, -label.left()), max(0, -label.top()))


def line_of_figures(metrics: QFontMetrics) -> int:
    """The px that a line of figures takes, which has nothing above or below them."""
    return metrics.tightBoundingRect("0123456789").height() + AIR


def cell_colours(rates: Array, palette: QPalette) -> Bytes:
    """Mix the colours (n, n, 3) of the shares (n, n) of 0 to 1: red, green, blue.

    Those on the diagonal are right. The root of a share counts, so that rare mistakes are seen.
    NaN counts as 0.
    """
    colours = colours_of(palette)
    low, confused, right = (
        np.array([colour.red(), colour.green(), colour.blue()])
        for colour in map(QColor, (colours.base, colours.wrong, colours.pinned))
    )
    high = np.where(np.eye(len(rates), dtype=bool)[..., np.newaxis], right, confused)
    part = np.sqrt(np.clip(np.nan_to_num(rates), 0, 1))[..., np.newaxis]
    mixed: Bytes = (low + (high - low) * part).round().astype(np.uint8)
    return mixed


class RateScale(QWidget):
    """The colours from 100 % confused over nothing to 100 % right, with numbers where they stand.

    `ends` are the words that say which half is which.
    """

    ends = ("confused %", "% right")
    _MARKS = (0, 10, 50, 100)  # %

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(small_font())
        self.setAccessibleName(
            "Colour scale: shares of the true class, to the left confused, to the right right"
        )
        self.setToolTip(plain_tooltip(_HELP))

    def sizeHint(self) -> QSize:
        outside = sum(self.fontMetrics().horizontalAdvance(word) for word in (*self.ends, "100"))
        return QSize(outside + 20 * GRID, 2 * self.fontMetrics().height())

    def strip(self) -> QRectF:
        """The part that is coloured, in px."""
        metrics = self.fontMetrics()
        beyond = metrics.horizontalAdvance("100") / 2 + GRID // 2  # that the last number reaches
        left, right = (metrics.horizontalAdvance(word) + beyond for word in self.ends)
        height = GRID - 2
        return QRectF(left, (metrics.height() - height) / 2, self.width() - left - right, height)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        strip, line = self.strip(), self.fontMetrics().height()
        gradient = QLinearGradient(strip.topLeft(), strip.topRight())
        for step in range(-10, 11):  # equal steps of the root are equal steps of the colour
            colours = cell_colours(np.full((2, 2), (step / 10) ** 2), self.palette())
            colour = colours[0, 0 if step > 0 else 1].tolist()
            gradient.setColorAt((step + 10) / 20, QColor(*colour))
        painter.fillRect(strip, gradient)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        words = QRectF(0, 0, self.width(), line)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignLeft, self.ends[0])
        painter.drawText(words, middle | Qt.AlignmentFlag.AlignRight, self.ends[1])
        for mark in self._MARKS:
            distance = math.sqrt(mark / 100) * strip.width() / 2
            for x in {strip.center().x() - distance, strip.center().x() + distance}:
                text = QRectF(x - 4 * GRID, strip.bottom(), 8 * GRID, line)
                painter.drawText(text, Qt.AlignmentFlag.AlignHCenter, str(mark))


class ConfusionTable(QTableView):
    """Cells coloured by the share of the true class: blue on the diagonal, red beside it.

    Beside them are the scores of each class. Cells are squares as large as there is room, or
    broader for their numbers. Where these do not fit, there are colours alone; only where cells
    would be smaller than 6 px, the matrix scrolls. Where scores have no room, they are left out.

    A click or Enter emits the places of the true and the predicted class. `pointed` is the cell
    under the mouse, or else that in focus; `cell_pointed` tells of another one, or of none.
    `fitted` says whether there is room for numbers of cells or for scores.
    """

    cell_chosen = Signal(int, int)
    cell_pointed = Signal()
    fitted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = ConfusionModel(self)
        self.columns = ClassLabels(Qt.Orientation.Horizontal, self.cells, self)
        self.rows = ClassLabels(Qt.Orientation.Vertical, self.cells, self)
        self.pointed = QPersistentModelIndex()
        self.says_numbers = True
        self._fitted: tuple[object, ...] = ()  # to what cells were made as large as they are
        self.setHorizontalHeader(self.columns)
        self.setVerticalHeader(self.rows)
        self.setModel(self.cells)
        self.setFont(small_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        for part in (self, self.columns, self.rows):
            part.viewport().setBackgroundRole(QPalette.ColorRole.Window)
        self.setShowGrid(False)
        for corner in self.findChildren(QAbstractButton):
            corner.setMaximumSize(0, 0)  # Qt shows it whenever it lays the table out
        self.setTabKeyNavigation(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setMouseTracking(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setAccessibleName("Confusion matrix: true class down, predicted class across")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._choose)
        self.entered.connect(self._point_at)
        self.cells.modelReset.connect(lambda: self._point_at(QModelIndex()))

    def set_confusion(self, confusion: Confusion, classes: tuple[str, ...]) -> None:
        """Take other counts."""
        self.cells.set_confusion(confusion, classes)
        self._fit()
        self.cell_pointed.emit()

    def set_rates(self, as_rates: bool) -> None:
        """Say shares of the true class, or counts."""
        self.cells.as_rates = as_rates
        self._fit()
        self.cells.tell()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()
        super().resizeEvent(event)

    def readable(self) -> QSize:
        """The least size of a cell in which all numbers can be read."""
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self.cells.widest()) + AIR
        return QSize(width, line_of_figures(metrics))

    def _fit(self) -> None:
        """Find the size of a cell, and whether there are scores beside them."""
        cells, count, metrics = self.cells, len(self.cells.classes), self.fontMetrics()
        labels = QSize(self.rows.sizeHint().width(), self.columns.sizeHint().height())
        room = self.size() - labels - QSize(_SLACK, _SLACK)
        fitted = cells.classes, cells.widest(), cells.as_rates, room.toTuple(), self.font().key()
        if not count or fitted == self._fitted:
            return
        self._fitted = fitted
        self.columns.setFixedHeight(labels.height())
        self.rows.setFixedWidth(labels.width())
        texts = [(title, "100.0") for title, _, _ in SCORES]
        widths = [max(map(metrics.horizontalAdvance, pair)) + 2 * GRID for pair in texts]
        least, beside = self.readable(), room.width() - sum(widths)
        # Numbers in cells go before scores.
        shown = beside >= _NARROW and not beside < count * least.width() <= room.width()
        shown &= room.height() // count >= least.height()
        width, height = (
            min(max(px // count, _LEAST), _LARGEST)
            for px in (beside if shown else room.width(), room.height())
        )
        broadest = max(height, least.width() if height >= least.height() else 0)
        width, height = min(width, broadest), min(width, height)
        self.says_numbers = width >= least.width() and height >= least.height()
        cells.precise = width >= metrics.horizontalAdvance(">99.9") + AIR
        self.columns.fit(width)
        self.rows.fit(height)
        for column, wide in enumerate([width] * count + widths):  # Qt keeps those of other classes
            self.setColumnHidden(column, column >= count and not shown)
            self.setColumnWidth(column, wide)
        self.viewport().update()
        self.fitted.emit(self.says_numbers or shown)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells that are asked for, and the scores."""
        count = len(self.cells.classes)
        if not count:
            return
        painter, ink = QPainter(self.viewport()), self.palette().color(QPalette.ColorRole.Text)
        self._paint_cells(painter, event.region())
        painter.setPen(ink)
        painter.setFont(self.font())
        for row, column in product(range(count), range(count, self.cells.columnCount())):
            score = self.cells.index(row, column)
            painter.drawText(self.visualRect(score).adjusted(0, 0, -END, 0), RIGHT, score.data())
        for at, width in ((self.pointed, 1), (self.currentIndex(), 2 * self.hasFocus())):
            index = self.cells.index(at.row(), at.column())
            if index.isValid() and width:
                frame = QRectF(self.visualRect(index)).adjusted(0, 0, -1, -1)
                inside = width / 2
                paint_frame(painter, frame.adjusted(inside, inside, -inside, -inside), ink, width)

    def _paint_cells(self, painter: QPainter, asked: QRegion) -> None:
        """Paint all cells, and numbers into those that are asked for."""
        count, counts = len(self.cells.classes), self.cells.confusion.counts
        width, height = self.columns.defaultSectionSize(), self.rows.defaultSectionSize()
        left, top = self.columnViewportPosition(0), self.rowViewportPosition(0)
        theme = colours_of(self.palette())

        def tile(row: int, column: int) -> QRect:
            """Return the place of a cell, without the gap after it."""
            return QRect(left + column * width, top + row * height, width - 1, height - 1)

        colours = cell_colours(self.cells.confusion.rates, self.palette())
        large = colours.repeat(height, axis=0).repeat(width, axis=1)
        painter.drawImage(QPoint(left, top), image_of(np.moveaxis(large, -1, 0)))
        painter.setPen(QColor(theme.pinned))
        for i in range(count):  # is seen as the diagonal, however few are right
            painter.drawRect(QRectF(tile(i, i)).adjusted(0.5, 0.5, -0.5, -0.5))
        ground = self.palette().color(QPalette.ColorRole.Window)
        for i in range(1, count + 1):  # it is seen between the cells
            painter.fillRect(left + i * width - 1, top, 1, count * height, ground)
            painter.fillRect(left, top + i * height - 1, count * width, 1, ground)
        if not self.says_numbers:
            return
        first = QRectF(tile(0, 0)).center()
        down, across = np.nonzero(counts == 0)
        x, y = first.x() + across * width, first.y() + down * height
        painter.setPen(QPen(QColor(theme.muted), 1.5))
        painter.drawPoints(QPolygonF(list(map(QPointF, x.tolist(), y.tolist()))))  # quiet dots
        black = takes_black(colours)
        painter.setFont(small_font())
        for row, column in np.argwhere(counts).tolist():
            if asked.intersects(tile(row, column)):
                painter.setPen(QColor("black" if black[row, column] else "white"))
                painter.drawText(tile(row, column), CENTRE, self.cells.text(row, column))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(self.currentIndex())
            return
        super().keyPressEvent(event)

    def currentChanged(self, current: Index, previous: Index) -> None:
        super().currentChanged(current, previous)
        self._point_at(self.currentIndex())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._point_at(self.currentIndex() if self.hasFocus() else QModelIndex())
        return super().viewportEvent(event)

    def _point_at(self, index: QModelIndex) -> None:
        """Tell which cell is meant, and mark its classes."""
        self.pointed = QPersistentModelIndex(index)
        self.viewport().update()
        self.columns.mark(index.column())
        self.rows.mark(index.row())
        self.cell_pointed.emit()

    def _choose(self, index: QModelIndex) -> None:
        if 0 <= index.column() < len(self.cells.classes):
            self.cell_chosen.emit(index.row(), index.column())


class ConfusionSheet(QWidget):
    """The matrix, below it what is pointed at, and where there is room the scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(small_font())
        self.table = ConfusionTable()
        self.scale = RateScale()
        self.reading = named(plain_label(muted=True), "confusion.reading")
        self.reading.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.reading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        foot = in_row(self.scale, (self.reading, 1), gap=GRID)
        in_column((self.table, 1), foot, of=self)
        self.setMinimumSize(36 * GRID, 16 * GRID)
        self.table.cell_pointed.connect(self._read)
        self._read()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.scale.setVisible(event.size().width() - self.scale.sizeHint().width() >= _NARROW)
        super().resizeEvent(event)

    @Slot()
    def _read(self) -> None:
        """Say what is pointed at, or what to do."""
        pointed, cells = self.table.pointed, self.table.cells
        if not pointed.isValid():
            self.reading.setText(CHOOSE)
        elif pointed.column() >= len(cells.classes):
            self.reading.setText(f"{cells.sentence(pointed)}\n")
        else:
            pair = [cells.classes[place] for place in (pointed.row(), pointed.column())]
            true, predicted = short_names(pair, _LETTERS)
            said = f"true {true}, predicted {predicted}:"
            room = self.reading.width()
            words = elide_name(said, self.reading.fontMetrics(), room)
            self.reading.setText(f"{words}\n{cells.number(pointed)}")
