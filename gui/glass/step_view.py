"""StepView: one training step, frame by frame, and where each of its numbers comes from."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSignalBlocker, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QSizePolicy,
    QSpinBox,
    QStackedWidget,
    QToolTip,
    QWidget,
)

from engine.blocks import Convolutional, SkipBlock
from engine.explain.indices import Index, index_of, number_of
from engine.explain.provenance import ReceptiveField
from engine.explain.training_step import Phase, StepFrame, TracedBlock, TrainingStep
from gui.glass.array_grid import CHOSEN
from gui.glass.frame_arrays import (
    FrameArray,
    arrays_of,
    parameters_of,
    source_of,
    units_of,
)
from gui.glass.loss_table import LossTable
from gui.glass.specimen import GlassView, Specimen
from gui.glass.step_page import StepPage
from gui.theme import GRID, draw_round, kind_colour, small_font
from gui.widgets.buttons import choice_box, fill_box, text_button
from gui.widgets.labels import ElidedLabel, plain_label, plain_tooltip
from gui.widgets.layouts import FlowLayout, in_column, in_row, named
from gui.widgets.typesetting import head, resized

# The row in which each phase goes, and its name in front of the row.
_ROWS: dict[Phase, int] = {"forward": 0, "loss": 0, "backward": 1, "update": 2, "again": 2}
_NAMES = ("forward →", "← backward", "update")
_BETWEEN = 4  # px between two rows
_ARROW = 4  # px
_LEAST_TALL = 300  # px
_LEARNED = 0.05  # an image is learned well if no output is farther from its target
_LARGE = 900  # px; from here on the headline is large
_TALL = 21  # lines of text; from here on the explanation stands below the arrays


class StepStrip(QWidget):
    """A column for every block and one for the loss; a chip for every frame, in its block's column.

    The way through them goes to the loss, back as the gradient does, and to the updates. A click or
    the arrows choose a frame.
    """

    chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frames: Sequence[StepFrame] = ()
        # The colour of a chip, and the words on it, and where it is narrow.
        self._chips: list[tuple[QColor, tuple[str, str]]] = []
        self._blocks = 1
        self.current = 0
        self.setObjectName("glass.frames")
        self.setAccessibleName("Frames of the training step")
        self.setFont(small_font())
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_step(self, step: TrainingStep) -> None:
        """List the frames of a step; the chosen one stays if there are as many."""
        if len(step.frames) != len(self._frames):
            self.current = 0
        self._frames, self._blocks = step.frames, len(step.blocks)
        self._chips = []
        for frame in step.frames:
            group, words = "", ("Loss", "E")
            if frame.position is not None:
                block = step.blocks[frame.position].slot.block
                group, words = block.group, (block.name, str(frame.position + 1))
            self._chips.append((kind_colour(group), words))
        self.set_current(self.current)

    def set_current(self, number: int) -> None:
        """Mark a frame."""
        self.current = number
        said = f"{number + 1} of {len(self._frames)}: {self._frames[number].title}"
        self.setAccessibleDescription(said)
        self.update()

    def chip_rect(self, number: int) -> QRectF:
        """Where the chip of a frame lies."""
        frame = self._frames[number]
        left = self._names_width()
        width = (self.width() - left) / (self._blocks + 1)
        column = self._blocks if frame.position is None else frame.position
        row = _ROWS[frame.phase] * (self._row_height() + _BETWEEN)
        between = min(2 * _ARROW, max(1.0, width / 4))
        return QRectF(left + column * width, row, width - between, self._row_height())

    def sizeHint(self) -> QSize:
        return QSize(40 * GRID, len(_NAMES) * (self._row_height() + _BETWEEN) - _BETWEEN + 1)

    def minimumSizeHint(self) -> QSize:
        return QSize(20 * GRID, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(self.palette().placeholderText().color())
        for row, words in enumerate(_NAMES):
            top = row * (self._row_height() + _BETWEEN)
            area = QRectF(0, top, self._names_width(), self._row_height())
            painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, words)
        for number in range(len(self._chips)):
            self._paint_chip(painter, number)

    def _paint_chip(self, painter: QPainter, number: int) -> None:
        area, (colour, names) = self.chip_rect(number), self._chips[number]
        here = number == self.current
        faded = QColor(colour)
        faded.setAlpha(255 if here else 90)
        draw_round(painter, area, 2, faded)
        if here:
            ring = QPen(self.palette().text().color(), 2 if self.hasFocus() else 1)
            draw_round(painter, area.adjusted(1, 1, -1, -1), 2, edge=ring)
        advance = self.fontMetrics().horizontalAdvance
        words = next((each for each in names if advance(each) < area.width() - 2), "")
        if words:
            bright = 0.299 * colour.red() + 0.587 * colour.green() + 0.114 * colour.blue() > 140
            on_full = QColor("black" if bright else "white")
            painter.setPen(on_full if here else self.palette().text().color())
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, words)

    def _row_height(self) -> int:
        return self.fontMetrics().height()

    def _names_width(self) -> int:
        return max(map(self.fontMetrics().horizontalAdvance, _NAMES)) + GRID

    def _frame_at(self, point: QPointF) -> int | None:
        around = (_ARROW, _BETWEEN / 2)
        for number in range(len(self._frames)):
            area = self.chip_rect(number).adjusted(-around[0], -around[1], *around)
            if area.contains(point):
                return number
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        number = self._frame_at(event.position())
        if number is not None:
            self.chosen.emit(number)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys, here, last = Qt.Key, self.current, len(self._frames) - 1
        moves = {keys.Key_Left: here - 1, keys.Key_Right: here + 1}
        goal = (moves | {keys.Key_Home: 0, keys.Key_End: last}).get(Qt.Key(event.key()))
        if goal is None:
            super().keyPressEvent(event)
        elif 0 <= goal <= last:
            self.chosen.emit(goal)

    def event(self, event: QEvent) -> bool:
        """Name the frame under the pointer."""
        if not isinstance(event, QHelpEvent):
            return super().event(event)
        number = self._frame_at(QPointF(event.pos()))
        QToolTip.showText(
            event.globalPos(), "" if number is None else plain_tooltip(self._frames[number].title)
        )
        return True


class StepView(GlassView):
    """Goes through forward, loss, backward and update of the specimen.

    A value that is chosen is explained beside, and its receptive field framed in the sample.
    `convolution_wanted` asks to show a Conv block (its position) in the convolution view.
    """

    convolution_wanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: list[FrameArray] = []
        self._chosen: tuple[int, Index] | None = None  # which array, and where in it
        self.strip = StepStrip()
        self.title = named(ElidedLabel(), "glass.frame")
        self.for_keys = self.strip
        self.text = named(plain_label(muted=True, wraps=True), "glass.frame_words")
        self._make_choices()
        self.page = StepPage()
        self.arrays, self.card, self.origin = self.page.arrays, self.page.card, self.page.origin
        self._of_sample = True  # what is explained is seen in a part of the sample
        self.loss = LossTable()
        self.loss.setMinimumHeight(8 * GRID)  # it leaves out what has no room
        self._arrange()
        self.strip.chosen.connect(self.go_to)
        self.parameter.currentIndexChanged.connect(self._show_other)
        self.unit.valueChanged.connect(self._show_frame)
        self.link.clicked.connect(self._follow_link)
        for number, array in enumerate(self.arrays):
            array.chosen.connect(partial(self._choose, number))
            array.pointed.connect(partial(self._mark, number))
            array.grid.left.connect(self._mark_chosen)

    # --- as a view under glass ---------------------------------------------------------------

    def show_specimen(self, specimen: Specimen) -> None:
        """Show a specimen at the frame of the former one."""
        old = self.specimen
        super().show_specimen(specimen)
        if old is not None and old.report != specimen.report:
            self.strip.current = 0
        self.strip.show_step(specimen.step)
        self._show_other()
        self._fit()

    def go(self, by: int) -> bool:
        """Go so many frames on, or back."""
        number, specimen = self.strip.current + by, self._shown_specimen()
        if not 0 <= number < len(specimen.step.frames):
            return False
        self._show_number(number)
        return True

    def restart(self) -> None:
        """Go to the first frame."""
        self._show_number(0)

    @Slot(int)
    def go_to(self, number: int) -> None:
        """Show a frame, and stay there."""
        self.held.emit()
        self._show_number(number)

    # --- building ----------------------------------------------------------------------------

    def _make_choices(self) -> None:
        self.parameter = choice_box("glass.parameter", "Which array that learns")
        spoken = "Unit whose weights are shown"
        self.unit = named(QSpinBox(), "glass.unit", spoken, small=True)
        self.unit.setPrefix("unit ")
        tip = "Show this block in the convolution view"
        self.link = text_button("glass.to_convolution", "Cell by cell ▸", tip, spoken=tip)
        tip = "It has learned this one so well that the step hardly changes anything"
        self.wrong = text_button("glass.wrong", "Take an image it gets wrong", tip)

    def _arrange(self) -> None:
        controls = FlowLayout(gap=GRID, row_gap=GRID // 2)
        for widget in (self.parameter, self.unit, self.link, self.wrong):
            controls.addWidget(widget)
        row = in_row((self.title, 1), controls, gap=2 * GRID)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.page)
        self._pages.addWidget(self.loss)
        in_column(
            self.strip, row, self.text, (self._pages, 1), of=self, margins=(0, GRID // 2, 0, 0)
        )

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the explanation below the arrays where there is the height for it."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        tall = self._is_tall()
        large = tall and self.width() >= _LARGE
        head(self.title, large=large)
        rows = () if self.specimen is None else self.specimen.step.loss.rows
        learned = all(abs(row.output - row.target) < _LEARNED for row in rows)
        self.wrong.setVisible(learned)
        self.text.setFont(resized(self, 1.2) if large else small_font())
        changed = tall == self.text.isHidden() or self._shows_sample() == self.origin.isHidden()
        self.text.setVisible(tall)
        if self._shown and changed:
            self._explain(*self._place_to_show())  # what is said depends on what is there

    def _is_tall(self) -> bool:
        return self.height() >= max(_LEAST_TALL, _TALL * self.fontMetrics().height())

    def _shows_sample(self) -> bool:
        """Return whether the sample tells something, and there is room for it."""
        return self._of_sample and self._is_tall()

    # --- frames ------------------------------------------------------------------------------

    def _shown_specimen(self) -> Specimen:
        assert self.specimen is not None
        return self.specimen

    def _frame(self) -> StepFrame:
        return self._shown_specimen().step.frames[self.strip.current]

    def _block(self) -> TracedBlock | None:
        position = self._frame().position
        return None if position is None else self._shown_specimen().step.blocks[position]

    def _show_number(self, number: int) -> None:
        self.strip.set_current(number)
        self._chosen = None
        self._show_other()

    @Slot()
    def _show_other(self) -> None:
        """Show another frame, or another array of it: what can be chosen changes with it."""
        frame, step = self._frame(), self._shown_specimen().step
        parameters = parameters_of(step, frame)
        fill_box(self.parameter, [each.name for each in parameters])
        chosen = parameters[self.parameter.currentIndex()] if parameters else None
        units, most_changed = (0, 0) if chosen is None else units_of(chosen)
        with QSignalBlocker(self.unit):
            self.unit.setRange(1, max(1, units))
            self.unit.setValue(most_changed + 1)
        self.parameter.setVisible(len(parameters) > 1)
        self.unit.setVisible(units > 0)
        self._show_frame()

    @Slot()
    def _show_frame(self) -> None:
        frame, step = self._frame(), self._shown_specimen().step
        self._say_place(f"frame {self.strip.current + 1:,} of {len(step.frames):,}")
        self.title.setText(frame.title)
        self.title.setToolTip(plain_tooltip(frame.text))
        self.text.setText(frame.text)
        block = self._block()
        self.link.setVisible(block is not None and isinstance(block.slot.block, Convolutional))
        if block is None:
            self.loss.show_loss(step, again=frame.phase == "again")
            self._pages.setCurrentWidget(self.loss)
            return
        self._pages.setCurrentIndex(0)
        name, unit = self.parameter.currentText(), self.unit.value() - 1
        self._shown = arrays_of(step, frame, name, unit)
        self.page.show_arrays(self._shown)
        self._explain(*self._place_to_show())

    # --- one value ---------------------------------------------------------------------------

    def _place_to_show(self) -> tuple[int, Index]:
        """Return the value that was chosen, if it is there, or else the one farthest from zero."""
        if self._chosen is not None:
            number, place = self._chosen
            shape = self._shown[number].shown.shape if number < len(self._shown) else ()
            if len(shape) == len(place) and all(p < s for p, s in zip(place, shape, strict=True)):
                return self._chosen
        block = self._block()
        number = 0 if block is not None and block.joining else 1
        if self._frame().phase == "forward":
            number = len(self._shown) - 1
        return number, self._shown[number].farthest_from_zero

    def _choose(self, number: int, place: Index) -> None:
        self.held.emit()
        self._chosen = (number, place)
        self._explain(number, place)

    def _explain(self, number: int, shown: Index) -> None:
        """Explain a value, and mark what belongs to it."""
        found = self._shown[number]
        place = found.place(shown)
        self.arrays[number].go_to(shown)
        self._mark(number, shown)
        said = "" if self._shows_sample() else self.origin.words.text()
        self.card.show_explanation(found.explain(place), said)
        self.page.place_parts(tall=self._is_tall(), shows_sample=self._shows_sample())

    def _mark(self, number: int, shown: Index) -> None:
        """Frame a value, and in the other arrays what it comes from or goes to."""
        found = self._shown[number]
        for array, other in zip(self.arrays, self._shown, strict=False):
            # The same weight before, in the gradient, and after.
            array.mark([shown] if other.source is found.source is None else [], CHOSEN)
        self.arrays[number].mark([shown], CHOSEN)
        self._show_origin(number, found.place(shown))

    @Slot()
    def _mark_chosen(self) -> None:
        """Frame what is explained again."""
        if self._shown:
            self._mark(*self._place_to_show())

    def _show_origin(self, number: int, place: Index) -> None:
        found, frame = self._shown[number], self._frame()
        fields = self.origin.show_place(self._shown_specimen(), found.source, place)
        # Of the image itself, or where all of it is seen, another picture of it tells nothing.
        first = frame.phase == "forward" and frame.position == 0
        self._of_sample = bool(fields) and not fields[0].is_whole and not first
        if frame.phase == "update":
            return
        into, out = self.arrays[0], self.arrays[1]
        block = self._block()
        if block is not None and block.added is not None:
            self._mark_summands(block, number, place)
        elif found.source is None:  # a weight, between an output and an input
            for array, axis in zip((into, out), place, strict=False):
                array.mark_map(axis)
        elif number == 1 and fields and frame.phase == "forward":
            self.origin.mark(into, fields[-1])
        elif into.array.size == out.array.size:  # each value becomes one
            other = (out, into)[number].array.shape
            same = index_of(other, number_of(self.arrays[number].array.shape, place))
            (out, into)[number].mark([same], CHOSEN)

    def _mark_summands(self, block: TracedBlock, number: int, place: Index) -> None:
        """Frame what is added up to a value, or where its gradient goes."""
        assert isinstance(block.slot.block, SkipBlock)
        arrays = [array for array in self.arrays if not array.isHidden()]
        added = next(n for n, each in enumerate(self._shown) if each.source == source_of(block))
        if self._shown[number].source is None:  # a weight of a 1×1 kernel, or a bias
            for array, axis in zip((arrays[0], arrays[added]), place, strict=False):
                array.mark_map(axis)
            return
        if number == added and block.parameters:
            return
        mask = np.zeros(arrays[number].array.shape, np.bool_)
        mask[place] = True
        for n, array in enumerate(arrays):
            if n == added != number:
                self.origin.mark(array, ReceptiveField(block.slot.block.source_field(mask)))
            elif self._shown[n].source is not None:
                array.mark([place], CHOSEN)

    @Slot()
    def _follow_link(self) -> None:
        self.convolution_wanted.emit(self._frame().position)
