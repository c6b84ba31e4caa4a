"""BlockListModel: the document's rows for an item view, one row a block, in order."""

import math
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Slot

from engine.array_types import format_shape
from engine.blocks import UnknownBlock
from engine.model.stack import BlockSlot, Row, ShapeReport
from gui.document.document import Document
from gui.document.edits import Edits
from gui.widgets.plain_models import Index, PlainListModel

ROW_ROLE = Qt.ItemDataRole.UserRole + 1  # the shape check's Row
FATE_ROLE = Qt.ItemDataRole.UserRole + 2  # of what the block has learned: KEPT, NEW or ""
KEPT, NEW = "still trained", "untrained"
_SPOKEN = {
    "": "",
    KEPT: "It is still trained: training goes on from its weights.",
    NEW: "It is untrained: training starts from initial weights.",
}

_NO_INDEX = QModelIndex()


class BlockListModel(PlainListModel):
    """Follows the document row by row, so that a view keeps its place.

    `following` is true while rows come, go and move.
    """

    def __init__(self, document: Document, edits: Edits, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._document, self._edits = document, edits
        self._rows = list(document.report.rows)
        self._learned = _learned(document)
        self.following = False
        document.weights_changed.connect(self._follow_learned)
        document.locked_changed.connect(self._follow_learned)
        document.project_replaced.connect(self._start_over)
        document.report_changed.connect(self._follow)

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
            notes = f"{lock_sentence(row.slot)} {_SPOKEN[learned]}".strip()
            parts = (text, "" if row.problem else _parameters_sentence(row), notes)
            return "\n\n".join(part for part in parts if part)
        if role == FATE_ROLE:
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

    def setData(
        self,
        index: Index,
        value: Any,
        role: int = Qt.ItemDataRole.EditRole,
    ) -> bool:
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
    def _start_over(self) -> None:
        self.beginResetModel()
        self._learned = _learned(self._document)
        self._rows = list(self._document.report.rows)
        self.endResetModel()

    @Slot(object)
    def _follow(self, report: ShapeReport) -> None:
        self.following = True
        self._learned = _learned(self._document)
        rows = report.rows
        self._remove_all_but({row.slot.id for row in rows})
        for position, row in enumerate(rows):
            self._bring(row, position)
        self._rows = list(rows)
        if rows:
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
        self.following = False

    @Slot()
    def _follow_learned(self) -> None:
        learned = _learned(self._document)
        if learned != self._learned:
            self._learned = learned
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    def _remove_all_but(self, slot_ids: set[int]) -> None:
        for position in reversed(range(len(self._rows))):
            if self._rows[position].slot.id not in slot_ids:
                self.beginRemoveRows(QModelIndex(), position, position)
                del self._rows[position]
                self.endRemoveRows()

    def _bring(self, row: Row, position: int) -> None:
        """Insert a row at its position, or move it up to there."""
        ids = [old.slot.id for old in self._rows]
        if row.slot.id not in ids:
            self.beginInsertRows(QModelIndex(), position, position)
            self._rows.insert(position, row)
            self.endInsertRows()
        elif (start := ids.index(row.slot.id)) != position:
            self.beginMoveRows(QModelIndex(), start, start, QModelIndex(), position)
            self._rows.insert(position, self._rows.pop(start))
            self.endMoveRows()


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
    return f"{name}. {counts} {lock_sentence(row.slot)}".rstrip()


def lock_sentence(slot: BlockSlot) -> str:
    """Return what of a block is locked; empty if nothing is."""
    if slot.locked:
        return "Locked: training leaves it as it is."
    if slot.locked_kernels and not isinstance(slot.block, UnknownBlock):
        return f"{len(slot.locked_kernels)} of its {slot.block.kernel_count()} kernels are locked."
    return ""


def _parameters_sentence(row: Row) -> str:
    """Say how the count of the parameters comes about; empty if there are none."""
    shapes = row.slot.block.parameter_shapes(row.input_shape) if row.input_shape else {}
    counts = ", ".join(
        f"{name} {format_shape(shape)} = {math.prod(shape):,}" for name, shape in shapes.items()
    )
    return f"{row.parameters:,} parameters: {counts}." if counts else ""
