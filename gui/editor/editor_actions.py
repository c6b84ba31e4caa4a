"""EditorActions: what can be done to the stack, for menus, keys and the list's context menu."""

from collections.abc import Callable, Iterable
from typing import Any, Literal

import msgspec
from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtGui import QAction, QGuiApplication

from engine.blocks import decode_block, encode_block
from engine.errors import ProjectError, SettingsError
from engine.model.stack import BlockSlot
from gui.document.document import LOCKED_REASON, Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.editor.block_list import BlockList
from gui.widgets.buttons import enable, make_action
from gui.widgets.icons import icon
from gui.widgets.messages import MessageBar
from gui.widgets.plain_models import LONGEST_NAME

_PROGRAM = "Layerscope"
_LONGEST = 1_000_000  # characters
_MOST = 1000  # blocks
_NOTHING = "There are no blocks to paste. Copy some blocks first, here or in another window."
_SELECT = "Select a block first."


class _Copy(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A block in a text, with its title and the id that it was copied with."""

    id: int = 0
    title: str = ""
    block: dict[str, Any]


class _Copies(msgspec.Struct):
    """What the text of copied blocks holds."""

    program: str
    blocks: list[_Copy]


def blocks_to_text(slots: Iterable[BlockSlot]) -> str:
    """Write blocks with their titles as JSON text."""
    copies = [_Copy(id=slot.id, title=slot.title, block=encode_block(slot.block)) for slot in slots]
    text = msgspec.json.encode(_Copies(_PROGRAM, copies))
    return msgspec.json.format(text, indent=2).decode()


def blocks_from_text(text: str) -> list[BlockSlot]:
    """Read blocks from the text of blocks_to_text.

    The slots have the ids that they were copied with. Blocks of an unknown kind are kept as they
    are.
    Raises ProjectError if the text holds no blocks, or a block with an option that is refused.
    """
    plain = text.replace("\u00a0", " ").strip("\ufeff \t\r\n")  # as mail programs leave it
    try:
        copies = [] if len(plain) > _LONGEST else msgspec.json.decode(plain, type=_Copies).blocks
        slots = [_slot(position, copy) for position, copy in enumerate(copies[:_MOST], 1)]
        blocks_to_text(slots)  # what cannot be written again could not be saved either
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise ProjectError(_NOTHING) from None
    if not slots:
        raise ProjectError(_NOTHING)
    if len(copies) > _MOST:
        raise ProjectError(f"The text has {len(copies):,} blocks; at most {_MOST:,} are pasted.")
    return slots


def _slot(position: int, copy: _Copy) -> BlockSlot:
    try:
        block = decode_block(copy.block)
    except SettingsError as error:
        name, _, refusal = str(error).partition(": ")
        raise ProjectError(
            f"Block {position} ({name}) of the copied text cannot be pasted: {refusal}"
        ) from None
    return BlockSlot(copy.id, block, " ".join(copy.title.split())[:LONGEST_NAME])


class EditorActions(QObject):
    """Undo and redo, and the edits of the selected blocks. Tooltips of disabled ones say why."""

    def __init__(
        self,
        document: Document,
        edits: Edits,
        kernel_edits: KernelEdits,
        block_list: BlockList,
        messages: MessageBar,
    ) -> None:
        super().__init__(block_list)
        self._document, self._edits, self._kernel_edits = document, edits, kernel_edits
        self._messages = messages

        def act(name: str, text: str, do: Callable[[], object], *keys: str) -> QAction:
            return make_action(self, name, text, do, keys=keys)

        self.undo = act("undo", "&Undo", self._edits.undo, "Ctrl+Z")
        self.redo = act("redo", "&Redo", self._edits.redo, "Ctrl+Y", "Ctrl+Shift+Z")
        self.cut = act("cut", "Cu&t", self._cut, "Ctrl+X")
        self.copy = act("copy", "&Copy", self._copy, "Ctrl+C")
        self.paste = act("paste", "&Paste", self._paste, "Ctrl+V")
        self.delete = act("delete", "&Delete", lambda: edits.delete(), "Del")
        self.duplicate = act("duplicate", "Dup&licate", edits.duplicate, "Ctrl+D")
        self.rename = act("rename", "R&ename", block_list.rename, "F2")
        self.select_all = act("select_all", "&Select all", block_list.selectAll, "Ctrl+A")
        self.lock = act("lock", "Loc&k against training", self._toggle_lock, "Ctrl+K")
        self.lock.setCheckable(True)
        self.lock.setIconVisibleInMenu(False)
        self.edit_kernels = act("edit_kernels", "Edit ker&nels…", lambda: None, "Ctrl+Shift+K")
        self.edit_kernels.setIconText("Kernels")
        self.move_up = act("move_up", "&Move up", lambda: edits.move(-1), "Alt+Up")
        self.move_down = act("move_down", "Move d&own", lambda: edits.move(1), "Alt+Down")
        self.add = act("add_block", "&Add block…", lambda: None, "Ins")
        enable(self.add, "Find a kind of block to add")
        self.help = act("block_help", "Explain t&his", lambda: None, "F1")
        enable(self.help, "Open the manual at the block, or the view, that was used last")
        self.clipboard = [self.cut, self.copy, self.paste, self.duplicate, self.delete]
        # Elsewhere these keys are about text, or do nothing.
        for action in (*self.clipboard, self.select_all):
            if action is not self.duplicate:
                action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        block_list.addActions(
            [
                *self.clipboard,
                _separator(self),
                self.rename,
                self.move_up,
                self.move_down,
                self.select_all,
                _separator(self),
                self.lock,
                self.edit_kernels,
                _separator(self),
                self.help,
            ]
        )
        block_list.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        store = document.store
        store.watch(
            lambda s: (
                s.document.selection,
                s.document.stack,
                s.document.locked,
                s.document.version,  # with which the undo steps are others
            ),
            self._follow,
        )
        store.watch(lambda s: s.document.stack, lambda: messages.unsay("paste"), self)
        self._follow()

    def menu(self) -> list[QAction]:
        """List the actions in the order of the Edit menu."""
        parts = [
            [self.undo, self.redo],
            [self.add, *self.clipboard],
            [self.rename, self.move_up, self.move_down, self.select_all],
            [self.lock, self.edit_kernels],
            [self.help],
        ]
        return [action for part in parts for action in (*part, _separator(self))][:-1]

    def _cut(self) -> None:
        self._copy()
        self._edits.delete("Cut")

    def _copy(self) -> None:
        self._document.flush()
        # As text alone: data of our own would outlive Python on the clipboard and crash its exit.
        text = blocks_to_text(self._document.selected_slots())
        QGuiApplication.clipboard().setText(text)

    def _paste(self) -> None:
        try:
            text = QGuiApplication.clipboard().text()
            self._edits.insert(blocks_from_text(text), "Paste")
        except ProjectError as error:
            self._messages.say("paste", str(error))

    @Slot()
    def _follow_history(self) -> None:
        """Say what is undone and redone next; while training runs the network stays."""
        network = self._document.undo_stack
        for action, word, text in (
            (self.undo, "Undo", network.undoText()),
            (self.redo, "Redo", network.redoText()),
        ):
            action.setText(f"&{word} {text.replace('&', '&&')}".rstrip())
            nothing = not text and f"There is nothing to {word.lower()}."
            self._allow(action, f"{word}: {text}", nothing)

    @Slot()
    def _follow(self) -> None:
        document = self._document
        selection, stack = document.selection, document.stack
        self._follow_history()
        none = not selection and _SELECT
        first = none or (stack.shifted(selection, -1) == stack and "Nothing stands before it.")
        last = none or (stack.shifted(selection, 1) == stack and "Nothing stands after it.")
        self._allow(self.cut, "Cut the selected blocks", none)
        self._allow(self.copy, "Copy the selected blocks as text", none, lockable=False)
        self._allow(self.paste, "Paste blocks after the selected block", False)
        self._allow(self.delete, "Delete the selected blocks", none)
        self._allow(self.duplicate, "Put a copy after the selected blocks", none)
        self._allow(self.rename, "Give the selected block a title", none)
        self._allow(self.move_up, "Move the selected blocks up", first)
        self._allow(self.move_down, "Move the selected blocks down", last)
        self._follow_locks()
        empty = not len(stack) and "There are no blocks."
        self._allow(self.select_all, "Select all blocks", empty, lockable=False)

    def _follow_locks(self) -> None:
        learning, one = self._learning(), self._document.selected_slots()
        locked = bool(learning) and all(slot.locked for slot in learning)
        nothing = "It learns nothing, so there is nothing to lock." if one else _SELECT
        what = "Let the selected blocks learn again"
        if not locked:
            what = "Keep training from changing the selected blocks"
        self.lock.setChecked(locked)
        self.lock.setIcon(icon("lock" if locked else "unlock"))
        self._allow(self.lock, what, not learning and nothing)
        has_kernels = len(one) == 1 and one[0].block.most_kernels() > 0
        other = "Select one block with kernels first." if one else _SELECT
        self._allow(
            self.edit_kernels, "Edit the kernels by hand", not has_kernels and other, lockable=False
        )

    def _learning(self) -> list[BlockSlot]:
        """Return the selected blocks that learn, or are locked already."""
        selection = self._document.selection
        rows = (row for row in self._document.report.rows if row.slot.id in selection)
        return [row.slot for row in rows if row.parameters or row.slot.locked]

    def _toggle_lock(self) -> None:
        slots = self._learning()
        locked = not all(slot.locked for slot in slots)
        self._kernel_edits.lock([slot.id for slot in slots], locked)
        self._follow()  # the check mark follows the blocks, whatever the click has made of it

    def _allow(
        self, action: QAction, what: str, obstacle: str | Literal[False], *, lockable: bool = True
    ) -> None:
        reason = LOCKED_REASON if self._document.locked and lockable else obstacle
        enable(action, what, unless=reason or "")


def _separator(parent: QObject) -> QAction:
    line = QAction(parent)
    line.setSeparator(True)
    return line
