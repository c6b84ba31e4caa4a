"""RunList: the kept runs, newest first; each is chosen, renamed, ticked and deleted here."""

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHeaderView, QStyleOptionViewItem, QTreeView, QWidget

from engine.runs.run_folder import Run
from gui.runs.run_model import ROW_ROLE, RunModel
from gui.theme import GRID
from gui.widgets.plain_models import Index, NameDelegate

_NAME = 24 * GRID  # px of the column of names
_ROW = QItemSelectionModel.SelectionFlag.Rows
_HELP = "Enter shows the last epoch, Space ticks for comparing, F2 renames, Delete deletes"


class _RunNames(NameDelegate):
    """Edits the name of a run."""

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Make the field in which a name is edited."""
        field = self.name_field(parent, "runs.rename", "Name of the run")
        field.setText(index.data(Qt.ItemDataRole.EditRole))
        return field

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Leave the field alone while the run grows: text and selection are the user's."""


class RunList(QTreeView):
    """A list of rows that tick, rename and delete, by mouse and keys.

    `current_changed` says that another run is the current one, or none, or that it has grown.
    `look_wanted` carries a run whose last epoch is to be shown, `menu_wanted` a place on the
    screen, `rename_wanted` and `delete_wanted` are keys.
    """

    current_changed = Signal()
    look_wanted = Signal(object)
    menu_wanted = Signal(QPoint)
    rename_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = RunModel(self)
        self.setObjectName("runs.list")
        self.setAccessibleName("Runs, newest first")
        self.setAccessibleDescription(_HELP)
        self.setModel(self.runs)
        self.setItemDelegate(_RunNames(self))
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setColumnWidth(0, _NAME)
        for column in (1, 2):
            self.header().setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QTreeView.SelectionMode.ExtendedSelection)
        self.setMinimumHeight(10 * GRID)
        self.selectionModel().currentChanged.connect(self.current_changed)
        self.runs.dataChanged.connect(self._on_data)
        self.runs.rowsRemoved.connect(self._select_current)
        self.runs.modelReset.connect(self.current_changed)  # Qt says of no reset that none is left
        self.doubleClicked.connect(self.look)

    # --- what is chosen ----------------------------------------------------------------------

    @property
    def current(self) -> Run | None:
        """The run that is chosen; of several, the one that was chosen last."""
        return _run_at(self.currentIndex())

    def chosen(self) -> tuple[Run, ...]:
        """Return the selected runs, newest first; without any, the current one."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        runs = [_run_at(self.runs.index(row, 0)) for row in rows] or [_run_at(self.currentIndex())]
        return tuple(run for run in runs if run is not None)

    def choose(self, run: str) -> None:
        """Make a run the current one, and see to it that its row is in view."""
        index = self.runs.index_of(run)
        if index.isValid():
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect | _ROW)
            self.scrollTo(index)

    @Slot()
    def tick_chosen(self) -> None:
        """Tick all that are selected, or take their ticks away if some are ticked."""
        chosen, ticked = self.chosen(), {row.run.key for row in self.runs.ticked()}
        self.runs.tick(chosen, not any(run.key in ticked for run in chosen))

    @Slot()
    def rename(self) -> None:
        """Edit the name of the current run in its row."""
        if self.currentIndex().isValid() and self.state() != QTreeView.State.EditingState:
            self.edit(self.currentIndex().siblingAtColumn(0))

    def commitData(self, editor: QWidget) -> None:
        """Take in an edited name; Qt does so late after Enter, when the field may be gone."""
        if editor.objectName():
            super().commitData(editor)

    # --- keys and mouse ----------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Take keys that are about runs here, before they rename or delete in the network."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and (event.matches(QKeySequence.StandardKey.Delete) or _is_rename(event))
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the keys of the list stand for; Enter in the field of a name only ends that."""
        if self.state() == QTreeView.State.EditingState:
            super().keyPressEvent(event)
            return
        key, plain = event.key(), event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.matches(QKeySequence.StandardKey.Delete):
            self.delete_wanted.emit()
        elif _is_rename(event):
            self.rename_wanted.emit()
        elif plain and key == Qt.Key.Key_Space:
            self.tick_chosen()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.look()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu."""
        self.menu_wanted.emit(event.globalPos())
        event.accept()

    @Slot()
    def look(self) -> None:
        """Ask for the last epoch of the current run, if it is shown."""
        if self.current is not None:
            self.look_wanted.emit(self.current)

    @Slot()
    def _on_data(self, first: QModelIndex, last: QModelIndex) -> None:
        if first.row() <= self.currentIndex().row() <= last.row():
            self.current_changed.emit()

    @Slot()
    def _select_current(self) -> None:
        """Select what became current when what was selected went."""
        model, current = self.selectionModel(), self.currentIndex()
        if current.isValid() and not model.hasSelection():
            model.select(current, QItemSelectionModel.SelectionFlag.Select | _ROW)


def _is_rename(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_F2 and event.modifiers() == Qt.KeyboardModifier.NoModifier


def _run_at(index: QModelIndex) -> Run | None:
    row = index.data(ROW_ROLE)
    return None if row is None else row.run
