"""Inspector: the selected block's options and what follows from them."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction, QPalette
from PySide6.QtWidgets import (
    QFormLayout,
    QGridLayout,
    QLabel,
    QToolButton,
    QWidget,
)

from engine.array_types import Shape, format_shape
from engine.blocks import UnknownBlock
from engine.blocks.add import fitting_way
from engine.model.stack import Row
from engine.struct_fields import fields_of
from gui.document.document import LOCKED_REASON, Document
from gui.document.edits import Edits
from gui.editor.sizes import parameter_memory, sample_memory, totals_of
from gui.forms.form import Form, stacked
from gui.forms.inputs import SourceBox
from gui.theme import GRID, kind_colour, set_muted, small_font, text_font
from gui.widgets.labels import ElidedLabel, plain_label, plain_tooltip
from gui.widgets.layouts import in_column, in_row, scrolling
from gui.widgets.number_words import equation_html

_FACTS = {
    "input": "Input shape",
    "output": "Output shape",
    "parameters": "Parameters",
    "multiply_adds": "Multiply-adds",
    "memory": "Memory",
}
LEAST_HEIGHT = 96  # px
_MEMORY = "Parameters, 4 bytes each, and the output values of one sample"


class Inspector(QWidget):
    """Edits the options of the selected block; shows its shapes, its counts and its equation.

    Without a selection, or with several blocks, it takes no room.
    """

    def __init__(self, document: Document, edits: Edits) -> None:
        super().__init__()
        self.setObjectName("inspector")
        self.setAccessibleName("Options of the selected block")
        self.setMinimumHeight(LEAST_HEIGHT)
        self._document, self._edits = document, edits
        self._form: Form | None = None
        self._form_of: type | None = None
        self._options = QWidget()
        self._arrange()
        document.store.watch(lambda s: s.document.selection, self._show_afresh)
        document.store.watch(lambda s: s.document.report, self._show)
        document.store.show(lambda s: s.document.locked, self._follow_lock)
        document.flush_requested.connect(self._flush)
        self._show_afresh()

    def _arrange(self) -> None:
        self._chip = QWidget()  # a square in the colour of a group of blocks
        self._chip.setFixedSize(2 * GRID - 2, 2 * GRID - 2)
        self._chip.setAutoFillBackground(True)
        self._lock, self._kernels = QToolButton(), QToolButton()
        self._name = ElidedLabel()
        self._name.setFont(text_font(bold=True))
        self._lock_line = QLabel(LOCKED_REASON)
        set_muted(self._lock_line)
        self._equation, self._help = (plain_label(muted=True, wraps=True) for _ in range(2))
        self._equation.setTextFormat(Qt.TextFormat.RichText)

        head = in_row(self._chip, (self._name, 1), self._kernels, self._lock)
        content = QWidget()
        self._column = in_column(
            head,
            self._lock_line,
            self._options,
            self._equation,
            self._fact_grid(),
            self._help,
            0,
            of=content,
            gap=GRID,
            margins=GRID,
        )
        content.setAccessibleName("Options, sizes and equation of the block")
        scroll = scrolling(content)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        in_column(scroll, of=self)

    def add_actions(self, lock: QAction, kernels: QAction) -> None:
        """Put buttons beside the name of a block, where it has something to lock or to edit."""
        for button, action in ((self._lock, lock), (self._kernels, kernels)):
            button.setDefaultAction(action)
            button.setObjectName(f"inspector.{action.objectName().removeprefix('action.')}")
            button.setAccessibleName(action.text().replace("&", ""))
        self._lock.setAutoRaise(True)
        self._kernels.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)

    def _fact_grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(GRID)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        self._facts: dict[str, QLabel] = {}
        for line, (name, title) in enumerate(_FACTS.items()):
            label, value = QLabel(title), QLabel()
            set_muted(label)
            value.setObjectName(f"inspector.{name}")
            value.setAccessibleName(title)
            value.setFont(small_font())
            value.setWordWrap(True)  # in a narrow window
            value.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(label, line, 0)
            grid.addWidget(value, line, 1)
            self._facts[name] = value
        label.setToolTip(_MEMORY)
        value.setToolTip(_MEMORY)
        return grid

    def _show_afresh(self) -> None:
        """Show another block, dropping what was typed for the last one."""
        self._show(afresh=True)

    @Slot()
    def _show(self, *, afresh: bool = False) -> None:
        selection, rows = self._document.selection, self._document.report.rows
        shown = [(i, row) for i, row in enumerate(rows) if row.slot.id in selection]
        if len(shown) != 1:
            self._remove_form()
            self.hide()
            return
        position, row = shown[0]
        block = row.slot.block
        if self._form_of is not type(block):
            self._make_form(type(block))
        if self._form is not None:
            assert not isinstance(block, UnknownBlock)
            afresh |= self._offer_sources(rows[:position], row)
            self._form.show(block, afresh=afresh)
        palette = self._chip.palette()
        palette.setColor(QPalette.ColorRole.Window, kind_colour(block.group))
        self._chip.setPalette(palette)
        self._chip.setToolTip(block.group)
        self._name.setText(row.slot.title or block.name)
        self._name.setToolTip(plain_tooltip(row.slot.title))
        self._lock.setVisible(bool(row.parameters) or row.slot.locked)
        self._kernels.setVisible(block.most_kernels() > 0)
        fits = row.input_shape is not None and row.output_shape is not None
        equation = block.equation_with(row.input_shape or ()) if fits else block.equation
        self._equation.setText(equation_html(equation))
        self._equation.setVisible(bool(equation))
        self._help.setText(block.help)
        self._show_facts(row)
        self.show()

    def _offer_sources(self, before: Sequence[Row], row: Row) -> bool:
        """List the blocks whose output this one may take; return whether it takes any."""
        assert self._form is not None
        inputs = [editor.input for editor in self._form.editors.values()]
        boxes = [each for each in inputs if isinstance(each, SourceBox)]
        offers = [
            (
                each.slot.id,
                f"{number} {each.slot.label} · {_shape_text(each.output_shape)}",
                row.input_shape is not None
                and each.output_shape is not None
                and fitting_way(each.output_shape, row.input_shape) is not None,
            )
            for number, each in enumerate(before, 1)
        ]
        for box in boxes:
            box.offer(offers)
        return bool(boxes)

    def _show_facts(self, row: Row) -> None:
        self._facts["input"].setText(_shape_text(row.input_shape))
        self._facts["output"].setText(_shape_text(row.output_shape))
        totals = totals_of([row])
        sizes = {
            "parameters": f"{totals.parameters:,}",
            "multiply_adds": f"{totals.multiply_adds:,}",
            "memory": f"{parameter_memory(totals)} + {sample_memory(totals)}",
        }
        for name, text in sizes.items():
            self._facts[name].setText("–" if row.output_shape is None else text)

    def _make_form(self, kind: type) -> None:
        self._remove_form()
        self._form_of = kind
        fields = () if kind is UnknownBlock else fields_of(kind)
        if fields:
            self._form = Form(fields, "option", self._commit, self)
            options = QWidget()
            layout: QFormLayout = stacked(self._form.editors.values())
            layout.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)  # in a large font
            options.setLayout(layout)
            self._column.replaceWidget(self._options, options)
            self._options.deleteLater()
            self._options = options
        self._follow_lock(self._document.locked)

    def _remove_form(self) -> None:
        """Take the inputs out of the window at once, so that they are not found by their names."""
        if self._form is not None:
            self._form.deleteLater()
            empty = QWidget()
            self._column.replaceWidget(self._options, empty)
            self._options.hide()
            self._options.setParent(None)
            self._options.deleteLater()
            self._options = empty
        self._form = self._form_of = None

    def _commit(self, field: str, value: object) -> None:
        if self._document.selected is not None:
            self._edits.change_option(self._document.selected, field, value)

    @Slot()
    def _flush(self) -> None:
        if self._form is not None:
            self._form.flush()

    def _follow_lock(self, locked: bool) -> None:
        has_options = self._form is not None
        self._options.setVisible(has_options)
        self._lock_line.setVisible(locked and has_options)
        if self._form is not None:
            if locked:
                self._form.drop_refused()
            self._form.set_locked(LOCKED_REASON if locked else "")


def _shape_text(shape: Shape | None) -> str:
    return "–" if shape is None else format_shape(shape)
