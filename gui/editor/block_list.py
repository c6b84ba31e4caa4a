"""BlockList: the stack as a list, one row a block."""

import math
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemDelegate,
    QAbstractItemView,
    QApplication,
    QLineEdit,
    QListView,
    QStyle,
    QStyleOptionViewItem,
    QWidget,
)

from engine.array_types import format_shape
from engine.blocks import Conv
from engine.model.stack import BlockSlot, Row, ShapeReport
from gui.document.document import Document
from gui.document.edits import Edits
from gui.theme import DARK, GRID, Colours, colours_of, draw_round, kind_colour, small_font
from gui.widgets.arcs import LANE, Arc, arcs_of, lanes_of, paint_arc
from gui.widgets.icons import icon
from gui.widgets.labels import CROSS, elide
from gui.widgets.pictures import faint
from gui.widgets.plain_models import Index, NameDelegate, PlainListModel

ROW_ROLE = Qt.ItemDataRole.UserRole + 1  # the shape check's Row
OUTCOME_ROLE = Qt.ItemDataRole.UserRole + 2  # of what the block has learned: KEPT, NEW or ""
NEXT = "→"  # before what an unfinished network lacks
KEPT, NEW = "still trained", "untrained"
_SPOKEN = {
    "": "",
    KEPT: "It is still trained: training goes on from its weights.",
    NEW: "It is untrained: training starts from initial weights.",
}

_NO_INDEX = QModelIndex()


class BlockListModel(PlainListModel):
    """Follows the document."""

    def __init__(self, document: Document, edits: Edits, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._edits = document, edits
        self._rows = list(document.report.rows)
        self._learned = _learned(document)
        store = document.store
        store.watch(lambda s: (s.document.learned, s.document.locked), self._follow_learned)
        store.watch(lambda s: (s.document.opened, s.document.report), self._follow)

    def rowCount(self, parent: Index = _NO_INDEX) -> int:
        """Count the blocks."""
        return 0 if parent.isValid() else len(self._rows)

    def cell(self, index: Index, role: int) -> Any:
        """Return what a row shows, and what a screen reader says of it."""
        row = self._rows[index.row()]
        learned = self._learned.get(row.slot.id, "")
        if role == Qt.ItemDataRole.DisplayRole:
            return display_text(row.slot)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            sentence = f"Block {index.row() + 1} of {len(self._rows)}: {_sentence(row)}"
            return f"{sentence} {_SPOKEN[learned]}".rstrip()
        if role == Qt.ItemDataRole.ToolTipRole:
            text = row.problem.text if row.problem else row.slot.block.help
            notes = f"{_bias_sentence(row.slot)} {lock_sentence(row)} {_SPOKEN[learned]}"
            counted = "" if row.problem else _parameters_sentence(row)
            return "\n\n".join(filter(None, (text, counted, " ".join(notes.split()))))
        if role == OUTCOME_ROLE:
            return learned
        if role == Qt.ItemDataRole.EditRole:
            return row.slot.title
        if role == ROW_ROLE:
            return row
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Let titles be edited while training does not lock them."""
        flags = super().flags(index)
        if index.isValid() and not self._document.locked:
            flags |= Qt.ItemFlag.ItemIsEditable
        return flags

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Rename a block; an empty title brings its own name back."""
        if role != Qt.ItemDataRole.EditRole or not index.isValid():
            return False
        self._edits.rename(self._rows[index.row()].slot.id, str(value).strip())
        return True

    def slot_id(self, index: QModelIndex) -> int:
        """Return the id of the slot that a row shows."""
        return self._rows[index.row()].slot.id

    def index_of(self, slot_id: int | None) -> QModelIndex:
        """Find the row of a slot; an invalid index if it has none."""
        ids = [row.slot.id for row in self._rows]
        return self.index(ids.index(slot_id)) if slot_id in ids else QModelIndex()

    @Slot()
    def _follow(self) -> None:
        """Show other blocks, or say what is new of the same ones, and keep their places."""
        rows = list(self._document.report.rows)
        self._learned = _learned(self._document)
        if [row.slot.id for row in rows] != [row.slot.id for row in self._rows]:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()
        elif rows:
            self._rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))

    def _follow_learned(self) -> None:
        learned = _learned(self._document)
        if learned != self._learned:
            self._learned = learned
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))


