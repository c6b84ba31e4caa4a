"""RunList: the kept runs, newest first; each is chosen, renamed, ticked and deleted here."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRect,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QListView, QWidget

from engine.runs.run_folder import Run
from gui.runs.run_delegate import RunDelegate
from gui.runs.run_model import ROW_ROLE, RunModel
from gui.theme import GRID

_HELP = "Enter shows the last epoch, Space ticks for comparing, F2 renames, Delete deletes"


class RunList(QListView):
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

    def __init__(
        self, clock: Callable[[], datetime] = datetime.now, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.runs = RunModel(clock, self)
        self._delegate = RunDelegate(clock, self)
        self.setObjectName("runs.list")
        self.setAccessibleName("Runs, newest first")
        self.setAccessibleDescription(_HELP)
        self.setModel(self.runs)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)  # for the tint under the mouse
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setMinimumHeight(5 * GRID)
        self.selectionModel().currentChanged.connect(self.current_changed)
        self.runs.dataChanged.connect(self._on_data)
        self.runs.rowsRemoved.connect(self._select_current)
        self.runs.modelReset.connect(self.current_changed)  # Qt says of no reset that none is left
        self.doubleClicked.connect(self.look)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the current run in view where there is less room."""
        before = QRect(QPoint(), event.oldSize())
        was_seen = before.intersects(self.visualRect(self.currentIndex()))
        super().resizeEvent(event)
        if was_seen:
            self.scrollTo(self.currentIndex())

    # --- what is chosen ----------------------------------------------------------------------

    @property
    def current(self) -> Run | None:
        """The run that is chosen; of several, the one that was chosen last."""
        return _run_at(self.currentIndex())

    def chosen(self) -> tuple[Run, ...]:
        """Return the selected runs that are shown, newest first; without any, the current one."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        runs = [_run_at(self.runs.index(row)) for row in rows] or [_run_at(self.currentIndex())]
        return tuple(run for run in runs if run is not None)

    def search(self, words: str) -> None:
        """Show only the runs in whose words all of these occur; one of them is chosen."""
        self.runs.set_filter(words)
        if self.runs.rows and self.current is None:
            self.choose(self.runs.rows[0].run.key)

    def choose(self, run: str) -> None:
        """Make a run the current one, and see to it that its row is in view."""
        index = self.runs.index_of(run)
        if index.isValid():
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect)
            self.scrollTo(index)

    @Slot()
    def tick_chosen(self) -> None:
        """Tick all that are selected, or take their ticks away if some are ticked."""
        chosen, ticked = self.chosen(), {row.run.key for row in self.runs.ticked()}
        self.runs.tick(chosen, not any(run.key in ticked for run in chosen))

    @Slot()
    def rename(self) -> None:
        """Edit the name of the current run in its row."""
        if self.currentIndex().isValid() and self.state() != QListView.State.EditingState:
            self.scrollTo(self.currentIndex())
            self.edit(self.currentIndex())

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
        if self.state() == QListView.State.EditingState:
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

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tick a box that is clicked; the selection stays."""
        index = self._box_at(event.position().toPoint())
        if event.button() == Qt.MouseButton.LeftButton and index is not None:
            self._toggle(index)
            return
        super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take two quick clicks on a box for two clicks."""
        index = self._box_at(event.position().toPoint())
        if index is not None:
            self._toggle(index)
            return
        super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu: at the mouse, or by the key at the current row."""
        place = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            middle = self.visualRect(self.currentIndex()).center()
            place = self.viewport().mapToGlobal(middle)
        self.menu_wanted.emit(place)
        event.accept()

    def _box_at(self, at: QPoint) -> QModelIndex | None:
        index = self.indexAt(at)
        if not index.isValid():
            return None
        box = self._delegate.places(self.visualRect(index)).box
        margin = GRID // 2  # a box is hit easily
        return index if box.adjusted(-margin, -margin, margin, margin).contains(at) else None

    def _toggle(self, index: QModelIndex) -> None:
        on = index.data(Qt.ItemDataRole.CheckStateRole) != Qt.CheckState.Checked
        run = _run_at(index)
        if run is not None:
            self.runs.tick([run], on)

    @Slot()
    def look(self) -> None:
        """Ask for the last epoch of the current run, if it is shown."""
        run = _run_at(self.currentIndex())
        if run is not None:
            self.look_wanted.emit(run)

    @Slot()
    def _on_data(self, first: QModelIndex, last: QModelIndex) -> None:
        if first.row() <= self.currentIndex().row() <= last.row():
            self.current_changed.emit()

    @Slot()
    def _select_current(self) -> None:
        """Select what became current when what was selected went."""
        model, current = self.selectionModel(), self.currentIndex()
        if current.isValid() and not model.hasSelection():
            model.select(current, QItemSelectionModel.SelectionFlag.Select)


def _is_rename(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_F2 and event.modifiers() == Qt.KeyboardModifier.NoModifier


def _run_at(index: QModelIndex) -> Run | None:
    row = index.data(ROW_ROLE)
    return None if row is None else row.run
