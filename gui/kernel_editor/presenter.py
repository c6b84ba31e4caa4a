"""KernelEditorPresenter: opens the kernel editor, with what becomes of the pinned sample."""

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import Slot

from gui.document.kernel_place import KernelPlace
from gui.workspace.context import Context, Presenter

if TYPE_CHECKING:
    from gui.kernel_editor.dialog import KernelEditor


class KernelEditorPresenter(Presenter):
    """Stands between the window and the one editor that it may have open."""

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._editor: KernelEditor | None = None  # the one that was opened last; it may be gone
        self._session.store.watch(lambda s: s.now.snapshot, self._show_snapshot)

    @Slot(int, int, int)
    def open(self, slot_id: int, output: int, channel: int) -> None:
        """Show a kernel for editing: output map and input channel count from 0."""
        from gui.kernel_editor.dialog import open_kernel_editor

        place = KernelPlace(slot_id, output, channel)
        self._editor = open_kernel_editor(
            self._document, self._edits, self._kernel_edits, place, self._window
        )
        self._show_snapshot()

    @Slot()
    def open_selected(self) -> None:
        """Show the first kernel of the selected block for editing."""
        if self._document.selected is not None:
            self.open(self._document.selected, 0, 0)

    def _show_snapshot(self) -> None:
        if self._editor is not None and shiboken6.isValid(self._editor):
            self._editor.show_snapshot(self._document.store.state.now.snapshot)
