"""The confusion matrix as a coloured table, and the table of scores beside it."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QLinearGradient,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui.theme import GRID, colours_of, small_font
from gui.widgets.confusion_model import ConfusionModel, ScoresModel

Index = QModelIndex | QPersistentModelIndex
_COLUMNS = ("precision", "99.9 %", "99.9 %")  # the widest text of each score
_LARGEST = 10 * GRID  # px; a cell of few classes grows no more


class ConfusionTable(QTableView):
    """Cells coloured by the share of the true class.

    A click or Enter emits the places of the true and the predicted class; `rows_fitted` tells how
    high the rows are, in px.
    """

    cell_chosen = Signal(int, int)
    rows_fitted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.cells = ConfusionModel(self)
        self.setModel(self.cells)
        self.setItemDelegate(_Delegate(self.cells, self))
        _make_quiet(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAccessibleName("Confusion matrix: true class down, predicted class across")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.clicked.connect(self._choose)

    def fit(self) -> None:
        """Give all cells the same size: as large as there is room, as small as can be read."""
        count = len(self.cells.classes)
        if not count:
            return
        header = self.verticalHeader().sizeHint().width(), self.horizontalHeader().height()
        line = self.fontMetrics().height()
        room = self.contentsRect().size() - QSize(*header)
        least = self._widest() + 2
        width = min(max(room.width() // count, least), 2 * _LARGEST)
        if width * count > room.width():
            room -= QSize(0, self.horizontalScrollBar().sizeHint().height())
        height = min(max(room.height() // count, line + 2), _LARGEST)
        width = min(width, max(2 * height, least))
        self.cells.precise = width >= self.fontMetrics().horizontalAdvance(">99.9") + GRID // 2
        self.horizontalHeader().setMinimumSectionSize(8)
        self.verticalHeader().setMinimumSectionSize(8)
        self.horizontalHeader().setDefaultSectionSize(width)
        self.verticalHeader().setDefaultSectionSize(height)
        self.rows_fitted.emit(height)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self._choose(self.currentIndex())
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit()
        super().resizeEvent(event)

    def _choose(self, index: QModelIndex) -> None:
        self.cell_chosen.emit(index.row(), index.column())

    def _widest(self) -> int:
        count, metrics = len(self.cells.classes), self.fontMetrics()
        self.cells.precise = False
        pairs = [(row, column) for row in range(count) for column in range(count)]
        texts = {str(self.cells.index(*pair).data()) for pair in pairs}
        return max(metrics.horizontalAdvance(text) for text in texts)


class ScoresTable(QTableView):
    """Precision, recall and F1 of every class."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scores = ScoresModel(self)
        self.setModel(self.scores)
        _make_quiet(self)
        self.setAccessibleName("Precision, recall and F1 of every class")
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        header = self.horizontalHeader()
        header.setMinimumSectionSize(8)
        header.setStretchLastSection(True)
        for column, text in enumerate(_COLUMNS):
            self.setColumnWidth(column, self.fontMetrics().horizontalAdvance(text) + GRID)

    def fit(self, height: int) -> None:
        """Make the rows as high as those of the matrix."""
        self.verticalHeader().setMinimumSectionSize(8)
        self.verticalHeader().setDefaultSectionSize(height)
        self.updateGeometry()

    def minimumSizeHint(self) -> QSize:
        across = self.verticalHeader().sizeHint().width() + GRID
        across += sum(self.columnWidth(column) for column in range(len(_COLUMNS) - 1))
        across += self.fontMetrics().horizontalAdvance(_COLUMNS[-1]) + GRID
        if self.verticalHeader().length() + self.horizontalHeader().height() > self.height():
            across += self.verticalScrollBar().sizeHint().width()
        return QSize(across, 8 * GRID)

    def sizeHint(self) -> QSize:
        return self.minimumSizeHint()


class SideLabel(QWidget):
    """A text that runs upwards beside a table."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setFont(small_font())
        self.setFixedWidth(self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        painter.translate(0, self.height())
        painter.rotate(-90)
        across = QRect(0, 0, self.height(), self.width())
        painter.drawText(across, Qt.AlignmentFlag.AlignCenter, self._text)


class RateScale(QWidget):
    """The colours from 0 to 100 % of the true class, with numbers where they stand."""

    _MARKS = (0, 1, 10, 50, 100)  # %

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFont(small_font())
        self.setAccessibleName("Colour scale from 0 to 100 % of the true class")
        self.setToolTip("A cell's colour is its share of the true class; few are spread out")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        return QSize(30 * GRID, self.fontMetrics().height() + GRID)

    def minimumSizeHint(self) -> QSize:
        return QSize(18 * GRID, self.fontMetrics().height() + GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        end = self.fontMetrics().horizontalAdvance("100 %")
        strip = QRect(GRID, 0, self.width() - GRID - end // 2, GRID // 2 + 2)
        gradient = QLinearGradient(strip.topLeft(), strip.topRight())
        for step in range(11):  # the colours are spread by the root, so equal steps are equal here
            gradient.setColorAt(step / 10, cell_colour((step / 10) ** 2, self.palette()))
        painter.fillRect(strip, gradient)
        painter.setPen(self.palette().color(QPalette.ColorRole.PlaceholderText))
        for mark in self._MARKS:
            x = strip.left() + round((mark / 100) ** 0.5 * strip.width())
            text = QRect(x - end, strip.bottom(), 2 * end, self.fontMetrics().height())
            said = f"{mark} %" if mark == self._MARKS[-1] else str(mark)
            painter.drawText(text, Qt.AlignmentFlag.AlignHCenter, said)


class _Delegate(QStyledItemDelegate):
    def __init__(self, cells: ConfusionModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._cells = cells

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        colour = cell_colour(self._cells.rate(index), option.palette)
        painter.save()
        painter.fillRect(option.rect, colour)
        painter.setPen(text_colour(colour))
        painter.drawText(option.rect, Qt.AlignmentFlag.AlignCenter, index.data())
        focused = bool(option.state & QStyle.StateFlag.State_HasFocus)
        if focused or option.state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(QPen(text_colour(colour), 2 if focused else 1))
            painter.drawRect(option.rect.adjusted(1, 1, -2, -2))
        painter.restore()


def cell_colour(rate: float, palette: QPalette) -> QColor:
    """Mix the colour of a share of 0 to 1: by its root, so that rare mistakes are seen."""
    colours = colours_of(palette)
    part = max(0.0, min(1.0, rate)) ** 0.5
    low, high = QColor(colours.base), QColor(colours.pinned)
    ends = ((low.red(), high.red()), (low.green(), high.green()), (low.blue(), high.blue()))
    red, green, blue = (round(a + (b - a) * part) for a, b in ends)
    return QColor(red, green, blue)


def text_colour(ground: QColor) -> QColor:
    """Choose black or white, whichever can be read better: one has a contrast of 4.5 at least."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (ground.redF(), ground.greenF(), ground.blueF())
    ]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    black, white = (luminance + 0.05) / 0.05, 1.05 / (luminance + 0.05)
    return QColor("black" if black > white else "white")


def _make_quiet(table: QTableView) -> None:
    """Leave a table its cells and thin headers."""
    table.setFont(small_font())
    table.setFrameShape(QFrame.Shape.NoFrame)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setCornerButtonEnabled(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setMouseTracking(True)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    for header in (table.horizontalHeader(), table.verticalHeader()):
        header.setFont(small_font())
        header.setSectionsClickable(False)
        header.setHighlightSections(True)
    table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
