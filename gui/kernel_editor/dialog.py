"""KernelEditor: the window in which a user edits the cells of a kernel."""

import html
from collections.abc import Callable, Sequence

import numpy as np
from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFormLayout,
    QGridLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QWidget,
)

from engine.array_types import Array, quiet_overflow
from engine.blocks import Add, Convolutional, SkipBlock
from engine.compute.convolution import Geometry
from engine.errors import KernelEditError
from engine.explain.convolution import COLOURS
from engine.inspection.snapshot import Snapshot
from engine.model.kernel_operations import (
    OPERATIONS,
    PRESETS,
    Operation,
    Preset,
    correlate,
    with_cells,
)
from engine.model.stack import BlockSlot, Row
from engine.struct_fields import Field
from gui.document.document import LOCKED_REASON, Document
from gui.document.edits import Edits
from gui.document.kernel_edits import KernelEdits
from gui.document.kernel_place import KernelPlace
from gui.forms.inputs import CommitValue, NumberBox, Refuse
from gui.theme import GRID
from gui.widgets.buttons import text_button
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import ProblemLabel, elide, plain_label, plain_tooltip
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.mosaic import Mosaic
from gui.widgets.number_grid import GridFrame, NumberGrid
from gui.widgets.number_words import pretty
from gui.widgets.sample_names import image_title

_COLUMNS = 2
_SIDE = 20 * GRID  # px
KernelCell = tuple[int, int]
_CELL = 96  # px at most
_NUMBER_STARTS = "0123456789.,-−+"
_WIDEST = 30 * GRID  # px of a block's name
_HINT = "Click a cell and type its value. Drag, or click with the right button, to paint."
_BLOCK_LOCKED = "The whole block is locked. Unlock it first, in the list of blocks."
_NO_LOOK = (
    "Here you will see what the kernel makes of the image, once there is data and all blocks fit."
)
_NO_KERNEL = "The block does not fit now, so it has no kernels. Fix the network first."
_LARGEST = 1e6  # of a cell
_REVERT = "Give the kernel the values that it had before it was edited"


