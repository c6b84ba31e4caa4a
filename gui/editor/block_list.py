"""BlockList: the stack as a list, one row a block."""

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    QTimer,
    Slot,
)
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemDelegate, QApplication, QLineEdit, QListView, QWidget

from gui.document.document import Document
from gui.document.edits import Edits
from gui.editor.block_list_model import BlockListModel
from gui.editor.delegate import GAP_HEIGHT, BlockDelegate
from gui.theme import GRID, colours_of, small_font

_NO_UPDATE = QItemSelectionModel.SelectionFlag.NoUpdate
_LEAST_HEIGHT = 10 * GRID
_EDGE = 3 * GRID  # px from the top and bottom, where a drag scrolls
_SCROLL_EVERY = 25  # ms, by so many px:
_STEP = 2 * GRID
_EMPTY = "No blocks yet.\nClick a kind of block above, or drag it here."


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
        self._hovered = QPoint()
        self._scroller = QTimer(self)
        self._scroller.setInterval(_SCROLL_EVERY)
        self._scroller.timeout.connect(self._scroll_at_edge)
        self.setObjectName("block_list")
        self.setAccessibleName("Blocks of the network")
        self.setModel(self._model)
        self.setItemDelegate(self._delegate)
        self.setMouseTracking(True)  # for the tint under the mouse
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QListView.EditTrigger.DoubleClicked)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.selectionModel().selectionChanged.connect(self._choose)
        self.selectionModel().currentChanged.connect(self._choose)
        self._model.rowsMoved.connect(self._scroll_to_current)
        document.report_changed.connect(self._follow)
        document.report_changed.connect(self._keep_current_whole)
        document.selection_changed.connect(self._follow)
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

    # --- what is dragged over the list ---------------------------------------------------------

    def hover(self, text: str, at: QPoint) -> None:
        """Make room for something with this name that is dragged to a place on the screen."""
        self._hovered = self.viewport().mapFromGlobal(at)
        if self.viewport().rect().contains(self._hovered):
            self._show_gap(self._gap_at(self._hovered.y()), text)
            self._scroller.start()
        else:
            self.take_gap()

    def take_gap(self) -> int | None:
        """Close the gap; say before which row it was, or None if nothing hovered."""
        gap = self._delegate.gap
        self._scroller.stop()
        self._show_gap(None, "")
        return gap

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
            slots = self._document.selected_slots()
            text = slots[0].label if len(slots) == 1 else f"{len(slots)} blocks"
            self.hover(text, event.globalPosition().toPoint())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Drop the rows in the gap; or select the one that was clicked among several."""
        dragged, narrow = self._dragging, self._narrow_on_release
        gap = self.take_gap() if dragged else None
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
            self.take_gap()
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
        """Draw the rows; without any, say what will be here, or where the first would go."""
        super().paintEvent(event)
        if self._model.rowCount():
            return
        painter, room = QPainter(self.viewport()), self.viewport().rect()
        colours = colours_of(self.palette())
        if self._delegate.gap is not None:
            self._delegate.draw_gap(painter, QRect(0, 0, room.width(), GAP_HEIGHT), colours)
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
            self.scheduleDelayedItemsLayout()

    # --- the document's selection ---------------------------------------------------------------

    @Slot()
    def _choose(self) -> None:
        if self._model.following:
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
        self._model.following = True
        selection.setCurrentIndex(current, _NO_UPDATE)
        selection.select(rows, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._model.following = False
        self._scroll_to_current()
        self.updateGeometry()

    @Slot()
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

    # --- gaps -----------------------------------------------------------------------------------

    def _end_drag(self) -> None:
        self._pressed, self._dragging, self._narrow_on_release = None, False, False
        self.viewport().unsetCursor()

    def _show_gap(self, gap: int | None, text: str) -> None:
        if (gap, text) != (self._delegate.gap, self._delegate.gap_text):
            self._delegate.gap, self._delegate.gap_text = gap, text
            self.doItemsLayout()

    def _gap_at(self, y: int) -> int:
        """Find the row before which a drop at this height goes."""
        for row in range(self._model.rowCount()):
            index = self._model.index(row)
            above, below = self._delegate.gaps(index)
            rect = self.visualRect(index).adjusted(0, above, 0, -below)
            if y < rect.center().y():
                return row
        return self._model.rowCount()

    @Slot()
    def _scroll_at_edge(self) -> None:
        y, bar = self._hovered.y(), self.verticalScrollBar()
        if y < _EDGE:
            bar.setValue(bar.value() - _STEP)
        elif y > self.viewport().height() - _EDGE:
            bar.setValue(bar.value() + _STEP)
        self._show_gap(self._gap_at(y), self._delegate.gap_text)
