"""The confusion matrix with all that stands around it: titles, scores, scale and a reading."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
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
    QContextMenuEvent,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
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
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from engine.array_types import Array
from engine.training.evaluation import Confusion
from gui.theme import GRID, bolder, colours_of, small_font, text_font
from gui.widgets.colour_scale import takes_black
from gui.widgets.confusion_model import ConfusionModel, ScoresModel
from gui.widgets.labels import elide, elide_name, plain_label, plain_tooltip
from gui.widgets.layouts import named
from gui.widgets.pictures import Bytes, image_of, paint_frame
from gui.widgets.plain_models import Index
from gui.widgets.sample_names import short_names

END = GRID // 2  # px between a number on the right and the end of its column
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTRE = Qt.AlignmentFlag.AlignCenter
_MOST_NAME = 18 * GRID  # px of a class
_LEAST_SHARE = 0.7  # of the longest name above a column; of a shorter one too little would be left
_NUDGE = 4  # px that the label of a row at the edge may move
_HELP = (
    "A cell's colour is its share of the true class: blue on the diagonal, orange beside it. Small "
    "shares are spread out, so that rare mistakes are seen."
)
_BELOW, _ABOVE = Qt.AlignmentFlag.AlignTop, Qt.AlignmentFlag.AlignBottom
_MIDDLE = Qt.AlignmentFlag.AlignHCenter
AIR = 3  # px around the figures in a cell
CHOOSE = "Point at a cell to read it, click it to see its images."
ACROSS, DOWN, SCORES = "predicted class", "true class", "of each class, %"
_LEAST = 6  # px; smaller cells scroll
_LARGEST = 30 * GRID  # px; larger ones would say no more
_NARROW = 18 * GRID  # px; what would be narrower leaves the room to the rest
_LETTERS = 14  # of a class that is read
_SLACK = GRID // 2  # px after the last cell, into which its label may reach


class ClassLabels(QHeaderView):
    """The classes beside a table, or the titles above it: as many as there is room for.

    Names are cut short rather than left out, if enough stays of them. The marked one is always
    there.
    """

    def __init__(
        self, orientation: Qt.Orientation, alignment: Qt.AlignmentFlag, parent: QWidget
    ) -> None:
        super().__init__(orientation, parent)
        self._alignment = alignment
        self._marked = -1
        self._labelled = 1  # of so many classes one has a label
        self._longest = _MOST_NAME  # px of a label
        self._cut_for: tuple[int, str] | None = None  # width and font
        self._cut_texts: list[str] = []
        self.setFont(small_font())
        if orientation == Qt.Orientation.Horizontal:
            self.setFixedHeight(self.fontMetrics().height() + 2)
        self.setSectionsClickable(False)
        self.setMinimumSectionSize(1)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)

    def reset(self) -> None:
        """Take the labels of other classes."""
        self._cut_for = None
        super().reset()

    def set_section_size(self, size: int) -> None:
        """Make all sections so large, and cut or leave out labels that would touch each other."""
        before = self.defaultSectionSize(), self._labelled, self._longest
        if size != before[0]:  # Qt would paint all labels anew
            self.setDefaultSectionSize(size)
        metrics = self.fontMetrics()
        across = self.orientation() == Qt.Orientation.Horizontal
        needed = self._apart(metrics, size) if across else self._line(metrics)
        enough = not self._figures() and size - AIR >= _LEAST_SHARE * self._widest(metrics)
        is_cut = across and needed > size and enough
        self._longest = size - AIR if is_cut else _MOST_NAME
        self._labelled = 1 if is_cut else -(-needed // size)
        if not across:
            self.setFixedWidth(self.thickness())
        if (size, self._labelled, self._longest) != before:
            self.viewport().update()

    def thickness(self) -> int:
        """The px that the labels of rows take."""
        return self._widest(QFontMetrics(bolder(self.font()))) + GRID  # as the marked one is

    def _apart(self, metrics: QFontMetrics, size: int) -> int:
        """The px from one label to the next; long ones are pushed inwards at the ends."""
        widest = self._widest(metrics)
        return widest + AIR + (0 if self._figures() else max(0, (widest - size) // 2))

    def _touch_at_the_ends(self, first: int, last: int) -> bool:
        """Return whether two labels touch when both are pushed inwards, which one step allows."""
        if self.orientation() == Qt.Orientation.Vertical:
            return False
        size, widest = self.defaultSectionSize(), self._widest(self.fontMetrics())
        right = max(first * size + (size + widest) // 2, widest)
        left = min(last * size + (size - widest) // 2, self.length() - widest)
        return left - right < AIR

    def _figures(self) -> bool:
        return all(text.isdecimal() for text in self._texts())

    def _line(self, metrics: QFontMetrics) -> int:
        """The px that a line of labels takes; words have letters that go below the line."""
        return line_of_figures(metrics) if self._figures() else metrics.height() - 2

    def mark(self, section: int) -> None:
        """Let a label stand out; -1: none."""
        if section != self._marked:
            self._marked = section
            self.viewport().update()

    def labelled(self) -> list[int]:
        """Which sections have their label written."""
        every, marked = self._labelled, self._marked
        regular = range(0, self.count(), every)
        if len(regular) == 2 and self._touch_at_the_ends(*regular):
            regular = regular[:1]
        if marked < 0:
            return list(regular)
        return sorted({one for one in regular if abs(one - marked) >= every} | {marked})

    def paintSection(self, painter: QPainter, rect: QRect, section: int) -> None:
        if section not in self.labelled():
            return
        if section != self._marked and self._is_pushed(rect, painter.fontMetrics()):
            return
        painter.save()
        marked = section == self._marked
        role = QPalette.ColorRole.WindowText if marked else QPalette.ColorRole.PlaceholderText
        painter.setPen(self.palette().color(role))
        font = painter.font()
        font.setBold(marked)
        painter.setFont(font)
        text = self._cut(min(self._seen().width() - 2, self._longest))[section]
        painter.drawText(self._label(rect, text, painter.fontMetrics()), CENTRE, text)
        painter.restore()

    def _is_pushed(self, section: QRect, metrics: QFontMetrics) -> bool:
        """Return whether the label of a row at the edge would move so far that it meets the next.

        That of the first row moves by a few px and stays.
        """
        if self.orientation() == Qt.Orientation.Horizontal or self._labelled == 1:
            return False
        middle = self._label(section, "0", metrics).center().y()
        return abs(middle - section.center().y()) > _NUDGE

    def _label(self, section: QRect, text: str, metrics: QFontMetrics) -> QRect:
        """Return the place of a label, which may be larger than its section but is never cut."""
        label = QRect(0, 0, metrics.horizontalAdvance(text) + 2, metrics.height())
        label.moveCenter(section.center())
        if self._alignment == RIGHT:
            label.moveRight(section.right() - END)
        seen = self._seen()
        if self.orientation() == Qt.Orientation.Vertical:  # figures leave room above and below
            above = metrics.ascent() - metrics.capHeight() - 1
            seen = seen.adjusted(0, -above, 0, metrics.descent())
        label.moveRight(min(label.right(), seen.right()))
        label.moveBottom(min(label.bottom(), seen.bottom()))
        return label.translated(max(0, -label.left()), max(0, seen.top() - label.top()))

    def _seen(self) -> QRect:
        """Return where labels can be: what lies beyond the sections, Qt paints over."""
        seen = self.viewport().rect()
        if self.orientation() == Qt.Orientation.Horizontal:
            seen.setWidth(min(seen.width(), self.length() - self.offset()))
        return seen

    def _texts(self) -> list[str]:
        return [self.model().headerData(i, self.orientation()) for i in range(self.count())]

    def _cut(self, width: int) -> list[str]:
        """Return the labels as they fit into a width in px."""
        font = bolder(self.font())  # as the marked one is
        if self._cut_for != (width, font.key()):
            self._cut_for = width, font.key()
            metrics = QFontMetrics(font)
            self._cut_texts = [elide_name(text, metrics, width) for text in self._texts()]
        return self._cut_texts

    def _widest(self, metrics: QFontMetrics) -> int:
        texts = self._texts()
        return min(max(map(metrics.horizontalAdvance, texts), default=0), _MOST_NAME)


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


def cell_colour(rate: float, palette: QPalette, *, right: bool) -> QColor:
    """Mix the colour of one share."""
    red, green, blue = cell_colours(np.full((2, 2), rate), palette)[0, 0 if right else 1].tolist()
    return QColor(red, green, blue)


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
            colour = cell_colour((step / 10) ** 2, self.palette(), right=step > 0)
            gradient.setColorAt((step + 10) / 20, colour)
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


def paint_cells(
    painter: QPainter,
    cells: ConfusionModel,
    place: QRect,
    palette: QPalette,
    asked: QRegion,
    *,
    says_numbers: bool,
) -> None:
    """Paint the cells into a place whose sides are multiples of their number.

    Numbers are written into those that are asked for.
    """
    count = len(cells.classes)
    colours = cell_colours(cells.confusion.rates, palette)
    large = colours.repeat(place.height() // count, axis=0).repeat(place.width() // count, axis=1)
    painter.drawImage(place.topLeft(), image_of(np.moveaxis(large, -1, 0)))
    painter.setPen(QColor(colours_of(palette).pinned))
    for i in range(count):  # is seen as the diagonal, however few are right
        painter.drawRect(QRectF(tile(place, count, i, i)).adjusted(0.5, 0.5, -0.5, -0.5))
    _part(painter, place, count, palette.color(QPalette.ColorRole.Window))
    if says_numbers:
        _dot(painter, cells, place, QColor(colours_of(palette).muted))
        filled = [
            (row, column)
            for row, column in np.argwhere(cells.confusion.counts).tolist()
            if asked.intersects(tile(place, count, row, column))
        ]
        _write(painter, cells, place, filled, takes_black(colours))


def tile(place: QRect, count: int, row: int, column: int) -> QRect:
    """Return the place of a cell, without the gap after it."""
    width, height = place.width() // count, place.height() // count
    corner = place.topLeft() + QPoint(column * width, row * height)
    return QRect(corner.x(), corner.y(), width - 1, height - 1)


def _part(painter: QPainter, place: QRect, count: int, ground: QColor) -> None:
    """Let the ground be seen between the cells."""
    width, height = place.width() // count, place.height() // count
    for i in range(1, count + 1):
        painter.fillRect(place.left() + i * width - 1, place.top(), 1, place.height(), ground)
        painter.fillRect(place.left(), place.top() + i * height - 1, place.width(), 1, ground)


def _dot(painter: QPainter, cells: ConfusionModel, place: QRect, colour: QColor) -> None:
    """Leave a quiet dot where there is nothing."""
    count = len(cells.classes)
    first = QRectF(tile(place, count, 0, 0)).center()
    width, height = place.width() // count, place.height() // count
    down, across = np.nonzero(cells.confusion.counts == 0)
    x, y = first.x() + across * width, first.y() + down * height
    painter.setPen(QPen(colour, 1.5))
    painter.drawPoints(QPolygonF(list(map(QPointF, x.tolist(), y.tolist()))))


def _write(
    painter: QPainter,
    cells: ConfusionModel,
    place: QRect,
    filled: Sequence[tuple[int, int]],
    black: NDArray[np.bool_],
) -> None:
    """Write what a cell says, and below it what it would say after the switch, if it is large."""
    count = len(cells.classes)
    small, large = small_font(), text_font()
    painter.setFont(small)
    metrics = painter.fontMetrics()
    size = tile(place, count, 0, 0).size()
    roomy = (
        size.width() >= metrics.horizontalAdvance("99.9 %") + AIR
        and size.height() >= 2 * metrics.height() + GRID
    )
    for row, column in filled:
        cell = tile(place, count, row, column)
        first, second = cells.texts(row, column)
        painter.setPen(QColor("black" if black[row, column] else "white"))
        if not roomy:
            painter.drawText(cell, CENTRE, first)
            continue
        middle = cell.center().y()
        painter.setFont(large)
        painter.drawText(cell.adjusted(0, 0, 0, middle - cell.bottom()), _MIDDLE | _ABOVE, first)
        painter.setFont(small)
        painter.drawText(cell.adjusted(0, middle - cell.top(), 0, 0), _MIDDLE | _BELOW, second)


class ConfusionTable(QTableView):
    """Cells coloured by the share of the true class: blue on the diagonal, orange beside it.

    A click or Enter emits the places of the true and the predicted class, Shift and Enter those of
    a cell that is to be followed through the epochs. `pointed` is the cell under the mouse, or else
    that in focus; `cell_pointed` tells of another one, or of none. `cell_asked` comes before a
    menu, with the places of its cell, or −1 beside all.
    """

    cell_chosen = Signal(int, int)
    cell_followed = Signal(int, int)
    cell_asked = Signal(int, int)
    cell_pointed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = ConfusionModel(self)
        self.columns = ClassLabels(Qt.Orientation.Horizontal, CENTRE, self)
        self.rows = ClassLabels(Qt.Orientation.Vertical, RIGHT, self)
        self.pointed = QPersistentModelIndex()
        self.says_numbers = True
        self.setHorizontalHeader(self.columns)
        self.setVerticalHeader(self.rows)
        self.setModel(self.cells)
        _make_quiet(self)
        self.setAccessibleName("Confusion matrix: true class down, predicted class across")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.clicked.connect(self._choose)
        self.entered.connect(self._point_at)
        self.cells.modelReset.connect(self._forget_pointed)

    def readable(self) -> QSize:
        """The least size of a cell in which all numbers can be read."""
        metrics = self.fontMetrics()
        width = metrics.horizontalAdvance(self.cells.widest()) + AIR
        return QSize(width, line_of_figures(metrics))

    def set_cell_size(self, width: int, height: int) -> None:
        """Make all cells so large; they say numbers if these can be read."""
        least = self.readable()
        before = self.says_numbers, self.cells.precise
        self.says_numbers = width >= least.width() and height >= least.height()
        self.cells.precise = width >= self.fontMetrics().horizontalAdvance(">99.9") + AIR
        self.columns.set_section_size(width)
        self.rows.set_section_size(height)
        if (self.says_numbers, self.cells.precise) != before:
            self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the cells that are asked for."""
        count = len(self.cells.classes)
        if not count:
            return
        painter, place = QPainter(self.viewport()), self._place()
        palette = self.palette()
        asked = event.region()
        paint_cells(painter, self.cells, place, palette, asked, says_numbers=self.says_numbers)
        for index, width in ((self.pointed, 1), (self.currentIndex(), 2 * self.hasFocus())):
            if index.isValid() and width:
                frame = QRectF(tile(place, count, index.row(), index.column()))
                inside, ink = width / 2, palette.color(QPalette.ColorRole.Text)
                paint_frame(painter, frame.adjusted(inside, inside, -inside, -inside), ink, width)

    def _place(self) -> QRect:
        """Return the px of all cells in the viewport, in view or not."""
        corner = QPoint(self.columnViewportPosition(0), self.rowViewportPosition(0))
        return QRect(corner, QSize(self.columns.length(), self.rows.length()))

    def event(self, event: QEvent) -> bool:
        """Keep the window from taking the keys that copy the matrix here."""
        if event.type() == QEvent.Type.ShortcutOverride and _copies(event):
            event.accept()
            return True
        return super().event(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Tell which cell the menu is of; what lies behind shows it."""
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        index = self.currentIndex() if by_key else self.indexAt(event.pos())
        self.cell_asked.emit(index.row(), index.column())
        event.ignore()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if _copies(event):
            QGuiApplication.clipboard().setText(self.cells.as_text())
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            current, shift = self.currentIndex(), Qt.KeyboardModifier.ShiftModifier
            if current.isValid() and event.modifiers() & shift:
                self.cell_followed.emit(current.row(), current.column())
            elif current.isValid():
                self._choose(current)
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

    def _forget_pointed(self) -> None:
        self._point_at(QModelIndex())

    def _choose(self, index: QModelIndex) -> None:
        self.cell_chosen.emit(index.row(), index.column())


class ScoresTable(QTableView):
    """Precision, recall and F1 of every class, in columns of numbers that stand on the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scores = ScoresModel(self)
        self.columns = ClassLabels(Qt.Orientation.Horizontal, RIGHT, self)
        self.rows = ClassLabels(Qt.Orientation.Vertical, RIGHT, self)
        self.setHorizontalHeader(self.columns)
        self.setVerticalHeader(self.rows)
        self.setModel(self.scores)
        self.setItemDelegate(_ScoreDelegate(self))
        _make_quiet(self)
        self.setAccessibleName("Precision, recall and F1 of every class, in percent")
        self.columns.setMinimumSectionSize(1)
        for column, (title, _, _) in enumerate(ScoresModel.SCORES):
            widest = max(map(self.fontMetrics().horizontalAdvance, (title, "100.0")))
            self.setColumnWidth(column, widest + GRID)

    def set_row_height(self, height: int) -> None:
        """Make all rows so high."""
        self.rows.set_section_size(height)

    def wanted_width(self) -> int:
        """The px that the columns take with their classes, without a scroll bar."""
        return self.rows.thickness() + sum(
            self.columnWidth(column) for column in range(len(ScoresModel.SCORES))
        )

    def mark(self, row: int) -> None:
        """Mark a class, and bring it into view; -1: none."""
        self.rows.mark(row)
        if row >= 0:
            self.scrollTo(self.scores.index(row, 0))


def _copies(event: QEvent) -> bool:
    return isinstance(event, QKeyEvent) and event.matches(QKeySequence.StandardKey.Copy)


class _ScoreDelegate(QStyledItemDelegate):
    """Writes a score where the title of its column ends."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        role = QPalette.ColorRole
        chosen = option.state & QStyle.StateFlag.State_Selected  # Qt has filled the cell then
        painter.setPen(option.palette.color(role.HighlightedText if chosen else role.Text))
        painter.drawText(option.rect.adjusted(0, 0, -END, 0), RIGHT, index.data())
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(option.palette.color(QPalette.ColorRole.Highlight))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
        painter.restore()


def _make_quiet(table: QTableView) -> None:
    """Leave a table its cells, on the ground of what is around it."""
    table.setFont(small_font())
    table.setFrameShape(QFrame.Shape.NoFrame)
    for part in (table, table.horizontalHeader(), table.verticalHeader()):
        part.viewport().setBackgroundRole(QPalette.ColorRole.Window)
    for corner in table.findChildren(QAbstractButton):
        corner.setMaximumSize(0, 0)  # Qt shows it whenever it lays the table out
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setMouseTracking(True)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)


class ConfusionSheet(QWidget):
    """Places the parts by hand, for all of them follow from the size of a cell.

    Cells are squares as large as there is room, or broader for their numbers. Where these do not
    fit, there are colours alone; only where cells would be smaller than 6 px, the matrix scrolls
    under its labels. The scores stand in the rows of the matrix, or, where these are too low for
    text, in rows of their own; a narrow sheet leaves them out. `fitted` says whether there is room
    for numbers of cells or for scores.
    """

    fitted = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(small_font())
        self.table = ConfusionTable(self)
        self.scores = ScoresTable(self)
        self.scores.setHorizontalScrollBarPolicy(_bar(needed=False))
        self.scale = RateScale(self)
        self.reading = named(plain_label(muted=True, wraps=True), "confusion.reading")
        self.reading.setParent(self)
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
        painter.drawText(cells.left(), 0, max(cells.width(), needed), line, CENTRE, ACROSS)
        ends = scores.left() + self.scores.wanted_width()
        if self.scores.isVisible():
            painter.drawText(scores.left(), 0, ends - scores.left(), line, CENTRE, SCORES)
        painter.translate(0, cells.bottom() + 1)
        painter.rotate(-90)
        high, needed = cells.height(), self.fontMetrics().horizontalAdvance(DOWN)
        title = elide(DOWN, self.fontMetrics(), cells.bottom() + 1)
        painter.drawText(0, 0, max(high, min(needed, cells.bottom() + 1)), line, CENTRE, title)

    def _fit(self) -> None:
        """Find the size of a cell, and put everything where it belongs then."""
        count = len(self.table.cells.classes)
        if not count:
            return
        self._fitted = self._what_fits()
        line = self.fontMetrics().height()
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent)
        labels = QSize(self.table.rows.thickness(), line + 2)
        foot = 2 * line + GRID // 2
        down = self.height() - line - labels.height() - _SLACK - foot
        in_rows = down // count >= line_of_figures(self.fontMetrics())
        beside = GRID + self.scores.wanted_width() + (0 if in_rows else bar)
        across = self.width() - line - labels.width() - _SLACK
        least = count * self.table.readable().width()  # for numbers, which go before scores
        fits = across - beside >= least or across < least
        self.scores.setVisible(fits and across - beside >= _NARROW)
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
        self.fitted.emit(self.table.says_numbers or self.scores.isVisibleTo(self))

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
        """Choose the size of a cell for the room that there is for it."""
        width, height = (min(max(room, _LEAST), _LARGEST) for room in (width, height))
        least = self.table.readable()
        broadest = max(height, least.width() if height >= least.height() else 0)
        return QSize(min(width, broadest), min(width, height))

    @Slot()
    def _read(self) -> None:
        """Say what is pointed at, or what to do."""
        pointed = self.table.pointed
        if pointed.isValid():
            cells = self.table.cells
            metrics, room = self.reading.fontMetrics(), self.reading.width()
            pair = (cells.classes[place] for place in (pointed.row(), pointed.column()))
            true, predicted = short_names(list(pair), _LETTERS)
            words = elide_name(f"true {true}, predicted {predicted}:", metrics, room)
            self.reading.setText(f"{words}\n{cells.number(pointed)}")
        else:
            self.reading.setText(CHOOSE)
        self.scores.mark(pointed.row())


def _bar(*, needed: bool) -> Qt.ScrollBarPolicy:
    """Decide about a scroll bar here: left to itself, Qt keeps one that made itself needed."""
    policy = Qt.ScrollBarPolicy
    return policy.ScrollBarAlwaysOn if needed else policy.ScrollBarAlwaysOff