class KernelTools(QWidget):
    """Has operations done and presets dropped in; a control that cannot be used says why."""

    def __init__(
        self, operate: Callable[[Operation], object], drop_in: Callable[[Preset], object]
    ) -> None:
        super().__init__()
        self._tips: dict[QWidget, str] = {}  # what each control does
        self._presets = QMenu(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GRID // 2)
        for place, operation in enumerate(OPERATIONS):
            button = self._tool(operation.name, operation.title, operation.help)
            button.clicked.connect(lambda _checked=False, operation=operation: operate(operation))
            grid.addWidget(button, place // _COLUMNS, place % _COLUMNS)
        grid.addWidget(self._to_drop_in(drop_in), grid.rowCount(), 0, 1, _COLUMNS)
        self.lock = named(QCheckBox("Lock this kernel"), "kernel.lock")
        self._tips[self.lock] = ""
        grid.addWidget(self.lock, grid.rowCount(), 0, 1, _COLUMNS)

    def set_size(self, size: int) -> None:
        """Offer the known kernels that there are in this size."""
        for action, preset in zip(self._presets.actions(), PRESETS, strict=True):
            fits = size >= preset.smallest
            needs = f"Needs a kernel of {preset.smallest}×{preset.smallest} or larger."
            action.setEnabled(fits)
            action.setToolTip(preset.help if fits else needs)

    def set_lock(self, locked: bool, text: str, tip: str) -> None:
        """Show whether training may change the kernel."""
        self.lock.setChecked(locked)
        self.lock.setText(text)
        self._tips[self.lock] = tip

    def set_blocked(self, reason: str, lock_reason: str = "") -> None:
        """Let nothing be used for a reason, or the lock alone for one; empty: all can be."""
        for control, tip in self._tips.items():
            why = reason or (lock_reason if control is self.lock else "")
            control.setEnabled(not why)
            control.setToolTip(why or tip)

    def _to_drop_in(self, drop_in: Callable[[Preset], object]) -> QToolButton:
        title = "Drop in Sobel, Laplace, blur…"
        button = self._tool("presets", title, "Put a well-known kernel in its place")
        self._presets.setToolTipsVisible(True)
        for preset in PRESETS:
            action = self._presets.addAction(preset.title)
            action.setObjectName(f"kernel.{preset.name}")
            action.triggered.connect(lambda _checked=False, preset=preset: drop_in(preset))
        button.setMenu(self._presets)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        return button

    def _tool(self, name: str, title: str, tip: str) -> QToolButton:
        button = text_button(f"kernel.{name}", title, tip, small=False)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._tips[button] = tip
        return button


class KernelPreview(QWidget):
    """An input map X_j beside X_j ⋆ K_ij, each with its scale."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._channel: Array | None = None
        self.input, self.result = Mosaic(), Mosaic("CET-D1")
        for picture in (self.input, self.result):
            picture.setMinimumHeight(_SIDE + 2 * GRID)
        pictures = QWidget()
        in_row((self.input, 1), (self.result, 1), of=pictures, gap=GRID)
        self._empty = EmptyState(pictures, "")
        in_column(self._empty, of=self)

    def show_nothing(self, why: str) -> None:
        """Say in the place of the pictures why there are none."""
        self._channel = None
        self._empty.show_sentence(why)

    def show_channel(self, channel: Array, title: str) -> None:
        """Take another map (H, W) to try kernels on."""
        self._channel = channel
        self.input.set_title(title)
        self.input.set_maps(channel[np.newaxis])

    def show_kernel(self, kernel: Array, geometry: Geometry, title: str) -> None:
        """Show what a kernel makes of the map."""
        if self._channel is None:
            return
        with quiet_overflow():
            found = correlate(self._channel, kernel, geometry)
        self.result.set_title(title)
        self.result.set_maps(found[np.newaxis])
        self._empty.show_content()


def input_maps(snapshot: Snapshot, row: Row) -> Array | None:
    """Return the maps (C, H, W) that come into a block; None if another network was looked at."""
    slots = [block.slot for block in snapshot.blocks]
    if row.slot.id not in slots:
        return None
    block, before, shape = row.slot.block, slots.index(row.slot.id) - 1, row.input_shape
    if isinstance(block, SkipBlock):  # its kernels are for what goes by the skip connection
        before, shape = block.source_number - 1, block.source_shape
    maps: Array = snapshot.inputs if before < 0 else snapshot.blocks[before].values
    return maps if maps.shape == shape else None


class KernelGrid(NumberGrid):
    """Shows a kernel. A click or an arrow goes to a cell; dragging paints with the brush.

    A stroke is shown while it is drawn, and told when the button is let go; Esc gives it up. The
    right button or Space paints one cell, Del sets it to 0, and a digit begins to type its value.
    """

    moved = Signal()  # to another cell
    drawn = Signal(object)  # the kernel with the stroke that is being drawn
    painted = Signal(object)  # the cells of a stroke with their values: dict[Cell, float]
    typed = Signal(str)  # the first character of a value

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(
            "CET-D1", axes=True, browsable=True, largest=_CELL, scale="right", parent=parent
        )
        self.brush = 1.0
        self._kernel: Array = self.values()
        self._pressed: KernelCell | None = None
        self._stroke: dict[KernelCell, float] = {}
        self.hovered.connect(self.go_to)  # by an arrow

    def show_kernel(self, kernel: Array) -> None:
        """Show a kernel (k, k); a stroke that has not ended is given up."""
        self._pressed, self._stroke, self._kernel = None, {}, kernel
        self.set_values(kernel)
        self._mark()

    def go_to(self, row: int, column: int) -> None:
        """Go to a cell."""
        self.set_current(row, column)
        self._mark()
        self.moved.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to a cell, from which a stroke may begin; with the right button it has begun."""
        self._pressed = self.cell_at(event.position())
        if self._pressed is not None:
            self.go_to(*self._pressed)
            if event.button() == Qt.MouseButton.RightButton:
                self._paint(self._pressed)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Paint the cells that the pointer is dragged over."""
        cell = self.cell_at(event.position())
        if self._pressed is None or cell is None or (cell == self._pressed and not self._stroke):
            return
        self._paint(self._pressed, cell)
        if cell != self.current:
            self.go_to(*cell)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a stroke."""
        stroke, self._pressed, self._stroke = self._stroke, None, {}
        if stroke:
            self.painted.emit(stroke)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Type the value of a cell."""
        if event.button() == Qt.MouseButton.LeftButton and self.cell_at(event.position()):
            self.chosen.emit(*self.current)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Paint, clear or type; arrows go to other cells."""
        key, text = event.key(), event.text()
        if key == Qt.Key.Key_Escape and self._stroke:
            self.show_kernel(self._kernel)
            self.drawn.emit(self._kernel)
        elif key == Qt.Key.Key_Space:
            self.painted.emit({self.current: self.brush})
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.painted.emit({self.current: 0.0})
        elif text and text in _NUMBER_STARTS:
            self.typed.emit(text)
        else:
            super().keyPressEvent(event)

    def _paint(self, *cells: KernelCell) -> None:
        self._stroke.update(dict.fromkeys(cells, self.brush))
        kernel = with_cells(self._kernel, self._stroke)
        self.set_values(kernel)
        self.drawn.emit(kernel)

    def _mark(self) -> None:
        """Frame the cell that the keys are at so that it is seen on every colour."""
        row, column = self.current
        self.set_frames(
            [GridFrame(row, column, 1, 1, "white", 5), GridFrame(row, column, 1, 1, "black")]
        )


class KernelChooser(QWidget):
    """Names the kernel, and says by `chosen` which output map and channel are wanted, from 0."""

    chosen = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = QLabel()
        self._name.setTextFormat(Qt.TextFormat.RichText)
        self._output = _number_box("map", "Output map i")
        self._channel = _number_box("channel", "Input channel j")
        row = in_row((self._name, 1), of=self, gap=GRID)
        for title, box in (("map i", self._output), ("channel j", self._channel)):
            label = QLabel(title)
            label.setBuddy(box)
            row.addWidget(label)
            row.addWidget(box)
            box.valueChanged.connect(self._choose)

    def show_place(
        self, block: str, output: int, channel: int, counts: Sequence[int], *, sees: bool = False
    ) -> None:
        """Name a kernel of a block that has so many output maps and input channels.

        One that `sees` the image may have a channel for each of its colours.
        """
        short = elide(block, self.fontMetrics(), _WIDEST)
        self._name.setText(f"<b>K<sub>{output + 1},{channel + 1}</sub></b> of {html.escape(short)}")
        self._name.setToolTip(plain_tooltip(block if short != block else ""))
        for box, number, most in zip(
            (self._output, self._channel), (output, channel), counts, strict=True
        ):
            with QSignalBlocker(box):
                box.setRange(1, most)
                box.setValue(number + 1)
                coloured = sees and box is self._channel and most == len(COLOURS)
                box.setSuffix(f" of {most}" + (f", {COLOURS[number]}" if coloured else ""))
            box.setEnabled(most > 1)
            box.setToolTip("" if most > 1 else f"There is one {box.accessibleName()[:-2].lower()}.")

    def name(self) -> str:
        """The name that is shown."""
        return self._name.text()

    @Slot()
    def _choose(self) -> None:
        self.chosen.emit(self._output.value() - 1, self._channel.value() - 1)


def _number_box(name: str, title: str) -> QSpinBox:
    box = named(QSpinBox(), f"kernel.{name}", title)
    box.setWrapping(True)
    box.setKeyboardTracking(False)
    return box


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
        self.grid = named(KernelGrid(), "kernel.grid", "Cells of the kernel")
        self.grid.setMinimumSize(43 * GRID, 36 * GRID)
        self._cell_name = plain_label()
        self._value = _value_box("value", "Value of the cell", self._set_cell, self._refuse)
        self._brush = _value_box("brush", "Brush", self._set_brush, self._refuse)
        self._brush.setToolTip("The value that is painted")
        self._brush.show_value(self.grid.brush)
        self.tools = KernelTools(self._operate, self._drop_in)
        self.preview = KernelPreview()
        self._hint = named(plain_label(_HINT, muted=True, wraps=True), "kernel.hint")
        self._problem = named(ProblemLabel(), "kernel.problem", small=True)
        self._undo = text_button("kernel.undo", "Undo", small=False)
        self._redo = text_button("kernel.redo", "Redo", small=False)
        self._revert = text_button("kernel.revert", "Revert", small=False)
        self._close = text_button("kernel.close", "Close", small=False)

    def _arrange(self) -> None:
        numbers = QFormLayout()
        numbers.setSpacing(GRID)
        numbers.addRow(self._cell_name, self._value)
        numbers.addRow("Brush", self._brush)
        side = in_column(numbers, self.tools, self._hint, 0, gap=GRID)
        middle = in_row((self.grid, 1), side, gap=GRID)
        buttons = self._undo, self._redo, self._revert, self._close
        foot = in_row((self._problem, 1), 0, *buttons, gap=GRID)
        in_column(
            self.chooser, (middle, 1), self.preview, foot, of=self, gap=2 * GRID, margins=2 * GRID
        )
        for edit in self.findChildren(QLineEdit):
            edit.installEventFilter(self)

    def _connect(self) -> None:
        document, grid = self._document, self.grid
        store = document.store
        store.watch(  # the seed makes the kernels of a block that was not trained
            lambda s: (
                s.document.learned,
                s.document.report,
                s.document.settings.seed,
                s.document.settings.initializer,
            ),
            self._follow,
        )
        store.watch(lambda s: s.document.locked, self._show)
        store.watch(lambda s: s.document.version, self._show_history)
        store.watch(lambda s: s.document.opened, self.close)
        self.chooser.chosen.connect(self._choose)
        grid.moved.connect(self._show_cell)
        grid.drawn.connect(self._try)
        grid.painted.connect(self._paint)
        grid.typed.connect(self._begin_typing)
        grid.chosen.connect(self._begin_editing)
        document.flush_requested.connect(self._value.flush)
        self.tools.lock.clicked.connect(self._lock)
        self._undo.clicked.connect(self._edits.undo)
        self._redo.clicked.connect(self._edits.redo)
        self._revert.clicked.connect(self._revert_all)
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
            self.tools.set_size(len(kernel))
            self._show_cell()
        self._show_lock(row)
        self._block(LOCKED_REASON if self._document.locked else problem, row.slot)
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
        self._hint.setText(_HINT if reason != LOCKED_REASON else reason)
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

    def _show_history(self) -> None:
        steps, locked = self._document.undo_stack, self._document.locked
        for button, verb, text in (
            (self._undo, "Undo", steps.undoText()),
            (self._redo, "Redo", steps.redoText()),
        ):
            button.setEnabled(bool(text) and not locked)
            nothing = f"There is nothing to {verb.lower()}."
            tip = LOCKED_REASON if locked else f"{verb}: {text}" if text else nothing
            button.setToolTip(plain_tooltip(tip))
        edited = self._place in self._document.learned.edited
        self._revert.setEnabled(edited and not locked)
        tip = _REVERT if edited else "This kernel was not edited."
        self._revert.setToolTip(LOCKED_REASON if locked else tip)

    @Slot()
    def _follow(self) -> None:
        self._show()
        self._show_input()

    def _show_input(self) -> None:
        """Show what comes into the block, and what the kernel makes of it."""
        kernel, row, snapshot = self._kernel(), self._row(), self._snapshot
        maps = input_maps(snapshot, row) if snapshot is not None and row is not None else None
        if kernel is None or maps is None or snapshot is None:
            self.preview.show_nothing(_NO_LOOK)
            return
        title = image_title(snapshot.index, snapshot.class_name, snapshot.sample.part)
        if len(maps) > 1:
            title = f"{title}: channel {self._seen + 1}"
        self.preview.show_channel(maps[self._seen], title)
        self._try(kernel)

    @Slot(object)
    def _try(self, kernel: Array) -> None:
        row = self._row()
        if row is not None and row.input_shape and isinstance(row.slot.block, Add | Convolutional):
            _, i, j = self._place
            title = pretty(f"X_{self._seen + 1} ⋆ K_{i + 1},{j + 1}")
            self.preview.show_kernel(kernel, row.slot.block.geometry(row.input_shape), title)

    @property
    def _seen(self) -> int:
        """Which of the input maps the kernel slides over."""
        row, (_, output, channel) = self._row(), self._place
        block = None if row is None else row.slot.block
        alone = isinstance(block, Convolutional) and not block.mixes
        return output if alone else channel

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

    def _set_cell(self, value: float) -> None:
        cell = self.grid.current
        self._edit("Set cell", lambda kernel: with_cells(kernel, {cell: value}), cell)

    def _operate(self, operation: Operation) -> None:
        self._edit(operation.title, operation.apply)

    def _revert_all(self) -> None:
        self._edit("Revert", lambda kernel: self._document.learned.edited.get(self._place, kernel))

    def _drop_in(self, preset: Preset) -> None:
        self._edit(preset.title, lambda kernel: preset.make(len(kernel)))

    @Slot(bool)
    def _lock(self, locked: bool) -> None:
        self._kernel_edits.lock_kernel(self._place.slot_id, self._place.output, locked)

    def _set_brush(self, value: float) -> None:
        self.grid.brush = value

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


def _value_box(name: str, title: str, commit: CommitValue, refuse: Refuse) -> NumberBox:
    field = Field(name, title, "float", 0.0, minimum=-_LARGEST, maximum=_LARGEST)
    box = named(NumberBox(field, commit, refuse), f"kernel.{name}", title)
    box.setMinimumWidth(box.fontMetrics().horizontalAdvance("-0.000123456") + 4 * GRID)
    return box
