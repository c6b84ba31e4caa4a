"""EditorActions: what can be done to the stack, for menus, keys and the list's context menu."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QKeySequence

from gui.document import LOCKED_REASON, Document
from gui.editor.block_list import BlockList


class EditorActions(QObject):
    """Undo and redo, and the edits of the selected block. Tooltips of disabled ones say why."""

    def __init__(self, document: Document, block_list: BlockList) -> None:
        super().__init__(block_list)
        self._document = document
        self.undo = self._action("undo", "&Undo", document.undo, "Ctrl+Z")
        self.redo = self._action("redo", "&Redo", document.redo, "Ctrl+Y", "Ctrl+Shift+Z")
        self.delete = self._action("delete", "&Delete block", document.delete, "Del")
        self.duplicate = self._action("duplicate", "D&uplicate block", document.duplicate, "Ctrl+D")
        self.move_up = self._action("move_up", "Move &up", self._move_up, "Alt+Up")
        self.move_down = self._action("move_down", "Move d&own", self._move_down, "Alt+Down")
        # Elsewhere the key deletes text, or nothing.
        self.delete.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        block_list.addActions([self.move_up, self.move_down, self.duplicate, self.delete])
        block_list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        document.selection_changed.connect(self._follow)
        document.stack_changed.connect(self._follow)
        document.locked_changed.connect(self._follow)
        document.history_changed.connect(self._follow)
        self._follow()

    def _action(self, name: str, text: str, do: Callable[[], None], *keys: str) -> QAction:
        action = QAction(text, self)
        action.setObjectName(f"action.{name}")
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.triggered.connect(lambda: do())
        return action

    def _move_up(self) -> None:
        self._document.move(-1)

    def _move_down(self) -> None:
        self._document.move(1)

    @Slot()
    def _follow(self) -> None:
        document, undo_stack = self._document, self._document.undo_stack
        selected, stack = document.selected, document.stack
        position = None if selected is None else stack.index(selected)
        undo, redo = undo_stack.undoText(), undo_stack.redoText()
        self.undo.setText(f"&Undo {_escaped(undo)}".rstrip())
        self.redo.setText(f"&Redo {_escaped(redo)}".rstrip())
        self._allow(self.undo, f"Undo: {undo}", not undo and "There is nothing to undo.")
        self._allow(self.redo, f"Redo: {redo}", not redo and "There is nothing to redo.")
        none = position is None and "Select a block first."
        first = none or (position == 0 and "This block is the first already.")
        last = none or (position == len(stack) - 1 and "This block is the last already.")
        self._allow(self.delete, "Delete the selected block", none)
        self._allow(self.duplicate, "Put a copy behind the selected block", none)
        self._allow(self.move_up, "Move the selected block up", first)
        self._allow(self.move_down, "Move the selected block down", last)

    def _allow(self, action: QAction, what: str, obstacle: str | bool) -> None:
        reason = LOCKED_REASON if self._document.locked else obstacle
        action.setEnabled(not reason)
        keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(str(reason) if reason else f"{what} ({keys})")


def _escaped(text: str) -> str:
    return text.replace("&", "&&")