def _learned(document: Document) -> dict[int, str]:
    """Return for each block with weights whether it is still trained, once one no longer is.

    While nothing is trained there is nothing to say, and while it trains nothing is decided.
    """
    if document.locked or not document.trained:
        return {}
    kept = document.learned.store.fitting(document.report)
    rows = (row for row in document.report.rows if row.array_shapes)
    words = {row.slot.id: KEPT if row.slot.id in kept else NEW for row in rows}
    return words if NEW in words.values() else {}


def display_text(slot: BlockSlot) -> str:
    """Name a block: the user's title, if any, and its key numbers."""
    summary = slot.block.summary()
    return f"{slot.title} · {summary}" if slot.title else summary


def _sentence(row: Row) -> str:
    name = display_text(row.slot)
    if row.problem is not None:
        return f"{name}. Error: {row.problem.text}"
    if row.output_shape is None:
        return f"{name}. Its shape is not known, because a block before it does not fit."
    counts = f"Output {format_shape(row.output_shape)}, {row.parameters or 0:,} parameters."
    return f"{name}. {counts} {_bias_sentence(row.slot)} {lock_sentence(row)}".rstrip()


def _bias_sentence(slot: BlockSlot) -> str:
    """Say why a Conv block has more parameters than in books; empty if it has not."""
    by_position = isinstance(slot.block, Conv) and slot.block.bias == "position"
    return "One bias per position, as in the notebook." if by_position else ""


def lock_sentence(row: Row) -> str:
    """Return what of a block is locked; empty if nothing is."""
    if row.slot.locked:
        return "Locked: training leaves it as it is."
    if row.slot.locked_kernels and row.kernel_count:
        return f"{len(row.slot.locked_kernels)} of its {row.kernel_count} kernels are locked."
    return ""


def _parameters_sentence(row: Row) -> str:
    """Say how the count of the parameters comes about; empty if there are none."""
    shapes = row.slot.block.parameter_shapes(row.input_shape) if row.input_shape else {}
    counts = ", ".join(
        f"{name} {format_shape(shape)} = {math.prod(shape):,}" for name, shape in shapes.items()
    )
    return f"{row.parameters:,} parameters: {counts}." if counts else ""


_PAD, _ROUND = 2, 9
_LOCK = 12
_CHIP, _CHIP_HEIGHT = 8, 20
_ROW, _BETWEEN = 38, 3  # px of a row, and between two
_MOST_MARGIN = 16  # px beside the rows, for arcs
_UNKNOWN = "–"
_WRAP = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_NEAR = QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_MouseOver


@dataclass(frozen=True)
class _Places:
    """Where the parts of a row are; the error lies below the rest."""

    body: QRect
    chip: QRect
    number: QRect
    title: QRect
    below: QRect
    lock: QRect
    facts: QRect
    cross: QRect
    error: QRect
    height: int


