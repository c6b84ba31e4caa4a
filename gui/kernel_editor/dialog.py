"""KernelEditor: the window in which a user edits the cells of a kernel."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from engine.array_types import Array
from engine.blocks import Conv
from engine.errors import KernelEditError
from engine.inspection.snapshot import Snapshot
from engine.model.kernel_operations import Operation, Preset, with_cells
from engine.model.stack import BlockSlot, Row
from engine.struct_fields import Field
from gui.document.document import Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.document.kernel_place import KernelPlace
from gui.forms.inputs import NumberBox
from gui.kernel_editor.chooser import KernelChooser
from gui.kernel_editor.grid import KernelCell, KernelGrid
from gui.kernel_editor.preview import KernelPreview, input_maps
from gui.kernel_editor.tools import KernelTools
from gui.theme import GRID, set_muted, small_font
from gui.widgets.buttons import text_button
from gui.widgets.colour_bar import ColourBar
from gui.widgets.equation_text import pretty
from gui.widgets.plain_labels import plain_label
from gui.widgets.problem_label import ProblemLabel
from gui.widgets.sample_names import image_title
from gui.widgets.tooltips import plain_tooltip

PAUSE_FIRST = "Pause training first."
_HINT = "Click a cell and type its value. Drag, or click with the right button, to paint."
_BLOCK_LOCKED = "The whole block is locked. Unlock it first, in the list of blocks."
_NO_LOOK = (
    "What the kernel makes of the pinned image will be here when there is data and all blocks fit."
)
_NO_KERNEL = "The block does not fit now, so it has no kernels. Fix the network first."
_LARGEST = 1e6  # of a cell


def open_kernel_editor(
    document: Document, edits: Edits, kernel_edits: KernelEdits, place: KernelPlace, parent: QWidget
) -> "KernelEditor":
    """Show a kernel for editing, in the window that is open for that already, if there is one."""
    editors = (each for each in parent.findChildren(KernelEditor) if each.isVisible())
    editor = next(editors, None) or KernelEditor(document, edits, kernel_edits, parent)
    editor.show_kernel_at(place)
    editor.show()
    editor.raise_()
    editor.activateWindow()
    return editor


class KernelEditor(QDialog):
    """Edits one kernel of a Conv at a time; every change is an undo step of the document.

    It stays open beside the window and follows what training and other edits do to the kernel.
    """

    def __init__(
        self, document: Document, edits: Edits, kernel_edits: KernelEdits, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.setObjectName("kernel_editor")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._document, self._edits, self._kernel_edits = document, edits, kernel_edits
        self._place = KernelPlace(0, 0, 0)
        self._snapshot: Snapshot | None = None
        self._make()
        self._arrange()
        self._connect()

    def show_kernel_at(self, place: KernelPlace) -> None:
        """Turn to another kernel."""
        self._place = place
        self._show()
        self._show_input()
        self.grid.setFocus()

    def place(self) -> KernelPlace:
        """Which kernel is shown."""
        return self._place

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Try the kernel on another digit, or on the same one through another network.

        While training runs, that is seen with the next weights.
        """
        self._snapshot = snapshot
        if not self._document.locked:
            self._show_input()

    # --- building ------------------------------------------------------------------------------

    def _make(self) -> None:
        self.chooser = KernelChooser()
        self.grid = KernelGrid()
        self.grid.setObjectName("kernel.grid")
        self.grid.setAccessibleName("Cells of the kernel")
        self.grid.setMinimumSize(36 * GRID, 36 * GRID)
        self._bar = ColourBar("CET-D1")
        self._cell_name = plain_label()
        self._value = _value_box("value", "Value of the cell")
        self._brush = _value_box("brush", "Brush")
        self._brush.setToolTip("The value that is painted")
        self._brush.show_value(self.grid.brush)
        self.tools = KernelTools()
        self.preview = KernelPreview()
        self._hint = QLabel(_HINT)
        self._hint.setObjectName("kernel.hint")
        self._hint.setWordWrap(True)
        set_muted(self._hint)
        self._problem = ProblemLabel()
        self._problem.setObjectName("kernel.problem")
        self._problem.setFont(small_font())
        self._undo = text_button("kernel.undo", "Undo", small=False)
        self._redo = text_button("kernel.redo", "Redo", small=False)
        self._close = text_button("kernel.close", "Close", small=False)

    def _arrange(self) -> None:
        numbers = QFormLayout()
        numbers.setSpacing(GRID)
        numbers.addRow(self._cell_name, self._value)
        numbers.addRow("Brush", self._brush)
        side = QVBoxLayout()
        side.setSpacing(GRID)
        side.addLayout(numbers)
        side.addWidget(self.tools)
        side.addWidget(self._hint)
        side.addStretch()
        middle = QHBoxLayout()
        middle.setSpacing(GRID)
        middle.addWidget(self.grid, 1)
        middle.addWidget(self._bar)
        middle.addLayout(side)
        foot = QHBoxLayout()
        foot.setSpacing(GRID)
        foot.addWidget(self._problem, 1)
        foot.addStretch()
        for button in (self._undo, self._redo, self._close):
            foot.addWidget(button)
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * GRID, 2 * GRID, 2 * GRID, 2 * GRID)
        column.setSpacing(2 * GRID)
        column.addWidget(self.chooser)
        column.addLayout(middle, 1)
        column.addWidget(self.preview)
        column.addLayout(foot)
        for edit in self.findChildren(QLineEdit):
            edit.installEventFilter(self)

    def _connect(self) -> None:
        document, grid = self._document, self.grid
        document.weights_changed.connect(self._on_weights)
        document.settings_changed.connect(self._on_settings)
        document.report_changed.connect(self._follow)
        document.locked_changed.connect(self._show)
        document.history_changed.connect(self._show_history)
        document.project_replaced.connect(self.close)
        self.chooser.chosen.connect(self._choose)
        grid.moved.connect(self._show_cell)
        grid.drawn.connect(self._show_drawn)
        grid.painted.connect(self._paint)
        grid.typed.connect(self._begin_typing)
        grid.chosen.connect(self._begin_editing)
        grid.turned.connect(self.chooser.turn)
        document.flush_requested.connect(self._value.flush)
        self._value.committed.connect(self._set_cell)
        self._brush.committed.connect(self._set_brush)
        for box in (self._value, self._brush):
            box.refused.connect(self._refuse)
        self.tools.operated.connect(self._operate)
        self.tools.dropped_in.connect(self._drop_in)
        self.tools.lock_wanted.connect(self._lock)
        self._undo.clicked.connect(self._edits.undo)
        self._redo.clicked.connect(self._edits.redo)
        self._close.clicked.connect(self.close)
        QShortcut(QKeySequence("Ctrl+Z"), self, self._edits.undo)
        for keys in ("Ctrl+Y", "Ctrl+Shift+Z"):
            QShortcut(QKeySequence(keys), self, self._edits.redo)

    # --- what is shown -------------------------------------------------------------------------

    @Slot()
    def _show(self) -> None:
        """Show the kernel as it is now, and what can be done to it."""
        row = self._row()
        if row is None:
            self.close()
            return
        self._name_kernel(row)
        kernel = self._kernel()
        problem = _NO_KERNEL if kernel is None else ""
        if kernel is not None:
            self.grid.show_kernel(kernel)
            self._bar.set_levels(self.grid.levels())
            self.tools.set_size(len(kernel))
            self._show_cell()
        self._show_lock(row)
        self._block(PAUSE_FIRST if self._document.locked else problem, row.slot)
        self._show_history()
        self._problem.say(problem)

    def _name_kernel(self, row: Row) -> None:
        """Stay within the kernels that there are, and say which one it is."""
        weight = (row.array_shapes or {}).get("weight", (1, 1))
        slot_id, i, j = self._place
        i, j = min(i, weight[0] - 1), min(j, weight[1] - 1)
        self._place, label = KernelPlace(slot_id, i, j), row.slot.label
        number = self._document.stack.index(slot_id) + 1  # block 1 sees the image
        self.chooser.show_place(f"block {number} ({label})", i, j, weight[:2], sees=number == 1)
        self.setWindowTitle(f"Kernel {i + 1}, {j + 1} of {label}".replace("[*]", "[*][*]"))

    def _show_lock(self, row: Row) -> None:
        channels = (row.array_shapes or {}).get("weight", (1, 1))[1]
        output, slot = self._place.output, row.slot
        text = "Lock this kernel" if channels == 1 else f"Lock map {output + 1}"
        those = "this kernel" if channels == 1 else f"the {channels} kernels of this output map"
        tip = f"Training leaves {those} and the bias as they are"
        self.tools.set_lock(slot.locked or output in slot.locked_kernels, text, tip)

    def _block(self, reason: str, slot: BlockSlot) -> None:
        self.grid.setEnabled(not reason)
        self._hint.setText(_HINT if reason != PAUSE_FIRST else reason)
        for box in (self._value, self._brush):
            box.setEnabled(not reason)
            box.setToolTip(reason)
        self.tools.set_blocked(reason, _BLOCK_LOCKED if slot.locked else "")

    @Slot()
    def _show_cell(self) -> None:
        row, column = self.grid.current
        self._cell_name.setText(f"Row {row + 1}, column {column + 1}")
        self._value.setAccessibleName(f"Value of row {row + 1}, column {column + 1}")
        self._value.show_value(float(f"{self.grid.values()[row, column]:.6g}"))

    @Slot(object)
    def _show_drawn(self, kernel: Array) -> None:
        self._bar.set_levels(self.grid.levels())
        self._try(kernel)

    @Slot()
    def _show_history(self) -> None:
        steps, locked = self._document.undo_stack, self._document.locked
        for button, verb, text in (
            (self._undo, "Undo", steps.undoText()),
            (self._redo, "Redo", steps.redoText()),
        ):
            button.setEnabled(bool(text) and not locked)
            nothing = f"There is nothing to {verb.lower()}."
            tip = PAUSE_FIRST if locked else f"{verb}: {text}" if text else nothing
            button.setToolTip(plain_tooltip(tip))

    @Slot()
    def _follow(self) -> None:
        self._show()
        self._show_input()

    @Slot(object)
    def _on_weights(self, slot_ids: frozenset[int]) -> None:
        if self._place.slot_id in slot_ids:
            self._follow()

    @Slot(object)
    def _on_settings(self, names: frozenset[str]) -> None:
        """Follow the seed: as it makes them are the kernels of a block that was not trained."""
        if names & {"seed", "initializer"}:
            self._follow()

    def _show_input(self) -> None:
        """Show what comes into the block, and what the kernel makes of it."""
        kernel, row, snapshot = self._kernel(), self._row(), self._snapshot
        maps = input_maps(snapshot, row) if snapshot is not None and row is not None else None
        if kernel is None or maps is None or snapshot is None:
            self.preview.show_nothing(_NO_LOOK)
            return
        title = image_title(snapshot.index, snapshot.class_name, snapshot.sample.part)
        if len(maps) > 1:
            title = f"{title}: channel {self._place.channel + 1}"
        self.preview.show_channel(maps[self._place.channel], title)
        self._try(kernel)

    def _try(self, kernel: Array) -> None:
        row = self._row()
        if row is not None and isinstance(row.slot.block, Conv):
            _, i, j = self._place
            title = pretty(f"X_{j + 1} ⋆ K_{i + 1},{j + 1}")
            self.preview.show_kernel(kernel, row.slot.block, title)

    def _row(self) -> Row | None:
        rows = self._document.report.rows
        return next((row for row in rows if row.slot.id == self._place.slot_id), None)

    def _kernel(self) -> Array | None:
        return self._document.kernel(self._place)

    # --- edits ---------------------------------------------------------------------------------

    def _edit(self, verb: str, change: Callable[[Array], Array], part: object = None) -> None:
        """Change the kernel in one undo step, after what was typed and not committed."""
        self._document.flush()
        kernel, row = self._kernel(), self._row()
        if kernel is None or row is None:
            return
        self._problem.say("")
        _, i, j = self._place
        text = f"{verb}: kernel {i + 1}, {j + 1} of {row.slot.label}"
        try:
            self._kernel_edits.edit_kernel(self._place, change(kernel), text, part)
        except KernelEditError as error:
            self._problem.say(str(error))

    @Slot(object)
    def _paint(self, cells: dict[KernelCell, float]) -> None:
        self._edit("Paint", lambda kernel: with_cells(kernel, cells))
        self._show()  # a stroke that changes nothing leaves what is there

    @Slot(float)
    def _set_cell(self, value: float) -> None:
        cell = self.grid.current
        self._edit("Set cell", lambda kernel: with_cells(kernel, {cell: value}), cell)

    @Slot(object)
    def _operate(self, operation: Operation) -> None:
        self._edit(operation.title, operation.apply)

    @Slot(object)
    def _drop_in(self, preset: Preset) -> None:
        self._edit(preset.title, lambda kernel: preset.make(len(kernel)))

    @Slot(bool)
    def _lock(self, locked: bool) -> None:
        self._kernel_edits.lock_kernel(self._place.slot_id, self._place.output, locked)

    @Slot(float)
    def _set_brush(self, value: float) -> None:
        self.grid.brush = value

    @Slot(str)
    def _refuse(self, text: str) -> None:
        self._problem.say(f"A cell must be a number from -1,000,000 to 1,000,000, not {text!r}.")

    # --- going about ---------------------------------------------------------------------------

    @Slot(int, int)
    def _choose(self, output: int, channel: int) -> None:
        self._document.flush()
        self._place = KernelPlace(self._place.slot_id, output, channel)
        self._follow()

    @Slot()
    def _begin_editing(self) -> None:
        self._value.setFocus()
        self._value.selectAll()

    @Slot(str)
    def _begin_typing(self, text: str) -> None:
        self._begin_editing()
        self._value.lineEdit().insert(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go on to the next cell after Enter in a number."""
        enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        if enter and self._value.hasFocus():
            rows, columns = self.grid.values().shape
            row, column = self.grid.current
            self.grid.go_to(*divmod((row * columns + column + 1) % (rows * columns), columns))
        if enter and (self._value.hasFocus() or self._brush.hasFocus()):
            self.grid.setFocus()
        elif not enter:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave undo to the document where there is no typed text to take back."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(watched, QLineEdit):
            assert isinstance(event, QKeyEvent)
            keys = QKeySequence.StandardKey
            undo = event.matches(keys.Undo) and not watched.isUndoAvailable()
            if undo or (event.matches(keys.Redo) and not watched.isRedoAvailable()):
                event.ignore()
                return True
        return super().eventFilter(watched, event)


def _value_box(name: str, title: str) -> NumberBox:
    box = NumberBox(Field(name, title, "float", 0.0, minimum=-_LARGEST, maximum=_LARGEST))
    box.setObjectName(f"kernel.{name}")
    box.setAccessibleName(title)
    box.setMinimumWidth(box.fontMetrics().horizontalAdvance("-0.000123456") + 4 * GRID)
    return box
