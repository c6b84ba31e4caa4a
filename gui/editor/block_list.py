"""BlockList: the stack as a list, one row a block."""

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QSize, Qt, Slot
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QListView, QWidget

from gui.document import Document
from gui.editor.delegate import BlockDelegate
from gui.editor.model import BlockListModel

_NO_UPDATE = QItemSelectionModel.SelectionFlag.NoUpdate


class BlockList(QListView):
    """Shows the document's blocks and selects one of them, both ways."""

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = document
        self._model = BlockListModel(document, self)
        self.setObjectName("block_list")
        self.setAccessibleName("Blocks of the network")
        self.setModel(self._model)
        self.setItemDelegate(BlockDelegate(self))
        self.setMouseTracking(True)  # for the tint under the mouse
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QListView.SelectionMode.SingleSelection)
        self.setMinimumHeight(80)
        self.selectionModel().selectionChanged.connect(self._choose)
        self._model.rowsMoved.connect(self._scroll_to_current)
        document.report_changed.connect(self._follow)
        document.selection_changed.connect(self._follow)
        self._follow()

    def sizeHint(self) -> QSize:
        """Ask for room for all rows."""
        rows = sum(self.sizeHintForRow(row) for row in range(self._model.rowCount()))
        return QSize(300, rows + 2 * self.frameWidth())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take Esc to select nothing; leave Space, which trains and pauses, to the window."""
        if event.key() == Qt.Key.Key_Escape:
            self._document.select(None)
        elif event.key() == Qt.Key.Key_Space:
            event.ignore()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Leave no row current that is not selected, so that an arrow goes to the first."""
        super().focusInEvent(event)
        if self._document.selected is None:
            self.selectionModel().setCurrentIndex(QModelIndex(), _NO_UPDATE)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take a click beside the rows to select nothing."""
        super().mousePressEvent(event)
        if not self.indexAt(event.position().toPoint()).isValid():
            self._document.select(None)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap errors to the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()

    def changeEvent(self, event: QEvent) -> None:
        """Measure the rows again in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.scheduleDelayedItemsLayout()

    @Slot()
    def _choose(self) -> None:
        if self._model.following:
            return
        chosen = self.selectionModel().selectedIndexes()
        self._document.select(self._model.slot_id(chosen[0]) if chosen else None)

    @Slot()
    def _follow(self) -> None:
        index = self._model.index_of(self._document.selected)
        selection = self.selectionModel()
        if not index.isValid():
            selection.clearSelection()
            selection.setCurrentIndex(QModelIndex(), _NO_UPDATE)
        elif not selection.isSelected(index) or selection.currentIndex() != index:
            selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
            self._scroll_to_current()

    @Slot()
    def _scroll_to_current(self) -> None:
        """Scroll after a move or a new selection only: a list that is being clicked stays put."""
        self.scrollTo(self.currentIndex())