class BlockDelegate(NameDelegate):
    """A row of a card: a chip in the colour of the group, position, title, and the shape it gives.

    Where the pointer is and where it is selected, it has its parameters too. A title that is too
    long to stand beside what is there then has a line of its own above that.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.small = small_font()
        self.margin = 0  # px at the left, for arcs

    def line_height(self, font: QFont) -> int:
        """Return how high a row is above its error, if it has one."""
        lines = QFontMetrics(font).height() + QFontMetrics(self.small).height()
        return max(_ROW, lines + _PAD)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Size of a row as wide as the list: taller where an error needs several lines."""
        view = option.widget
        width = view.viewport().width() if isinstance(view, QAbstractItemView) else 300
        places = self._places(QRect(0, 0, width, 0), option, index.data(ROW_ROLE))
        return QSize(2 * GRID, places.height)  # the view stretches it to its width

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a row."""
        row: Row = index.data(ROW_ROLE)
        colours = colours_of(option.palette)
        painter.save()
        places = self._places(option.rect, option, row)
        _draw_ground(painter, places.body, option.state, colours)
        draw_round(painter, places.chip, _ROUND / 3, kind_colour(row.slot.block.group))
        painter.setPen(QColor(colours.text))
        painter.setFont(option.font)
        learned = index.data(OUTCOME_ROLE)
        note = learned or ("bias per position" if _bias_sentence(row.slot) else "")
        above = places.below.isNull() and bool(note)
        title, below = _halves(places.title) if above else (places.title, places.below)
        painter.drawText(title, Qt.AlignmentFlag.AlignVCenter, _title(row, painter, places))
        painter.setFont(self.small)
        painter.setPen(QColor(colours.muted))
        painter.drawText(places.number, _RIGHT, str(index.row() + 1))
        counted = bool(row.parameters) and bool(option.state & _NEAR)
        if counted and not places.below.isNull():
            note = note or _parameters(row)
        facts = _halves(places.facts) if counted and places.below.isNull() else [places.facts]
        painter.drawText(facts[0], _RIGHT, _shape(row))
        if len(facts) > 1:
            painter.drawText(facts[1], _RIGHT, _parameters(row))
        if note:
            _draw_note(painter, below, note, colours)
        if _has_lock(row):
            _draw_lock(painter, places.lock)
        if row.problem is not None:
            unfinished = row.problem.is_unfinished
            painter.setPen(QColor(colours.muted if unfinished else colours.wrong))
            painter.drawText(places.cross, _RIGHT, NEXT if unfinished else CROSS)
            painter.drawText(places.error, _WRAP, row.problem.predicate)
        painter.restore()

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Make the field in which a title is edited; it suggests the block's own name."""
        field = self.name_field(parent, "rename", "Title of the block")
        field.setPlaceholderText(index.data(ROW_ROLE).slot.block.summary())
        return field

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Put the field over the title."""
        places = self._places(option.rect, option, index.data(ROW_ROLE))
        middle, height = places.title.center().y(), editor.sizeHint().height()
        left = places.title.x() - GRID // 2
        editor.setGeometry(left, middle - height // 2, places.body.right() - left, height)

    def _places(self, rect: QRect, option: QStyleOptionViewItem, row: Row) -> _Places:
        small, rect = QFontMetrics(self.small), rect.adjusted(self.margin, 0, 0, 0)
        height = self.line_height(option.font)
        number_width = small.horizontalAdvance("00")
        chip = QRect(rect.x() + GRID, rect.y() + (height - _CHIP_HEIGHT) // 2, _CHIP, _CHIP_HEIGHT)
        left = chip.right() + number_width + 2 * GRID
        right = rect.x() + rect.width() - GRID
        y = rect.y()
        told = (_shape(row), _parameters(row) if option.state & _NEAR else "")
        facts_width = max(map(small.horizontalAdvance, told))
        facts = QRect(right - facts_width, y, facts_width, height)
        lock_width = _LOCK + GRID if _has_lock(row) else 0
        lock = QRect(facts.x() - lock_width, y, lock_width, height)
        title, below = QRect(left, y, lock.x() - GRID // 2 - left, height), QRect()
        if QFontMetrics(option.font).horizontalAdvance(row.slot.label) > title.width():
            title, low = _halves(QRect(left, y, right - left, height))
            facts, lock = facts.intersected(low), lock.intersected(low)
            below = QRect(left, low.y(), lock.x() - GRID // 2 - left, low.height())
        number = QRect(chip.right() + GRID // 2, y, number_width, height)
        y += height
        cross = error = QRect()
        if row.problem is not None:
            width = right - left
            error = small.boundingRect(
                QRect(left, y - GRID // 2, width, 10_000), int(_WRAP), row.problem.predicate
            )
            error.setWidth(width)
            cross = QRect(number.x(), error.y(), number_width, small.height())
            y += error.height()
        body = QRect(rect.x(), rect.y(), rect.width(), y - rect.y())
        height = y - rect.y() + _BETWEEN
        return _Places(body, chip, number, title, below, lock, facts, cross, error, height)


def _title(row: Row, painter: QPainter, places: _Places) -> str:
    """Write title and key numbers; a title that is too long is cut, the numbers are not."""
    slot, metrics = row.slot, painter.fontMetrics()
    summary = slot.block.summary()
    if not slot.title:
        return elide(summary, metrics, places.title.width())
    rest = f" · {summary}"
    room = places.title.width() - metrics.horizontalAdvance(rest)
    return elide(slot.title, metrics, room) + rest


def _shape(row: Row) -> str:
    return _UNKNOWN if row.output_shape is None else format_shape(row.output_shape)


def _parameters(row: Row) -> str:
    if row.parameters is None:
        return "" if row.problem else _UNKNOWN
    return f"{row.parameters:,} weights" if row.parameters else "0"


def _has_lock(row: Row) -> bool:
    """Return whether something of a block is locked."""
    return row.slot.locked or bool(row.slot.locked_kernels and row.kernel_count)


def _draw_lock(painter: QPainter, place: QRect) -> None:
    """Draw a padlock."""
    box = QRect(place.x(), place.center().y() - _LOCK // 2, _LOCK, _LOCK)
    icon("lock", QPalette.ColorRole.PlaceholderText).paint(painter, box)


def _halves(place: QRect) -> list[QRect]:
    """Return where two lines of a place are."""
    half, edge = place.height() // 2, GRID // 2
    upper = QRect(place.x(), place.y() + edge, place.width(), half - edge)
    return [upper, upper.translated(0, half - edge)]


def _draw_note(painter: QPainter, place: QRect, note: str, colours: Colours) -> None:
    """Say below the title whether the block is still trained, or which biases it has."""
    painter.setPen(QColor(colours.link if note == NEW else colours.muted))
    text = elide(f"● {note}" if note == NEW else note, painter.fontMetrics(), place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)


def _draw_ground(painter: QPainter, rect: QRect, state: QStyle.StateFlag, colours: Colours) -> None:
    """Draw the card of a row: tinted where selected and, less, under the pointer."""
    card = QRectF(rect).adjusted(1, 1, -1, -1)
    ground, edge = QColor(colours.alternate), QPen(Qt.PenStyle.NoPen)
    if state & QStyle.StateFlag.State_Selected:
        opacity = 0.30 if colours is DARK else 0.10  # text stays at a contrast of 4.5
        ground = faint(colours.highlight, opacity)
    elif state & QStyle.StateFlag.State_MouseOver:
        ground = faint(colours.text, 0.08)
    chosen = bool(state & QStyle.StateFlag.State_Selected)
    focused = bool(state & QStyle.StateFlag.State_HasFocus)
    if chosen or focused:
        edge = QPen(QColor(colours.link), 2 if focused else 1)
    draw_round(painter, card, _ROUND, ground, edge)


_NO_UPDATE = QItemSelectionModel.SelectionFlag.NoUpdate
_LEAST_HEIGHT = 10 * GRID
_EMPTY = "No blocks yet.\nAdd the first one below."


class BlockList(QListView):
    """Shows the document's blocks, selects some of them, both ways, and lets them be dragged."""

    def __init__(self, document: Document, edits: Edits, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document, self._edits = document, edits
        self._model = BlockListModel(document, edits, self)
        self._delegate = BlockDelegate(self)
        self._pressed: QPoint | None = None  # where a drag of rows may begin
        self._dragging = False
        self._narrow_on_release = False
        self._committing = False
        self._following = False  # the document's selection, and not a hand
        self._gap: int | None = None  # the row before which what is dragged would go
        self.arcs: list[Arc] = []
        self._hovered = -1  # the row under the pointer
        self.setObjectName("block_list")
        self.setAccessibleName("Blocks of the network")
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)  # for the tint under the mouse
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QListView.EditTrigger.DoubleClicked)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.selectionModel().selectionChanged.connect(self._choose)
        self.selectionModel().currentChanged.connect(self._choose)
        document.store.watch(lambda s: (s.document.report, s.document.selection), self._follow)
        document.store.show(lambda s: s.document.report, self._lead_arcs)
        document.store.watch(lambda s: s.document.report, self._keep_current_whole)
        document.flush_requested.connect(self._flush)
        self._follow()

    def sizeHint(self) -> QSize:
        """Ask for room for all rows."""
        rows = sum(self.sizeHintForRow(row) for row in range(self._model.rowCount()))
        return QSize(300, rows + 2 * self.frameWidth())

    def minimumSizeHint(self) -> QSize:
        """Need room for the selected row, with all that is wrong with it."""
        current = self.currentIndex()
        row = self.sizeHintForIndex(current).height() if current.isValid() else 0
        return QSize(0, max(_LEAST_HEIGHT, row + 2 * self.frameWidth()))

    def rename(self) -> None:
        """Edit the title of the selected block in its row."""
        editing = self.state() == QListView.State.EditingState
        can = self.isVisible() and not editing and not self._document.locked
        if can and self.currentIndex().isValid():
            self.edit(self.currentIndex())

    def commitData(self, editor: QWidget) -> None:
        """Take in an edited title; Qt does so late after Enter, when the field may be gone."""
        if not editor.objectName():
            return
        self._committing = True
        super().commitData(editor)
        self._committing = False

    # --- dragging rows --------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a click beside the rows to select nothing; keep several rows together for a drag."""
        at = event.position().toPoint()
        index = self.indexAt(at)
        left = event.button() == Qt.MouseButton.LeftButton
        self._pressed = at if left and index.isValid() else None
        several = len(self._document.selection) > 1 and self.selectionModel().isSelected(index)
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        self._narrow_on_release = left and plain and several
        if self._narrow_on_release:
            return
        super().mousePressEvent(event)
        if not index.isValid():
            self._document.select(None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the selected rows."""
        if self._pressed is None or not event.buttons() & Qt.MouseButton.LeftButton:
            super().mouseMoveEvent(event)
            return
        at = event.position().toPoint()
        far = (at - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        held = self.selectionModel().isSelected(self.indexAt(self._pressed))
        if not self._dragging and far and held and not self._document.locked:
            self._dragging = True
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)
        if self._dragging:
            inside = self.viewport().rect().contains(at)
            self._gap = self._gap_at(at.y()) if inside else None
            for row in () if self._gap is None else (self._gap - 1, self._gap):
                self.scrollTo(self._model.index(row))  # at an edge to the next one
            self.viewport().update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop the rows in the gap; or select the one that was clicked among several."""
        dragged, narrow, gap = self._dragging, self._narrow_on_release, self._gap
        self._end_drag()
        super().mouseReleaseEvent(event)
        index = self.indexAt(event.position().toPoint())
        if gap is not None:
            self._edits.move_selection_to(gap)
        elif narrow and not dragged and index.isValid():
            self._document.select(self._model.slot_id(index))

    # --- keys, painting and sizes ---------------------------------------------------------------

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Esc to give a drag up, else to select nothing; leave Space and Alt to the window."""
        if event.key() == Qt.Key.Key_Escape and self._dragging:
            self._end_drag()
        elif event.key() == Qt.Key.Key_Escape and self._document.selection:
            self._document.select(None)
        elif (
            event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Escape)
            or event.modifiers() & Qt.KeyboardModifier.AltModifier
        ):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Leave no row current that is not selected, so that an arrow goes to the first."""
        super().focusInEvent(event)
        if self._document.selected is None:
            self.selectionModel().setCurrentIndex(QModelIndex(), _NO_UPDATE)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the rows, and where those that are dragged would go; without any, what will be."""
        super().paintEvent(event)
        painter, room = QPainter(self.viewport()), self.viewport().rect()
        for strong in (False, True):
            for arc in self.arcs:
                if self._is_near(arc) == strong:
                    ground = self.palette().base().color()
                    paint_arc(painter, [self._points_of(arc)], ground, strong=strong)
        if self._gap is not None:
            above, below = (self.visualRect(self._model.index(self._gap - n)) for n in (1, 0))
            y = below.top() - 2 if below.isValid() else above.bottom() - 1
            line = QRect(self._delegate.margin, y, room.width() - self._delegate.margin, 3)
            painter.fillRect(line, QColor(colours_of(self.palette()).link))
        if self.hasFocus() and not self.currentIndex().isValid():
            edge = QPen(self.palette().highlight().color(), 2)
            draw_round(painter, room.adjusted(1, 1, -1, -1), _ROUND, edge=edge)
        if self._model.rowCount():
            return
        painter.setPen(self.palette().placeholderText().color())
        painter.setFont(small_font())
        words = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room.adjusted(GRID, 0, -GRID, 0), words, _EMPTY)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap errors to the new width; keep the current block in view when others take room."""
        current = self.currentIndex()
        seen = QRect(QPoint(0, 0), event.oldSize()).intersects(self.visualRect(current))
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()
            self.updateGeometry()
        if current.isValid() and seen:
            self.scrollTo(current)

    def changeEvent(self, event: QEvent) -> None:
        """Measure the rows again in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._delegate.small = small_font()
            self.scheduleDelayedItemsLayout()

    # --- arcs beside the rows -------------------------------------------------------------------

    def _lead_arcs(self, report: ShapeReport) -> None:
        """Make room for the arcs of the stack beside its rows."""
        self.arcs = arcs_of(report.rows)
        lanes = lanes_of(self.arcs)
        margin = round(min(_MOST_MARGIN, LANE * (lanes + 1))) if lanes else 0
        if margin != self._delegate.margin:
            self._delegate.margin = margin
            self.scheduleDelayedItemsLayout()
        self.viewport().update()

    def _points_of(self, arc: Arc) -> list[QPointF]:
        """Lead out of the lower half of the source into the upper half of the block that adds."""
        margin, lanes = self._delegate.margin, lanes_of(self.arcs)
        x = margin * (1 - (arc.lane + 1) / (lanes + 1))
        start, end = (self.visualRect(self._model.index(row)) for row in (arc.source, arc.target))
        line = self._delegate.line_height(self.font())
        leaves, comes = start.top() + 0.65 * line, end.top() + 0.35 * line
        return [
            QPointF(margin, leaves),
            QPointF(x, leaves),
            QPointF(x, comes),
            QPointF(margin, comes),
        ]

    def _is_near(self, arc: Arc) -> bool:
        """Return whether one of the two rows is selected, or under the pointer."""
        chosen = self.selectionModel().isSelected
        rows = arc.source, arc.target
        return self._hovered in rows or any(chosen(self._model.index(row)) for row in rows)

    def viewportEvent(self, event: QEvent) -> bool:
        """Note which row is under the pointer."""
        row = -1 if event.type() == QEvent.Type.Leave else self._hovered
        if isinstance(event, QMouseEvent):
            row = self.indexAt(event.position().toPoint()).row()
        if row != self._hovered:
            self._hovered = row
            self.viewport().update()
        return super().viewportEvent(event)

    # --- the document's selection ---------------------------------------------------------------

    @Slot()
    def _choose(self) -> None:
        self.viewport().update()  # of the arcs at its row
        if self._following:
            return
        selection = self.selectionModel()
        chosen = [self._model.slot_id(index) for index in selection.selectedIndexes()]
        current = selection.currentIndex()
        newest = self._model.slot_id(current) if current.isValid() else None
        if newest not in chosen:
            kept = self._document.selected
            newest = kept if kept in chosen else chosen[-1] if chosen else None
        self._document.select_many(chosen, newest)

    @Slot()
    def _follow(self) -> None:
        selection = self.selectionModel()
        current = self._model.index_of(self._document.selected)
        if not current.isValid():
            selection.clearSelection()
            selection.setCurrentIndex(QModelIndex(), _NO_UPDATE)
            return
        wanted = [self._model.index_of(slot_id) for slot_id in self._document.selection]
        if selection.currentIndex() == current and set(wanted) == set(selection.selectedIndexes()):
            return
        rows = QItemSelection()
        for index in wanted:
            rows.select(index, index)
        self._following = True
        selection.setCurrentIndex(current, _NO_UPDATE)
        selection.select(rows, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._following = False
        self._scroll_to_current()
        self.updateGeometry()

    def _keep_current_whole(self) -> None:
        """Ask for the height of the selected row, and stay at it, when it says something else."""
        self.updateGeometry()
        if self.visualRect(self.currentIndex()).intersects(self.viewport().rect()):
            self._scroll_to_current()

    @Slot()
    def _scroll_to_current(self) -> None:
        """Scroll after a move or a new selection only: a list that is being clicked stays put."""
        self.scrollTo(self.currentIndex())

    @Slot()
    def _flush(self) -> None:
        """Take in a title that is being typed."""
        editor = self.viewport().findChild(QLineEdit, "rename")
        if editor is not None and not self._committing:
            self.commitData(editor)
            self.closeEditor(editor, QAbstractItemDelegate.EndEditHint.NoHint)

    def _end_drag(self) -> None:
        self._pressed, self._dragging, self._narrow_on_release = None, False, False
        self._gap = None
        self.viewport().unsetCursor()
        self.viewport().update()

    def _gap_at(self, y: int) -> int:
        """Find the row before which a drop at this height goes."""
        rows = range(self._model.rowCount())
        middles = (self.visualRect(self._model.index(row)).center().y() for row in rows)
        return sum(middle <= y for middle in middles)
