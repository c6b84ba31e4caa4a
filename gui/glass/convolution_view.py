"""ConvolutionView: the four equations of a Conv block, cell by cell, with real numbers."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSlider, QStackedWidget, QWidget

from engine.blocks import Convolutional
from engine.explain.by_block import convolution_of
from engine.explain.convolution import EQUATIONS, Convolution, Equation, Index, Step
from engine.explain.training_step import TracedBlock
from gui.glass.convolution_picture import ConvolutionPicture
from gui.glass.kernel_turn_view import KernelTurnView
from gui.glass.specimen import Front, GlassView, Specimen
from gui.glass.written_sums import brief_name
from gui.theme import GRID, small_font
from gui.widgets.buttons import choice_box, fill_box, text_button
from gui.widgets.empty_state import EmptyState
from gui.widgets.labels import ElidedLabel, plain_tooltip, wrapping_label
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.number_words import pretty
from gui.widgets.typesetting import LARGE, USUAL, EquationLabel, head, resized

NO_CONV = (
    "This network has no Conv block whose windows could be shown.\nAdd one with the button Conv."
)
_LOW, _VERY_LOW = 290, 200  # px; below these heights there are no sentences, and no slider
_MOST_TERMS = 2  # that the equation shows one by one
_LARGE = 900, 560  # px; from here on headline and equation are large


# What is found, and what that is called: an equation is chosen by both.
_FOUND: dict[Equation, tuple[str, str]] = {
    "Y": ("the feature map", "One cell of the feature map"),
    "∂E/∂K": ("the gradient of the kernel", "The gradient of one weight"),
    "∂E/∂B": ("the gradient of the bias", "The gradient of one bias"),
    "∂E/∂X": ("the gradient of the input", "The gradient of one input"),
}
_FLIPPED = (
    "Cross-correlation ⋆ beside convolution ∗",
    "The network lays the kernel on as it is; a convolution first flips it, by 180°.",
)


class ConvolutionView(GlassView):
    """Slides the window of one equation over its maps; arrows, slider and pointer place it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._blocks: list[TracedBlock] = []
        # What is chosen, once there are blocks; a click may end after the last of them has gone.
        self._block: TracedBlock
        self._convolution: Convolution
        self._stays = False  # the user has placed the window
        self._moves = False  # it goes on by a step, which is seen
        self._make_controls()
        self._make_words()
        self.picture = ConvolutionPicture()
        self.sum = self.picture.sum
        self.for_keys = self.picture.result.grid
        self.comparison = KernelTurnView()
        self._arrange()
        self.block.currentIndexChanged.connect(self._choose_block)
        self.equation.currentIndexChanged.connect(self._choose_equation)
        self.map.currentIndexChanged.connect(self._choose_map)
        self.term.currentIndexChanged.connect(self._draw)
        self.position.valueChanged.connect(self._draw)
        self.position.actionTriggered.connect(self._hold)
        self.turn.toggled.connect(self._compare)
        self.picture.placed.connect(self._place)
        self.picture.held.connect(self.held)

    # --- as a view under glass ---------------------------------------------------------------

    def show_specimen(self, specimen: Specimen) -> None:
        """Show a specimen, with block, equation, map and cell as they were chosen before."""
        super().show_specimen(specimen)
        self._show_blocks(specimen.step.blocks)

    def show_front(self, front: Front) -> bool:
        """Show the forward equation of the blocks that fit; the others need the loss."""
        self._show_blocks(front.blocks, forward_only=True)
        return bool(self._blocks)

    def _show_blocks(self, blocks: Sequence[TracedBlock], *, forward_only: bool = False) -> None:
        self._blocks = [b for b in blocks if isinstance(b.slot.block, Convolutional)]
        if not self._blocks:
            self._state.show_sentence(NO_CONV)
            self._say_place("")
            return
        if forward_only:
            self.equation.setCurrentIndex(0)
        self.equation.setEnabled(not forward_only)
        titles = [f"{block.position + 1} {block.title}" for block in self._blocks]
        fill_box(self.block, titles)
        self._state.show_content()
        self._choose_block()

    def go(self, by: int) -> bool:
        """Go so many cells on, or back."""
        self._stays = True
        value = self.position.value() + by
        if not 0 <= value <= self.position.maximum():
            return False
        self._moves = True
        self.position.setValue(value)
        self._moves = False
        return True

    def restart(self) -> None:
        """Go to the first cell."""
        self.position.setValue(0)

    def obstacle(self) -> str:
        """Return that there is no Conv block; empty if there is one."""
        if not self._blocks:
            return "There are no cells to go through: add a block with the button Conv"
        return "Both results are shown whole" if self.turn.isChecked() else ""

    def show_peak(self) -> None:
        """Put the window where its products are largest, whatever their sign."""
        found = self._convolution
        sizes = replace(
            found,
            inputs=np.abs(found.inputs),
            kernels=np.abs(found.kernels),
            bias=np.zeros_like(found.bias),
            gradient=np.abs(found.gradient),
        )
        activity = sizes.result(self._equation(), self._index())
        self.position.setValue(int(np.argmax(activity)))

    def show_block(self, position: int) -> None:
        """Choose a Conv block by its position in the stack."""
        for place, block in enumerate(self._blocks):
            if block.position == position:
                self.block.setCurrentIndex(place)

    def show_cell(self, number: int, row: int, column: int) -> None:
        """Show how a cell of a map is made, of the block that is chosen."""
        self.turn.setChecked(False)
        self.equation.setCurrentIndex(0)
        self.map.setCurrentIndex(number)
        self._place(row, column)

    def show_equation(self, position: int, equation: Equation) -> None:
        """Show an equation of a Conv block, where most happens, if there is one."""
        if not self._blocks:
            return
        self.show_block(position)
        self.turn.setChecked(False)
        self.equation.setCurrentIndex(list(EQUATIONS).index(equation))
        self._stays = False
        self.show_peak()

    # --- building ----------------------------------------------------------------------------

    def _make_controls(self) -> None:
        self.block = choice_box("glass.block", "Conv block")
        self.equation = choice_box("glass.equation", "Equation of the convolution")
        self.equation.addItems([f"{name}, {found}" for name, (found, _) in _FOUND.items()])
        for box, least in ((self.block, 6 * GRID), (self.equation, 8 * GRID)):
            box.setMinimumWidth(least)  # its tooltip says all of it
        self.map = choice_box("glass.map", "Which result of the equation")
        self.term = choice_box("glass.term", "Which term of the sum")
        spoken = "Cross-correlation or convolution"
        tip = f"{spoken}: turn the kernel and compare"
        self.turn = text_button("glass.turn", "Flip the kernel", tip, spoken=spoken)
        self.turn.setCheckable(True)

    def _make_words(self) -> None:
        self.headline = named(ElidedLabel(), "glass.headline")
        self.text = EquationLabel("glass.text")
        self.notes = wrapping_label("glass.notes", muted=True)
        slider = QSlider(Qt.Orientation.Horizontal)
        self.position = named(slider, "glass.position", "Cell of the result, row by row")

    def _arrange(self) -> None:
        self._head = QWidget()
        controls = in_row(self.block, self.equation, self.map, self.term, 0, self.turn)
        head = in_row((self.headline, 1), self.text, gap=GRID)
        in_column(head, self.notes, of=self._head, gap=0)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.picture)
        self._pages.addWidget(self.comparison)
        content = QWidget()
        parts, margins = (self._head, (self._pages, 1), self.position), (0, GRID // 2, 0, 0)
        in_column(controls, *parts, of=content, margins=margins)
        self._state = EmptyState(content, NO_CONV)
        in_column(self._state, of=self)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say less where there is hardly room for the picture, and all of it larger where it is."""
        super().resizeEvent(event)
        size = event.size()
        large = size.width() >= _LARGE[0] and size.height() >= _LARGE[1]
        head(self.headline, large=large)
        self.text.set_size(LARGE if large else USUAL)
        self.notes.setFont(resized(self, 1.2) if large else small_font())
        self._head.setVisible(size.height() >= _LOW)
        self.position.setVisible(self._is_placed())

    def _is_placed(self) -> bool:
        """Return whether the window can be placed with the slider."""
        return self.height() >= _VERY_LOW and not self.turn.isChecked()

    # --- choosing ----------------------------------------------------------------------------

    @Slot()
    def _choose_block(self) -> None:
        self._block = self._blocks[self.block.currentIndex()]
        self._convolution = convolution_of(self._block)
        self._choose_equation()

    @Slot()
    def _choose_equation(self) -> None:
        convolution, equation = self._convolution, self._equation()
        indices = convolution.indices(equation)
        fill_box(self.map, [pretty(convolution.name(equation, index)) for index in indices])
        self._choose_map()

    @Slot()
    def _choose_map(self) -> None:
        convolution, equation = self._convolution, self._equation()
        rows, columns = convolution.shape(equation)
        if self.position.maximum() != rows * columns - 1:
            self._stays = False
        with QSignalBlocker(self.position):
            self.position.setRange(0, rows * columns - 1)
            self.position.setPageStep(columns)
            if not self._stays:
                self.show_peak()
        first = convolution.step(equation, self._index(), 0, 0)
        fill_box(self.term, [brief_name(term) for term in first.terms])
        for box in (self.map, self.term):  # that of the block can do with less
            box.setMinimumWidth(box.sizeHint().width())
        self.term.setVisible(len(first.terms) > 1)
        self.turn.setVisible(equation == "Y")
        if equation != "Y":
            self.turn.setChecked(False)
        written = convolution.text(equation, self._index())
        several = len(first.terms) > _MOST_TERMS
        self.text.show_equations(EQUATIONS[equation] if several else written)
        self.text.setToolTip(pretty(written))
        self._write_head()
        self.equation.setToolTip(plain_tooltip(self.equation.currentText()))
        self.block.setToolTip(plain_tooltip(self.block.currentText()))
        self._draw()

    def _write_head(self) -> None:
        """Write what is shown over it: one cell, or both results whole."""
        flipped, equation = self.turn.isChecked(), self._equation()
        self.text.setVisible(not flipped)
        self.headline.setText(_FLIPPED[0] if flipped else _FOUND[equation][1])
        notes = _FLIPPED[1] if flipped else " ".join(self._convolution.notes(equation))
        self.notes.setText(pretty(notes))

    def _equation(self) -> Equation:
        return list(EQUATIONS)[self.equation.currentIndex()]

    def _index(self) -> Index:
        return self._convolution.indices(self._equation())[self.map.currentIndex()]

    @Slot(int, int)
    def _place(self, row: int, column: int) -> None:
        """Put the window where the user points."""
        self._hold()
        columns = self._convolution.shape(self._equation())[1]
        self.position.setValue(row * columns + column)

    @Slot()
    def _hold(self) -> None:
        """Leave the window where the user has put it."""
        self._stays = True
        self.held.emit()

    # --- drawing -----------------------------------------------------------------------------

    @Slot()
    def _draw(self) -> None:
        convolution, equation, index = self._convolution, self._equation(), self._index()
        columns = convolution.shape(equation)[1]
        row, column = divmod(self.position.value(), columns)
        step = convolution.step(equation, index, row, column)
        term = self.term.currentIndex()
        of_image = self._block.position == 0
        self.picture.show_cell(convolution, step, term, of_image=of_image, moves=self._moves)
        count = self.position.maximum() + 1
        cell = f"cell {self.position.value() + 1:,} of {count:,}"
        where = f"row {row + 1}, column {column + 1} · {cell}"
        self._say_place("" if self.turn.isChecked() else where)
        if self.turn.isChecked():
            self._show_comparison(step)

    def _show_comparison(self, step: Step) -> None:
        found = step.terms[self.term.currentIndex()]
        kernel = self._convolution.kernel(step.index[0], found.map)
        name = pretty(found.factors_name)
        self.comparison.show_pair(found.sheet.values, kernel, pretty(found.sheet.name), name)

    @Slot(bool)
    def _compare(self, on: bool) -> None:
        self._pages.setCurrentIndex(int(on))
        self.position.setVisible(self._is_placed())
        self._write_head()
        if on:
            self.held.emit()
        self._draw()
