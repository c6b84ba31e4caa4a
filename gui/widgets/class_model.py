"""Classes as an item model: each can be ticked, and says how many samples it has."""

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal

from engine.inspection.data_summary import ClassSummary
from gui.widgets.plain_models import Index, PlainListModel

_ROOT = QModelIndex()
_TICK = Qt.ItemDataRole.CheckStateRole


class ClassModel(PlainListModel):
    """A row for each class. `ticked` is emitted when a person ticks or unticks one."""

    ticked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.classes: tuple[ClassSummary, ...] = ()
        self.chosen: frozenset[int] = frozenset()
        self.locked = False

    def set_classes(self, classes: tuple[ClassSummary, ...]) -> None:
        """Show other classes; those that are chosen stay so."""
        if [one.number for one in classes] == [one.number for one in self.classes]:
            self.classes = classes
            self._tell()
            return
        self.beginResetModel()
        self.classes = classes
        self.endResetModel()

    def set_chosen(self, chosen: Collection[int]) -> None:
        """Tick the classes of some numbers, and no others."""
        if frozenset(chosen) != self.chosen:
            self.chosen = frozenset(chosen)
            self._tell()

    def sentence(self, one: ClassSummary) -> str:
        """What a screen reader says of a class."""
        chosen = "chosen" if one.number in self.chosen else "not chosen"
        return (
            f"Class {one.name}, {chosen}: {one.training:,} training and {one.test:,} test images, "
            f"{one.unused:,} not used"
        )

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.classes)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags if self.locked else flags | Qt.ItemFlag.ItemIsUserCheckable

    def cell(self, index: Index, role: int) -> Any:
        one = self.classes[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return one.name
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self.sentence(one)
        if role == _TICK:
            ticked = one.number in self.chosen
            return Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick or untick a class."""
        if role != _TICK or not index.isValid() or self.locked:
            return False
        number = {self.classes[index.row()].number}
        ticked = Qt.CheckState(value) == Qt.CheckState.Checked
        self.set_chosen(self.chosen | number if ticked else self.chosen - number)
        self.ticked.emit()
        return True

    def _tell(self) -> None:
        if self.classes:
            self.dataChanged.emit(self.index(0), self.index(len(self.classes) - 1))
